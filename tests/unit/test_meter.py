"""What is counted of the requests to one SBC."""

from __future__ import annotations

from sbc_exporter.meter import REQUEST_DURATION, REQUEST_ERRORS, REQUESTS, Meter
from sbc_exporter.metrics import Family
from sbc_exporter.visit import Exchange
from tests.support import Labels


def values(meter: Meter, family: Family) -> dict[Labels, float]:
    return {sample.labels: sample.value for sample in meter.samples() if sample.family is family}


def test_requests_count_from_zero() -> None:
    """Login and endpoints are there before the first request; errors and durations are not."""
    meter = Meter(["admin/asyncstatus"])
    assert values(meter, REQUESTS) == {
        (("endpoint", "auth/token"),): 0,
        (("endpoint", "admin/asyncstatus"),): 0,
    }
    assert values(meter, REQUEST_ERRORS) == {}
    assert values(meter, REQUEST_DURATION) == {}


def test_requests_add_up_over_scrapes() -> None:
    """Each exchange that left counts, also where no answer came."""
    meter = Meter(["a"])
    meter.add([Exchange("a", 0.5, None), Exchange("a", None, "timeout")])
    meter.add([Exchange("a", 0.25, None)])
    assert values(meter, REQUESTS)[("endpoint", "a"),] == 3


def test_unsent_request_is_an_error_but_no_request() -> None:
    """A login that was withheld is counted among the errors only."""
    meter = Meter(["a"])
    meter.add([Exchange("auth/token", None, "withheld", sent=False)])
    assert values(meter, REQUESTS)[("endpoint", "auth/token"),] == 0
    assert values(meter, REQUEST_ERRORS) == {
        (("endpoint", "auth/token"), ("code", "withheld")): 1,
    }


def test_errors_count_by_endpoint_and_code() -> None:
    """Each pair has a count of its own."""
    meter = Meter(["a"])
    meter.add([Exchange("a", 1, "401"), Exchange("a", 1, "401"), Exchange("a", None, "reset")])
    meter.add([Exchange("b", 1, "401")])
    assert values(meter, REQUEST_ERRORS) == {
        (("endpoint", "a"), ("code", "401")): 2,
        (("endpoint", "a"), ("code", "reset")): 1,
        (("endpoint", "b"), ("code", "401")): 1,
    }


def test_duration_is_that_of_the_latest_answer() -> None:
    """A request without an answer leaves the last duration as it was."""
    meter = Meter(["a"])
    meter.add([Exchange("a", 0.5, None), Exchange("a", 0.25, "403"), Exchange("a", None, "reset")])
    assert values(meter, REQUEST_DURATION) == {(("endpoint", "a"),): 0.25}


def test_endpoint_never_heard_of_is_counted_too() -> None:
    """The discovery of versions is no collector's endpoint and is counted from its first use."""
    meter = Meter([])
    meter.add([Exchange("api/supportedversions", 0.5, None)])
    assert values(meter, REQUESTS)[("endpoint", "api/supportedversions"),] == 1


def test_samples_are_those_of_the_moment() -> None:
    """What is added while the samples are being read does not disturb them."""
    meter = Meter(["a"])
    reading = meter.samples()
    next(reading)
    meter.add([Exchange(f"endpoint-{n}", 1, "500") for n in range(10)])
    assert {sample.value for sample in reading} == {0}
