"""The runbook and the alerts know of each other."""

from __future__ import annotations

import re

import pytest

from tests.alerting.shipped import RUNBOOK, alerts

SECTIONS = dict(
    section.split("\n", 1) for section in RUNBOOK.read_text(encoding="utf-8").split("\n## ")[1:]
)


def test_every_alert_leads_to_its_section() -> None:
    """runbook_url is the anchor that Markdown gives to the section of the alert's name."""
    links = {alert.name: alert.annotations["runbook_url"] for alert in alerts()}

    assert links == {name: f"runbook.md#{name.lower()}" for name in links}
    assert [name for name in SECTIONS if name.startswith("Sbc")] == list(links)


@pytest.mark.parametrize("name", [name for name in SECTIONS if name.startswith("Sbc")])
def test_every_section_helps_at_night(name: str) -> None:
    """It begins with what callers have of it; meaning, where to see it, what to do follow."""
    text = SECTIONS[name].strip()

    assert text.startswith("**Callers: ")
    assert re.findall(r"^- \*\*(.+?):\*\*", text, re.MULTILINE) == [
        "Means",
        "See",
        "Do",
        "Goes by itself",
    ]
    (see,) = re.findall(r"^- \*\*See:\*\*(.+?)^- ", text, re.MULTILINE | re.DOTALL)
    assert "CLI" in see or "see [" in see
    assert "REST" in see or "curl" in see


def test_every_cli_command_is_one_that_oracle_documents() -> None:
    """The table at the end has a link for each command that a section names."""
    commands = re.compile(
        r"`((?:show|display|verify|save|activate|backup|restore|local)[ -][a-z-]+(?: cpu-load)?)"
    )
    table = SECTIONS["The CLI commands"]
    used = {
        command
        for name, text in SECTIONS.items()
        if name.startswith("Sbc")
        for command in commands.findall(text)
    }

    assert used == set(commands.findall(table))
    assert all("](https://docs.oracle.com/" in row for row in table.strip().splitlines()[2:])


def test_links_within_the_runbook_lead_somewhere() -> None:
    """Each names a section."""
    anchors = {re.sub(r"\W+", "-", name.lower()).strip("-") for name in SECTIONS}
    links = re.findall(r"\]\(#([^)]+)\)", RUNBOOK.read_text(encoding="utf-8"))

    assert set(links) <= anchors
