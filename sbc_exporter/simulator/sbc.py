"""What one SBC knows and how it is set to behave; nothing here touches a socket."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

from sbc_exporter.simulator.accounts import Access, Account
from sbc_exporter.simulator.certificates import Certificate, Tls
from sbc_exporter.simulator.faults import Fault
from sbc_exporter.simulator.operations import Operation, Outcome

USER = "monitor"

Handshake = Literal["normal", "hang", "reset"]
NeverRequested = Literal["empty_data", "empty_state", "not_found"]
ErrorPlace = Literal["state", "data"]


class Sbc:
    """
    The state of one SBC.

    The attributes may be set at any time and from any thread; what is set holds from the next
    request on (`handshake`, `certificate` and `max_tls`: from the next connection on).
    """

    def __init__(self, name: str, url: str, password: str, clock: Callable[[], float]) -> None:
        self.name = name
        self.url = url
        self.asked: list[str] = []
        self.accounts = {USER: Account(password, admin=True)}
        self.token_lifetime = 600.0
        self.versions: tuple[str, ...] = ("v1.0", "v1.1", "v1.2")
        self.plan: dict[str, Outcome] = {}
        self.backups: set[str] = set()
        self.never_requested: NeverRequested = "empty_data"
        self.error_place: ErrorPlace = "state"
        self.latency = 0.0
        self.faults: dict[str, Fault] = {}
        self.handshake: Handshake = "normal"
        self.certificate: Certificate = "good"
        self.max_tls: Tls | None = None
        # The API answers on the loop's thread while others call `run` and `forget_tokens`.
        self.guard = threading.RLock()
        self.clock = clock
        self.booted = clock()
        self.access = Access()
        self.operation: Operation | None = None

    def run(self, operation: str, outcome: Outcome | None = None) -> None:
        """Start an operation as the command line does; it ends as given, else as planned."""
        with self.guard:
            ending = outcome or self.plan.get(operation, Outcome())
            self.operation = Operation(operation, self.clock(), ending)

    def forget_tokens(self) -> None:
        """Forget every token, as a reboot does."""
        with self.guard:
            self.access.forget()

    def fault(self, endpoint: str) -> Fault | None:
        return self.faults.get(endpoint, self.faults.get("*"))
