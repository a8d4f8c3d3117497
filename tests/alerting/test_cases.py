"""The cases for `promtool test rules` leave no alert out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.alerting.shipped import alerts, cases

NAMES = [alert.name for alert in alerts()]


def expected(name: str, situation: str) -> list[bool]:
    """Whether the alert is expected to fire, in order of time, in its case of that name."""
    (case,) = [one for one in cases() if one["name"] == f"{name}: {situation}"]
    tests: list[dict[str, Any]] = [
        one for one in case["alert_rule_test"] if one["alertname"] == name
    ]
    return [bool(one["exp_alerts"]) for one in tests]


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_fires_not_early_and_resolves(name: str) -> None:
    """Each has a case in which it is silent, then fires, and at last is silent again."""
    fires = expected(name, "fires and resolves")

    assert (fires[0], any(fires), fires[-1]) == (False, True, False)
    # One change to firing, one back.
    assert sum(before != after for before, after in pairwise(fires)) == 2


@pytest.mark.parametrize("name", NAMES)
def test_no_alert_fires_for_want_of_data(name: str) -> None:
    """Each has a case in which the data stops, and is silent there all the time."""
    assert not any(expected(name, "data stops"))


def test_every_case_names_an_alert_that_is_there() -> None:
    """A case about an alert that was renamed would hold for ever."""
    named = {test["alertname"] for case in cases() for test in case.get("alert_rule_test", [])}

    assert named == set(NAMES)
