"""`sbc-exporter dashboards`: the dashboards, rules and examples that the package carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import click

import sbc_exporter

FILES = (
    "fleet.json",
    "device.json",
    "exporter.json",
    "rules.yml",
    "alerts.yml",
    "runbook.md",
    "prometheus.yml",
    "alertmanager.yml",
)

JOB = "sbc"

# Where a job's name stands, in rules, in Prometheus' configuration and in sentences about it.
_JOB = re.compile(r'(?P<before>job="|job_name: |`)sbc(?P<suffix>(-probe)?)(?=["`\n])')
# What needs no quotes, neither in YAML nor in PromQL.
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def shipped(job: str = JOB) -> Mapping[str, str]:
    """The files by name, with the name of the job that scrapes /metrics filled in."""
    package = Path(sbc_exporter.__file__).parent
    # In a checkout, which an editable installation is, too, they stand beside the package.
    folder = package / "dashboards"
    if not folder.is_dir():
        folder = package.parent / "dashboards"
    texts = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in FILES}
    return {name: _JOB.sub(rf"\g<before>{job}\g<suffix>", text) for name, text in texts.items()}


def _job(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter(
            f'"{value}" is not a name of letters, digits, dots, "-" and "_" '
            "that begins with a letter"
        )
    return value


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Where to; made where it does not exist.",
)
@click.option(
    "--job",
    default=JOB,
    show_default=True,
    callback=_job,
    metavar="NAME",
    help="The job_name in Prometheus that scrapes /metrics; NAME-probe is the one for /probe.",
)
def dashboards(output: Path, job: str) -> None:
    """
    Write dashboards, rules, alerts, a runbook and examples.

    Three dashboards for Grafana, the recording rules that they use, alerts with their runbook, and
    complete examples for Prometheus and Alertmanager. Files of the same names are overwritten.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in shipped(job).items():
            (output / name).write_text(text, encoding="utf-8")
            click.echo(output / name)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
