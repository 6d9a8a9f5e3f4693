"""The floor on which everything is put together."""
