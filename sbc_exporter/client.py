"""
The REST API of one SBC, as far as collectors need it: GET with a token, answered by XML.

Source: the API's pages on authentication, supportedversions and asyncstatus; what is only
guessed about them is tolerated either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from sbc_exporter.config.model import ApiVersion
from sbc_exporter.deadline import Clock
from sbc_exporter.errors import BadAnswer, DeviceError, LoginWithheld, UnexpectedStatus
from sbc_exporter.login import Login
from sbc_exporter.secret import Secret
from sbc_exporter.transport import Answer, Transport
from sbc_exporter.visit import Visit
from sbc_exporter.xmltree import Node, parse

LOGIN = "auth/token"
SUPPORTED_VERSIONS = "api/supportedversions"
KNOWN_VERSIONS: tuple[ApiVersion, ...] = ("v1.2", "v1.1", "v1.0")

_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_TOKEN = re.compile(r"[!-~]{1,8192}")
_LONGEST_MESSAGE = 1000
# Bytes of an answer; those of an SBC in good health are much shorter.
_WORTH_KEEPING = 16_384

T = TypeVar("T")
Read = Callable[[Node], T]


class SbcClient:
    """Used by one conversation at a time: see Sbc."""

    def __init__(
        self, transport: Transport, login: Login, version: ApiVersion, clock: Clock
    ) -> None:
        self._transport = transport
        self._login = login
        self._clock = clock
        self._automatic = version == "auto"
        self._answers: dict[str, tuple[bytes, Node]] = {}
        self._version: str | None = None if self._automatic else version

    def get(self, endpoint: str, read: Read[T], visit: Visit) -> T:
        """
        What `read` makes of the answer's root element; `endpoint` is the path after the version.

        A token that the SBC does not take any more costs exactly one login and one repeat.
        Raises DeviceError; one raised by `read` counts as a failure of the request.
        """
        token = self._login.token()
        if token is not None:
            try:
                return self._fetch(endpoint, token, read, visit)
            except UnexpectedStatus as failure:
                if failure.status != _UNAUTHORIZED:
                    raise
            self._login.forget()
        token = self._log_in(visit)
        try:
            return self._fetch(endpoint, token, read, visit)
        except UnexpectedStatus as failure:
            if failure.status == _UNAUTHORIZED:
                # A good login whose token is refused at once: more logins would not help.
                self._login.refused()
            raise

    def close(self) -> None:
        self._transport.close()

    def _require_ok(self, answer: Answer) -> None:
        if answer.status != _OK:
            said = _said(answer)
            if said is not None and self._login.tells(said):
                # An SBC, or what stands before it, may quote the request.
                said = "(a message that quotes the credentials)"
            raise UnexpectedStatus(answer.status, said)

    def _fetch(self, endpoint: str, token: Secret, read: Read[T], visit: Visit) -> T:
        bearer = f"Bearer {token.reveal()}"
        if self._version is None:
            self._version = self._discover(bearer, visit)
        path = f"/rest/{self._version}/{endpoint}"
        try:
            with visit.request(endpoint) as watch:
                with visit.step("fetch"):
                    answer = self._transport.exchange("GET", path, bearer, visit, watch)
                    self._require_ok(answer)
                self._login.proven()
                with visit.step("parse"):
                    if token.reveal().encode() in answer.body:
                        # Its texts are shown and logged.
                        raise BadAnswer("the answer quotes the token that it was asked with")
                    return read(self._parsed(endpoint, answer.body))
        except UnexpectedStatus as failure:
            if failure.status == _NOT_FOUND and self._automatic:
                # Upgraded or downgraded since: find out anew in the next scrape.
                self._version = None
            raise

    def _parsed(self, endpoint: str, body: bytes) -> Node:
        # Most answers are the same as the one before, and parsing costs a tenth of a scrape.
        before = self._answers.get(endpoint)
        if before is not None and before[0] == body:
            return before[1]
        root = parse(body)
        if len(body) <= _WORTH_KEEPING:
            self._answers[endpoint] = body, root
        return root

    def _log_in(self, visit: Visit) -> Secret:
        try:
            self._login.require_allowed()
        except LoginWithheld as withheld:
            if not self._login.renew_password():
                visit.unsent(LOGIN, withheld)
                raise
            self._login.proven()
        while True:
            asked_at = self._clock()
            try:
                token = self._post_credentials(visit)
            except UnexpectedStatus as failure:
                if failure.status not in {_UNAUTHORIZED, _FORBIDDEN}:
                    raise
                self._login.refused()
                if not self._login.renew_password():
                    raise
                # The password has been changed, here and there: it was the old one.
                self._login.proven()
            else:
                self._login.granted(token, asked_at)
                return token

    def _post_credentials(self, visit: Visit) -> Secret:
        basic = self._login.basic()
        candidates = [self._version] if self._version else list(KNOWN_VERSIONS)
        while True:
            path = f"/rest/{candidates.pop(0)}/{LOGIN}"
            try:
                with visit.request(LOGIN) as watch, visit.step("login"):
                    answer = self._transport.exchange("POST", path, basic, visit, watch)
                    self._require_ok(answer)
                    return _token(parse(answer.body))
            except UnexpectedStatus as failure:
                if failure.status != _NOT_FOUND or not candidates:
                    raise

    def _discover(self, bearer: str, visit: Visit) -> str:
        """The newest version that both sides know; releases before 8.3 know only v1.0."""
        with visit.request(SUPPORTED_VERSIONS) as watch, visit.step("fetch"):
            path = f"/rest/{SUPPORTED_VERSIONS}"
            answer = self._transport.exchange("GET", path, bearer, visit, watch)
            if answer.status == _NOT_FOUND:
                return KNOWN_VERSIONS[-1]
            self._require_ok(answer)
            offered = {node.text for _, node in parse(answer.body).walk()}
            for version in KNOWN_VERSIONS:
                if version in offered:
                    return version
            raise BadAnswer(f"the SBC offers none of the versions {', '.join(KNOWN_VERSIONS)}")


def _token(root: Node) -> Secret:
    text = root.require("data/accessToken")
    if not _TOKEN.fullmatch(text):
        # Never quoted; a line break in it would end up in a header.
        raise BadAnswer("<data/accessToken> holds something that cannot be a token")
    return Secret(text)


def _said(answer: Answer) -> str | None:
    """The SBC's own words about an error, if it sent the documented envelope."""
    try:
        root = parse(answer.body)
    except DeviceError:
        return None
    texts = (node.text for _, node in root.walk() if node.name == "errorMessage")
    return next((text[:_LONGEST_MESSAGE] for text in texts if text), None)
