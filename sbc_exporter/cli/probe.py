"""`sbc-exporter probe`: one scrape of one SBC, told step by step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from sbc_exporter.cli.options import Refused, config_file
from sbc_exporter.cli.serve import make_runtime
from sbc_exporter.collectors.asyncstatus import COLLECTOR, History, detail_text
from sbc_exporter.errors import ConfigError, RequestError, UnknownTarget
from sbc_exporter.exposition import render
from sbc_exporter.logs import printable, set_up
from sbc_exporter.report import Report


@click.command()
@config_file
@click.option("--module", metavar="NAME", help="Take this module, not the target's own.")
@click.argument("target", required=False)
def probe(config_path: Path | None, module: str | None, target: str | None) -> None:
    """
    Scrape one SBC of the configuration and say what happened.

    TARGET is its name; it may be left out where there is only one. The steps go to stderr, the
    metrics to stdout. The exit code is 1 when the SBC is not up. Each run logs in anew: three
    with a wrong password lock the account.
    """
    # What the log would say stands in the steps.
    set_up("error", "logfmt")
    try:
        runtime = make_runtime(config_path)
    except ConfigError as error:
        raise Refused(error) from error
    snapshot = runtime.snapshot
    if target is None and len(snapshot.sbcs) == 1:
        target = next(iter(snapshot.sbcs))
    if target is None:
        raise click.UsageError(f"name the TARGET; there are: {', '.join(snapshot.sbcs)}")
    try:
        report = runtime.scrape(snapshot, [target], None, module)[0]
    except RequestError as error:
        known = snapshot.sbcs if isinstance(error, UnknownTarget) else snapshot.config.modules
        raise click.ClickException(f"{error}; there are: {', '.join(known)}") from error
    finally:
        runtime.close()
    sbc = snapshot.sbcs[target]
    # First the long part: on a terminal, what to do about it stands last.
    click.echo(render([report], (), "text").body.decode(), nl=False)
    click.echo(f"{target} at {sbc.target.address}, module {report.module}", err=True)
    for line in _told(report, sbc.memory.states.get(COLLECTOR.name)):
        click.echo(printable(line), err=True)
    if not report.up:
        sys.exit(1)


def _told(report: Report, history: History | None) -> Iterator[str]:
    for step in report.steps:
        outcome = f"FAILED: {step.error}" if step.error else "ok"
        yield f"  {step.name:<8} {step.seconds:7.3f} s  {outcome}"
    failure = report.failure
    if failure is not None:
        if not any(step.error for step in report.steps):
            yield f"  {failure.message}"
        yield f"What to do: {failure.advice}"
    if report.up and history is not None:
        yield from _operation(history)


def _operation(history: History) -> Iterator[str]:
    current = history.current
    if current is None:
        yield "No operation has been requested on this SBC yet."
        return
    yield f"Last operation: {current.operation}, {current.status}"
    if current.error_message:
        yield f"  {current.error_message}"
    for detail in current.details:
        yield f"  {'  ' * detail.depth}{detail_text(detail)}"
