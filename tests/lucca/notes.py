"""Notes in memory, as a journal would keep them, that can fail and that count their writes."""


class MemoryNotes:
    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.writes = 0
        self.failure: Exception | None = None

    async def note(self, key: str) -> bytes | None:
        return self.values.get(key)

    async def write_note(self, key: str, value: bytes) -> None:
        if self.failure is not None:
            raise self.failure
        self.writes += 1
        self.values[key] = value
