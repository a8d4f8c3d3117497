"""
The last save, activate, verify, restore or backup of an SBC.

Source: `GET /rest/{version}/admin/asyncstatus`. The SBC tells about the most recently issued
operation only, whoever issued it, and gives no identity, no time and no history: two equal
answers may be one operation seen twice, or two operations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sbc_exporter.collectors.base import Collector, News
from sbc_exporter.errors import BadAnswer
from sbc_exporter.metrics import Family, Sample
from sbc_exporter.xmltree import Node

OPERATIONS = ("activate", "save", "verify", "restore", "backup")
STATUSES = ("inProgress", "success", "fail")
OTHER = "other"

# Bounds on what a strange SBC can make the exporter keep, log and show.
_LONGEST_TEXT = 1000
_MOST_DETAILS = 200
_MOST_WORDS = 50

STATUS = Family(
    "sbc_async_operation_status",
    "gauge",
    "Status of the last asynchronous operation (data/operationState): 1 for the current one.",
    ("operation", "status"),
)
LAST_CHANGE = Family(
    "sbc_async_operation_last_change_timestamp_seconds",
    "gauge",
    "When the exporter first saw the operation and status that it reports now, as Unix time; "
    "the SBC itself gives no time.",
)
CHANGES = Family(
    "sbc_async_operation_changes_total",
    "counter",
    "Changes of operation or status that the exporter has seen, by what they changed to.",
    ("operation", "status"),
)


_UNSEEN = {
    (operation, status): CHANGES.sample(0, operation, status)
    for operation in OPERATIONS
    for status in ("success", "fail")
}


@dataclass(frozen=True, slots=True)
class Detail:
    """An element of additionalInfo as it came; `depth` 0 stands directly below it."""

    depth: int
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One answer. `operation` and `status` are the API's words, or `other`."""

    operation: str
    status: str
    error_message: str | None = None
    details: tuple[Detail, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> tuple[str, str]:
        return self.operation, self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the exporter has seen; `current` is None while nothing was ever requested."""

    current: Operation | None = None
    since: float = 0.0
    changes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unknown: frozenset[tuple[str, str]] = frozenset()


def read(response: Node) -> Operation | None:
    """None: nothing has been requested since the SBC started, or that it remembers."""
    data = response.find("data")
    if data is None:
        raise BadAnswer(f"<{response.path}/data> is missing")
    state = data.find("operationState")
    if state is None or not (state.text_at("operation") or state.text_at("status")):
        return None
    unknown: list[tuple[str, str]] = []

    def known(element: str, words: tuple[str, ...]) -> str:
        word = state.require(element)
        if word in words:
            return word
        unknown.append((element, word[:_LONGEST_TEXT]))
        return OTHER

    operation, status = known("operation", OPERATIONS), known("status", STATUSES)
    messages = (node.text for _, node in data.walk() if node.name == "errorMessage")
    message = next((text for text in messages if text), None)
    return Operation(
        operation=operation,
        status=status,
        error_message=message[:_LONGEST_TEXT] if message else None,
        details=tuple(_details(data)),
        unknown=tuple(unknown),
    )


def _details(data: Node) -> Iterator[Detail]:
    info = data.find("additionalInfo")
    if info is None:
        return
    for number, (depth, node) in enumerate(info.walk()):
        if number == _MOST_DETAILS:
            yield Detail(0, "", f"... and more than {_MOST_DETAILS} elements")
            return
        yield Detail(depth, node.name[:_LONGEST_TEXT], node.text[:_LONGEST_TEXT])


def fold(before: History | None, response: Node, now: float) -> History:
    """What is known after this answer. What stood there at the first one is no change."""
    current = read(response)
    words = current.words if current else None
    if before is None:
        return History(current=current, since=now, unknown=_heard(frozenset(), current))
    changed = words != (before.current.words if before.current else None)
    changes = dict(before.changes)
    if changed and words:
        changes[words] = changes.get(words, 0) + 1
    return History(
        current=current,
        since=now if changed else before.since,
        changes=changes,
        unknown=_heard(before.unknown, current),
    )


def _heard(
    before: frozenset[tuple[str, str]], current: Operation | None
) -> frozenset[tuple[str, str]]:
    heard = before.union(current.unknown if current else ())
    return heard if len(heard) <= _MOST_WORDS else before


def news(before: History | None, after: History) -> Iterator[News]:
    """A failure, a verify's summary and a word never heard, each once."""
    for element, word in sorted(after.unknown - (before.unknown if before else frozenset())):
        yield News("warning", f"unknown {element}, counted as {OTHER}", ((element, word),))
    current, last = after.current, before.current if before else None
    if current is None or current == last:
        return
    about: tuple[tuple[str, str], ...] = (
        ("operation", current.operation),
        ("status", current.status),
    )
    if current.details and (last is None or current.details != last.details):
        summary = "; ".join(detail_text(detail) for detail in current.details)
        about = (*about, ("additional_info", summary[: 4 * _LONGEST_TEXT]))
    if current.status == "fail":
        message = current.error_message or "none given"
        yield News("warning", "the last operation failed", (*about, ("error_message", message)))
    elif before is not None or current.details:
        yield News("info", "the last operation", about)


def detail_text(detail: Detail) -> str:
    """One detail in a line: `field: ip-address`, or the name alone where it has no text."""
    return ": ".join(part for part in (detail.name, detail.text) if part)


def gauges(history: History) -> Iterator[Sample]:
    current = history.current
    if current is None:
        return
    for status in (*STATUSES, OTHER):
        yield STATUS.sample(status == current.status, current.operation, status)
    yield LAST_CHANGE.sample(history.since)


def counters(history: History | None) -> Iterator[Sample]:
    """The ends of the known operations exist from the start, so that rates see the first one."""
    changes = history.changes if history else {}
    for words, unseen in _UNSEEN.items():
        yield CHANGES.sample(changes[words], *words) if words in changes else unseen
    for words, count in changes.items():
        if words not in _UNSEEN:
            yield CHANGES.sample(count, *words)


COLLECTOR: Collector[History] = Collector(
    name="asyncstatus",
    endpoint="admin/asyncstatus",
    families=(STATUS, LAST_CHANGE, CHANGES),
    fold=fold,
    news=lambda before, after: tuple(news(before, after)),
    gauges=lambda history: tuple(gauges(history)),
    counters=lambda history: tuple(counters(history)),
)
