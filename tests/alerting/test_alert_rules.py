"""What every alert has to have, and that its expressions ask for what is there."""

from __future__ import annotations

import re

import pytest

from sbc_exporter.collectors.asyncstatus import OPERATIONS, OTHER, STATUSES
from sbc_exporter.exposition import FAMILIES
from sbc_exporter.own import OwnMetrics
from tests.alerting.shipped import RULES, Alert, alerts, read, records
from tests.promql import selectors

ALERTS = alerts()
IDS = [alert.name for alert in ALERTS]

EXPRESSIONS = [
    *((alert.name, alert.rule["expr"]) for alert in ALERTS),
    *((alert.name, query) for alert in ALERTS for query in alert.queries),
    *((name, expr) for name, exprs in records().items() for expr in exprs),
]

# Labels that scraping gives, and `site`, which stands for the operator's own.
SCRAPED = {"job", "instance", "exporter", "target", "site"}

LABELS = {
    **{family.name: {*family.labels, *SCRAPED} for family in FAMILIES},
    **{s.name: {*s.labels, *SCRAPED} for one in OwnMetrics().collect() for s in one.samples},
    **{name: {"operation", *SCRAPED} for name in records()},
    "up": SCRAPED,
}

WORDS = {"status": set(STATUSES), "operation": {*OPERATIONS, OTHER}}


@pytest.mark.parametrize("alert", ALERTS, ids=IDS)
def test_every_alert_says_what_and_how_bad(alert: Alert) -> None:
    """Each has a severity, a summary that is a sentence, a description with values, a `for`."""
    assert alert.name.startswith("Sbc")
    assert alert.rule["labels"].keys() == {"severity"}
    assert alert.rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert alert.annotations.keys() == {"summary", "description", "runbook_url"}
    assert re.fullmatch(r"[^{}]+\.", alert.annotations["summary"])
    assert "$labels." in alert.annotations["description"]
    assert "for" in alert.rule


@pytest.mark.parametrize(("name", "expr"), EXPRESSIONS)
def test_expressions_ask_for_what_is_exported(name: str, expr: str) -> None:
    """Every metric is exported or recorded, and has the labels and words that are asked for."""
    for selector in selectors(expr):
        assert selector.name in LABELS, f"{name}: {selector.name}"
        matchers = selector.matchers.matchers
        unknown = {one.name for one in matchers} - LABELS[selector.name]
        assert not unknown, f"{name}: {selector.name} has no {unknown}"
        for one in matchers:
            assert one.value in WORDS.get(one.name, {one.value, "some"}), f"{name}: {one}"


@pytest.mark.parametrize(("name", "expr"), EXPRESSIONS)
def test_expressions_join_and_aggregate_on_labels_that_exist(name: str, expr: str) -> None:
    """A misspelt label in `on`, `without` or `group_left` would quietly match everything."""
    named = {
        label
        for labels in re.findall(r"\b(?:on|by|without|group_left)\s*\(([^()]*)\)", expr)
        for label in re.findall(r"\w+", labels)
    }

    assert named <= set().union(*LABELS.values()), name


def test_the_job_is_named_in_two_forms_only() -> None:
    """`sbc-exporter dashboards --job` finds the job's name by them."""
    jobs = [
        str(one)
        for _, expr in EXPRESSIONS
        for selector in selectors(expr)
        for one in selector.matchers.matchers
        if one.name == "job" and one.value != "some"
    ]

    assert set(jobs) == {'job="sbc"', 'job="sbc-probe"'}


def test_no_record_stands_in_both_rule_files() -> None:
    """Two rules of one name would record each other's values."""
    others = {rule.get("record") for group in read(RULES)["groups"] for rule in group["rules"]}

    assert others.isdisjoint(records())
