"""The asynchronous operations of one SBC; how far they are follows from the clock alone."""

from __future__ import annotations

from dataclasses import dataclass

IN_PROGRESS = "inProgress"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How an operation ends, and after how long; `seconds=math.inf` never does.

    `status` is any text, because a client must survive words that it does not know.
    `additional_info` is XML as it shall stand in the answer.
    """

    status: str = "success"
    seconds: float = 2.0
    error_message: str | None = None
    additional_info: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One request that the SBC works on, or has worked on."""

    name: str
    started: float
    outcome: Outcome

    def ended(self, now: float) -> bool:
        return now >= self.started + self.outcome.seconds

    def status(self, now: float) -> str:
        return self.outcome.status if self.ended(now) else IN_PROGRESS
