"""Log lines: one a record, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from sbc_exporter.logs import Format, LineFormatter, facts, printable, set_up
from sbc_exporter.secret import Secret

# What starts a new line or steers a terminal, in one program or another.
EVIL = {
    "newline": "a\nlevel=error msg=forged",
    "carriage return": "a\r\nb",
    "quote": 'a" level="error',
    "backslash": 'a\\" level=error',
    "equals sign": "a level=error",
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "C1 escape": "\x9b31mred",
    "line separator": "a\u2028b\u2029c\x85d",
    "vertical tab": "a\x0bb\x0cc\x1cd\x1dd\x1ee",
    "zero": "a\x00b",
    "delete": "a\x7fb",
    "empty": "",
}


def line(style: Format, message: str = "hello", **fields: object) -> str:
    record = logging.LogRecord("n", logging.WARNING, __file__, 1, message, (), None)
    record.created = 1_800_000_000.25
    vars(record).update(facts(**fields))
    return LineFormatter(style).format(record)


@pytest.mark.parametrize("style", ["logfmt", "json"])
@pytest.mark.parametrize("evil", EVIL)
def test_record_is_one_line(style: Format, evil: str) -> None:
    """A message or a field cannot start another line, nor steer a terminal."""
    made = line(style, EVIL[evil], target=EVIL[evil])
    assert len(f"{made}.".splitlines()) == 1
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in made)


@pytest.mark.parametrize("evil", sorted(EVIL.keys() - {"C1 escape", "delete", "line separator"}))
def test_json_line_gives_texts_back(evil: str) -> None:
    """What comes out of the JSON is what went in."""
    fields = json.loads(line("json", EVIL[evil], target=EVIL[evil]))
    assert fields["msg"] == EVIL[evil]
    assert fields["target"] == EVIL[evil]


@pytest.mark.parametrize("evil", EVIL)
def test_logfmt_field_cannot_forge_another(evil: str) -> None:
    """Outside the quotes, nothing of a field's text is left."""
    made = line("logfmt", "hello", target=EVIL[evil])
    value = made.removeprefix("time=2027-01-15T08:00:00.250Z level=warning msg=hello target=")
    assert value != made
    assert isinstance(json.loads(value), str)


def test_logfmt_line_in_full() -> None:
    """Bare words stand without quotes; the time is UTC to the millisecond."""
    assert line("logfmt", "scrape failed", target="ams-1", code="401", error='say "x"') == (
        "time=2027-01-15T08:00:00.250Z level=warning "
        'msg="scrape failed" target=ams-1 code=401 error="say \\"x\\""'
    )


def test_json_line_in_full() -> None:
    """The same fields in the same order; numbers stay numbers and the rest becomes text."""
    assert line("json", "scrape failed", target="Zürich", seconds=1.5, token=Secret("x")) == (
        '{"time": "2027-01-15T08:00:00.250Z", "level": "warning", "msg": "scrape failed", '
        '"target": "Zürich", "seconds": 1.5, "token": "***"}'
    )


@pytest.mark.parametrize("style", ["logfmt", "json"])
def test_traceback_stays_in_the_line(style: Format) -> None:
    """An exception is a field of the line, with its type and its place."""
    with pytest.raises(ZeroDivisionError) as raised:
        _ = 1 / 0
    record = logging.LogRecord(
        "n", logging.ERROR, "p", 1, "bug", (), (raised.type, raised.value, raised.tb)
    )

    made = LineFormatter(style).format(record)

    assert len(made.splitlines()) == 1
    assert "test_logs.py" in made
    assert "ZeroDivisionError: division by zero" in made


@pytest.mark.parametrize("evil", EVIL)
def test_printable_text_is_one_line(evil: str) -> None:
    """What goes to a terminal by another way is cleaned likewise."""
    cleaned = printable(EVIL[evil])
    assert len(f"{cleaned}.".splitlines()) == 1
    assert "\x1b" not in cleaned


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back afterwards as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    noisy = {name: logging.getLogger(name).level for name in ("urllib3", "hypercorn", "asyncio")}
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in noisy.items():
        logging.getLogger(name).setLevel(was)


def test_set_up_sends_every_record_through_one_handler(root: logging.Logger) -> None:
    """Set up twice, a record is still written once, from its level on."""
    stream = io.StringIO()
    set_up("info", "logfmt", io.StringIO())
    set_up("info", "logfmt", stream)

    logging.getLogger("sbc_exporter.unit").debug("too small")
    logging.getLogger("sbc_exporter.unit").info("seen")

    assert len(root.handlers) == 1
    assert [text.partition("msg=")[2] for text in stream.getvalue().splitlines()] == ["seen"]


@pytest.mark.usefixtures("root")
def test_libraries_are_quiet_unless_debugging() -> None:
    """Only with debug do the libraries tell of their connections."""
    set_up("info", "logfmt", io.StringIO())
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.INFO)
    assert logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING)


@pytest.mark.usefixtures("root")
def test_debugging_shows_the_libraries() -> None:
    """With debug, everything goes through."""
    set_up("debug", "logfmt", io.StringIO())
    assert logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.DEBUG)
