"""The life of a fleet: ports, stops and starts, kept connections, many devices, the end."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from sbc_exporter.simulator import Account, Device, Simulator, write_config
from tests.simulator.client import DEADLINE, Client, receive_tcp
from tests.support import eventually


def has_ipv6_loopback() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def connect(device: Device) -> socket.socket:
    return socket.create_connection((device.host, device.port), DEADLINE)


def test_a_stopped_device_refuses_connections_and_comes_back(
    client: Client, device: Device
) -> None:
    """After a start it is on the same port, and knows what it knew."""
    token, url = client.login(), device.url
    device.stop()
    with pytest.raises(ConnectionRefusedError):
        connect(device)
    device.start()
    assert device.url == url
    assert client.status(token).status_code == 200


def test_stop_and_start_may_be_repeated(client: Client, device: Device) -> None:
    """A second stop or start changes nothing."""
    device.start()
    device.stop()
    device.stop()
    device.start()
    device.start()
    assert client.status().status_code == 200


def test_stop_ends_open_connections(device: Device, trusting: ssl.SSLContext) -> None:
    """Who is connected sees the end."""
    with trusting.wrap_socket(connect(device), server_hostname="localhost") as secure:
        device.stop()
        assert secure.recv(1) == b""


def test_a_stopped_device_keeps_its_port(device: Device) -> None:
    """Nobody else is given the port while the device is down."""
    device.stop()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((device.host, device.port))


def test_idle_connections_can_be_dropped(client: Client, device: Device) -> None:
    """A client that looks before it writes connects afresh."""
    token = client.login()
    device.drop_idle()
    assert client.status(token).status_code == 200
    assert device.connections == 2


def test_dropping_idle_connections_is_a_clean_end(device: Device, trusting: ssl.SSLContext) -> None:
    """The client reads the end of TLS, not an error."""
    with trusting.wrap_socket(
        connect(device), server_hostname="localhost", suppress_ragged_eofs=False
    ) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert secure.recv(65536).endswith(b"</response>")
        device.drop_idle()
        assert secure.recv(1) == b""


def test_a_request_under_way_is_not_idle(client: Client, device: Device) -> None:
    """drop_idle leaves a connection alone that waits for its answer."""
    device.latency = 0.2
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(client.try_login)
        eventually(lambda: bool(device.asked))
        device.drop_idle()
        assert answer.result().status_code == 200


def test_connections_can_be_broken(device: Device, trusting: ssl.SSLContext) -> None:
    """TCP tells the client of the reset, without a word of TLS."""
    with trusting.wrap_socket(connect(device), server_hostname="localhost") as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        secure.recv(65536)
        device.break_connections()
        with pytest.raises(ConnectionResetError):
            receive_tcp(secure)


def test_a_port_that_is_taken_is_an_error() -> None:
    """The message names the port, and the devices before it are gone again."""
    with Simulator() as sim:
        taken = sim.devices[0].port
        before = threading.active_count()
        with pytest.raises(OSError, match=str(taken)), Simulator(base_port=taken):
            pass
        assert threading.active_count() == before


def test_devices_take_ports_in_a_row() -> None:
    """base_port is the port of the first device, and there is none after the last."""
    with Simulator() as sim:
        free = sim.devices[0].port
    with Simulator(base_port=free) as sim:
        assert [device.port for device in sim.devices] == [free]
    with pytest.raises(OSError, match="65536"), Simulator(2, base_port=65535):
        pass


@pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no IPv6 loopback")
def test_a_fleet_can_listen_on_ipv6() -> None:
    """The address stands in brackets in the URL, and in the certificate."""
    with Simulator(listen="::1") as sim:
        device = sim.devices[0]
        assert device.url == f"https://[::1]:{device.port}"
        context = ssl.create_default_context(cadata=sim.ca_pem.decode())
        with context.wrap_socket(connect(device), server_hostname="::1") as secure:
            assert secure.version() == "TLSv1.3"


def test_a_hundred_devices_answer_at_once(tmp_path: Path) -> None:
    """Each has its name, its own tokens and its own record."""
    ca_file = tmp_path / "ca.pem"

    def ask(device: Device) -> int:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(ca_file)
            return Client(session, device).status().status_code

    with Simulator(devices=100) as sim:
        ca_file.write_bytes(sim.ca_pem)
        with ThreadPoolExecutor(20) as pool:
            codes = list(pool.map(ask, sim.devices))
        assert codes == [200] * 100
        assert {device.name for device in sim.devices} == {f"sbc-{n:03}" for n in range(1, 101)}
        assert all(len(device.asked) == 2 for device in sim.devices)


def test_a_stopped_simulator_says_so() -> None:
    """After the block a device cannot be started any more."""
    with Simulator() as sim:
        device = sim.devices[0]
    with pytest.raises(RuntimeError, match="stopped"):
        device.start()


def test_nothing_is_left_behind() -> None:
    """With every warning an error, connections in every state end without a word."""
    script = """
import gc, socket, ssl
from sbc_exporter.simulator import Simulator, faults

with Simulator(devices=3) as sim:
    hanging, endless, quiet = sim.devices
    hanging.faults["*"] = faults.Hang()
    endless.faults["*"] = faults.Endless(b"x" * 65536)
    context = ssl.create_default_context(cadata=sim.ca_pem.decode())
    clients = [socket.create_connection((quiet.host, quiet.port)) for _ in range(2)]
    clients[0].sendall(b"\\x16")
    for device in sim.devices:
        plain = socket.create_connection((device.host, device.port))
        secure = context.wrap_socket(plain, server_hostname="localhost")
        secure.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        clients.append(secure)
    clients[3].recv(1)
for client in clients:
    client.close()
gc.collect()
"""
    done = subprocess.run(  # noqa: S603 - the script stands above
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_configuration_for_the_exporter_is_written(tmp_path: Path) -> None:
    """Devices stand in pairs over three sites; CA and password lie beside the file."""
    with Simulator(devices=8, password="pass word") as sim:
        (tmp_path / "sbc-password").write_text("an older and longer password")
        (tmp_path / "sbc-password").chmod(0o644)
        write_config(sim, tmp_path / "sbc.yml")
        first, *_, last = sim.devices
    text = (tmp_path / "sbc.yml").read_text()
    assert text.startswith(f"""\
auths:
  monitor: {{username: monitor, password_file: sbc-password}}
modules:
  default:
    tls_config: {{ca_file: ca.pem}}
targets:
  - name: sbc-001
    address: {first.url}
    auth: monitor
    labels: {{site: ams, pair: ams-1}}
""")
    assert text.endswith(f"""\
  - name: sbc-008
    address: {last.url}
    auth: monitor
    labels: {{site: ams, pair: ams-2}}
""")
    assert (tmp_path / "ca.pem").read_bytes() == sim.ca_pem
    assert (tmp_path / "sbc-password").read_text() == "pass word"
    assert (tmp_path / "sbc-password").stat().st_mode & 0o777 == 0o600


def test_other_threads_may_turn_every_knob(client: Client, device: Device) -> None:
    """While requests are served, another thread changes the device without an error."""
    done = threading.Event()

    def turn() -> None:
        while not done.is_set():
            device.run("save")
            device.accounts["other"] = Account("secret")
            device.plan.clear()

    with ThreadPoolExecutor() as pool:
        turning = pool.submit(turn)
        token = client.login()
        codes = {client.status(token).status_code for _ in range(20)}
        done.set()
        turning.result()
    assert codes == {200}
