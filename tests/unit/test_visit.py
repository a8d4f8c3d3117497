"""The steps and the requests of one scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from sbc_exporter.deadline import Deadline
from sbc_exporter.errors import BadAnswer, TimedOut, UnexpectedStatus, Unreachable
from sbc_exporter.visit import Exchange, Step, Visit
from tests.support import Clock
from tests.unit.support import ENDPOINT

Do = Callable[["Work"], None]


@dataclass(frozen=True)
class Work:
    """A step that takes its time, does the steps inside it, and may fail in the end."""

    step: str
    seconds: float
    inside: tuple[Work, ...] = ()
    failure: Exception | None = None


@pytest.fixture
def visit(clock: Clock) -> Visit:
    return Visit(Deadline.after(8, clock))


@pytest.fixture
def do(visit: Visit, clock: Clock) -> Do:
    def do(work: Work) -> None:
        with visit.step(work.step):
            clock.advance(work.seconds)
            for inner in work.inside:
                do(inner)
            if work.failure is not None:
                raise work.failure

    return do


def test_steps_add_up_to_the_whole(visit: Visit, do: Do) -> None:
    """A step counts its own time only, less that of the steps inside it."""
    do(Work("fetch", 16, (Work("connect", 2, (Work("resolve", 4),)), Work("tls", 8))))

    assert visit.steps == [
        Step("resolve", 4),
        Step("connect", 2),
        Step("tls", 8),
        Step("fetch", 16),
    ]


def test_failure_is_put_down_to_the_innermost_step(visit: Visit, do: Do) -> None:
    """The steps around the one that failed are not listed as failures, nor at all."""
    failing = Work("connect", 2, failure=Unreachable("no route"))
    with pytest.raises(Unreachable):
        do(Work("fetch", 1, (Work("login", 1, (failing,)),)))

    assert visit.steps == [Step("connect", 2, "no route")]


def test_second_failure_has_a_step_of_its_own(visit: Visit, do: Do) -> None:
    """A failure that follows another one is put down to its own step."""
    with pytest.raises(Unreachable):
        do(Work("fetch", 1, (Work("connect", 2, failure=Unreachable("no route")),)))
    with pytest.raises(BadAnswer):
        do(Work("fetch", 4, failure=BadAnswer("no XML")))

    assert visit.steps == [Step("connect", 2, "no route"), Step("fetch", 4, "no XML")]


def test_failure_in_the_outer_step_is_its_own(visit: Visit, do: Do) -> None:
    """An inner step that went well stays so when the outer one fails after it."""
    with pytest.raises(TimedOut):
        do(Work("fetch", 2, (Work("connect", 1),), TimedOut("too late")))

    assert visit.steps == [Step("connect", 1), Step("fetch", 2, "too late")]


def test_repeated_stretches_merge(visit: Visit, do: Do) -> None:
    """Stretches of one name in a row are one step; others in between keep them apart."""
    for work in (Work("fetch", 1), Work("fetch", 2), Work("parse", 4), Work("fetch", 8)):
        do(work)

    assert visit.steps == [Step("fetch", 3), Step("parse", 4), Step("fetch", 8)]


def test_failed_stretch_stays_apart_from_the_next(visit: Visit, do: Do) -> None:
    """A failure is not hidden by what is tried after it."""
    with pytest.raises(TimedOut):
        do(Work("fetch", 1, failure=TimedOut("too late")))
    do(Work("fetch", 2))

    assert visit.steps == [Step("fetch", 1, "too late"), Step("fetch", 2)]


def test_failed_stretch_after_a_good_one_shows(visit: Visit, do: Do) -> None:
    """A step that went well at first and failed then is a failed step."""
    do(Work("fetch", 1))
    with pytest.raises(TimedOut):
        do(Work("fetch", 2, failure=TimedOut("too late")))

    assert visit.steps[-1].error == "too late"
    assert sum(step.seconds for step in visit.steps) == 3


def test_bug_inside_a_step_is_no_failure_of_the_sbc(visit: Visit, do: Do) -> None:
    """An error of another kind passes through; the step's time is kept."""
    with pytest.raises(ZeroDivisionError):
        do(Work("parse", 1, failure=ZeroDivisionError()))

    assert visit.steps == [Step("parse", 1)]


@contextmanager
def requesting(visit: Visit, clock: Clock, seconds: float) -> Iterator[None]:
    """A request whose answer is complete after these seconds; what follows is the caller's."""
    with visit.request(ENDPOINT) as watch:
        clock.advance(seconds)
        watch.stop()
        yield


def test_exchange_lasts_to_the_last_byte(visit: Visit, clock: Clock) -> None:
    """What is done with the answer afterwards does not count."""
    with requesting(visit, clock, 2):
        clock.advance(5)

    assert visit.exchanges == [Exchange(ENDPOINT, 2, None)]


def test_answer_that_is_an_error_has_a_time_and_a_code(visit: Visit, clock: Clock) -> None:
    """A 403 took its time, too."""
    with pytest.raises(UnexpectedStatus), requesting(visit, clock, 2):
        raise UnexpectedStatus(403)

    assert visit.exchanges == [Exchange(ENDPOINT, 2, "403")]


def test_exchange_without_an_answer_has_no_time(visit: Visit) -> None:
    """No answer, no time of an answer."""
    with pytest.raises(TimedOut), visit.request(ENDPOINT):
        raise TimedOut("too late")

    assert visit.exchanges == [Exchange(ENDPOINT, None, "timeout")]


def test_unsent_request_is_recorded_as_such(visit: Visit) -> None:
    """A request that never left has a code and no time."""
    visit.unsent(ENDPOINT, Unreachable("no route"))
    assert visit.exchanges == [Exchange(ENDPOINT, None, "connect", sent=False)]
