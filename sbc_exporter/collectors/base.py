"""What a collector is, and the little of an SBC that it sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from sbc_exporter.metrics import Family, Sample
from sbc_exporter.xmltree import Node

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class News:
    """Something that a person wants in the log, once."""

    level: Literal["info", "warning"]
    message: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector(Generic[S]):
    """
    One subject of an SBC.

    `name` is also the file's, the configuration's and the label's. What a collector knows of
    an SBC is a frozen value of type S, folded anew from each answer:

    - `fold` takes what was known before (None at the first answer), the root of the answer and
      the time (Unix, in seconds); it raises BadAnswer for an answer that makes no sense.
    - `news` compares two such values.
    - `gauges` are the samples of an answer, exported by the scrape that got it and no other;
      `counters` are the samples of what has been seen so far, exported always.
    """

    name: str
    endpoint: str
    families: tuple[Family, ...]
    fold: Callable[[S | None, Node, float], S]
    news: Callable[[S | None, S], Sequence[News]]
    gauges: Callable[[S], Sequence[Sample]]
    counters: Callable[[S | None], Sequence[Sample]]
