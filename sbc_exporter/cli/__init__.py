"""The commands."""

from __future__ import annotations

import click

from sbc_exporter import __version__
from sbc_exporter.cli.check import check_config
from sbc_exporter.cli.dashboards import dashboards
from sbc_exporter.cli.probe import probe
from sbc_exporter.cli.serve import serve

SIMULATOR_NEEDS = {"h11", "trustme"}


def simulation_commands() -> tuple[click.Command, ...]:
    """`simulate` and `demo`; without the extra that they need, commands that say so."""
    try:
        from sbc_exporter.cli.demo import demo  # noqa: PLC0415 - an optional extra
        from sbc_exporter.cli.simulate import simulate  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] not in SIMULATOR_NEEDS:
            raise
        return tuple(_needs_extra(name) for name in ("simulate", "demo"))
    return simulate, demo


def _needs_extra(name: str) -> click.Command:
    def refuse(**_: object) -> None:
        raise click.ClickException(
            f"{name} needs the extra \"simulator\": pip install 'sbc-exporter[simulator]'"
        )

    return click.Command(
        name,
        callback=refuse,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
        help="Not available: needs the extra `simulator`.",
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="sbc-exporter")
def main() -> None:
    """
    Prometheus exporter for Oracle Communications Session Border Controllers.

    It tells whether the last save, activate, verify, restore or backup of each SBC ended, and
    how.
    """


main.add_command(serve)
main.add_command(check_config)
main.add_command(probe)
main.add_command(dashboards)
for command in simulation_commands():
    main.add_command(command)
