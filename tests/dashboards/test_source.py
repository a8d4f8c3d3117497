"""The JSON is what the source gives, and colours and words mean one thing everywhere."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dashboards.source import states
from dashboards.source.files import files
from tests.dashboards.grafana import FOLDER, NAMES, load


def test_json_is_what_the_source_gives(request: pytest.FixtureRequest) -> None:
    """Each dashboard's file is what its code makes now."""
    made = files()
    assert set(made) == set(NAMES)
    for name, text in made.items():
        path = FOLDER / name
        if request.config.getoption("--update-golden"):
            assert os.environ.get("CI") != "true", "golden files are not written in CI"
            path.write_text(text, encoding="utf-8")
        else:
            assert path.read_text(encoding="utf-8") == text, "python -m dashboards.source"


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_differ_in_brightness() -> None:
    """Who cannot tell red from green can tell them by how bright they are."""
    colours = (states.GREEN, states.BLUE, states.RED, states.GREY)
    for one, other in itertools.combinations(colours, 2):
        darker, brighter = sorted((luminance(one), luminance(other)))
        assert (brighter + 0.05) / (darker + 0.05) > 1.4, (one, other)


def test_every_state_has_words_of_its_own() -> None:
    """No number and no words stand for two states."""
    numbers, texts, _ = zip(*states.states(), strict=True)

    assert len(set(numbers)) == len(set(texts)) == len(numbers)


def coloured(node: Any) -> Iterator[tuple[str, str]]:
    """The texts of all mappings below, with their colours."""
    if isinstance(node, dict):
        if {"text", "color", "index"} <= set(node):
            yield node["text"], node["color"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from coloured(item)


@pytest.mark.parametrize("name", NAMES)
def test_no_panel_has_colours_of_its_own(name: str) -> None:
    """Only the four colours, and that of text, stand in a dashboard."""
    allowed = {states.GREEN, states.BLUE, states.RED, states.GREY}

    assert set(re.findall(r"#[0-9A-Fa-f]{6}", json.dumps(load(name)))) <= allowed


@pytest.mark.parametrize("name", NAMES)
def test_words_have_one_colour(name: str) -> None:
    """The same words have the same colour in every panel, and none is without."""
    colours: dict[str, set[str]] = {}
    for text, colour in coloured(load(name)["panels"]):
        colours.setdefault(text, set()).add(colour)

    assert {text for text, seen in colours.items() if len(seen) > 1} == set()
    assert colours
