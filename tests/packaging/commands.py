"""Run a program to its end with nothing around it but what the test names."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a program ended, and what it printed."""

    code: int
    out: str
    err: str


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], seconds: float = 60
) -> Outcome:
    """What *command* answered; it sees no variable but those in *env*."""
    done = subprocess.run(  # noqa: S603 - the tests' own commands, and no shell
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def toolbox(folder: Path, *names: str) -> Path:
    """A folder for PATH that holds these of the machine's programs, and no others."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found is not None, f"{name} is not installed"
        (folder / name).symlink_to(found)
    return folder


def script(path: Path, text: str) -> Path:
    """An executable shell script at *path*."""
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path
