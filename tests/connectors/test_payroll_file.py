"""Payroll files: what stands in them, when they appear, what their folder remembers."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lucca_connectors.payroll_file import PayrollFileConfig, PayrollFileConnector
from lucca_connectors.payroll_file.ledger import Entry, Ledger
from lucca_connectors.payroll_file.render import UnfitCell, line, render
from lucca_sync import CheckFailed, Delivery, Done, Json, Reject, Retry
from lucca_sync.testing import made, opened, outcome_of
from lucca_sync.testing.events import a_delivery, an_event

BASE: Mapping[str, object] = {
    "type": "payroll_file",
    "directory": "/nowhere",
    "file": "absences-{{ batch.number }}.csv",
    "columns": {"Matricule": "record.employeeNumber", "Début": "record.startsOn"},
}


def section(directory: Path, **more: object) -> dict[str, object]:
    return {**BASE, "directory": str(directory), **more}


def config(**more: object) -> PayrollFileConfig:
    return PayrollFileConfig.model_validate({**BASE, **more})


def delivery(number: int, **fields: Json) -> Delivery:
    record: dict[str, Json] = {"employeeNumber": f"{number:04d}", "startsOn": "2026-01-31", **fields}
    return a_delivery(an_event(record_id=str(number), record=record))


def visible(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if not path.name.startswith("."))


def cell(value: Json, **more: object) -> str:
    (text,) = line(an_event(record={"v": value}), config(columns={"V": "record.v"}, **more))
    return text


# --- the bytes --------------------------------------------------------------------------------------------


async def test_a_batch_is_one_file_of_these_very_bytes(tmp_path: Path) -> None:
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        outcomes = await connector.deliver([delivery(1), delivery(2)])
        assert outcomes == [Done("absences-00001.csv")] * 2
    expected = "Matricule;Début\r\n0001;2026-01-31\r\n0002;2026-01-31\r\n"
    assert (tmp_path / "absences-00001.csv").read_bytes() == expected.encode()


async def test_the_habits_of_the_reader_are_kept(tmp_path: Path) -> None:
    habits = section(
        tmp_path,
        columns={"Né": "record.startsOn", "Jours": "record.days", "Nom": "record.name"},
        delimiter="|",
        date_format="%d/%m/%Y",
        encoding="cp1252",
        line_ending="\n",
        header=False,
    )
    async with opened(PayrollFileConnector, habits) as connector:
        await connector.deliver([delivery(1, days=-12.5, name="Zoë | Œuvre €")])
    assert (tmp_path / "absences-00001.csv").read_bytes() == '31/01/2026|-12,5|"Zoë | Œuvre €"\n'.encode(
        "cp1252"
    )


def test_utf_8_sig_begins_with_its_mark_once() -> None:
    assert render([["a"], ["b"]], config(encoding="utf-8-sig")).count(b"\xef\xbb\xbf") == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "1"),
        (False, "0"),
        (7, "7"),
        (-12.5, "-12,5"),
        (1e-7, "0,0000001"),
        (1e22, "10000000000000000000000"),
        ("texte", "texte"),
        (["a", 1], '["a",1]'),
        ({"a": "é"}, '{"a":"é"}'),
    ],
)
def test_each_kind_of_value_has_one_form(value: Json, expected: str) -> None:
    assert cell(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", "31/01/2026"),
        ("2026-04-31", "2026-04-31"),
        ("2026-01-31T08:00:00", "2026-01-31T08:00:00"),
        ("x2026-01-31", "x2026-01-31"),
    ],
)
def test_only_whole_dates_that_exist_are_rewritten(text: str, expected: str) -> None:
    assert cell(text, date_format="%d/%m/%Y") == expected


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "-"]
)
def test_what_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12,5", "+33 6 12 34 56 78", "-1", "a=1", "1-2", "'", ""])
def test_numbers_and_telephone_numbers_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


@given(st.lists(st.text("ab;,|\t\"'\r\né =", max_size=20), min_size=2, max_size=2), st.sampled_from(";,|\t"))
def test_any_text_survives_the_delimiters(texts: list[str], delimiter: str) -> None:
    wanted = config(
        delimiter=delimiter, decimal=".", header=False, columns={"A": "record.a", "B": "record.b"}
    )
    cells = line(an_event(record={"a": texts[0], "b": texts[1]}), wanted)
    for line_ending in ("\r\n", "\n"):
        habits = wanted.model_copy(update={"line_ending": line_ending})
        content = io.StringIO(render([cells], habits).decode(), newline="")
        assert list(csv.reader(content, delimiter=delimiter)) == [cells]
    assert [text.removeprefix("'") for text in cells] == [text.removeprefix("'") for text in texts]


def test_a_character_that_the_encoding_lacks_rejects_the_line_by_column() -> None:
    with pytest.raises(UnfitCell, match="column V: it holds a character that cp1252 cannot write"):
        cell("Ferenc Kőrösi", encoding="cp1252")


def test_or_becomes_a_question_mark_when_that_is_wanted() -> None:
    habits = config(encoding="cp1252", unencodable="replace", header=False)
    assert render([["Kőrösi"]], habits) == "K?rösi\r\n".encode("cp1252")


def test_an_expression_that_does_not_fit_rejects_the_line_without_its_value() -> None:
    with pytest.raises(UnfitCell) as caught:
        line(an_event(record={"v": 4711}), config(columns={"V": "length(record.v)"}))
    assert str(caught.value) == "column V: its expression does not fit this event (JMESPathTypeError)"


def test_columns_see_the_whole_event() -> None:
    columns = {"a": "id", "b": "type", "c": "subject", "d": "sequence", "e": "changes[0].after", "f": "kind"}
    event = an_event()
    assert line(event, config(columns=columns)) == [
        event.id,
        "lucca.employee.updated",
        "employees/1",
        "000000000001",
        "Grace",
        "updated",
    ]


# --- batches ----------------------------------------------------------------------------------------------


async def test_a_line_that_does_not_fit_does_not_hold_up_the_others(tmp_path: Path) -> None:
    habits = section(tmp_path, encoding="cp1252", columns={"Nom": "record.name"})
    async with opened(PayrollFileConnector, habits) as connector:
        outcomes = await connector.deliver([delivery(1, name="Kőrösi"), delivery(2, name="Œuvre")])
        assert isinstance(outcomes[0], Reject)
        assert outcomes[1] == Done("absences-00001.csv")


async def test_a_batch_without_a_fitting_line_makes_no_file(tmp_path: Path) -> None:
    habits = section(tmp_path, encoding="cp1252", columns={"Nom": "record.name"})
    async with opened(PayrollFileConnector, habits) as connector:
        assert isinstance(await outcome_of(connector, delivery(1, name="Kőrösi").event), Reject)
    assert visible(tmp_path) == []


async def test_a_repeat_stands_in_the_first_file_only(tmp_path: Path) -> None:
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        await connector.deliver([delivery(1)])
        again = await connector.deliver([delivery(1), delivery(2), delivery(2)])
        assert again == [Done("absences-00001.csv"), Done("absences-00002.csv"), Done("absences-00002.csv")]
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        assert await connector.deliver([delivery(2)]) == [Done("absences-00002.csv")]
    assert (tmp_path / "absences-00002.csv").read_text().count("0002") == 1


async def test_numbers_go_on_after_a_restart_though_the_files_were_taken_away(tmp_path: Path) -> None:
    for number in range(1, 4):
        async with opened(PayrollFileConnector, section(tmp_path)) as connector:
            assert await connector.deliver([delivery(number)]) == [Done(f"absences-{number:05d}.csv")]
        (tmp_path / f"absences-{number:05d}.csv").unlink()


async def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "absences-00001.csv").write_text("from before the memory was lost")
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        assert await connector.deliver([delivery(1)]) == [Done("absences-00002.csv")]
    assert (tmp_path / "absences-00001.csv").read_text() == "from before the memory was lost"


async def test_two_connectors_in_one_folder_number_by_themselves(tmp_path: Path) -> None:
    for file in ("a-{{ batch.number }}.csv", "b-{{ batch.number }}.csv"):
        one = made(PayrollFileConnector, section(tmp_path, file=file), name=file[0])
        await one.deliver([delivery(1)])
    assert visible(tmp_path) == ["a-00001.csv", "b-00001.csv"]


async def test_a_connectors_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    directory = tmp_path / "payroll"
    directory.mkdir()
    await made(PayrollFileConnector, section(directory), name="../../up").deliver([delivery(1)])
    assert [path.name for path in tmp_path.iterdir()] == ["payroll"]


async def test_the_files_name_may_hold_the_day(tmp_path: Path) -> None:
    named = section(tmp_path, file="{{ batch.date }}_{{ batch.number | int }}.csv")
    async with opened(PayrollFileConnector, named) as connector:
        assert await connector.deliver([delivery(1)]) == [Done("2026-01-05_1.csv")]


async def test_nothing_that_a_reader_could_pick_up_is_left_beside_the_file(tmp_path: Path) -> None:
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        await connector.deliver([delivery(1)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lucca-sync", "absences-00001.csv"]


async def test_the_memory_holds_no_value_of_a_record(tmp_path: Path) -> None:
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        await connector.deliver([delivery(1, employeeNumber="geheim")])
    (entry,) = (tmp_path / ".lucca-sync" / "a-connector").glob("*.json")
    assert "geheim" not in entry.read_text()
    assert json.loads(entry.read_text())["events"] == [delivery(1, employeeNumber="geheim").event.id]


def test_the_memory_does_not_grow_for_ever(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "a-connector", kept_events=4)
    for number in range(1, 10):
        ledger.write(Entry(number, f"{number}.csv", 2, "", (f"{number}a", f"{number}b")))
        ledger.prune()
    fresh = Ledger(tmp_path, "a-connector")
    fresh.load()
    assert [entry.number for entry in fresh.entries()] == [8, 9]
    assert (fresh.next_number, fresh.file_of("9b"), fresh.file_of("1a")) == (10, "9.csv", None)


def test_the_last_files_are_remembered_however_large(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "a-connector", kept_events=0)
    for number in range(1, 5):
        ledger.write(Entry(number, f"{number}.csv", 1, "", (str(number),)))
        ledger.prune()
    assert [entry.number for entry in ledger.entries()] == [3, 4]


# --- trouble ----------------------------------------------------------------------------------------------


async def test_a_missing_folder_delays_and_is_not_made(tmp_path: Path) -> None:
    gone = tmp_path / "not-mounted"
    async with opened(PayrollFileConnector, section(gone)) as connector:
        outcome = await outcome_of(connector, delivery(1).event)
        assert outcome == Retry(f"cannot write into {gone}: No such file or directory")
        assert not gone.exists()
        with pytest.raises(CheckFailed, match="No such file or directory"):
            await connector.check()
        gone.mkdir()
        assert isinstance(await outcome_of(connector, delivery(1).event), Done)


async def test_a_damaged_memory_delays_and_names_the_file(tmp_path: Path) -> None:
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        await connector.deliver([delivery(1)])
    entry = tmp_path / ".lucca-sync" / "a-connector" / "00001.json"
    entry.write_text("{}")
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        outcome = await outcome_of(connector, delivery(2).event)
        assert isinstance(outcome, Retry)
        assert str(entry) in outcome.reason
    assert visible(tmp_path) == ["absences-00001.csv"]


async def test_check_leaves_nothing_behind(tmp_path: Path) -> None:
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        await connector.check()
    assert list(tmp_path.iterdir()) == []


async def test_check_does_not_meddle_with_a_running_daemons_work(tmp_path: Path) -> None:
    unfinished = tmp_path / ".lucca-sync-a-connector-00007.part"
    unfinished.write_bytes(b"being written")
    async with opened(PayrollFileConnector, section(tmp_path)) as connector:
        await connector.check()
    assert unfinished.exists()


def test_batches_wait_for_rows_or_for_the_interval() -> None:
    abilities = made(PayrollFileConnector, {**BASE, "every": "10m", "max_rows": 50}).abilities
    assert (abilities.max_batch, abilities.concurrency, abilities.linger) == (50, 1, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"file": "geheim.csv"}, "file", "must contain {{ batch.number }}"),
        ({"file": "../{{ batch.number }}"}, "file", "one visible file"),
        ({"file": ".{{ batch.number }}"}, "file", "one visible file"),
        ({"file": "a:{{ batch.number }}"}, "file", "one visible file"),
        ({"file": "{{ batch.nmuber }}"}, "file", "`nmuber` is missing"),
        ({"file": "{{ batch.number"}, "file", "line 1"),
        ({"file": "x" * 300 + "{{ batch.number }}"}, "file", "one visible file"),
        ({"columns": {}}, "columns", "at least 1"),
        ({"columns": {"A": "record."}}, "columns", "unexpected EOF"),
        ({"columns": {"A": "upper(record.a)"}}, "columns", r"no function upper\(\)"),
        ({"delimiter": ","}, "decimal", "must differ"),
        ({"delimiter": ";;"}, "delimiter", "Input should be"),
        ({"encoding": "klingon"}, "encoding", "Input should be"),
        ({"encoding": "cp1252", "columns": {"ő": "id"}}, "encoding", "cannot write the names"),
        ({"date_format": "%x"}, "date_format", "must be made of"),
        ({"date_format": "dd/mm/yyyy"}, "date_format", "must be made of"),
        ({"max_rows": 0}, "max_rows", "greater than or equal"),
        ({"every": "0s"}, "every", "greater than"),
        ({"quote": "geheim"}, "quote", "Extra inputs"),
    ],
)
def test_a_wrong_section_is_refused_at_the_key(change: Mapping[str, object], where: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        config(**change)
    assert [error["loc"][0] for error in caught.value.errors()] == [where]
    assert "geheim" not in str(caught.value)


def test_a_comma_between_cells_goes_with_a_decimal_point() -> None:
    assert cell(1.5, delimiter=",", decimal=".") == "1.5"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    st.lists,
)


@given(JSON_VALUES)
def test_every_json_value_has_a_cell(value: Json) -> None:
    assert isinstance(cell(value), str)
