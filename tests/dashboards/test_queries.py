"""Every panel of every dashboard, asked of a real Prometheus that scrapes a fleet in trouble."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from ruamel.yaml import YAML

from dashboards.source.states import states
from sbc_exporter.simulator import Outcome, Simulator, faults, write_config
from tests.dashboards.grafana import (
    FOLDER,
    NAMES,
    Json,
    Query,
    at_once,
    load,
    parts,
    queries,
    substituted,
    variables,
)
from tests.prometheus import Prometheus, example_for, prometheus
from tests.support import Exporter, eventually, exporting, from_file

Program = Callable[[str], str]


def trouble(simulator: Simulator) -> None:
    """One SBC in each situation that a panel shows; the last one was never asked."""
    saved, failing, running, gone, refusing, broken, _ = simulator.devices
    saved.run("save", Outcome(seconds=0))
    failing.run("activate", Outcome(status="fail", seconds=4, error_message="no"))
    running.run("backup", Outcome(seconds=math.inf))
    gone.stop()
    # Neither the token that the exporter has, nor a login.
    refusing.faults["*"] = faults.Status(401)
    broken.run("verify", Outcome(seconds=0))
    broken.faults["admin/asyncstatus"] = faults.Status(500)


EXPECTED = {
    "sbc-001": "save succeeded",
    "sbc-002": "activate failed",
    "sbc-003": "backup in progress",
    "sbc-004": "no answer",
    "sbc-005": "no answer",
    "sbc-006": "no answer",
    "sbc-007": "never",
}


def configured(exporter: Exporter, *, fan_out: bool) -> str:
    """The example that we ship in one of its patterns, with our rules, evaluated each second."""
    yaml = YAML(typ="safe")
    config = yaml.load(example_for(exporter))
    config["global"]["evaluation_interval"] = "1s"
    config["rule_files"] = [str(FOLDER / "rules.yml")]
    del config["alerting"]
    if fan_out:
        config["scrape_configs"] = [
            one for one in config["scrape_configs"] if one["job_name"] == "sbc"
        ]
    text = io.StringIO()
    yaml.dump(config, text)
    return text.getvalue()


@pytest.fixture(scope="module", params=["metrics", "probe"])
def prom(
    request: pytest.FixtureRequest, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """A Prometheus on a fleet in trouble, over /metrics alone, or over /probe beside it."""
    fan_out = request.param == "metrics"
    folder = tmp_path_factory.mktemp("prometheus")
    binary = program("prometheus")
    with Simulator(len(EXPECTED)) as simulator:
        config = folder / "sbc-exporter.yml"
        write_config(simulator, config)
        text = config.read_text(encoding="utf-8")
        text = text.replace("  default:\n", "  default:\n    min_interval: 100ms\n")
        config.write_text(f"{text}fan_out: {str(fan_out).lower()}\n", encoding="utf-8")
        with (
            exporting(from_file(config)) as exporter,
            prometheus(binary, configured(exporter, fan_out=fan_out), folder) as running,
        ):
            # What stands there at the first scrape is no change.
            eventually(lambda: len(running.query("sbc_up == 1", "target")) == len(EXPECTED))
            trouble(simulator)
            yield running


def options(prom: Prometheus, variable: Json, values: dict[str, str]) -> list[str]:
    """What Grafana offers for a variable, in its order."""
    function, selector, label = (substituted(part, values) for part in parts(variable))
    if function == "label_names":
        found = prom.get("labels", **{"match[]": f'{{__name__=~".*{selector}.*"}}'})
    else:
        found = prom.get(f"label/{label}/values", **{"match[]": selector})
    pattern = variable["regex"].strip("/")
    return [one for one in sorted(found) if re.fullmatch(pattern or ".*", one)]


def choices(prom: Prometheus, board: Json) -> dict[str, str]:
    """The variables as they stand when somebody opens the dashboard: the first, or all."""
    values: dict[str, str] = {}
    for variable in variables(board):
        offered = options(prom, variable, values)
        assert offered, variable["name"]
        every = variable.get("allValue") if variable["multi"] else None
        values[variable["name"]] = every or offered[0]
    return values


def answer(prom: Prometheus, query: Query, values: dict[str, str]) -> list[Json]:
    expr = at_once(query, values)
    if query.instant:
        result = prom.get("query", query=expr)["result"]
    else:
        now = float(prom.get("query", query="time()")["result"][1])
        result = prom.get("query_range", query=expr, start=now - 30, end=now, step=5)["result"]
    return list(result)


def test_every_query_of_every_panel_has_data(prom: Prometheus) -> None:
    """With the variables as they are at first, none is empty; of one SBC, for one at least."""

    def without_data() -> list[str]:
        silent = []
        for name in NAMES:
            board = load(name)
            values = choices(prom, board)
            sbcs = list(EXPECTED) if name == "device.json" else [values["target"]]
            silent += [
                f"{query.where}: {query.expr}"
                for query in queries(board)
                if not any(answer(prom, query, {**values, "target": sbc}) for sbc in sbcs)
            ]
        return silent

    # The first assertion knows no more than that it took too long.
    with suppress(AssertionError):
        eventually(lambda: not without_data(), 60)
    assert "\n".join(without_data()) == ""


def test_operators_labels_pick_sbcs(prom: Prometheus) -> None:
    """The labels that operators gave can be picked, and every list is then of those SBCs only."""
    board = load("fleet.json")
    label = next(one for one in variables(board) if one["name"] == "label")
    eventually(lambda: options(prom, label, {}) == ["pair", "site", "target"])
    everything = choices(prom, board)
    in_fra = {**everything, "label": "site", "value": "fra"}
    tables = [query for query in queries(board) if query.where.startswith("SBC fleet: SBCs: ")]
    assert tables

    def sites(values: dict[str, str]) -> list[set[str]]:
        """Of each column's rows."""
        return [{one["metric"]["site"] for one in answer(prom, query, values)} for query in tables]

    eventually(lambda: all(found > {"fra"} for found in sites(everything)))
    assert sites(in_fra) == [{"fra"}] * len(tables)


def test_numbers_mean_what_the_words_say(prom: Prometheus) -> None:
    """What is recorded of each SBC is the number of the words for the state that it is in."""
    words = {number: text for number, text, _ in states()}

    def shown() -> dict[str, str]:
        recorded = prom.query("target:sbc_async_operation_status:code", "target")
        return {target: words[int(number)] for (target,), number in recorded.items()}

    eventually(lambda: shown() == EXPECTED)


def test_worst_come_first(prom: Prometheus) -> None:
    """Failed operations rank above SBCs without an answer, those above operations in progress."""

    def ranked() -> list[str]:
        found = prom.query("target:sbc_async_operation_status:priority", "target")
        return [EXPECTED[target] for (target,), _ in sorted(found.items(), key=lambda one: -one[1])]

    worst_first = ["activate failed", *["no answer"] * 3, "backup in progress", "save succeeded"]
    eventually(lambda: ranked() == [*worst_first, "never"])
