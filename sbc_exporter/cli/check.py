"""`sbc-exporter check-config`: is the file right?"""

from __future__ import annotations

from pathlib import Path

import click

from sbc_exporter.cli.options import Refused, loader
from sbc_exporter.errors import ConfigError
from sbc_exporter.logs import set_up
from sbc_exporter.tls import Contexts


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path))
def check_config(file: Path) -> None:
    """
    Check a configuration without serving it.

    Prints every error, each with file, line and column, and exits with 1; or one line that says
    what the file holds.
    """
    set_up("warning", "logfmt")
    try:
        config = loader(file)()
        Contexts(module.tls for module in config.modules.values())
    except ConfigError as error:
        raise Refused(error) from error
    auths = len({target.auth.name for target in config.targets.values()})
    counts = (
        _count(len(config.targets), "target"),
        _count(len(config.modules), "module"),
        _count(auths, "auth") + " in use",
        "fan-out on" if config.fan_out else "fan-out off",
    )
    click.echo(f"{file}: valid: {', '.join(counts)}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
