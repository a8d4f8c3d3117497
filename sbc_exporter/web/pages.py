"""What people read; it asks nothing of any SBC."""

from __future__ import annotations

import asyncio
import importlib.resources
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from sbc_exporter.deadline import Clock
from sbc_exporter.errors import UnknownTarget
from sbc_exporter.runtime import Runtime
from sbc_exporter.web import parameters
from sbc_exporter.web.fleet import STATES, fleet, row
from sbc_exporter.web.packing import Packed, pack
from sbc_exporter.web.words import templates

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

STEPS = {
    "wait": "wait",
    "resolve": "resolve",
    "connect": "connect",
    "tls": "TLS",
    "login": "login",
    "fetch": "fetch",
    "parse": "parse",
}

_STATIC = {"style.css": "text/css", "script.js": "text/javascript"}


class Pages:
    """The fleet, one SBC, and what both need; the templates are compiled once."""

    def __init__(self, runtime: Runtime, wall: Clock) -> None:
        self._runtime = runtime
        self._wall = wall
        environment = templates()
        self._fleet = environment.get_template("fleet.html")
        self._target = environment.get_template("target.html")
        folder = importlib.resources.files("sbc_exporter.web") / "static"
        self._static = {name: folder.joinpath(name).read_bytes() for name in _STATIC}

    async def fleet(self, request: Request) -> Response:
        search = parameters.at_most_one(request.query_params, "q") or ""
        values = self._around(request, search)

        def work() -> Packed:
            found = fleet(self._runtime.snapshot.sbcs.values(), search)
            problems = self._runtime.problems
            page = self._fleet.render(
                fleet=found, search=search, problems=problems, states=STATES, root="", **values
            )
            return pack(page.encode(), HEADERS, request)

        # In a thread: a thousand rows take a while, and the event loop has others to serve.
        return (await asyncio.to_thread(work)).response()

    async def target(self, request: Request) -> Response:
        name = request.path_params["name"]
        sbc = self._runtime.snapshot.sbcs.get(name)
        if sbc is None:
            raise UnknownTarget(f'target "{name}" is not in the configuration')
        entries, outages = sbc.memory.journal.entries, sbc.memory.journal.outages
        drawn = [*entries, *(outage.first for outage in outages)]
        page = self._target.render(
            row=row(sbc),
            module=sbc.target.module,
            entries=entries,
            outages=outages,
            widest=max((entry.seconds for entry in drawn), default=1.0),
            names=STEPS,
            root="../",
            **self._around(request),
        )
        return pack(page.encode(), HEADERS, request).response()

    async def static(self, request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        return Response(self._static[name], media_type=_STATIC[name])

    def _around(self, request: Request, search: str = "") -> dict[str, Any]:
        """What stands on every page: its time, and how it refreshes where no script may run."""
        refresh = parameters.refresh(request.query_params)
        query = {"q": search} if search else {}
        toggled = query if refresh else {**query, "refresh": "30"}
        return {"now": self._wall(), "refresh": refresh, "toggle": f"?{urlencode(toggled)}"}
