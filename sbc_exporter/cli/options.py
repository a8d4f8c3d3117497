"""What several commands share: where the configuration stands, and how errors are shown."""

from __future__ import annotations

import gc
import os
import resource
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


def allow_many_files() -> None:
    """
    Raise the limit of open files as far as the system lets us.

    The usual 1,024 do not reach for a kept connection to each of a thousand SBCs.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def collect_garbage_seldom() -> None:
    """
    Look for garbage after 10,000 new objects, not after Python's usual 700.

    A scrape makes thousands of objects that are gone with it. To look among them for cycles, of
    which one that goes well makes none, was a fifth of what it costs.
    """
    gc.set_threshold(10_000)
