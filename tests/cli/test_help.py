"""What the commands say about themselves."""

from __future__ import annotations

import click
import pytest

from sbc_exporter import __version__
from sbc_exporter.cli import main
from sbc_exporter.cli.serve import serve
from tests.cli.conftest import Invoke

NAMES = ("serve", "check-config", "probe", "dashboards", "simulate", "demo")


def test_the_commands_are_listed(invoke: Invoke) -> None:
    """The help without a command names every command, each with a sentence."""
    assert tuple(main.commands) == NAMES
    result = invoke("--help")
    assert result.exit_code == 0
    for command in main.commands.values():
        sentence = command.get_short_help_str(limit=200)
        assert sentence.endswith(".")
        assert sentence.split()[0] in result.stdout


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(invoke: Invoke, name: str, option: str) -> None:
    """Each command explains itself and every one of its options."""
    result = invoke(name, option)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {name} ")
    for parameter in main.commands[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help
            assert parameter.opts[0] in result.stdout


def test_every_option_of_serve_has_a_variable(invoke: Invoke) -> None:
    """Options can be set in the environment, and the help says by which variable."""
    shown = "".join(invoke("serve", "--help").stdout.split())
    options = [one for one in serve.params if isinstance(one, click.Option)]
    assert options
    for option in options:
        words = option.opts[0].removeprefix("--").replace(".", "_").replace("-", "_")
        variable = f"SBC_EXPORTER_{words.upper()}"
        assert option.envvar == variable
        assert f"envvar:{variable}" in shown


def test_the_version_is_told(invoke: Invoke) -> None:
    """--version prints name and version, and nothing else."""
    assert invoke("--version").stdout == f"sbc-exporter, version {__version__}\n"


def test_an_unknown_command_is_refused(invoke: Invoke) -> None:
    """A misspelt command or option is a usage error, with exit code 2."""
    assert invoke("sevre").exit_code == 2
    assert invoke("serve", "--config", "x").exit_code == 2
