"""What several commands share: where the configuration stands, and how errors are shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from sbc_exporter.collectors import NAMES
from sbc_exporter.config import load_environment, load_file
from sbc_exporter.config.model import Config
from sbc_exporter.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])


class Refused(click.ClickException):
    """The operator's fault: every problem on a line of its own, exit code 1."""

    def __init__(self, error: ConfigError) -> None:
        super().__init__(str(error))

    def show(self, file: Any = None) -> None:
        for line in self.message.splitlines():
            click.echo(line, err=True, file=file)


def config_file(command: F) -> F:
    """Give a command the option --config.file."""
    return click.option(
        "--config.file",
        "config_path",
        type=click.Path(path_type=Path),
        envvar="SBC_EXPORTER_CONFIG_FILE",
        show_envvar=True,
        metavar="FILE",
        help="The configuration. Without it, one SBC is taken from SBC_EXPORTER_TARGET, "
        "SBC_EXPORTER_USERNAME and SBC_EXPORTER_PASSWORD or SBC_EXPORTER_PASSWORD_FILE.",
    )(command)


def loader(path: Path | None) -> Callable[[], Config]:
    """What reads the configuration, now and at every reload."""
    if path is None:
        return partial(load_environment, os.environ, collectors=NAMES)
    return partial(load_file, path, collectors=NAMES, environ=os.environ)
