"""The REST API of one SBC: a request goes in, an answer comes out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

from sbc_exporter.simulator import bodies
from sbc_exporter.simulator.messages import Answer, Request
from sbc_exporter.simulator.operations import Outcome
from sbc_exporter.simulator.sbc import Sbc

NOT_AUTHORIZED = "Client not authorized."
XML = ("Content-Type", "application/xml")
# Which verb each action of configuration/management wants.
ACTIONS = {
    "save": "PUT",
    "verify": "PUT",
    "restore": "PUT",
    "activate": "POST",
    "backup": "POST",
}

Handler = Callable[[Sbc, Request, float], Answer]


class _Refused(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status: int, message: str, *headers: tuple[str, str]) -> None:
        super().__init__(message)
        self.answer = refuse(status, message, *headers)


def answer(sbc: Sbc, request: Request, *, secure: bool) -> Answer:
    """What the SBC says, and what the request does to it."""
    if not secure:
        upgrade = (("Connection", "Upgrade"), ("Upgrade", "TLS/1.2"))
        return refuse(426, "Client must connect with HTTPS.", *upgrade)
    try:
        handler = _handler(sbc, request)
        with sbc.guard:
            return handler(sbc, request, sbc.clock())
    except _Refused as refused:
        return refused.answer


def refuse(status: int, message: str, *headers: tuple[str, str]) -> Answer:
    return Answer(status, bodies.refusal(message), (XML, *headers))


def _handler(sbc: Sbc, request: Request) -> Handler:
    version, endpoint = request.place
    if version is not None and version not in sbc.versions:
        raise _Refused(404, "Unsupported versionId in URI")
    verbs = (_UNVERSIONED if version is None else _VERSIONED).get(endpoint)
    if verbs is None:
        raise _Refused(404, "Resource not found")
    if request.method not in verbs:
        raise _wrong_verb(*verbs)
    if not _takes_xml(request.headers.get("accept", "*/*")):
        raise _Refused(406, "Only application/xml can be produced.")
    return verbs[request.method]


def _login(sbc: Sbc, request: Request, now: float) -> Answer:
    user, password = _basic(request)
    token = sbc.access.login(sbc.accounts, user, password, now=now, lifetime=sbc.token_lifetime)
    if token is None:
        raise _unauthorized()
    sbc.access.renew(request.body, token, now)
    return _ok(bodies.access_token(token))


def _supported_versions(sbc: Sbc, request: Request, now: float) -> Answer:
    _token(sbc, request, now)
    return _ok(bodies.supported_versions(sbc.versions))


def _system_status(sbc: Sbc, request: Request, now: float) -> Answer:
    _token(sbc, request, now)
    return _ok(bodies.system_status(sbc.name, now - sbc.booted))


def _asyncstatus(sbc: Sbc, request: Request, now: float) -> Answer:
    _admin_token(sbc, request, now)
    if sbc.operation is not None:
        in_state = sbc.error_place == "state"
        return _ok(bodies.operation_state(sbc.operation, now, error_in_state=in_state))
    if sbc.never_requested == "not_found":
        raise _Refused(404, "Resource not found")
    return _ok(bodies.nothing_requested(with_state=sbc.never_requested == "empty_state"))


def _lock(sbc: Sbc, request: Request, now: float) -> Answer:
    token = _admin_token(sbc, request, now)
    if sbc.access.lock_holder(now) not in (None, token):
        raise _Refused(423, "Resource locked by another user")
    sbc.access.lock(token)
    return Answer(204)


def _unlock(sbc: Sbc, request: Request, now: float) -> Answer:
    _check_lock(sbc, _admin_token(sbc, request, now), now)
    sbc.access.unlock()
    return Answer(204)


def _manage(sbc: Sbc, request: Request, now: float) -> Answer:
    _check_lock(sbc, _admin_token(sbc, request, now), now)
    action = request.query.get("action", "")
    verb = ACTIONS.get(action)
    if verb is None:
        raise _Refused(400, f"The action must be one of {', '.join(ACTIONS)}.")
    if verb != request.method:
        raise _wrong_verb(verb)
    sbc.run(action, _with_backup(sbc, action, request.query))
    link = f"{sbc.url}/rest/{request.place[0]}/admin/asyncstatus"
    return Answer(202, bodies.started(link), (XML,))


def _with_backup(sbc: Sbc, action: str, query: Mapping[str, str]) -> Outcome | None:
    """A restore from a backup that was never made fails; all else ends as planned."""
    name = query.get("filename", "")
    if action == "backup":
        sbc.backups.add(name)
    if action != "restore" or query.get("restoreSource") != "backupFile" or name in sbc.backups:
        return None
    return Outcome(status="fail", error_message=f"There is no backup {name}")


_UNVERSIONED: Mapping[str, Mapping[str, Handler]] = {
    "api/supportedversions": {"GET": _supported_versions},
}
_VERSIONED: Mapping[str, Mapping[str, Handler]] = {
    "auth/token": {"POST": _login},
    "admin/asyncstatus": {"GET": _asyncstatus},
    "configuration/lock": {"POST": _lock},
    "configuration/unlock": {"POST": _unlock},
    "configuration/management": {"POST": _manage, "PUT": _manage},
    "system/status": {"GET": _system_status},
}


def _ok(body: bytes) -> Answer:
    return Answer(200, body, (XML,))


def _wrong_verb(*allowed: str) -> _Refused:
    return _Refused(405, "Verb not supported for this URI.", ("Allow", ", ".join(allowed)))


def _unauthorized() -> _Refused:
    return _Refused(401, NOT_AUTHORIZED)


def _credentials(request: Request, scheme: str) -> str:
    said, _, credentials = request.headers.get("authorization", "").partition(" ")
    if said.lower() != scheme:
        raise _unauthorized()
    return credentials.strip()


def _basic(request: Request) -> tuple[str, str]:
    try:
        pair = base64.b64decode(_credentials(request, "basic"), validate=True)
    except binascii.Error:
        raise _unauthorized() from None
    try:
        text = pair.decode()
    except UnicodeDecodeError:
        # Which of the two a client sends is its own choice; `requests` sends Latin-1.
        text = pair.decode("latin-1")
    user, _, password = text.partition(":")
    return user, password


def _token(sbc: Sbc, request: Request, now: float) -> tuple[str, bool]:
    """The caller's token, and whether it belongs to an administrator."""
    token = _credentials(request, "bearer")
    user = sbc.access.user(token, now)
    account = None if user is None else sbc.accounts.get(user)
    if account is None:
        raise _unauthorized()
    return token, account.admin


def _admin_token(sbc: Sbc, request: Request, now: float) -> str:
    token, admin = _token(sbc, request, now)
    if not admin:
        raise _Refused(403, "Administrator privileges are needed.")
    return token


def _check_lock(sbc: Sbc, token: str, now: float) -> None:
    holder = sbc.access.lock_holder(now)
    if holder is None:
        raise _Refused(423, "User does not have the lock")
    if holder != token:
        raise _Refused(423, "Resource locked by another user")


def _takes_xml(accept: str) -> bool:
    for choice in accept.lower().split(","):
        media, *parameters = (part.strip() for part in choice.split(";"))
        refused = any(_is_zero_quality(parameter) for parameter in parameters)
        if not refused and media in ("*/*", "application/*", "application/xml", "text/xml"):
            return True
    return False


def _is_zero_quality(parameter: str) -> bool:
    return parameter.replace(" ", "").rstrip("0").rstrip(".") in ("q=", "q=0")
