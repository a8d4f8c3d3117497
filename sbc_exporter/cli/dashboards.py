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
RUNBOOK = "runbook.md"

# Where a job's name stands, in rules, in Prometheus' configuration and in sentences about it.
_JOB = re.compile(r'(?P<before>job="|job_name: |`)sbc(?P<suffix>(-probe)?)(?=["`\n])')
# What needs no quotes, neither in YAML nor in PromQL.
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
# What needs no quotes in YAML and has no fragment of its own.
_URL = re.compile(r"https?://[\w.~/:@%+-]+", re.ASCII)


def shipped(job: str = JOB, runbook: str = RUNBOOK) -> Mapping[str, str]:
    """
    The files by name, with the name of the job that scrapes /metrics, and with the address of the
    runbook where an alert leads to it.
    """
    package = Path(sbc_exporter.__file__).parent
    # In a checkout, which an editable installation is, too, they stand beside the package.
    folder = package / "dashboards"
    if not folder.is_dir():
        folder = package.parent / "dashboards"
    texts = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in FILES}
    return {
        name: _JOB.sub(rf"\g<before>{job}\g<suffix>", text).replace(
            f"runbook_url: {RUNBOOK}#", f"runbook_url: {runbook}#"
        )
        for name, text in texts.items()
    }


def _job(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter(
            f'"{value}" is not a name of letters, digits, dots, "-" and "_" '
            "that begins with a letter"
        )
    return value


def _url(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value != RUNBOOK and not _URL.fullmatch(value):
        raise click.BadParameter(f'"{value}" is no http or https URL without "#" and "?"')
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
@click.option(
    "--runbook-url",
    "runbook",
    default=RUNBOOK,
    show_default=True,
    callback=_url,
    metavar="URL",
    help="Where you keep runbook.md: alerts lead to its sections.",
)
def dashboards(output: Path, job: str, runbook: str) -> None:
    """
    Write dashboards, rules, alerts, a runbook and examples.

    Three dashboards for Grafana, the recording rules that they use, alerts with their runbook, and
    complete examples for Prometheus and Alertmanager. A file that is there and says something else
    is kept as FILE.old.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in shipped(job, runbook).items():
            path = output / name
            kept = _keep(path, text)
            path.write_text(text, encoding="utf-8")
            click.echo(f"{path} (the one before is {kept})" if kept else path)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error


def _keep(path: Path, text: str) -> Path | None:
    """Where the file went that said something else, if there was one."""
    if not path.exists() or path.read_bytes() == text.encode():
        return None
    return path.replace(path.with_name(f"{path.name}.old"))
