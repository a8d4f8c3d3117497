"""Query parameters and headers of a scrape; what makes no sense is a BadParameter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from starlette.datastructures import QueryParams

from sbc_exporter.collectors import NAMES
from sbc_exporter.errors import BadParameter

TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds"


def exactly_one(query: QueryParams, name: str) -> str:
    value = at_most_one(query, name)
    if not value:
        raise BadParameter(f'parameter "{name}" is missing')
    return value


def at_most_one(query: QueryParams, name: str) -> str | None:
    values = query.getlist(name)
    if len(values) > 1:
        raise BadParameter(f'parameter "{name}" is given {len(values)} times, but may be only once')
    return values[0] if values else None


def distinct(values: Sequence[str], name: str) -> Sequence[str]:
    """The values, each of which may be given only once."""
    if len(set(values)) < len(values):
        raise BadParameter(f'parameter "{name}" names the same twice')
    return values


def collectors(query: QueryParams) -> Sequence[str]:
    """The collectors named by `collect[]`; none means those of the module."""
    names = query.getlist("collect[]")
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        known = ", ".join(NAMES)
        raise BadParameter(f'collector "{unknown[0]}" is not known; there are: {known}')
    return names


def refresh(query: QueryParams) -> int | None:
    """Seconds after which a page reloads itself, where its reader asks for it."""
    text = at_most_one(query, "refresh")
    if not text:
        return None
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else 0
    if seconds < 1:
        raise BadParameter('parameter "refresh" is not a number of seconds from 1 to 9999')
    return seconds


def patience(headers: Mapping[str, str], offset: float) -> float | None:
    """
    Seconds that the scrape may take: what Prometheus allows, less the offset.

    None when the header is missing, so that the module's timeout alone counts.
    """
    text = headers.get(TIMEOUT_HEADER)
    if text is None:
        return None
    try:
        allowed = float(text)
    except ValueError:
        allowed = math.nan
    if not math.isfinite(allowed):
        raise BadParameter(f"header {TIMEOUT_HEADER} is not a number of seconds")
    if allowed <= offset:
        raise BadParameter(
            f"header {TIMEOUT_HEADER} leaves no time: it allows {allowed:g} s, and "
            f"--scrape.timeout-offset takes {offset:g} s of it"
        )
    return allowed - offset
