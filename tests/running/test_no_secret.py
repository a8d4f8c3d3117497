"""What the exporter holds in memory, and what it logs of its own bugs, shows no secret."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from sbc_exporter.collectors import asyncstatus
from sbc_exporter.logs import LineFormatter
from sbc_exporter.runtime import Runtime
from sbc_exporter.scrape import Instruments, Scrape
from sbc_exporter.secret import Secret
from sbc_exporter.simulator import Simulator
from sbc_exporter.xmltree import Node
from tests.running.conftest import Start
from tests.running.pieces import PATIENCE, context_of, only_sbc

Fleet = Callable[..., Simulator]

PASSWORD = "hunter2-Tr0ub4dor&3"


def ours(runtime: Runtime) -> Iterator[object]:
    """Every object of our own classes that a runtime holds, at whatever remove."""
    seen: set[int] = set()
    waiting: list[object] = [runtime]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        waiting += gc.get_referents(one)
        if type(one).__module__.startswith("sbc_exporter."):
            yield one


def test_no_object_shows_a_secret(fleet: Fleet, start: Start) -> None:
    """After a login, neither password nor token is in the repr of anything that is kept."""
    runtime = start(fleet(password=PASSWORD))
    (report,) = runtime.scrape(runtime.snapshot, runtime.snapshot.sbcs, PATIENCE)
    assert report.up

    objects = list(ours(runtime))
    shown = "\n".join(map(repr, objects))

    kinds = {type(one).__name__ for one in objects}
    assert {"Config", "Auth", "Login", "SbcClient", "Transport", "Report", "Secret"} <= kinds
    secrets = [one.reveal() for one in objects if isinstance(one, Secret)]
    assert PASSWORD in secrets
    assert len(set(secrets)) > 1, "there is no token among them"
    assert [secret for secret in secrets if secret in shown] == []


def test_no_traceback_shows_a_secret(
    fleet: Fleet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug that is met with a token in hand is logged with its traceback, without the token."""

    def fail(_before: object, _root: Node, _now: float) -> asyncstatus.History:
        raise ZeroDivisionError("a detail")

    sbc = only_sbc(fleet(password=PASSWORD), tmp_path)
    broken = replace(asyncstatus.COLLECTOR, fold=fail)

    module = sbc.target.module
    Scrape(sbc, module, context_of(module.tls), [broken], PATIENCE, Instruments()).run()

    logged = "\n".join(map(LineFormatter("logfmt").format, caplog.records))
    assert "ZeroDivisionError: a detail" in logged
    # The simulator's tokens begin with the user's name, in base64.
    for secret in (PASSWORD, "bW9uaXRvcix", "Bearer", "Authorization"):
        assert secret not in logged
