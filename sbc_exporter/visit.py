"""One scrape of one SBC: its deadline, the steps taken and the requests made, in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sbc_exporter.deadline import Clock, Deadline
from sbc_exporter.errors import DeviceError


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of the scrape. `name` is wait, resolve, connect, tls, login, fetch or parse."""

    name: str
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    A request, or one that could not be made.

    `seconds` is the time to the last byte of the answer, None when no answer came; `code` is
    None for a usable answer; `sent` is False where the request never left.
    """

    endpoint: str
    seconds: float | None
    code: str | None
    sent: bool = True


class Visit:
    """Written by the one worker that does the scrape; others may read it at any time."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.steps: list[Step] = []
        self.exchanges: list[Exchange] = []
        self._clock = deadline.clock
        self._inner = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """
        Time what happens inside, less the steps inside it: the steps add up to the whole.

        A DeviceError is put down to the innermost step only.
        """
        started, outer, self._inner = self._clock(), self._inner, 0.0
        blamed = False
        message: str | None = None
        try:
            yield
        except DeviceError as error:
            # The error itself is not kept: it would keep itself, and all that the scrape made.
            blamed, error.blamed = error.blamed, True
            message = str(error)
            raise
        finally:
            took = self._clock() - started
            if not blamed:
                self._add(Step(name, took - self._inner, message))
            self._inner = outer + took

    @contextmanager
    def request(self, endpoint: str) -> Iterator[StopWatch]:
        """Record one request to an endpoint; a DeviceError inside becomes its code."""
        watch = StopWatch(self._clock)
        code: str | None = None
        try:
            yield watch
        except DeviceError as failure:
            code = failure.code
            raise
        finally:
            self.exchanges.append(Exchange(endpoint, watch.seconds, code))

    def unsent(self, endpoint: str, failure: DeviceError) -> None:
        """Record a request that was not sent at all."""
        self.exchanges.append(Exchange(endpoint, None, failure.code, sent=False))

    def _add(self, step: Step) -> None:
        last = self.steps[-1] if self.steps else None
        if last is not None and last.name == step.name and last.error is None:
            self.steps[-1] = replace(step, seconds=last.seconds + step.seconds)
        else:
            self.steps.append(step)


class StopWatch:
    """Runs from the start of a request; stopped when the last byte of the answer is there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock()
        self.seconds: float | None = None

    def stop(self) -> None:
        self.seconds = self._clock() - self._started
