"""The routes, as one table, and what stands behind each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prometheus_client.metrics_core import Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sbc_exporter.config.model import Target
from sbc_exporter.deadline import Clock
from sbc_exporter.errors import BadParameter, ConfigError, RequestError, TooManyRequests
from sbc_exporter.exposition import render
from sbc_exporter.report import Report
from sbc_exporter.runtime import Runtime
from sbc_exporter.scrape import Scrape
from sbc_exporter.web import parameters
from sbc_exporter.web.negotiation import exposition_format
from sbc_exporter.web.packing import Packed, pack
from sbc_exporter.web.pages import Pages
from sbc_exporter.web.words import path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    `timeout_offset`, in seconds, is what is kept of Prometheus' scrape_timeout for the way back;
    at most `max_requests` scrapes are answered at once.
    """

    timeout_offset: float = 0.5
    max_requests: int = 40


def make_app(runtime: Runtime, limits: Limits, wall: Clock = time.time) -> Starlette:
    """The ASGI application."""
    scrapes = _Scrapes(runtime, limits)
    pages = Pages(runtime, wall)
    control = _Control(runtime)
    return Starlette(
        # Tried in this order, so Prometheus' own come first.
        routes=[
            Route("/metrics", scrapes.metrics),
            Route("/probe", scrapes.probe),
            Route("/sd", scrapes.discovery),
            Route("/", pages.fleet),
            Route("/targets/{name:path}/scrape", scrapes.now, methods=["POST"]),
            Route("/targets/{name:path}", pages.target),
            Route("/style.css", pages.static),
            Route("/script.js", pages.static),
            Route("/-/healthy", control.healthy),
            Route("/-/ready", control.ready),
            Route("/-/reload", control.reload, methods=["POST", "PUT"]),
        ],
        exception_handlers={RequestError: control.refused, Exception: control.bug},
    )


class _Scrapes:
    """What Prometheus asks for."""

    def __init__(self, runtime: Runtime, limits: Limits) -> None:
        self._runtime = runtime
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.max_requests, thread_name_prefix="answer")
        self._answering = 0

    async def metrics(self, request: Request) -> Response:
        patience = parameters.patience(request.headers, self._limits.timeout_offset)
        snapshot = self._runtime.snapshot
        picked = parameters.distinct(request.query_params.getlist("target"), "target")
        if picked and not snapshot.config.fan_out:
            raise BadParameter("fan_out is false in the configuration: scrape /probe?target=NAME")
        names = picked or (snapshot.sbcs if snapshot.config.fan_out else ())
        scrapes = self._runtime.prepare(snapshot, names, patience)
        own = () if picked else self._runtime.own.collect()
        with self._place():
            packed = await self._all(scrapes, own, request)
        return packed.response()

    async def probe(self, request: Request) -> Response:
        patience = parameters.patience(request.headers, self._limits.timeout_offset)
        query = request.query_params
        target = parameters.exactly_one(query, "target")
        module = parameters.at_most_one(query, "module")
        collectors = parameters.collectors(query)
        snapshot = self._runtime.snapshot
        [scrape] = self._runtime.prepare(snapshot, [target], patience, module, collectors)
        with self._place():
            packed = _pack([await self._one(scrape)], (), request)
        return packed.response()

    async def now(self, request: Request) -> Response:
        """A person's scrape, with the module's own timeout; the SBC's page then shows it."""
        name = request.path_params["name"]
        [scrape] = self._runtime.prepare(self._runtime.snapshot, [name], None)
        with self._place():
            await self._one(scrape)
        return RedirectResponse(f"../{path(name)}", status_code=303)

    async def discovery(self, _: Request) -> Response:
        targets = self._runtime.snapshot.config.targets
        return JSONResponse([_discovered(target) for _, target in sorted(targets.items())])

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the scrapes that may go on at once; raises TooManyRequests."""
        if self._answering >= self._limits.max_requests:
            raise TooManyRequests(
                f"{self._answering} scrapes are going on already, as many as --web.max-requests"
            )
        self._answering += 1
        try:
            with self._runtime.own.in_flight.track_inprogress():
                yield
        finally:
            self._answering -= 1

    async def _one(self, scrape: Scrape) -> Report:
        """A single SBC's report, on the event loop: a thread more would cost more than it does."""
        future = self._runtime.scraper.begin(scrape)
        await _ended(future, scrape.patience())
        return scrape.outcome(future)

    async def _all(
        self, scrapes: Sequence[Scrape], own: Iterable[Metric], request: Request
    ) -> Packed:
        """Many SBCs' page, in a thread: it is large, and the event loop has others to serve."""

        def work() -> Packed:
            return _pack(self._runtime.scraper.run(scrapes), own, request)

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _ended(future: Future[Report], seconds: float) -> None:
    """Return when it has ended or the time is over, with less ado than asyncio.wrap_future."""
    loop = asyncio.get_running_loop()
    waking = asyncio.Event()

    def wake(_: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(waking.set)

    timer = loop.call_later(seconds, waking.set)
    try:
        future.add_done_callback(wake)
        await waking.wait()
    finally:
        timer.cancel()


def _pack(reports: Iterable[Report], own: Iterable[Metric], request: Request) -> Packed:
    """The page in the format and the encoding that the client accepts."""
    page = render(reports, own, exposition_format(request.headers.get("Accept", "")))
    return pack(page.body, {"Content-Type": page.content_type, "Vary": "Accept"}, request)


class _Control:
    """Health, reload, and what is said when something is wrong."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def healthy(self, _: Request) -> Response:
        return PlainTextResponse("healthy\n")

    async def ready(self, _: Request) -> Response:
        return PlainTextResponse("ready\n")

    async def reload(self, _: Request) -> Response:
        try:
            # Not among the scrapes' threads, which may all be waiting for SBCs.
            await asyncio.to_thread(self._runtime.reload)
        except ConfigError as error:
            return PlainTextResponse(f"{error}\n", status_code=500)
        return PlainTextResponse("reloaded\n")

    async def refused(self, _: Request, error: Exception) -> Response:
        status = error.status if isinstance(error, RequestError) else 500
        headers = {"Retry-After": "1"} if isinstance(error, TooManyRequests) else None
        return PlainTextResponse(f"{error}\n", status_code=status, headers=headers)

    async def bug(self, _: Request, _error: Exception) -> Response:
        # Starlette raises the error on, and Hypercorn logs it with its traceback.
        self._runtime.own.bug()
        return PlainTextResponse("internal error: see the exporter's log\n", status_code=500)


def _discovered(target: Target) -> dict[str, Any]:
    return {
        "targets": [target.name],
        "labels": {
            "__meta_sbc_address": str(target.address),
            "__meta_sbc_module": target.module.name,
            **{f"__meta_sbc_label_{name}": value for name, value in target.labels},
        },
    }
