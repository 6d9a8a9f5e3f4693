"""A wrong file is told about completely: every mistake at once, each at its place, with what was meant."""

from pathlib import Path

import pytest

from lucca_sync.registry import load_all
from lucca_sync.settings.problems import SettingsError
from tests.settings.files import VALID, complaints

MANY_MISTAKES = """\
version: 2
tenants:
  Acme:
    url: http://acme.ilucca.net
    client_id: 42
    client_secret: planted-secret
    client_secret_file: /run/secrets/x
    requests_per_minutes: 30
    timezone: Europe/Pari
    resources:
      employee: {every: 2m}
      employees: {every: 2 minutes, brake: {deletions: {count: 1.5, share: 5}}, baseline: silence}
      leaves: {every: 5m, past: 60d}
      job-positions: {every: 0s}
      departments: {definitions: [e_tShirtSize]}
    hints: {}
  acme:
    url: ${LUCCA_URL}
    url: https://acme.ilucca.net/lucca-api
    client_id: x
    resources: [employees]
store: postgresql://user:planted-secret@db/lucca
connectors:
  crm: {type: webhok, url: https://crm.example.org}
  files: {type: payroll_file, directory: ., columns: {Who: record..id}, every: weekly}
routes:
  people:
    resources: [employes]
    to: [cmr]
    when: "record.status = 'x'"
    types: [create]
    fields: id
sever: {}
"""

ALL_OF_THEM = """\
1:10: version: must be 1
3:3: tenants.Acme: a name is made of a-z, 0-9 and -, begins with no -, and has at most 63 characters
4:10: tenants.Acme.url: must begin with https:// (http is for loopback only)
5:16: tenants.Acme.client_id: must be text: put it in quotes
7:25: tenants.Acme.client_secret_file: give exactly one of client_secret and client_secret_file
8:5: tenants.Acme.requests_per_minutes: unknown setting (did you mean requests_per_minute?)
9:15: tenants.Acme.timezone: unknown time zone, such as Europe/Paris (did you mean Europe/Paris?)
11:7: tenants.Acme.resources.employee: unknown resource (did you mean employees?)
12:26: tenants.Acme.resources.employees.every: must be a duration such as 30s, 2m, 1h30m or 3d
12:64: tenants.Acme.resources.employees.brake.deletions.count: must be a whole number
12:76: tenants.Acme.resources.employees.brake.deletions.share: must be less than or equal to 1
12:91: tenants.Acme.resources.employees.baseline: must be 'silent' or 'snapshot' (did you mean silent?)
13:7: tenants.Acme.resources.leaves: needs legacy_api_key or legacy_api_key_file
14:30: tenants.Acme.resources.job-positions.every: must be longer than nothing
15:34: tenants.Acme.resources.departments.definitions: belongs to employee-attributes only
16:5: tenants.Acme.hints.secret_file: give exactly one of secret and secret_file
17:3: tenants.acme.client_secret_file: give exactly one of client_secret and client_secret_file
18:10: tenants.acme.url: the environment variable LUCCA_URL is not set; ${LUCCA_URL:…} would give a default
19:5: tenants.acme.url: set twice, first on line 18
21:16: tenants.acme.resources: must be a mapping of names to settings
22:8: store: PostgreSQL is not available in this version: use sqlite: and a path
24:15: connectors.crm.type: unknown connector type (did you mean webhook?); \
installed: jsonl, payroll_file, slack, webhook
25:3: connectors.files.file: is missing
25:60: connectors.files.columns.Who: is not a JMESPath expression: unexpected DOT at character 8
25:80: connectors.files.every: must be a duration such as 30s, 2m, 1h30m or 3d
28:17: routes.people.resources[0]: unknown resource (did you mean employees?)
29:10: routes.people.to[0]: no connector has this name (did you mean crm?)
30:11: routes.people.when: is not a JMESPath expression: unexpected text at character 15
31:13: routes.people.types[0]: neither a kind of change nor a business event (did you mean created?)
32:13: routes.people.fields: must be a list, such as [a, b]
33:1: sever: unknown setting (did you mean server?)
"""


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert complaints(tmp_path, MANY_MISTAKES) == ALL_OF_THEM.splitlines()


