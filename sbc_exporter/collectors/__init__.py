"""All collectors, in the order in which they run and are documented."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sbc_exporter.collectors import asyncstatus
from sbc_exporter.collectors.base import Collector

ALL: tuple[Collector[Any], ...] = (asyncstatus.COLLECTOR,)

NAMES = tuple(collector.name for collector in ALL)


def select(names: Iterable[str]) -> tuple[Collector[Any], ...]:
    """The collectors of these names, in the order of ALL."""
    wanted = set(names)
    return tuple(collector for collector in ALL if collector.name in wanted)
