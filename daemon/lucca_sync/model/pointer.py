"""JSON Pointers (RFC 6901), as far as paths of changes and settings need them."""


def segment(key: str) -> str:
    """Escape one key to stand in a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def key_of(text: str) -> str:
    """Read one segment of a pointer back."""
    return text.replace("~1", "/").replace("~0", "~")
