"""The YAML file as checked values: loading, secrets, reload. Knows nothing of what uses them."""
