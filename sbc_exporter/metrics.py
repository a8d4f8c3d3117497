"""
Metric families as data, and samples that fit them.

prometheus_client drops surplus label values and fails late on missing ones; here a sample
that does not fit its family cannot be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["gauge", "counter", "info"]


class Sample(NamedTuple):
    """One value of a family, without the label `target`, which the exposition adds."""

    family: Family
    labels: tuple[tuple[str, str], ...]
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """
    One metric family of an SBC; there is one object of each, and it is equal to itself only.

    `name` is the full name, `_total` included. `help` is one line without quotes or backslashes.
    `labels` are those beside `target`. An info family takes whatever labels its sample brings.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()

    def sample(self, value: float, *labels: str) -> Sample:
        """A sample with these label values, in the order of `labels`."""
        return Sample(self, tuple(zip(self.labels, labels, strict=True)), float(value))

    def info(self, labels: tuple[tuple[str, str], ...]) -> Sample:
        """The sample of an info family, always 1."""
        return Sample(self, labels, 1.0)
