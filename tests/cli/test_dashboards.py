"""dashboards: what the package carries for Prometheus, Alertmanager and Grafana, on disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sbc_exporter.cli.dashboards import FILES, shipped
from tests.cli.conftest import Invoke

SOURCE = Path(__file__).parents[2] / "dashboards"
# A job's name, wherever it may stand.
JOB = re.compile(r'job="([^"]+)"|job_name: (\S+)|the job `([^`]+)`')


def jobs(folder: Path) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in folder.iterdir())
    return {next(filter(None, found)) for text in texts for found in JOB.findall(text)}


def test_every_file_is_written_as_it_is_shipped(invoke: Invoke, tmp_path: Path) -> None:
    """The folder is made, each file is named, and without a job's name none is changed."""
    output = tmp_path / "a" / "b"

    result = invoke("dashboards", "--output", output)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [str(output / name) for name in FILES]
    for name in FILES:
        assert (output / name).read_bytes() == (SOURCE / name).read_bytes()


def test_the_job_s_name_is_filled_in(invoke: Invoke, tmp_path: Path) -> None:
    """In rules, examples and the runbook, the jobs are NAME and NAME-probe."""
    invoke("dashboards", "--output", tmp_path, "--job=voice.sbc-1")

    assert jobs(tmp_path) == {"voice.sbc-1", "voice.sbc-1-probe"}


def test_all_that_operators_need_is_shipped() -> None:
    """Whatever stands in dashboards/ is written, but for the tests and what the JSON is made by."""
    there = {path.name for path in SOURCE.iterdir() if path.is_file()}

    assert there - set(FILES) == {"rules_test.yml"}
    assert set(shipped()) == set(FILES)


def test_alerts_lead_to_the_runbook_where_it_is_kept(invoke: Invoke, tmp_path: Path) -> None:
    """Each runbook_url begins with the address that is given, and ends with its section."""
    url = "https://wiki.example.net/sbc/runbook.md"

    invoke("dashboards", "--output", tmp_path, "--runbook-url", url)

    text = (tmp_path / "alerts.yml").read_text(encoding="utf-8")
    links = re.findall(r"runbook_url: ([^#\n]*)#sbc", text)
    assert len(links) > 10
    assert set(links) == {url}


JOBS = ["", "two words", 'a"b', "1st", "a\nb", "sbc`"]
URLS = ["", "wiki", "https://a b", "https://a/#b", "https://a/\nb: c"]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        *((f"--job={job}", "is not a name of letters, digits") for job in JOBS),
        *((f"--runbook-url={url}", "is no http or https URL") for url in URLS),
    ],
)
def test_what_would_spoil_a_file_is_refused(
    invoke: Invoke, tmp_path: Path, option: str, sentence: str
) -> None:
    """One sentence says what it may be made of, and nothing is written."""
    result = invoke("dashboards", "--output", tmp_path / "out", option)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (tmp_path / "out").exists()


def test_what_stood_there_is_kept(invoke: Invoke, tmp_path: Path) -> None:
    """A file that says something else is kept beside the new one; what others put there stays."""
    (tmp_path / "alerts.yml").write_text("old", encoding="utf-8")
    (tmp_path / "own.yml").write_text("mine", encoding="utf-8")

    for _ in range(2):
        assert invoke("dashboards", "--output", tmp_path).exit_code == 0

    assert [path.name for path in tmp_path.glob("*.old")] == ["alerts.yml.old"]
    assert (tmp_path / "alerts.yml.old").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "alerts.yml").read_bytes() == (SOURCE / "alerts.yml").read_bytes()
    assert (tmp_path / "own.yml").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_one_sentence(invoke: Invoke, tmp_path: Path) -> None:
    """The error names the path."""
    (tmp_path / "file").touch()

    result = invoke("dashboards", "--output", tmp_path / "file" / "out")

    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'file' / 'out'}: Not a directory\n"
