"""
deploy/compose.yaml, as far as it can be tried without a container engine: what it mounts is there,
and each service's own command runs on those files.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML

from tests.alerting.processes import installed
from tests.cli.process import fetch, free_port, free_ports, running
from tests.packaging.commands import REPOSITORY, run
from tests.packaging.dockerfile import stages
from tests.support import Page, eventually

DEPLOY = REPOSITORY / "deploy"
COMPOSE = YAML(typ="safe").load(DEPLOY / "compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CONFIGURATION = "/etc/sbc-exporter"


def mounts(service: str) -> dict[str, str]:
    """What a service sees at which path: a file or folder, or the name of a volume."""
    pairs = (text.removesuffix(":ro").split(":") for text in SERVICES[service]["volumes"])
    return {target: source for source, target in pairs}


def here(service: str, text: str) -> str:
    """An argument or a path of a service with what is mounted there in its place."""
    for target, source in mounts(service).items():
        if source.startswith("."):
            text = text.replace(target, str((DEPLOY / source).resolve()))
    return text


def test_compose_knows_every_word() -> None:
    """The file is what the Compose Specification's schema allows."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = run([*command, DEPLOY / "compose.yaml"], cwd=DEPLOY, env={})

    assert checked.code == 0, checked.out


def test_what_is_mounted_is_there() -> None:
    """Every path in the checkout exists, is read-only, and every volume is declared."""
    for name, service in SERVICES.items():
        for text, source in zip(service["volumes"], mounts(name).values(), strict=True):
            if source.startswith("."):
                assert (DEPLOY / source).exists(), text
                assert text.endswith(":ro")
            else:
                assert source in COMPOSE["volumes"]


def test_images_are_pinned() -> None:
    """Each image has a whole version, or is built from this checkout."""
    built = {one["image"] for one in SERVICES.values() if "build" in one}
    for service in SERVICES.values():
        image = service["image"]
        assert image in built or re.search(r":v?\d+\.\d+\.\d+$", image), image
    (context,) = (one["build"]["context"] for one in SERVICES.values() if "build" in one)
    assert (DEPLOY / context / "Dockerfile").exists()


def test_nothing_is_published_beyond_this_machine() -> None:
    """One service has the network and publishes on loopback; all others share it."""
    owners = [name for name, one in SERVICES.items() if "network_mode" not in one]
    assert owners == ["simulator"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["simulator"]["ports"])
    for name in SERVICES.keys() - {"simulator"}:
        assert SERVICES[name]["network_mode"] == "service:simulator"
        assert "ports" not in SERVICES[name]


def test_every_page_is_published() -> None:
    """The ports are those that the shipped files and the image name."""
    ports = {int(port.rpartition(":")[2]) for port in SERVICES["simulator"]["ports"]}
    assert ports == {
        3000,
        9090,
        9093,
        int(stages(REPOSITORY / "Dockerfile")[-1].only("EXPOSE").text),
    }


def test_the_exporter_scrapes_the_simulator(tmp_path: Path) -> None:
    """Both commands run as they stand there, but for the folder and the ports."""
    simulate, serve = (
        [word.replace(CONFIGURATION, str(tmp_path)) for word in SERVICES[name]["command"]]
        for name in ("simulator", "exporter")
    )
    with running(*simulate, f"--base-port={free_ports(12)}") as simulator:
        simulator.line("Ctrl-C ends it.")
        with running(*serve, "--web.listen-address=127.0.0.1:0") as exporter:
            page = Page(fetch(f"{exporter.address()}/metrics").text)
            assert exporter.end(signal.SIGTERM) == 0
    assert len(page.named("sbc_up")) == 12
    assert sum(page.named("sbc_up").values()) == 11


def test_the_health_check_sees_the_configuration() -> None:
    """The simulator is well when the file is there that the exporter reads."""
    word, program, flag, path = SERVICES["simulator"]["healthcheck"]["test"]
    assert (word, program, flag) == ("CMD", "test", "-s")
    assert f"--write-config={path}" in SERVICES["simulator"]["command"]
    assert f"--config.file={path}" in SERVICES["exporter"]["command"]
    assert mounts("simulator") == mounts("exporter") == {CONFIGURATION: "configuration"}
    # Docker gives a new volume the owner that the folder has in the image.
    copied = stages(REPOSITORY / "Dockerfile")[-1].all("COPY")
    assert any(line.endswith(f" {CONFIGURATION}") and "--chown=10061" in line for line in copied)


@contextmanager
def service(name: str, binary: list[str], tmp_path: Path) -> Iterator[str]:
    """Run a service's command with a program of this machine; gives its address."""
    address = f"http://127.0.0.1:{free_port()}"
    words = [
        here(name, word)
        .replace("=/prometheus", f"={tmp_path}")
        .replace("=/alertmanager", f"={tmp_path}")
        for word in SERVICES[name]["command"]
    ]
    command = [*binary, *words, f"--web.listen-address={address.removeprefix('http://')}"]
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as output, Popen(command, stderr=output) as process:  # noqa: S603 - see above
        try:
            eventually(lambda: process.poll() is not None or answers(address))
            assert process.poll() is None, log.read_text(encoding="utf-8")
            yield address
        finally:
            process.terminate()


def answers(address: str) -> bool:
    try:
        return fetch(f"{address}/-/ready").ok
    except requests.ConnectionError:
        return False


def test_prometheus_runs_on_the_mounted_files(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """It knows our job, our rules and our alerts."""
    with service("prometheus", [program("prometheus")], tmp_path) as address:
        jobs = fetch(f"{address}/api/v1/status/config").json()["data"]["yaml"]
        groups = fetch(f"{address}/api/v1/rules").json()["data"]["groups"]
    assert "job_name: sbc\n" in jobs
    assert {Path(group["file"]).name for group in groups} == {"rules.yml", "alerts.yml"}


def test_alertmanager_runs_on_the_mounted_files(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """It knows our receivers."""
    binary = installed(program("prometheus-alertmanager"))
    with service("alertmanager", binary, tmp_path) as address:
        receivers = fetch(f"{address}/api/v2/receivers").json()
    assert {one["name"] for one in receivers} == {"on-call", "voice-team"}


@pytest.mark.parametrize("kind", ["datasources", "dashboards"])
def test_grafana_s_provisioning_is_mounted_where_grafana_looks(kind: str) -> None:
    """Grafana reads every file below /etc/grafana/provisioning/KIND."""
    sources = {source: target for target, source in mounts("grafana").items()}
    assert sources[f"./grafana/{kind}.yaml"].startswith(f"/etc/grafana/provisioning/{kind}/")


def test_grafana_finds_prometheus_and_the_dashboards() -> None:
    """The data source is where Prometheus listens, and the folder is where the JSON is."""
    (source,) = YAML(typ="safe").load(DEPLOY / "grafana/datasources.yaml")["datasources"]
    (provider,) = YAML(typ="safe").load(DEPLOY / "grafana/dashboards.yaml")["providers"]
    environment = SERVICES["grafana"]["environment"]

    assert (source["type"], source["url"]) == ("prometheus", "http://localhost:9090")
    folder = Path(here("grafana", provider["options"]["path"]))
    assert {path.name for path in folder.glob("*.json")} == {
        "fleet.json",
        "device.json",
        "exporter.json",
    }
    home = environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert Path(here("grafana", home)).is_file()
    # No password is given, so none can leak: nobody can log in.
    assert not any("PASSWORD" in name for name in environment)
