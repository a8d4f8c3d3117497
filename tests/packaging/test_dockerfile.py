import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.packaging.commands import REPOSITORY, run
from tests.packaging.dockerfile import stages

STAGES = stages(REPOSITORY / "Dockerfile")
FINAL = STAGES[-1]
HEALTHY = "http://127.0.0.1:10061"


def test_both_stages_stand_on_one_pinned_python() -> None:
    """
    The environment is made and run by the same Python, and no tag that floats.
    """
    build, final = STAGES

    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", build.image)
    assert final.image == build.image


def test_the_final_stage_only_receives_the_environment() -> None:
    """
    The final stage runs no command, so it holds no pip of ours, no cache and no source; the folder
    for the configuration belongs to the user.
    """
    assert FINAL.all("RUN") == []
    user = FINAL.only("USER").text
    assert FINAL.all("COPY") == [
        "--from=build /opt/sbc-exporter /opt/sbc-exporter",
        f"--from=build --chown={user} /etc/sbc-exporter /etc/sbc-exporter",
    ]


def test_the_user_is_a_number_other_than_root() -> None:
    """
    Kubernetes' runAsNonRoot accepts the image.
    """
    user, group = FINAL.only("USER").text.split(":")

    assert int(user) > 0
    assert int(group) > 0


def test_the_process_is_the_exporter_itself() -> None:
    """
    Signals reach the exporter and not a shell; arguments replace only the command.
    """
    assert FINAL.only("ENTRYPOINT").command() == ["/opt/sbc-exporter/bin/sbc-exporter"]
    assert FINAL.only("CMD").command() == ["serve", "--config.file=/etc/sbc-exporter/config.yml"]


def test_docker_is_sent_what_it_copies() -> None:
    """
    .dockerignore shuts out all but what the build stage copies.
    """
    copied = {name for line in STAGES[0].all("COPY") for name in line.split()[:-1]}
    rules = (REPOSITORY / ".dockerignore").read_text().splitlines()

    assert "*" in rules
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied


@contextmanager
def answering(status: int) -> Iterator[str]:
    """The address of a server whose /-/healthy has this status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/-/healthy" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_well_from_ill(status: int, code: int, tmp_path: Path) -> None:
    """
    The health check passes on 200 and fails on 503, whatever proxy the container has.
    """
    check = FINAL.only("HEALTHCHECK").command()
    assert check[0] == "/opt/sbc-exporter/bin/python"
    assert HEALTHY in check[-1]
    assert FINAL.only("EXPOSE").text == HEALTHY.rpartition(":")[2]

    with answering(status) as address:
        command = [sys.executable, *check[1:-1], check[-1].replace(HEALTHY, address)]
        outcome = run(command, cwd=tmp_path, env={"http_proxy": "http://127.0.0.1:9"})

    assert outcome.code == code, outcome.err
