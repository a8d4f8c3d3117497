"""The Makefile on machines of the tests' own making: a PATH with few programs and a stub Python."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.commands import REPOSITORY, Outcome, run, script, toolbox

# $ENSUREPIP is the file that the missing package would bring.
PYTHON = """
case "$*" in
    *version_info*) ;;
    *ensurepip*) [ -e "$ENSUREPIP" ] ;;
    '-m venv '*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && touch .venv/bin/pip ;;
    '-m pip '*) echo "$@" >>installs ;;
    *) exit 99 ;;
esac
"""


@dataclass(frozen=True)
class Checkout:
    """A folder with the Makefile and pyproject.toml, and a machine around it."""

    root: Path
    tools: Path
    python: Path
    ensurepip: Path

    def make(self, target: str) -> Outcome:
        env = {
            "PATH": str(self.tools),
            "PYTHON": str(self.python),
            "ENSUREPIP": str(self.ensurepip),
        }
        return run(["make", target], cwd=self.root, env=env)

    def installs(self) -> list[str]:
        return (self.root / "installs").read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A machine whose Python is whole, with neither apt-get nor sudo."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, root)
    tools = toolbox(tmp_path / "tools", "cp", "env", "make", "mkdir", "rm", "touch")
    script(tools / "id", "echo 0\n")
    ensurepip = tmp_path / "ensurepip"
    ensurepip.touch()
    return Checkout(root, tools, script(tmp_path / "python", PYTHON), ensurepip)


def test_an_old_python_is_refused_in_one_sentence(checkout: Checkout) -> None:
    """
    With a Python before 3.11, make names the version it needs and leaves nothing behind.
    """
    script(checkout.python, "exit 1\n")

    outcome = checkout.make(".venv/dev")

    assert outcome.code != 0
    sentence, _ = outcome.err.splitlines()
    assert sentence == "sbc_exporter needs Python 3.11 or newer: name one with make PYTHON=..."
    assert not (checkout.root / ".venv").exists()


def test_a_missing_ensurepip_comes_from_apt(checkout: Checkout) -> None:
    """
    Root gets python3-venv installed; where apt-get does not know it, its lists are renewed first.
    """
    checkout.ensurepip.unlink()
    script(
        checkout.tools / "apt-get",
        'case "$*" in\n'
        "    *update) : >lists ;;\n"
        '    *"install python3-venv") [ -e lists ] && : >"$ENSUREPIP" ;;\n'
        "esac\n",
    )

    outcome = checkout.make(".venv/dev")

    assert outcome.code == 0, outcome.err
    assert len(checkout.installs()) == 1


@pytest.mark.parametrize("user", [0, 1000])
def test_a_missing_ensurepip_without_apt_is_named(checkout: Checkout, user: int) -> None:
    """
    Whoever cannot install python3-venv is told to in the last words before make's own.
    """
    checkout.ensurepip.unlink()
    script(checkout.tools / "id", f"echo {user}\n")

    outcome = checkout.make(".venv/dev")

    assert outcome.code != 0
    assert outcome.err.splitlines()[-2].endswith("as root, run apt-get install python3-venv.")
    assert not (checkout.root / ".venv").exists()


def test_a_half_made_environment_does_not_stay(checkout: Checkout) -> None:
    """
    When venv fails midway, .venv goes with it.
    """
    script(
        checkout.python,
        'case "$*" in "-m venv "*) mkdir -p .venv/bin && : >.venv/bin/pip && exit 1 ;; esac\n',
    )

    outcome = checkout.make(".venv/dev")

    assert outcome.code != 0
    assert not (checkout.root / ".venv").exists()


def test_a_second_run_installs_nothing(checkout: Checkout) -> None:
    """
    What `make test` has installed serves `make demo` too, and is installed once.
    """
    for target in (".venv/dev", ".venv/dev", ".venv/simulator"):
        assert checkout.make(target).code == 0

    assert len(checkout.installs()) == 1
    assert checkout.installs()[0].endswith("--editable .[dev]")


def test_the_demo_installs_the_simulator_alone(checkout: Checkout) -> None:
    """
    `make demo` does not wait for the tools of development.
    """
    assert checkout.make(".venv/simulator").code == 0

    assert checkout.installs()[0].endswith("--editable .[simulator]")


def test_a_changed_pyproject_is_installed_again(checkout: Checkout) -> None:
    """
    A newer pyproject.toml makes the environment out of date.
    """
    assert checkout.make(".venv/dev").code == 0
    later = (checkout.root / ".venv/dev").stat().st_mtime + 1
    os.utime(checkout.root / "pyproject.toml", (later, later))

    assert checkout.make(".venv/dev").code == 0

    assert len(checkout.installs()) == 2
