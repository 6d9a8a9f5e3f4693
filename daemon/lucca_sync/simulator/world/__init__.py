"""The invented company: its records, how they change, and the ledger of every change."""
