"""`python -m benchmarks`, or `make bench`: see README.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.measure import QUICK, Size, measure
from benchmarks.programs import fleet
from benchmarks.table import written

README = Path(__file__).with_name("README.md")
_RESULTS = re.compile(r"(?<=<!-- results -->\n).*(?=<!-- end -->)", re.DOTALL)


@click.command()
@click.option("--quick", is_flag=True, help="Smaller numbers, for development.")
@click.option("--write", is_flag=True, help="Put the results into benchmarks/README.md.")
def main(*, quick: bool, write: bool) -> None:
    """Measure sbc_exporter beside blackbox_exporter; exits with 1 where a goal is missed."""
    size = QUICK if quick else Size()
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="sbc-bench-") as folder,
        fleet(size.sbcs, Path(folder)) as sbcs,
    ):
        for row in measure(sbcs, size):
            click.echo(f"{row.what}: {row.result}", err=True)
            rows.append(row)
    text = f"{written(rows)}\n{machine()}\n"
    click.echo(f"\n{text}", nl=False)
    if write:
        before = README.read_text(encoding="utf-8")
        README.write_text(_RESULTS.sub(lambda _: f"\n{text}\n", before), encoding="utf-8")
    sys.exit(any(row.met is False for row in rows))


def machine() -> str:
    """What the results hold for, in a sentence."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.*)$", info, re.MULTILINE)
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git the developer has
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        cwd=README.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return (
        f"Commit {described.stdout.strip() or 'unknown'}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores of {model[1] if model else platform.machine()}."
    )


if __name__ == "__main__":
    main()