def test_a_valid_file_has_no_complaints(tmp_path: Path) -> None:
    assert complaints(tmp_path, VALID) == []


def changed(old: str, new: str) -> str:
    assert old in VALID
    return VALID.replace(old, new)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            changed(
                "client_secret: planted",
                "legacy_api_key: x\n    legacy_api_key_file: y\n    client_secret: y",
            ),
            "7:26: tenants.acme.legacy_api_key_file: give only one of",
        ),
        (changed("client_secret: planted", ""), "3:3: tenants.acme.client_secret_file: give exactly one of"),
        (
            changed("client_secret: planted", "client_secret: ''"),
            "6:20: tenants.acme.client_secret: must not be",
        ),
        (
            changed("https://acme.ilucca.net", "https://u:p@acme.ilucca.net"),
            "4:10: tenants.acme.url: must not carry",
        ),
        (changed("https://acme.ilucca.net", "acme.ilucca.net"), "4:10: tenants.acme.url: must be a URL"),
        (
            changed("https://acme.ilucca.net", "https://acme.ilucca.net:99999"),
            "4:10: tenants.acme.url: must be a URL",
        ),
        (
            changed("https://acme.ilucca.net", "https://acme.ilucca.net?x=1"),
            "4:10: tenants.acme.url: must not carry",
        ),
        (
            changed("https://acme.ilucca.net", "https://a.net/lucca-api"),
            "4:10: tenants.acme.url: must end after",
        ),
        (changed("client_id: app", "client_id: ' '"), "5:16: tenants.acme.client_id: must not be empty"),
        (
            changed("every: 2m", "every: 2m, volatile: [a/b]"),
            "8:41: tenants.acme.resources.employees.volatile[0]: ",
        ),
        (
            changed("every: 2m", "evry: 2m"),
            "8:19: tenants.acme.resources.employees.evry: unknown setting (did you",
        ),
        (
            changed("departments:", "payslips:"),
            "9:7: tenants.acme.resources.payslips: unknown resource; for a v5 collection",
        ),
        (
            changed("departments:", "events: {path: /lucca-api/events}"),
            "9:7: tenants.acme.resources.events: this name has a meaning of its own",
        ),
        (
            changed("client_id: app", "client_id: app\n    eyes: {head: 1ms}"),
            "6:18: tenants.acme.eyes.head: must be at least 1s, or false to switch it off",
        ),
        (changed("to: [log]", "to: []"), "15:9: routes.people.to: must not be empty"),
        (changed("to: [log]", "to: [log, log]"), "15:9: routes.people.to: names something twice"),
        (changed("to: [log]", "to: log"), "15:9: routes.people.to: must be a list, such as [a, b]"),
        (changed("to: [log]", ""), "13:3: routes.people.to: is missing"),
        (
            changed("to: [log]", "to: [log]\n    tenants: [amce]"),
            "16:15: routes.people.tenants[0]: no tenant has",
        ),
        (
            changed("to: [log]", "to: [log]\n    when: foo("),
            "16:11: routes.people.when: is not a JMESPath expression",
        ),
        (
            changed("to: [log]", "to: [log]\n    when: 3"),
            "16:11: routes.people.when: must be text: a JMESPath",
        ),
        (
            changed("{type: jsonl}", "{}"),
            "11:3: connectors.log.type: must name the connector's type: one of jsonl,",
        ),
        (changed("{type: jsonl}", "jsonl"), "11:8: connectors.log: must be a mapping of names to settings"),
        (
            changed("{type: jsonl}", "{type: jsonl, pth: x}"),
            "11:22: connectors.log.pth: unknown setting (did you mean",
        ),
        (
            changed("{type: jsonl}", "{type: jsonl, breaker: {rest: 10m}}"),
            "11:22: connectors.log.breaker.longest_rest: must be at least rest",
        ),
        (
            changed("{type: jsonl}", "{type: jsonl, breaker: {rest: 10m, longest_rest: 9m}}"),
            "11:57: connectors.log.breaker.longest_rest: must be at least rest",
        ),
        (
            changed("{type: jsonl}", "{type: jsonl, breaker: {share: 50}}"),
            "11:39: connectors.log.breaker.share: must be less than or equal to 1",
        ),
        (
            changed("{type: jsonl}", "{type: jsonl, breaker: {subjects: 1}}"),
            "11:42: connectors.log.breaker.subjects: must be greater than or equal to 2",
        ),
        (
            changed("{type: jsonl}", "{type: jsonl, breaker: {subjects: 201}}"),
            "11:42: connectors.log.breaker.subjects: must be less than or equal to 200",
        ),
        (
            changed("{type: jsonl}", "{type: jsonl, breaker: {window: 500ms}}"),
            "11:40: connectors.log.breaker.window: must be from 1s to 1d",
        ),
        (VALID + "server: {listen: 9464}", "16:18: server.listen: must be text: put it in quotes"),
        (VALID + "server: {listen: '9464'}", "16:18: server.listen: must be an address and a port"),
        (VALID + "server: {listen: 'h:65536'}", "16:18: server.listen: the port must be at most 65535"),
        (VALID + "server: {listen: '::1:80'}", "16:18: server.listen: must be an address and a port"),
        (
            VALID + "server: {admin_token: x, admin_token_file: y}",
            "16:44: server.admin_token_file: give only one",
        ),
        (VALID + "store: sqlite:///x.db", "16:8: store: must be sqlite: and a path, such as"),
        (VALID + "store: 'sqlite:'", "16:8: store: must be sqlite: and a path, such as"),
        (VALID + "retention: 30", "16:12: retention: must be a duration such as"),
        (VALID + "history: 1d", "16:10: history: must be at least as long as retention"),
        (VALID + "retention: 400d", "1:1: history: must be at least as long as retention"),
        (VALID + "backpressure: {slow_at: 2}", "16:25: backpressure.slow_at: must be a size such as"),
        (VALID + "backpressure: {slow_at: 0GiB}", "16:25: backpressure.slow_at: must be a size such as"),
        (VALID + "backpressure: {slow_at: 2 GB}", "16:25: backpressure.slow_at: must be a size such as"),
        (
            VALID + "backpressure: {slow_at: 1GiB, pause_at: 1GiB}",
            "16:41: backpressure.pause_at: must be more than slow_at",
        ),
        (
            VALID + "backpressure: {slow_at: 1TB}",
            "16:1: backpressure.pause_at: must be more than slow_at",
        ),
        (VALID + "retention: -1d", "16:12: retention: must be a duration such as"),
        (VALID + "tenant: {}", "16:1: tenant: unknown setting (did you mean tenants?)"),
        (
            VALID + "xyz: {}",
            "16:1: xyz: unknown setting; known here: backpressure, business, connectors, history, retention,",
        ),
        ("version: 1\ntenants:\n", "2:1: tenants: is missing"),
        ("version: 1\ntenants: {}\n", "2:10: tenants: must not be empty"),
    ],
)
def test_one_mistake_makes_one_complaint(text: str, complaint: str, tmp_path: Path) -> None:
    found = complaints(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(complaint)


_CRM = "crm: {type: webhook, url: 'https://crm.example.org', secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz, "


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (changed("version: 1", "version: true"), "version: must be 1"),
        (changed("client_id: app", "client_id: app\n    requests_per_minute: true"), "must be a number"),
        (changed("every: 2m", "brake: {deletions: {count: true}}"), "must be a whole number"),
        (changed("every: 2m", "brake: {changes: {share: false}}"), "must be a number"),
        (changed("{type: jsonl}", "{type: jsonl, breaker: {share: true}}"), "must be a number"),
        (changed("{type: jsonl}", "{type: jsonl, breaker: {subjects: true}}"), "must be a whole number"),
        (changed("{type: jsonl}", "{type: jsonl, retry: {overload: true}}"), "must be a number"),
        (changed("{type: jsonl}", "{type: jsonl, concurrency: true}"), "must be a whole number"),
        (
            changed("log: {type: jsonl}", f"log: {{type: jsonl}}\n  {_CRM} concurrency: true}}"),
            "whole number",
        ),
    ],
)
def test_yes_and_no_are_no_numbers(text: str, complaint: str, tmp_path: Path) -> None:
    """`true` would count as 1: a breaker that opens only when every call has failed."""
    (told,) = complaints(tmp_path, text)
    assert told.endswith(complaint)


