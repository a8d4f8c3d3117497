"""Every expression is PromQL, and asks for what is exported."""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser
import pytest
from ruamel.yaml import YAML

from sbc_exporter.exposition import FAMILIES
from sbc_exporter.own import OwnMetrics
from sbc_exporter.visit import Exchange
from tests.dashboards.grafana import (
    FOLDER,
    NAMES,
    Query,
    at_once,
    load,
    others,
    queries,
)
from tests.promql import selectors

SCRAPED = {"job", "instance", "exporter"}
# Stands for whatever labels the operators give.
OPERATORS = "site"
PICKED = {
    "job": "sbc",
    "instance": "i",
    "target": "t",
    "exporter": "e",
    "label": OPERATORS,
    "value": "v",
}


def rules() -> list[dict[str, str]]:
    groups = YAML(typ="safe").load(FOLDER / "rules.yml")["groups"]
    return [rule for group in groups for rule in group["rules"]]


def known() -> dict[str, set[str]]:
    """The labels of every metric that there is, those of the scrape and of operators included."""
    sbc = SCRAPED | {"target", OPERATORS}
    of_families = {
        family.name: {*family.labels, *(sbc if family.kind == "info" else sbc - {OPERATORS})}
        for family in FAMILIES
    }
    own = OwnMetrics()
    own.requested(Exchange("auth/token", seconds=0.1, code=None))
    of_exporter = {
        sample.name: {*sample.labels, *SCRAPED}
        for metric in own.collect()
        for sample in metric.samples
    }
    recorded = {rule["record"]: sbc for rule in rules()}
    recorded["target_code:sbc_request_errors:rate5m"] = (sbc - {OPERATORS}) | {"code"}
    of_prometheus = dict.fromkeys(("up", "scrape_duration_seconds"), SCRAPED)
    alerts = {"ALERTS": {"alertname", "alertstate", "severity", "target"}}
    return {**of_families, **of_exporter, **recorded, **of_prometheus, **alerts}


def asked() -> Iterator[Query]:
    """Every query there is, ready for Prometheus."""
    for name in NAMES:
        board = load(name)
        for query in (*queries(board), *others(board)):
            yield Query(query.where, at_once(query, PICKED))
    for rule in rules():
        yield Query(rule["record"], rule["expr"])


QUERIES = list(asked())
ALL = pytest.mark.parametrize("query", QUERIES, ids=[query.where for query in QUERIES])


def named(selector: promql_parser.VectorSelector) -> list[str]:
    """The metrics of a selector; a variable's may name several."""
    if selector.name is not None:
        return [selector.name]
    return next(one.value for one in selector.matchers.matchers if one.name == "__name__").split(
        "|"
    )


@ALL
def test_query_asks_for_what_is_exported(query: Query) -> None:
    """Each metric in it is exported or recorded, with each label that is matched."""
    labels = known()
    found = selectors(query.expr)
    assert found
    for selector in found:
        matched = {one.name for one in selector.matchers.matchers} - {"__name__"}
        for metric in named(selector):
            assert metric in labels
            assert matched <= labels[metric], metric


@ALL
def test_query_groups_and_joins_by_labels_that_are_there(query: Query) -> None:
    """`by`, `without`, `on` and `group_left` name labels of the metrics in it."""
    there = set().union(
        *(known()[metric] for one in selectors(query.expr) for metric in named(one))
    )

    def visit(node: promql_parser.Expr) -> None:
        modifier = getattr(node, "modifier", None)
        if isinstance(modifier, promql_parser.AggModifier):
            assert set(modifier.labels) <= there
        if isinstance(modifier, promql_parser.BinModifier):
            assert modifier.matching is None or set(modifier.matching.labels) <= there

    promql_parser.walk(promql_parser.parse(query.expr), visit)


@pytest.mark.parametrize("name", NAMES)
def test_panels_ask_for_the_job_and_instance_that_are_picked(name: str) -> None:
    """As dashboard-linter wants it, every selector of every panel has both variables."""
    for query in queries(load(name)):
        parsed = Query(query.where, at_once(query, PICKED))
        for selector in selectors(parsed.expr):
            matchers = {(one.name, str(one.op), one.value) for one in selector.matchers.matchers}
            values = {(label, value) for label, _, value in matchers}
            assert {("job", "sbc"), ("instance", "i")} <= values, query.where


def test_every_rule_is_used() -> None:
    """No dashboard asks for less than what rules.yml records."""
    used = {metric for query in QUERIES for one in selectors(query.expr) for metric in named(one)}

    assert {rule["record"] for rule in rules()} <= used
