"""The conformance kit for connectors and journals, shipped to their authors."""
