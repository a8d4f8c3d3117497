"""
Everything that can go wrong, in one tree.

    ExporterError
    ├── ConfigError                the operator's file, environment or flags
    ├── RequestError               the HTTP caller asked for something that cannot be done
    │   ├── BadParameter               400
    │   ├── UnknownTarget              404
    │   └── TooManyRequests            503
    └── DeviceError                the SBC, or the way to it
        ├── NameUnknown                code="dns"
        ├── Unreachable                code="connect"
        ├── TlsRefused                 code="tls"
        ├── TimedOut                   code="timeout"
        ├── ConnectionLost             code="reset"
        ├── BadAnswer                  code="malformed"
        ├── AnswerTooLarge             code="too_large"
        ├── Redirected                 code="redirect"
        ├── LoginWithheld              code="withheld"
        └── UnexpectedStatus           code=the HTTP status, or "other"

The branch decides who is told: a ConfigError ends the program or refuses the reload, a
RequestError becomes a 4xx, a DeviceError becomes metrics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar


class ExporterError(Exception):
    """The root; never raised itself."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (`file:line:column`, a variable), and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ConfigError(ExporterError):
    """Settings are wrong; `problems` holds all of them, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class RequestError(ExporterError):
    """The caller's fault, told to the caller in one sentence."""

    status: ClassVar[int] = 400


class BadParameter(RequestError):
    """A parameter or a header is missing, repeated, unknown or makes no sense."""


class UnknownTarget(RequestError):
    """Only configured targets are ever contacted."""

    status = 404


class TooManyRequests(RequestError):
    """So many scrapes are going on that another one would only slow them down."""

    status = 503


class DeviceError(ExporterError):
    """
    The SBC's fault, or that of the way to it.

    `code` is a label value, so the set stays closed; `advice` says what a person does about it.
    `blamed` is true once a step of a scrape has been put down as where it happened.
    """

    code: str = ""
    advice: str = ""
    blamed: bool = False

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        if advice is not None:
            self.advice = advice


class NameUnknown(DeviceError):
    """The name does not resolve."""

    code = "dns"
    advice = "Check the name in the target's address, and this machine's resolver."


class Unreachable(DeviceError):
    """Nothing takes the connection."""

    code = "connect"
    advice = (
        "Check address and port, and that the SBC's http-server element has https-state enabled."
    )


class TlsRefused(DeviceError):
    """The handshake failed, or the certificate does not convince."""

    code = "tls"
    advice = "Check the settings for this SBC's certificate: ca_file, server_name, min_version."


class TimedOut(DeviceError):
    """The time for this scrape is over; the SBC may only be slow."""

    code = "timeout"
    advice = (
        "Check that no firewall drops the packets; if the SBC is only slow, raise the module's "
        "timeout and Prometheus' scrape_timeout."
    )


class ConnectionLost(DeviceError):
    """The SBC ended the connection before the answer was complete."""

    code = "reset"
    advice = "The SBC may be rebooting or switching over; if this stays, look at its web server."


class BadAnswer(DeviceError):
    """What came is not the documented XML over HTTP."""

    code = "malformed"
    advice = "Check that the address is the SBC's management interface and not another web server."


class AnswerTooLarge(DeviceError):
    """The answer is longer than any documented one."""

    code = "too_large"
    advice = BadAnswer.advice


class Redirected(DeviceError):
    """A redirect is never followed: credentials go to the configured address or nowhere."""

    code = "redirect"
    advice = "Put the address of the SBC itself into the configuration, not that of a proxy."


class LoginWithheld(DeviceError):
    """No login is sent because the last one was refused: the account must not be locked."""

    code = "withheld"
    advice = (
        "Put the right credentials into the configuration and reload it; a password_file that "
        "changes is taken without a reload."
    )


_STATUSES = frozenset(HTTPStatus)

_STATUS_ADVICE = {
    400: "The SBC does not understand the request; check the module's api_version.",
    401: (
        "Check user name and password of the target's auth before you try again: after three wrong "
        "passwords the SBC locks the account for a while, and then refuses the right one, too."
    ),
    403: "Give the account administrator rights on the SBC: asyncstatus demands them.",
    404: (
        "The SBC does not offer this API version, so set the module's api_version to auto; or what "
        "answers at this address is no SBC."
    ),
    426: "The SBC wants HTTPS: write https:// in the target's address.",
}


class UnexpectedStatus(DeviceError):
    """The SBC answered, but not with 200. `said` is its own message, if it sent one."""

    def __init__(self, status: int, said: str | None = None) -> None:
        super().__init__(f"HTTP status {status}" + (f": {said}" if said else ""))
        self.status = status
        # A strange SBC cannot make a label value of each number that there is.
        self.code = str(status) if status in _STATUSES else "other"
        self.advice = _STATUS_ADVICE.get(status, "Look at the SBC's own log.")
