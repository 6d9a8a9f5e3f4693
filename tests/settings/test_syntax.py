"""What isn't YAML, or is too much of it, is told at its place in words that help, quoting nothing."""

from pathlib import Path

import pytest

from lucca_sync.settings.document import MOST_VALUES, read_document
from lucca_sync.settings.syntax import MOST_BYTES
from tests.settings.files import VALID, complaints


def told(content: bytes) -> list[str]:
    return [str(problem) for problem in read_document(content, "f", {}).problems]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "f:1:1: must begin with `version: 1`"),
        ("- a\n- b", "f:1:1: must begin with `version: 1`"),
        (
            "a: b: c",
            "f:1:5: not valid YAML: no `:` is expected here: check the indentation, or quote the text",
        ),
        ("a: 1\nb\nc: 2", "f:3:1: not valid YAML: a `:` and a space are missing after the key"),
        ("a:\n\tb: 1", "f:2:1: not valid YAML: a tab can't stand here: indent with spaces"),
        ("a: @b", "f:1:4: not valid YAML: a value can't begin with this character: put it in quotes"),
        ("a: *b", "f:1:4: not valid YAML: a value that begins with `*` must be put in quotes"),
        ("a: !b!c d", "f:1:4: not valid YAML: a value that begins with `!` must be put in quotes"),
        ("a: 'b", "f:1:6: not valid YAML: the quote that was opened before is never closed"),
        ('a: "\\q"', "f:1:6: not valid YAML: unknown escape after `\\`: single quotes take text"),
        ("a: [1,\nb: 2", "f:2:5: not valid YAML: a `,` or a closing bracket is missing"),
        (
            "a: {b: ${C}}",
            "f:1:9: not valid YAML: a `,` or a closing bracket is missing; inside { } and [ ] `${",
        ),
        ("a:\n  b: 1\n c: 2", "f:3:2: not valid YAML: the indentation doesn't fit what stands above"),
        ("a: 1\n---\nb: 2", "f:2:1: not valid YAML: a second document begins here"),
        ("a: 1\n%b", "f:2:3: not valid YAML: can not be read on"),
        (
            "a: !secret b",
            "f:1:4: a: tags have no meaning here; a value that begins with `!` must be put in quotes",
        ),
        ("a: !!set {b}", "f:1:4: a: tags have no meaning here"),
        ("a: !!int b", "f:1:4: a: not a number"),
        ("a: {b: 1, b: 2}", "f:1:11: a.b: set twice, first on line 1"),
        ("a: {<<: {b: 1}}", "f:1:5: a: `<<` belongs to YAML 1.1"),
        ("? [a]\n: b", "f:1:3: a key must be text"),
        (
            "a: {{b: c}: d}",
            "f:1:5: a: a key must be text; a value that begins with `{` must be put in quotes",
        ),
        ("a: &x [*x]", "f:1:4: a[0]: an alias can't stand inside what it stands for"),
        (f"a: {'[' * 400}{']' * 400}", "f:1:104: nested too deeply"),
        (f"a: {'[' * 600}{']' * 600}", "f:1:1: nested too deeply"),
        ("a: \x01", "f:1:1: holds a control character that YAML doesn't allow"),
    ],
)
def test_a_syntax_error_is_explained_at_its_place(text: str, complaint: str) -> None:
    (found,) = told(text.encode())
    assert found.startswith(complaint)


def test_what_is_not_utf_8_is_told_where_it_begins() -> None:
    assert told("a: 1\nbé: ".encode() + b"\xe9") == ["f:2:5: not UTF-8 text from here on"]


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read_document(b"\xef\xbb\xbfa: 1", "f", {}).data == {"a": 1}


def test_a_huge_file_is_not_even_parsed() -> None:
    assert told(b" " * (MOST_BYTES + 1)) == ["f:1:1: larger than 4 MiB: not a settings file"]


def test_aliases_that_multiply_are_stopped() -> None:
    bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [
        f"{name}: &{name} [{', '.join([f'*{of}'] * 10)}]" for of, name in zip("abcdef", "bcdefg", strict=True)
    ]
    assert told("\n".join(bomb).encode()) == [
        f"f:1:1: holds more than {MOST_VALUES} values once its aliases are followed"
    ]


def test_aliases_in_moderation_are_welcome(tmp_path: Path) -> None:
    text = VALID.replace("{every: 2m}", "&often {every: 2m}").replace("departments:", "departments: *often")
    assert complaints(tmp_path, text) == []


def test_a_mistake_behind_an_alias_is_told_for_each_use(tmp_path: Path) -> None:
    text = VALID.replace("{every: 2m}", "&often {every: 2x}").replace("departments:", "departments: *often")
    assert [line.partition(": must")[0] for line in complaints(tmp_path, text)] == [
        "8:33: tenants.acme.resources.departments.every",
        "8:33: tenants.acme.resources.employees.every",
    ]


def test_yaml_1_2_is_read_so_no_is_a_word(tmp_path: Path) -> None:
    assert read_document(b"a: no\nb: 0o17\nc: 12:30\nd: 2026-01-31\n1: on", "f", {}).data == {
        "a": "no",
        "b": 15,
        "c": "12:30",
        "d": "2026-01-31",
        "1": "on",
    }
