"""One SBC at its address."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sbc_exporter.simulator.certificates import Contexts
from sbc_exporter.simulator.listener import Listener
from sbc_exporter.simulator.loopthread import LoopThread
from sbc_exporter.simulator.sbc import Sbc
from sbc_exporter.simulator.wire import serve


class Device(Sbc):
    """
    A simulated SBC: its state, and the port that it answers on.

    The methods return when the thing is done; they may be called from any thread.
    """

    def __init__(
        self,
        name: str,
        listener: Listener,
        contexts: Contexts,
        loop: LoopThread,
        *,
        password: str,
        clock: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._contexts = contexts
        self._loop = loop
        self.host = listener.host
        self.port = listener.port
        host = f"[{self.host}]" if ":" in self.host else self.host
        super().__init__(name, f"https://{host}:{self.port}", password, clock)

    @property
    def connections(self) -> int:
        """How many TCP connections have been accepted so far."""
        return self._listener.connections

    def start(self) -> None:
        """Listen, on the same port as ever."""
        carry = partial(serve, self, self._contexts)
        self._loop.call(lambda: self._listener.open(carry))

    def stop(self) -> None:
        """Refuse connections and close those that are open; what the SBC knows stays."""
        self._loop.call(self._listener.close)

    def drop_idle(self) -> None:
        """Close the kept connections that wait for a request."""
        self._loop.call(self._listener.end_idle)

    def break_connections(self) -> None:
        """Reset every connection."""
        self._loop.call(self._listener.break_all)

    def lose_connections(self) -> None:
        """Let every connection die without a word, as when the machine behind it is gone."""
        self._loop.call(self._listener.silence_all)

    def discard(self) -> None:
        """Stop for good and give the port back."""
        self._loop.call(self._listener.discard)
