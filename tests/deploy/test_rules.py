"""The alert rules are well formed, unit-tested, documented, and the same everywhere they stand."""

import re
import runpy
from pathlib import Path

import pytest

from tests.deploy.documents import DEPLOY, KUBERNETES, ROOT, Document, Promtool, dump, parse
from tests.deploy.exported import exported

PROMETHEUS = DEPLOY / "prometheus"
RULES = PROMETHEUS / "rules.yaml"
TESTS = PROMETHEUS / "rules_test.yaml"
MANIFEST = KUBERNETES / "components" / "prometheusrule" / "prometheusrule.yaml"
RUNBOOKS = ROOT / "docs" / "runbooks"


def alerts() -> list[Document]:
    """Every alert of the rules file."""
    return [rule for group in parse(RULES)["groups"] for rule in group["rules"] if "alert" in rule]


NAMES = [alert["alert"] for alert in alerts()]


def test_promtool_finds_the_rules_well_formed(promtool: Promtool) -> None:
    assert f"SUCCESS: {len(NAMES)} rules found" in promtool("check", "rules", RULES)


def test_the_example_configuration_is_valid_and_loads_the_rules(promtool: Promtool) -> None:
    said = promtool("check", "config", PROMETHEUS / "prometheus.example.yaml")
    assert "1 rule files found" in said
    assert "FAILED" not in said


def test_the_unit_tests_of_the_rules_pass(promtool: Promtool) -> None:
    assert "SUCCESS" in promtool("test", "rules", TESTS)


def test_the_unit_tests_notice_each_alert_that_never_fires(promtool: Promtool, tmp_path: Path) -> None:
    silent = parse(RULES)
    for rule in silent["groups"][0]["rules"]:
        rule["expr"] = "absent(vector(1))"
    dump(silent, tmp_path / RULES.name)
    dump(parse(TESTS), tmp_path / TESTS.name)
    with pytest.raises(AssertionError) as failure:
        promtool("test", "rules", tmp_path / TESTS.name)
    assert set(re.findall(r"alertname: ?(\w+)", str(failure.value))) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_alert_is_tested_firing_and_silent_over_a_restart_and_missing_scrapes(name: str) -> None:
    cases = [case for case in parse(TESTS)["tests"] if steps_of(case, name)]
    steps = [step for case in cases for step in steps_of(case, name)]
    assert {"exp_alerts" in step for step in steps} == {True, False}
    series = " ".join(str(each["values"]) for case in cases for each in case["input_series"])
    assert re.search(r"_x\d", series)  # missing scrapes
    assert "stale" in series or "_total" in str(cases)  # another pod, or a counter that starts again


def steps_of(case: Document, name: str) -> list[Document]:
    """What a unit test expects of one alert."""
    return [step for step in case["alert_rule_test"] if step["alertname"] == name]


@pytest.mark.parametrize("alert", alerts(), ids=NAMES)
def test_each_alert_says_how_urgent_it_is_and_leads_to_its_page(alert: Document) -> None:
    assert alert["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    annotations = alert["annotations"]
    assert set(annotations) == {"summary", "description", "runbook_url"}
    assert ROOT / annotations["runbook_url"] == RUNBOOKS / f"{alert['alert']}.md"
    assert (ROOT / annotations["runbook_url"]).is_file()


def test_no_page_is_left_without_an_alert() -> None:
    assert sorted(page.stem for page in RUNBOOKS.glob("*.md")) == sorted(NAMES)


# --- the rules speak of metrics that the daemon has ---


def named_in(alert: Document) -> set[str]:
    """The daemon's metrics in an alert's expression."""
    return set(re.findall(r"lucca_sync_\w+", alert["expr"]))


@pytest.mark.parametrize("alert", alerts(), ids=NAMES)
def test_each_alert_asks_for_metrics_that_exist_and_names_labels_that_they_have(alert: Document) -> None:
    known = exported()
    assert named_in(alert) <= set(known)
    labels = {label for name in named_in(alert) for label in known[name]} | {"job"}
    assert placeholders(alert) <= labels
    assert set(re.findall(r"(\w+)=\"", alert["expr"])) <= labels


def placeholders(alert: Document) -> set[str]:
    """The labels that an alert's annotations put in."""
    return set(re.findall(r"\$labels\.(\w+)", " ".join(alert["annotations"].values())))


# --- the same rules for the operator, the same job everywhere ---


def test_the_operators_rules_are_made_from_these() -> None:
    make = runpy.run_path(str(PROMETHEUS / "make_prometheusrule.py"))["manifest"]
    assert MANIFEST.read_text("utf-8") == make(RULES.read_text("utf-8")), "run make_prometheusrule.py"
    assert parse(MANIFEST)["spec"] == parse(RULES)


def test_the_example_scrapes_under_the_job_name_that_targetdown_looks_for() -> None:
    (job,) = parse(PROMETHEUS / "prometheus.example.yaml")["scrape_configs"]
    (down,) = (alert for alert in alerts() if alert["alert"] == "TargetDown")
    assert set(re.findall(r'job="([^"]+)"', down["expr"])) == {job["job_name"]}
