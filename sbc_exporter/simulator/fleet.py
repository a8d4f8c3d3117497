"""Many SBCs in one process."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from sbc_exporter.simulator.certificates import issue
from sbc_exporter.simulator.device import Device
from sbc_exporter.simulator.listener import Listener
from sbc_exporter.simulator.loopthread import LoopThread

PASSWORD = "simulated"  # noqa: S105 - it opens nothing but the simulator


class Simulator:
    """
    A fleet of simulated SBCs, served by one thread while the `with` block lasts.

    Device n listens on `base_port` + n - 1, or each on a free port when `base_port` is 0. A port
    that is taken raises OSError on entry. `clock` gives the time of everything that expires or
    takes a while; `latency` and `Trickle` alone follow real time.
    """

    def __init__(
        self,
        devices: int = 1,
        *,
        listen: str = "127.0.0.1",
        base_port: int = 0,
        clock: Callable[[], float] = time.time,
        password: str = PASSWORD,
    ) -> None:
        self._count = devices
        self._listen = listen
        self._base_port = base_port
        self._clock = clock
        self.password = password
        self._identity = issue(listen)
        self._running = ExitStack()
        self.ca_pem = self._identity.ca_pem
        self.devices: list[Device] = []

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            loop = starting.enter_context(LoopThread("sbc-simulator"))
            self.devices = [self._device(index, loop, starting) for index in range(self._count)]
            for device in self.devices:
                device.start()
            self._running = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._running.close()

    def _device(self, index: int, loop: LoopThread, starting: ExitStack) -> Device:
        listener = Listener(self._listen, self._base_port + index if self._base_port else 0)
        device = Device(
            f"sbc-{index + 1:03}",
            listener,
            self._identity.context,
            loop,
            password=self.password,
            clock=self._clock,
        )
        starting.callback(device.discard)
        return device
