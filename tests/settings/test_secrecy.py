"""Whatever is wrong with a file, what is told about it never holds a value of it."""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from lucca_sync.registry import Plan, announced, load_all
from lucca_sync.settings.problems import SettingsError

CANARY = "kanarienvogel7312"
"""Looks like nothing that belongs into settings and would be found anywhere."""

COMPLETE = """\
version: 1
tenants:
  acme:
    url: https://acme.ilucca.net
    client_id: app
    client_secret: s
    token_url: https://accounts.world.luccasoftware.com/connect/token
    requests_per_minute: 30
    timezone: Europe/Paris
    resources:
      employees: {every: 2m, baseline: silent, volatile: [a], brake: {deletions: {count: 1, share: 0.1}}}
      employee-attributes: {every: 2m, definitions: [e_a]}
  other:
    url: https://other.ilucca.net
    client_id: app
    client_secret_file: secret
    resources: {employees: {every: 1m}}
store: sqlite:./x.db
connectors:
  crm: {type: webhook, url: https://crm.example.org/h, timeout: 5s, concurrency: 2, allow: [10.0.0.0/8], \
headers: {X-Key: v}, retry: {schedule: [1s], max_age: 1d}, \
secret: whsec_bHVjY2Etc3luYy10ZXN0cy1hcmUtbm90LXNlY3JldA==}
  chat: {type: slack, webhook_url: https://hooks.slack.com/x, template: hi, spacing: 1s}
  pay: {type: payroll_file, directory: d, file: 'a-{{ batch.number }}.csv', columns: {A: record.id}, \
every: 1h, max_rows: 3, delimiter: ';', decimal: ',', date_format: '%d/%m/%Y', encoding: cp1252, header: true}
  log: {type: jsonl, path: '-'}
routes:
  r: {resources: [employees], tenants: [acme], types: [created], when: record.id, fields: [id], to: [crm]}
  q: {to: [chat]}
  s: {to: [pay, log]}
server: {listen: '127.0.0.1:0', admin_token: t}
retention: 1d
"""
LINES = COMPLETE.splitlines()
KNOWN = announced()


def everything_said(folder: Path, text: str) -> str:
    """Problems, or what a valid file shows of itself: warnings and representations."""
    path = folder / "lucca-sync.yaml"
    path.write_text(text, "utf-8")
    try:
        plan: Plan = load_all(path, {"CANARY": CANARY}, KNOWN)
    except SettingsError as error:
        return f"{error}\n{error!r}\n{error.problems!r}"
    return "\n".join(map(repr, (plan.loaded.warnings, plan.loaded.hash, plan.loaded.locator)))


VARIANTS = (
    "{}",
    "x{}",
    "'{}",
    "*{}",
    "!{} x",
    "!{0}!x y",
    "&{0} &{0} x",
    "@{}",
    "%{}",
    "{{{}}}",
    "{{{0}: 1, {0}: 2}}",
    "[{0}, [{0}]]",
    "{{{0}: {{{0}: 1}}}}",
    '"{}\\q"',
    "{0}: {0}: x",
    "${{CANARY}}",
    "https://{0}:{0}@h/{0}?{0}",
    "sqlite://{}",
    "!!int {}",
    "'{{{{ {0} {0} }}}} {{{{ {0} | {0} }}}} {{% {0} %}}'",
    "record.{0}({0}",
    "'{0}(record)'",
)
AT_EACH_PLACE = 5


def spoiled() -> Iterator[str]:
    """The complete file with the canary in place of a value, each time in some of many shapes."""
    shapes = cycle(VARIANTS)
    for number, line in enumerate(LINES):
        starts = [at + 2 for at in range(len(line)) if line[at : at + 2] == ": "]
        starts += [at + 1 for at in range(len(line)) if line[at] == "["]
        for start in starts:
            end = next((at for at in range(start, len(line)) if line[at] in ",]}"), len(line))
            for shape in islice(shapes, AT_EACH_PLACE):
                new = line[:start] + shape.format(CANARY) + line[end:]
                yield "\n".join((*LINES[:number], new, *LINES[number + 1 :]))


ALL_SPOILED = tuple(spoiled())


def test_the_complete_file_is_valid(tmp_path: Path) -> None:
    assert "SettingsError" not in everything_said(tmp_path, COMPLETE)


def test_no_value_is_ever_told(tmp_path: Path) -> None:
    """Only as a key may it show: a wrong key must be named."""
    leaks: set[str] = set()
    wrong = 0
    for text in ALL_SPOILED:
        said = everything_said(tmp_path, text)
        wrong += "SettingsError" in said
        leaks.update(line for line in said.replace(f".{CANARY}", "").splitlines() if CANARY in line)
    assert leaks == set()
    assert wrong > len(ALL_SPOILED) / 2


@pytest.mark.parametrize("environment", [{}, {"SECRET": CANARY}])
def test_secrets_do_not_show_in_valid_settings(environment: dict[str, str], tmp_path: Path) -> None:
    text = COMPLETE.replace("client_secret: s\n", f"client_secret: ${{SECRET:{CANARY}}}\n")
    text = text.replace("admin_token: t", f"admin_token: {CANARY}").replace("X-Key: v", f"X-Key: {CANARY}")
    path = tmp_path / "lucca-sync.yaml"
    path.write_text(text, "utf-8")
    plan = load_all(path, environment)
    assert plan.loaded.settings.tenants["acme"].secret.reveal() == CANARY
    assert CANARY not in repr(plan)
    assert CANARY not in str(plan.loaded.settings)
