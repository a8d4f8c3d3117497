"""A secret shows as stars, wherever it ends up."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from sbc_exporter.config.model import Auth
from sbc_exporter.logs import Format, LineFormatter, facts
from sbc_exporter.secret import Secret

TEXT = "hunter2!"
WAYS: dict[str, Callable[[Secret], str]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "f-string": lambda secret: f"{secret}",
    "f-string with a conversion": lambda secret: f"{secret!r:>40}",
    "f-string with a format": lambda secret: f"{secret:>40}",
    "str.format": "{}".format,
    "percent s": lambda secret: "%s" % secret,  # noqa: UP031 - the old way is the behaviour here
    "percent r": lambda secret: "%r" % secret,  # noqa: UP031 - the same
    "list": lambda secret: str([secret]),
    "dict": lambda secret: repr({"password": secret}),
    "dataclass": lambda secret: repr(Auth(name="a", username="u", password=secret)),
    "exception": lambda secret: repr(ValueError(secret)) + str(ValueError(secret)),
    "json": lambda secret: json.dumps({"password": secret}, default=str),
}


@pytest.mark.parametrize("way", WAYS)
def test_secret_shows_as_stars(way: str) -> None:
    """Whatever turns it into text gets stars, and nothing of the secret."""
    shown = WAYS[way](Secret(TEXT))
    assert "***" in shown
    assert TEXT not in shown


@pytest.mark.parametrize("style", ["logfmt", "json"])
def test_logged_secret_shows_as_stars(style: Format) -> None:
    """Neither the message nor a field of a log line holds the text."""
    secret = Secret(TEXT)
    record = logging.LogRecord("n", logging.INFO, "p", 1, "with %s and %r", (secret, secret), None)
    vars(record).update(facts(password=secret))

    line = LineFormatter(style).format(record)

    assert line.count("***") == 3
    assert TEXT not in line


def test_secret_is_given_by_reveal_only() -> None:
    """`reveal` gives the text as it was."""
    assert Secret(TEXT).reveal() == TEXT


def test_secrets_compare_by_their_text() -> None:
    """A reload finds out by comparison whether a password has changed."""
    assert Secret(TEXT) == Secret(TEXT)
    assert hash(Secret(TEXT)) == hash(Secret(TEXT))
    assert Secret(TEXT) != Secret("other")


def test_empty_secret_is_false() -> None:
    """Truth tells whether there is a text, without showing it."""
    assert not Secret("")
    assert Secret(TEXT)
