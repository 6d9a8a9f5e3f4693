"""What changes on people's personal records."""

from typing import TYPE_CHECKING, Literal

from lucca_sync.simulator.world.act import Act
from lucca_sync.simulator.world.days import DEFAULT_ZONE
from lucca_sync.simulator.world.personal import BANKS, NATIONALITIES, PersonalRecord, iban, insurance_number

if TYPE_CHECKING:
    from lucca_sync.simulator.world.edit import Edit

Part = Literal["bankAccount", "phoneNumber", "email", "insuranceNumber", "nationality", "title"]
_PARTS: tuple[Part, ...] = ("bankAccount", "bankAccount", "phoneNumber", "email", "nationality", "title")
_MANY = 10**9
_A_LIFE = 9000


class EditPersonalRecord(Act, frozen=True, kw_only=True, tag="edit-personal-record"):
    """Somebody has another bank, phone, address, number, nationality or title."""

    employee: str
    part: Part | None = None

    def apply(self, edit: "Edit") -> None:
        """Touch the personal record alone."""
        employee = edit.employee(self.employee)
        record = edit.records.personal_records.kept(employee.id)
        part = edit.invention.one_of(_PARTS) if self.part is None else self.part
        _change(edit, record, part)
        edit.stamp(record)


def _change(edit: "Edit", record: PersonalRecord, part: Part) -> None:
    invention = edit.invention
    match part:
        case "bankAccount":
            record.bank = invention.another(range(len(BANKS)), record.bank or 0)
            record.account = iban(record.bank, invention.between(1, _MANY))
        case "phoneNumber":
            record.phone = invention.another([invention.phone() for _ in range(3)], record.phone or "")
        case "email":
            record.email = f"perso{invention.between(100_000, 999_999)}@example.org"
        case "insuranceNumber":
            birth = record.birth or edit.records.todays[DEFAULT_ZONE] - _A_LIFE
            drawn = invention.between(1, _MANY)
            record.insurance = insurance_number(birth, drawn, female=record.gender == "female")
        case "nationality":
            record.nationality = invention.another(NATIONALITIES, record.nationality or "")
        case "title":
            record.title = invention.another(("mister", "miss", "unknown"), record.title)
