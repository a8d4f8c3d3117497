"""A request and an answer, as the API sees them: no sockets, no framing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Request:
    """`headers` have lower-case names; they and the body carry secrets, so neither is shown."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2]))

    @cached_property
    def place(self) -> tuple[str | None, str]:
        """
        The API version and the path after it.

        `api` is not a version: it stays in the path. A path outside the API has no version.
        """
        path = self.target.partition("?")[0].strip("/")
        root, _, rest = path.partition("/")
        version, _, endpoint = rest.partition("/")
        if root != "rest" or not endpoint:
            return None, path
        return (None, rest) if version == "api" else (version, endpoint)

    @property
    def endpoint(self) -> str:
        return self.place[1]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: the length is not in the headers, whoever frames the answer adds it."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def phrase(status: int) -> str:
    """The standard's words for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
