import shutil
from pathlib import Path

import pytest

from tests.packaging.commands import REPOSITORY, Outcome, run, script, toolbox

PROGRAMS = ("prometheus", "promtool")


def fetch(
    tmp_path: Path, tools: Path, *, wanted: tuple[str, ...] = ("prometheus", *PROGRAMS), **env: str
) -> Outcome:
    """Run the script in a checkout of its own, on a machine that has only *tools*."""
    folder = tmp_path / "checkout/tests"
    folder.mkdir(parents=True)
    shutil.copy(REPOSITORY / "tests/prometheus.sh", folder)
    command: list[str | Path] = ["/bin/sh", folder / "prometheus.sh", *wanted]
    return run(command, cwd=tmp_path, env={"PATH": str(tools), **env})


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A machine without Prometheus and without apt-get."""
    return toolbox(tmp_path / "tools", "chmod", "dirname", "mkdir", "rm", "touch")


def test_programs_on_the_path_are_taken(tmp_path: Path, tools: Path) -> None:
    """
    A machine that has Prometheus fetches nothing and says nothing.
    """
    for name in PROGRAMS:
        script(tools / name, "exit 0\n")

    assert fetch(tmp_path, tools) == Outcome(0, "", "")
    assert not (tmp_path / "checkout/.cache").exists()


def test_without_prometheus_a_person_still_tests(tmp_path: Path, tools: Path) -> None:
    """
    Where Prometheus cannot be had, the last line says what is skipped, and the tests go on.
    """
    outcome = fetch(tmp_path, tools, wanted=())

    assert outcome.code == 0
    said = [line for line in outcome.err.splitlines() if "cannot be had" in line]
    assert said == [
        f"{programs} cannot be had: the tests that run them are skipped."
        for programs in ("prometheus promtool", "prometheus-alertmanager amtool")
    ]


def test_without_prometheus_ci_fails(tmp_path: Path, tools: Path) -> None:
    """
    CI does not take a skipped test for a passed one.
    """
    assert fetch(tmp_path, tools, CI="true").code == 1


def test_programs_are_unpacked_from_debian_s_package(tmp_path: Path, tools: Path) -> None:
    """
    When the machine's lists do not know the package, lists of our own do, and nothing is installed.
    """
    script(
        tools / "apt-get",
        'case "$*" in\n'
        "    *Dir::State::Lists=*update) : >lists/renewed ;;\n"
        '    *"download prometheus") [ -e lists/renewed ] && : >prometheus_2_amd64.deb ;;\n'
        "    *) exit 1 ;;\n"
        "esac\n",
    )
    script(
        tools / "dpkg-deb",
        '[ "$1" = -x ] && [ -e "$2" ] && mkdir -p "$3/usr/bin" && cd "$3/usr/bin" || exit 1\n'
        + "".join(f"echo '#!/bin/sh' >{name} && chmod +x {name}\n" for name in PROGRAMS),
    )

    outcome = fetch(tmp_path, tools, CI="true")

    assert outcome.code == 0, outcome.err
    assert (tmp_path / "checkout/.cache/prometheus/usr/bin/promtool").exists()
    assert not (tmp_path / "checkout/.cache/apt").exists()


def test_a_missing_library_is_named(tmp_path: Path, tools: Path) -> None:
    """
    What a program says about why it cannot start is shown.
    """
    for name in PROGRAMS:
        script(tools / name, "echo libexample.so.1: no such file >&2; exit 127\n")

    outcome = fetch(tmp_path, tools)

    assert "libexample.so.1: no such file" in outcome.err
