"""The YAML file as checked values: loading, secrets, reload. Every other module gets its settings from here."""
