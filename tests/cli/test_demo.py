"""demo: simulated SBCs and the exporter on them, in one command."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.cli.process import fetch, running
from tests.support import Page


def test_the_demo_shows_what_it_says() -> None:
    """The addresses that it prints answer, six SBCs are there, and not all is well with them."""
    with running("demo", "--web.listen-address=127.0.0.1:0") as demo:
        urls = [
            demo.line(words).split()[0]
            for words in ("the status page", "all SBCs", "one SBC", "http_sd_configs")
        ]
        configuration = demo.line("The configuration is").split()[-1].removesuffix(".")
        listening = demo.address()
        answers = [fetch(url) for url in urls]
        code = demo.end(signal.SIGINT)

    assert all(url.startswith(f"{listening}/") for url in urls)
    assert [answer.status_code for answer in answers] == [200] * 4
    page = Page(answers[1].text)
    assert sorted(page.named("sbc_up").values()) == [0, 1, 1, 1, 1, 1]
    running_backup = {"target": "sbc-004", "operation": "backup", "status": "inProgress"}
    assert page.value("sbc_async_operation_status", **running_backup) == 1
    assert len(answers[3].json()) == 6
    assert code == 0
    assert not any("Traceback" in line for line in demo.output)
    assert not Path(configuration).exists()
