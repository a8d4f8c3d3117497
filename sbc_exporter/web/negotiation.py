"""What a client accepts; any header, however odd, gives an answer."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from sbc_exporter.exposition import Format

_LONGEST = 4096
_OPENMETRICS = "application/openmetrics-text"
_NUMBER = re.compile(r"\d(\.\d{0,3})?")


@dataclass(frozen=True, slots=True)
class _Choice:
    name: str
    quality: float
    version: str | None


@lru_cache(maxsize=64)
def exposition_format(accept: str) -> Format:
    """
    OpenMetrics where the client wants it at least as much as plain text.

    Only version 1.0.0 is spoken, which is what clients of 0.0.1 and those that name no version
    read, too; whoever wants another one gets the text format.
    """
    choices = _choices(accept)
    wanted = [
        choice.quality
        for choice in choices
        if choice.name == _OPENMETRICS and choice.version in {None, "1.0.0", "0.0.1"}
    ]
    text = [choice.quality for choice in choices if choice.name in {"text/plain", "text/*", "*/*"}]
    best = max(wanted, default=0.0)
    return "openmetrics" if best > 0 and best >= max(text, default=0.0) else "text"


@lru_cache(maxsize=64)
def wants_gzip(accept_encoding: str) -> bool:
    """Whether gzip is asked for, by name or by `*`, and not refused."""
    named = {choice.name: choice.quality for choice in _choices(accept_encoding)}
    return named.get("gzip", named.get("*", 0.0)) > 0


def _choices(header: str) -> list[_Choice]:
    found = []
    for part in header[:_LONGEST].lower().split(","):
        name, *rest = (piece.strip() for piece in part.split(";"))
        parameters = dict(piece.split("=", 1) for piece in rest if "=" in piece)
        found.append(_Choice(name, _quality(parameters.get("q", "1")), parameters.get("version")))
    return found


def _quality(text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if 0 <= value <= 1 else 0.0
