"""Payroll files: events as lines of numbered CSV files, each complete from the moment it appears."""

from lucca_connectors.payroll_file.config import PayrollFileConfig
from lucca_connectors.payroll_file.connector import PayrollFileConnector

__all__ = ["PayrollFileConfig", "PayrollFileConnector"]
