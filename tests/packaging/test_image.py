"""There need be no container engine: the build stage's own commands run under a folder."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZipFile

import pytest

from sbc_exporter import __version__
from sbc_exporter.cli.dashboards import FILES
from tests.packaging.commands import REPOSITORY, run
from tests.packaging.dockerfile import stages

BUILD = stages(REPOSITORY / "Dockerfile")[0]


@dataclass(frozen=True)
class Image:
    """A folder in the place of the image's root."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / BUILD.only("WORKDIR").text.lstrip("/")

    @property
    def program(self) -> Path:
        return self.root / "opt/sbc-exporter/bin/sbc-exporter"

    @property
    def python(self) -> Path:
        return self.root / "opt/sbc-exporter/bin/python"

    def wheel(self) -> ZipFile:
        (path,) = (self.root / "dist").glob("*.whl")
        return ZipFile(path)


def build(image: Image) -> None:
    """Play the build stage. `pip` and `python` are those of the tests' own environment."""
    image.source.mkdir(parents=True)
    for line in BUILD.all("COPY"):
        *names, target = line.split()
        for name in names:
            where = image.source / target
            if (REPOSITORY / name).is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(REPOSITORY / name, where, ignore=skip)
            else:
                shutil.copy(REPOSITORY / name, where)
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in BUILD.all("RUN"):
        here = command.replace(" /", f" {image.root}/")
        outcome = run(["sh", "-c", here], cwd=image.source, env=env, seconds=300)
        assert outcome.code == 0, f"{here}\n{outcome.out}\n{outcome.err}"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Made once: `make test` deals out whole files to its workers."""
    image = Image(tmp_path_factory.mktemp("image"))
    build(image)
    return image


def test_the_wheel_is_the_package_and_no_more(image: Image) -> None:
    """
    Every file of the package is in the wheel, templates and py.typed too, and of all else only what
    `sbc-exporter dashboards` writes.
    """
    package = image.source / "sbc_exporter"
    files = {str(path.relative_to(image.source)) for path in package.rglob("*") if path.is_file()}
    with image.wheel() as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert packed == files | {f"sbc_exporter/dashboards/{name}" for name in FILES}
    assert "sbc_exporter/py.typed" in packed


def test_the_wheel_carries_the_licence(image: Image) -> None:
    """
    Whoever gets the wheel gets the licence.
    """
    with image.wheel() as wheel:
        assert any(fnmatch(name, "*.dist-info/licenses/LICENSE") for name in wheel.namelist())


def test_the_program_and_the_module_are_one(image: Image, tmp_path: Path) -> None:
    """
    sbc-exporter and python -m sbc_exporter run in the bare environment and tell the same version.
    """
    program = run([image.program, "--version"], cwd=tmp_path, env={})
    module = run([image.python, "-m", "sbc_exporter", "--version"], cwd=tmp_path, env={})

    assert program.code == 0, program.err
    assert __version__ in program.out
    assert module == program


def test_an_installed_package_writes_what_prometheus_reads(
    image: Image, program: Callable[[str], str], tmp_path: Path
) -> None:
    """
    What `sbc-exporter dashboards` writes passes promtool and amtool, whatever the job is called.
    """
    folder = tmp_path / "written"
    command: list[str | Path] = [image.program, "dashboards", f"--output={folder}", "--job=voice"]
    written = run(command, cwd=tmp_path, env={})
    assert written.code == 0, written.err

    checks: list[list[str | Path]] = [
        [program("promtool"), "check", "config", folder / "prometheus.yml"],
        [program("amtool"), "check-config", folder / "alertmanager.yml"],
    ]
    for check in checks:
        checked = run(check, cwd=folder, env={})
        assert checked.code == 0, checked.out + checked.err
    assert 'absent(up{job="voice"})' in (folder / "alerts.yml").read_text()


def test_the_environment_has_no_pip(image: Image, tmp_path: Path) -> None:
    """
    What goes into the final stage cannot install anything.
    """
    outcome = run([image.python, "-c", "import pip"], cwd=tmp_path, env={})

    assert "No module named 'pip'" in outcome.err
