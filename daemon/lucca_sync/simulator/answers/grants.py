"""What the client application may see: people of some establishments, attributes of some HR-file sections."""

from lucca_sync.simulator.world.attributes import Attribute
from lucca_sync.simulator.world.definitions import SECTIONS
from lucca_sync.simulator.world.organisation import Establishment
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.row import Record


class Grants:
    """Says what is missing to see a record."""

    def __init__(
        self, records: Records, establishments: frozenset[str] | None, sections: frozenset[str] | None
    ) -> None:
        self._records = records
        self._establishments = establishments
        # An admin who ticks every section has ticked none that would be the integration's own.
        self._sections = frozenset[str]() if sections is not None and sections >= SECTIONS else sections

    @property
    def are_narrow(self) -> bool:
        """Whether anything at all is missing."""
        return self._establishments is not None or self._sections is not None

    def missing(self, record: Record) -> str | None:
        """Name the kind of grant that a record is hidden by; None when it may be seen."""
        if self._sections is not None and isinstance(record, Attribute):
            definition = self._records.definitions[record.definition]
            if definition.section not in self._sections:
                return "sections"
        if self._establishments is not None and not self._stands_in(record, self._establishments):
            return "establishments"
        return None

    def _stands_in(self, record: Record, granted: frozenset[str]) -> bool:
        if isinstance(record, Establishment):
            return self._records.shown_id(record) in granted
        owner = self._records.owner_of(record)
        return owner is None or self._works_in(owner, granted)

    def _works_in(self, employee: Employee, granted: frozenset[str]) -> bool:
        """Say whether the position that applies is exercised in one of the establishments."""
        position = employee.position(self._records)
        if position is None:
            return False
        return self._records.shown_id(self._records.establishments[position.establishment]) in granted
