"""The journal in memory: a second implementation of the same promises, for tests. Nothing is durable."""

from lucca_sync.journal.memory.journal import MemoryJournal

__all__ = ["MemoryJournal"]
