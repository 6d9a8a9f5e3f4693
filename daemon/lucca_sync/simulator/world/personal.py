"""Personal records: one for each person, made up on the fly until somebody changes it."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar
from zlib import crc32

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import day_number, day_text, moment_text
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.row import Record, Stamped, reference
from lucca_sync.simulator.world.table import Table

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records

BANKS = (("Banque de l'Exemple", "30999"), ("Crédit Imaginaire", "20888"), ("Caisse du Modèle", "10777"))
NATIONALITIES = ("FRA", "FRA", "FRA", "PRT", "CAN", "ITA", "POL", "DEU")
_OLDEST, _YEARS = 1960, 44
_LETTERS_OF_FR = 152700
_MODULUS = 97


class PersonalRecord(Stamped):
    """What only few may see of a person; its number is the person's."""

    resource: ClassVar[str] = "employee-personal-records"
    kind: ClassVar[str] = "employee-personal-record"

    title: str
    gender: str
    birth: int | None
    insurance: str | None
    nationality: str | None
    bank: int | None
    """Which of the banks."""
    account: str | None
    phone: str | None
    email: str | None

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "employee": reference("employee", self.id, base),
            "title": self.title,
            "legalGender": self.gender,
            "birthDate": None if self.birth is None else day_text(self.birth),
            "insuranceNumber": self._insurance(),
            "nationalitiesCountryCodes": [] if self.nationality is None else [self.nationality],
            "bankAccount": self._bank_account(),
            "phoneNumber": self.phone,
            "email": self.email,
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _insurance(self) -> Json:
        return None if self.insurance is None else {"format": "frenchSSN", "value": self.insurance}

    def _bank_account(self) -> Json:
        if self.account is None or self.bank is None:
            return None
        return {
            "format": "iban",
            "bankName": BANKS[self.bank][0],
            "accountIdentifier": self.account,
            "bankIdentifier": "EXMPFRPPXXX",
        }

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return the person."""
        return records.existing(records.employees.get(self.id))


class PersonalRecords:
    """The records of everybody; only those that were changed are kept, the others follow from the person."""

    def __init__(self, employees: Table[Employee]) -> None:
        self._employees = employees
        self._kept: dict[int, PersonalRecord] = {}

    def __len__(self) -> int:
        return len(self._employees)

    @property
    def next_id(self) -> int:
        """The number that the next person, and so the next record, will have."""
        return self._employees.next_id

    def get(self, number: int) -> PersonalRecord | None:
        """Return a person's record; what is written on it is lost unless it is `kept`."""
        employee = self._employees.get(number)
        return None if employee is None else self._of(employee)

    def kept(self, number: int) -> PersonalRecord:
        """Return a person's record to write on; raise KeyError without such a person."""
        return self._kept.setdefault(number, self._of(self._employees[number]))

    def after(self, number: int) -> Iterator[PersonalRecord]:
        """Walk upwards through the records whose number is greater."""
        return map(self._of, self._employees.after(number))

    def before(self, number: int) -> Iterator[PersonalRecord]:
        """Walk downwards through the records whose number is smaller."""
        return map(self._of, self._employees.before(number))

    def remove(self, number: int) -> None:
        """Forget what was changed; the record itself goes with its person."""
        self._kept.pop(number, None)

    def _of(self, employee: Employee) -> PersonalRecord:
        return self._kept.get(employee.id) or _made_up(employee)


def _made_up(employee: Employee) -> PersonalRecord:
    """Derive a record from a person, the same each time."""
    draw = crc32(b"%d:%d" % (employee.id, employee.created_at))
    female = draw % 2 == 0
    birth = _birth(employee, draw)
    bank = draw % len(BANKS)
    return PersonalRecord(
        id=employee.id,
        created_at=employee.created_at,
        updated_at=employee.created_at,
        title="miss" if female else "mister",
        gender="female" if female else "male",
        birth=birth,
        insurance=None if birth is None or draw % 5 == 0 else insurance_number(birth, draw, female=female),
        nationality=None if draw % 11 == 0 else NATIONALITIES[draw % len(NATIONALITIES)],
        bank=bank,
        account=None if draw % 9 == 0 else iban(bank, draw),
        phone=None if draw % 4 == 0 else f"+3363998{draw % 10_000:04}",
        email=None if draw % 3 == 0 else f"perso{employee.id}@example.org",
    )


def _birth(employee: Employee, draw: int) -> int | None:
    if employee.birth_day is None:
        return None
    day, month = employee.birth_day
    return day_number(f"{_OLDEST + draw % _YEARS}-{month:02}-{day:02}")


def iban(bank: int, draw: int) -> str:
    """Return an invented French account number whose check digits are right."""
    account = f"{BANKS[bank][1]}00001{draw % 10**11:011}00"
    check = _MODULUS + 1 - int(f"{account}{_LETTERS_OF_FR}") % _MODULUS
    return f"FR{check:02}{account}"


def insurance_number(birth: int, draw: int, *, female: bool) -> str:
    """Return an invented French social security number whose key is right."""
    year, month, _ = day_text(birth).split("-")
    body = f"{2 if female else 1}{year[2:]}{month}99{draw % 1000:03}{draw // 1000 % 1000:03}"
    return f"{body}{_MODULUS - int(body) % _MODULUS:02}"
