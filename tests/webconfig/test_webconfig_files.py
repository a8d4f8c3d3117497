"""Each file in bad/ and good/ says in its first line what promtool thinks of it."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.errors import ConfigError
from sbc_exporter.webconfig.load import load_web_config

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yml"))
GOOD = sorted((HERE / "good").glob("*.yml"))
EXPECT = "# expect: "
# Keys that exporter-toolkit has learnt since the promtool of Debian was built.
TOO_OLD = "# promtool is too old"


def put(file: Path, folder: Path) -> Path:
    """The file, beside the certificates that it names."""
    text = file.read_text()
    for word, name in (("{cert}", "server.pem"), ("{key}", "server.key")):
        content = (folder / name).read_text()
        text = text.replace(word, textwrap.indent(content, "    ").strip())
    path = folder / file.name
    path.write_text(text)
    return path


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_bad_file(file: Path, folder: Path) -> None:
    """A bad file is refused with exactly the problems it announces, and shows no secret."""
    path = put(file, folder)
    expected = [
        f"{path}:{line.removeprefix(EXPECT)}".replace("{here}", str(folder))
        for line in file.read_text().splitlines()
        if line.startswith(EXPECT)
    ]

    with pytest.raises(ConfigError) as caught:
        load_web_config(path, lambda _: None)

    assert str(caught.value).splitlines() == expected
    shown = f"{caught.value!s} {caught.value.problems!r} {caught.value.__cause__!r}"
    assert not any(secret in shown for secret in ("s3cret", "$2y", "12345", "PRIVATE KEY--"))


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_good_file(file: Path, folder: Path) -> None:
    """A good file is taken, and what it means shows no hash and no key."""
    shown = repr(load_web_config(put(file, folder), lambda _: None))

    assert "$2" not in shown
    assert "PRIVATE" not in shown


@pytest.mark.parametrize("file", [*BAD, *GOOD], ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_promtool(file: Path, folder: Path, program: Callable[[str], str]) -> None:
    """What promtool refuses is refused here; what it accepts works or is refused with a word."""
    path = put(file, folder)
    said = file.read_text().splitlines()[0]
    checked = subprocess.run(  # noqa: S603  # the tests own program and files
        [program("promtool"), "check", "web-config", path], capture_output=True, check=False
    )

    assert said in {"# promtool accepts", "# promtool refuses", TOO_OLD}
    if said != TOO_OLD:
        assert (checked.returncode == 0) == (said == "# promtool accepts")
        assert checked.returncode == 0 or file.parent.name == "bad"
