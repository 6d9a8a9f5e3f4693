"""Benchmarks: what a look costs, beside a plain loop in the same run. Never part of the tests."""
