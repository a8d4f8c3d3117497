"""Goals and results, side by side."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A result; `met` is None where there is no goal."""

    what: str
    goal: str
    result: str
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """How numbers are written: `factor` times the number, with so many places."""

    name: str
    factor: float = 1
    places: int = 2

    def write(self, value: float) -> str:
        return f"{self.factor * value:,.{self.places}f}{self.name}"


SECONDS = Unit(" s")
MILLISECONDS = Unit(" ms", 1000)
TIMES = Unit("")
MEGABYTES = Unit(" MB", places=1)
COUNT = Unit("", places=0)


def at_most(what: str, goal: float, values: Sequence[float], unit: Unit, remark: str = "") -> Row:
    """The median has to be no more than the goal."""
    result = statistics.median(values)
    return Row(what, f"<= {unit.write(goal)}", _written(values, unit, remark), result <= goal)


def exactly(what: str, goal: float, values: Iterable[float], unit: Unit) -> Row:
    """Every value has to be the goal."""
    found = sorted(set(values))
    result = unit.write(found[0])
    if len(found) > 1:
        result += f" to {unit.write(found[-1])}"
    return Row(what, unit.write(goal), result, found == [goal])


def known(what: str, values: Sequence[float], unit: Unit) -> Row:
    """For comparison only."""
    return Row(what, "", _written(values, unit, ""))


def written(rows: Sequence[Row]) -> str:
    """A table in Markdown that is one on a terminal, too."""
    verdicts = {True: "met", False: "MISSED", None: ""}
    cells: list[tuple[str, ...]] = [("what", "goal", "result", "")]
    cells += [(row.what, row.goal, row.result, verdicts[row.met]) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    cells.insert(1, tuple("-" * width for width in widths))
    lines = (
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    )
    return "\n".join(lines) + "\n"


def _written(values: Sequence[float], unit: Unit, remark: str) -> str:
    text = unit.write(statistics.median(values))
    if len(values) > 1:
        text += f" ({unit.write(min(values))} to {unit.write(max(values))})"
    return f"{text}; {remark}" if remark else text
