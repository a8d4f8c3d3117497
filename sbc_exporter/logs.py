"""Log lines as logfmt or JSON, on stderr."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

Format = Literal["logfmt", "json"]

_BARE = re.compile(r"[^\s\"=\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# What ends a line or steers a terminal, and halves of characters, which cannot be written.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def facts(**fields: object) -> dict[str, Any]:
    """For `logger.info("...", extra=facts(target="a"))`: fields of their own in the line."""
    return {"facts": fields}


class LineFormatter(logging.Formatter):
    """One line a record, whatever it holds: what comes from an SBC cannot forge another line."""

    def __init__(self, style: Format) -> None:
        super().__init__()
        self._as_json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        fields: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "msg": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        if self._as_json:
            return printable(json.dumps(fields, ensure_ascii=False, default=str))
        return " ".join(f"{name}={_quoted(str(value))}" for name, value in fields.items())


def _quoted(value: str) -> str:
    return value if _BARE.fullmatch(value) else printable(json.dumps(value, ensure_ascii=False))


def printable(text: str) -> str:
    """The text on one line, without what could steer a terminal."""
    return _CONTROLS.sub(" ", text)


def set_up(level: str, style: Format, stream: TextIO | None = None) -> None:
    """Send every log record of the process to stderr in one format; for commands only."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(style))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    if level != "debug":
        for noisy in ("urllib3", "hypercorn", "asyncio"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        # It logs every odd header with a traceback, in every scrape.
        logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
