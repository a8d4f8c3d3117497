"""A story for simulated SBCs: operations that run, one that fails, an SBC that goes away."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from sbc_exporter.simulator import Device, Outcome

# The story needs so many.
CAST = 6

_VERIFY_SUMMARY = (
    "<verifySummary><verify><object>local-policy</object><field>next-hop</field>"
    "<message>refers to a session-agent that does not exist</message></verify></verifySummary>"
)

Scene = Callable[[Sequence[Device]], None]


def begin(devices: Sequence[Device]) -> None:
    """One SBC in each situation that the exporter tells apart; the last one was never asked."""
    devices[0].run("save", Outcome(seconds=0))
    devices[1].run("activate", Outcome(seconds=0))
    devices[2].run("verify", Outcome(seconds=0, additional_info=_VERIFY_SUMMARY))
    devices[3].run("backup", Outcome(seconds=math.inf))
    devices[4].stop()


def playing(
    devices: Sequence[Device], seconds: float, first: float
) -> AbstractContextManager[None]:
    """Play a scene after `first` seconds and then every so often, over and over."""
    scenes = itertools.cycle(SCENES)
    return every(seconds, lambda: next(scenes)(devices), first)


@contextmanager
def every(seconds: float, act: Callable[[], None], first: float) -> Iterator[None]:
    """Act in a thread, after `first` seconds and then every so often, until the block ends."""
    ended = threading.Event()

    def work() -> None:
        delay = first
        while not ended.wait(delay):
            act()
            delay = seconds

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _fail(devices: Sequence[Device]) -> None:
    text = "Activate failed: realm core-ams refers to network-interface M00:0, which is missing"
    devices[1].run("activate", Outcome(status="fail", seconds=5, error_message=text))


def _save(devices: Sequence[Device]) -> None:
    devices[0].run("save", Outcome(seconds=10))
    devices[3].run("backup", Outcome(seconds=10))


def _put_right(devices: Sequence[Device]) -> None:
    devices[1].run("activate", Outcome(seconds=5))
    devices[4].start()


def _lose(devices: Sequence[Device]) -> None:
    devices[4].stop()


SCENES: tuple[Scene, ...] = (_fail, _save, _put_right, _lose)
