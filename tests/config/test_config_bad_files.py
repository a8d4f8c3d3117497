"""Each file in bad/ says in its first lines what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sbc_exporter.config import load_file
from sbc_exporter.errors import ConfigError

BAD = Path(__file__).parent / "bad"
EXPECT = "# expect: "


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yml")), ids=lambda file: file.stem)
def test_bad_file(file: Path) -> None:
    """A bad file is refused with exactly the problems it announces, in the order of the file."""
    expected = [
        f"{file}:{line.removeprefix(EXPECT)}".replace("{here}", str(BAD))
        for line in file.read_text().splitlines()
        if line.startswith(EXPECT)
    ]

    with pytest.raises(ConfigError) as caught:
        load_file(file, collectors=["asyncstatus", "alarms"], environ={"EMPTY": ""})

    assert str(caught.value).splitlines() == expected


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yml")), ids=lambda file: file.stem)
def test_no_secret(file: Path) -> None:
    """The password of a bad file shows neither in the error nor in what it is chained to."""
    with pytest.raises(ConfigError) as caught:
        load_file(file, collectors=["asyncstatus", "alarms"], environ={"EMPTY": ""})

    error = caught.value
    assert "s3cret" not in f"{error!s} {error!r} {error.problems!r} {error.__cause__!r}"
