"""`sbc-exporter serve`: the exporter."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from sbc_exporter import __version__, server
from sbc_exporter.cli.options import (
    Refused,
    allow_many_files,
    collect_garbage_seldom,
    config_file,
    loader,
)
from sbc_exporter.errors import ConfigError
from sbc_exporter.logs import Format, facts, set_up
from sbc_exporter.own import OwnMetrics
from sbc_exporter.runtime import Runtime
from sbc_exporter.scrape import Instruments
from sbc_exporter.web.app import Limits, make_app
from sbc_exporter.webconfig import Watched, guard

DEFAULT_ADDRESS = ":10061"

log = logging.getLogger(__name__)


def _finite(_context: click.Context, _option: click.Parameter, value: float) -> float:
    # The range lets "nan" pass, which is neither too small nor too large.
    if math.isnan(value):
        raise click.BadParameter("nan is not a number of seconds")
    return value


@click.command()
@config_file
@click.option(
    "--web.listen-address",
    "addresses",
    multiple=True,
    default=[DEFAULT_ADDRESS],
    show_default=True,
    envvar="SBC_EXPORTER_WEB_LISTEN_ADDRESS",
    show_envvar=True,
    metavar="ADDR",
    help="Where to listen: host:port, or :port for every address. May be given several times; "
    "in the environment, separate them by spaces.",
)
@click.option(
    "--web.config.file",
    "web_config_path",
    type=click.Path(path_type=Path),
    envvar="SBC_EXPORTER_WEB_CONFIG_FILE",
    show_envvar=True,
    metavar="FILE",
    help="TLS, users and headers of the exporter's own pages, in exporter-toolkit's format; "
    "read again when it changes.",
)
@click.option(
    "--scrape.timeout-offset",
    "timeout_offset",
    type=click.FloatRange(min=0, max=3600),
    callback=_finite,
    default=Limits().timeout_offset,
    show_default=True,
    envvar="SBC_EXPORTER_SCRAPE_TIMEOUT_OFFSET",
    show_envvar=True,
    metavar="SECONDS",
    help="What is kept of Prometheus' scrape_timeout for the way back.",
)
@click.option(
    "--web.max-requests",
    "max_requests",
    type=click.IntRange(min=1),
    default=Limits().max_requests,
    show_default=True,
    envvar="SBC_EXPORTER_WEB_MAX_REQUESTS",
    show_envvar=True,
    metavar="N",
    help="How many scrapes are answered at once; another one gets a 503.",
)
@click.option(
    "--log.level",
    "level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    envvar="SBC_EXPORTER_LOG_LEVEL",
    show_envvar=True,
    help="The least important messages to log.",
)
@click.option(
    "--log.format",
    "style",
    type=click.Choice(["logfmt", "json"]),
    default="logfmt",
    show_default=True,
    envvar="SBC_EXPORTER_LOG_FORMAT",
    show_envvar=True,
    help="How to write them.",
)
def serve(
    config_path: Path | None,
    addresses: Sequence[str],
    web_config_path: Path | None,
    timeout_offset: float,
    max_requests: int,
    level: str,
    style: Format,
) -> None:
    """
    Serve metrics until SIGTERM or SIGINT.

    SIGHUP or POST /-/reload reads the configuration again.
    """
    set_up(level, style)
    allow_many_files()
    collect_garbage_seldom()
    try:
        runtime = make_runtime(config_path)
        web = Watched(web_config_path, time.monotonic) if web_config_path else None
        sockets = [server.listen(address) for address in addresses]
    except ConfigError as error:
        raise Refused(error) from error
    log.info(
        "starting", extra=facts(version=__version__, targets=len(runtime.snapshot.config.targets))
    )

    def reload() -> None:
        # What is wrong has been logged, and the old configuration stays in force.
        with suppress(ConfigError):
            runtime.reload()

    try:
        limits = Limits(timeout_offset=timeout_offset, max_requests=max_requests)
        app = make_app(runtime, limits)
        if web is None:
            server.run(app, sockets, reload)
        else:
            server.run(guard(app, web.current), sockets, reload, web.tls())
    finally:
        runtime.close()


def make_runtime(config_path: Path | None) -> Runtime:
    """A runtime with its metrics; raises ConfigError."""
    own = OwnMetrics()
    instruments = Instruments(on_request=own.requested, on_bug=own.bug)
    return Runtime(loader(config_path), own, instruments)
