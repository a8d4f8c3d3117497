"""
The ways in which a simulated SBC can fail, each told by what the client sees on the wire.

Put one into `device.faults["admin/asyncstatus"]` (or any other path after the version, or `"*"`
for all); it applies until it is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]

# The statuses that end a request; those before are interim.
_FINAL = range(200, 600)


@dataclass(frozen=True, slots=True)
class Status:
    """A whole answer with this status; without a body of its own it carries the error envelope."""

    code: int
    body: bytes | None = None
    headers: Headers = ()

    def __post_init__(self) -> None:
        if self.code not in _FINAL:
            raise ValueError(f"{self.code} is not the status of an answer")


@dataclass(frozen=True, slots=True)
class Body:
    """A 200, well framed, with any content: HTML, nothing, half an XML document, gzip."""

    content: bytes
    content_type: str = "application/xml"
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """An empty answer that sends the client elsewhere."""

    location: str
    code: int = 302


@dataclass(frozen=True, slots=True)
class Refuse401:
    """Every token is refused, although the login that gave it was good."""


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes and nothing else, then the end of the connection."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Trickle:
    """The true answer, one byte at a time; the headers come at once unless they trickle too."""

    seconds_per_byte: float
    headers_too: bool = False


@dataclass(frozen=True, slots=True)
class Endless:
    """A 200 whose body repeats the chunk until the client goes."""

    chunk: bytes

    def __post_init__(self) -> None:
        if not self.chunk:
            raise ValueError("an empty chunk would end the body")


@dataclass(frozen=True, slots=True)
class Hang:
    """The request is taken and never answered."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (TCP RST) in place of an answer."""


@dataclass(frozen=True, slots=True)
class CloseBeforeAnswer:
    """The connection ends in good order, without an answer."""


@dataclass(frozen=True, slots=True)
class CloseAfterAnswer:
    """The true answer, which promises to keep the connection, and then its end."""


# Three places on the way of an answer: its content, its delivery, and something in its stead.
OtherAnswer = Status | Body | Redirect | Refuse401
OtherDelivery = Trickle | CloseAfterAnswer
NoAnswer = Raw | Endless | Hang | Reset | CloseBeforeAnswer
Fault = OtherAnswer | OtherDelivery | NoAnswer
