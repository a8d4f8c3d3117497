"""
The numbers, words and colours of an SBC's last operation: the same in every panel.

rules.yml records one number for each SBC. The worse it is, the greater: a table that is sorted by
it has its worst rows first. Tens say the status, units the operation.
"""

from __future__ import annotations

from collections.abc import Iterator

GREEN = "#96D98D"
BLUE = "#3274D9"
RED = "#A3131F"
GREY = "#969696"
# Grafana's own colour of text, light or dark: for what is neither good nor bad.
PLAIN = "text"

OPERATIONS = ("activate", "save", "verify", "restore", "backup", "other operation")

NEVER = 0
SUCCESS = 10
IN_PROGRESS = 20
UNKNOWN = 30
FAIL = 40
# Where the next status would begin.
END = 50

_ENDINGS = {
    SUCCESS: ("succeeded", GREEN),
    IN_PROGRESS: ("in progress", BLUE),
    UNKNOWN: ("with unknown status", GREY),
    FAIL: ("failed", RED),
}


def states() -> Iterator[tuple[int, str, str]]:
    """Every number that the recording rule can give, its words and its colour."""
    yield NEVER, "never", GREY
    yield UNKNOWN, "no answer", GREY
    for status, (ending, colour) in _ENDINGS.items():
        for place, operation in enumerate(OPERATIONS, start=1):
            yield status + place, f"{operation} {ending}", colour
