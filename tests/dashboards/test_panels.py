"""What every panel and every variable owes to the person in front of it."""

from __future__ import annotations

import itertools

import pytest

from tests.dashboards.grafana import NAMES, Json, load, panels, variables

UIDS = {"fleet.json": "sbc-fleet", "device.json": "sbc-device", "exporter.json": "sbc-exporter"}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def board(name: str) -> Json:
    return load(name)


def test_dashboard_can_be_imported_and_found(name: str, board: Json) -> None:
    """Each has its uid and the common tag, no id of some Grafana, and can be edited."""
    assert board["uid"] == UIDS[name]
    assert board["tags"] == ["sbc"]
    assert "id" not in board
    assert board["editable"] is True
    assert (board["timezone"], board["refresh"]) == ("browser", "30s")
    assert {"sbc"} in [set(link["tags"]) for link in board["links"]]


def test_panel_says_what_it_shows_and_what_to_do(board: Json) -> None:
    """Each panel has a title, a unit, and words on what it shows and on what to do when red."""
    for panel in panels(board):
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        sentences = panel["description"].count(". ") + 1
        assert sentences > 1, panel["title"]


def test_panel_without_data_says_so_in_a_word(board: Json) -> None:
    """No panel says `No data`: its query counts to 0, or it has a word for nothing."""
    for panel in panels(board):
        counted = all("or vector(0)" in target["expr"] for target in panel["targets"])
        assert counted or panel["fieldConfig"]["defaults"]["noValue"], panel["title"]


def test_no_data_source_is_fixed(board: Json) -> None:
    """Panels, queries, variables and annotations ask the data source that is picked."""
    asking = [
        *panels(board),
        *(target for panel in panels(board) for target in panel["targets"]),
        *variables(board),
        *board["annotations"]["list"],
    ]
    for one in asking:
        assert one["datasource"] == {"type": "prometheus", "uid": "$datasource"}


def test_ids_are_unique(board: Json) -> None:
    """No two panels have one id or one title, no two queries of a panel one letter."""
    ids = [panel["id"] for panel in board["panels"]]
    titles = [panel["title"] for panel in panels(board)]
    assert len(set(ids)) == len(ids)
    assert len(set(titles)) == len(titles)
    for panel in panels(board):
        letters = [target["refId"] for target in panel["targets"]]
        assert all(letters)
        assert len(set(letters)) == len(letters)


def test_panels_do_not_overlap(board: Json) -> None:
    """Every cell of the grid belongs to one panel at most, and none is outside."""
    cells = [
        cell
        for place in (panel["gridPos"] for panel in board["panels"])
        for cell in itertools.product(
            range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        )
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23
    # No holes: each line of the grid is full.
    assert len(cells) == 24 * (1 + max(y for _, y in cells))


def test_variables_are_those_that_the_linter_wants(board: Json) -> None:
    """Data source, job and instance are there as dashboard-linter wants them, and the labels."""
    found = {one["name"]: one for one in board["templating"]["list"]}
    assert found["datasource"]["type"] == "datasource"
    assert found["datasource"]["label"] == "Data source"
    for variable, label in (("job", "Job"), ("instance", "Instance")):
        assert found[variable]["label"] == label
        assert found[variable]["multi"] is True
        assert found[variable]["allValue"] == ".+"
    assert {"label", "value", "target"} <= set(found)
    assert {one["refresh"] for one in variables(board)} == {2}


def test_names_of_sbcs_lead_to_their_dashboard(name: str, board: Json) -> None:
    """Lines and rows named after an SBC link to it, with what is picked and the time range."""
    for panel in panels(board):
        lines = [target.get("legendFormat") for target in panel["targets"]]
        links = panel["fieldConfig"]["defaults"].get("links", [])
        assert ("{{target}}" in lines) == bool(links), panel["title"]
        for override in panel["fieldConfig"]["overrides"]:
            values = {one["id"]: one["value"] for one in override["properties"]}
            if override["matcher"]["options"] == "target" and name != "device.json":
                links = [*links, *values["links"]]
        for link in links:
            assert link["url"].startswith("/d/sbc-device?var-target=${__")
            for kept in ("${datasource:queryparam}", "${job:queryparam}", "${__url_time_range}"):
                assert kept in link["url"]