@pytest.mark.parametrize("schedule", ["[true]", "[5, '']", "[5s, 7]"])
def test_a_list_of_mistakes_is_not_said_to_be_empty(schedule: str, tmp_path: Path) -> None:
    retry = f"retry: {{schedule: {schedule}}}"
    found = complaints(tmp_path, changed("{type: jsonl}", f"{{type: jsonl, {retry}}}"))
    assert found
    assert all("must be a duration" in each for each in found), found


def test_an_empty_list_still_is(tmp_path: Path) -> None:
    (told,) = complaints(tmp_path, changed("{type: jsonl}", "{type: jsonl, retry: {schedule: []}}"))
    assert told.endswith("schedule: must not be empty")


def test_what_a_time_looks_like_is_told_whatever_time_stands_beside_it(tmp_path: Path) -> None:
    """A connector's own words don't repeat what was given, be it only like the example in them."""
    window = 'maintenance: [{from: "22:30", until: "25:00"}]'
    (told,) = complaints(tmp_path, changed("{type: jsonl}", f"{{type: jsonl, {window}}}"))
    assert told.endswith('must be a time of the day in quotes: "HH:MM"')


def test_what_may_be_switched_off_still_may(tmp_path: Path) -> None:
    eyes = "client_id: app\n    eyes: {stable_pages: false, gaps: true, head: false}"
    assert complaints(tmp_path, changed("client_id: app", eyes)) == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load_all(tmp_path / "absent.yaml", {})
    assert str(error.value) == f"{tmp_path}/absent.yaml:1:1: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("departments:", "leaves: {every: 5m}", "needs legacy_api_key or legacy_api_key_file"),
        ("departments:", "skills: {path: /lucca-api/skills, scope: 'two words'}", "must be one scope"),
        (
            "departments:",
            f"skills: {{path: /lucca-api/skills, scope: {'x' * 4000}}}",
            "Lucca allows 4000 a token",
        ),
        ("departments:", f"skills: {{path: /lucca-api/{'x' * 4000}}}", "Lucca allows 4000 a token"),
        ("departments:", "employee-attributes: {definitions: []}", "must not be empty"),
        ("departments:", "employee-attributes: {definitions: ['one,two']}", "must be the id of a definition"),
        ("departments:", "employee-attributes: {definitions: [a, a]}", "names something twice"),
        (
            "departments:",
            f"employee-attributes: {{definitions: [{', '.join(f'd{n}' for n in range(101))}]}}",
            "must be at most 100",
        ),
        ("client_secret: planted", "client_secret_file: ''", "must name a file"),
        (
            "client_secret: planted",
            "client_secret_file: one\n    hints: {secret_file: one}",
            "must be a file of its own: `lucca-sync hints register` writes to it",
        ),
        (
            "https://acme.ilucca.net",
            "https://acme..ilucca.net",
            "must be a URL, such as https://acme.ilucca.net",
        ),
        (
            "https://acme.ilucca.net",
            "https://acmé.ilucca.net",
            "must be a URL, such as https://acme.ilucca.net",
        ),
        ("version: 1", "version: 1\nstore: 'sqlite::memory:'", "what is only in memory is lost"),
    ],
)
def test_what_would_go_wrong_only_later_is_told_once_and_beforehand(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    (told,) = complaints(tmp_path, VALID.replace(old, new))
    assert said in told
