"""The exporter's metrics about itself."""

from __future__ import annotations

import pytest

from sbc_exporter import __version__
from sbc_exporter.exposition import Format, render
from sbc_exporter.own import OwnMetrics
from sbc_exporter.visit import Exchange
from tests.support import Page


def read(own: OwnMetrics, format_: Format = "text") -> Page:
    body = render((), own.collect(), format_).body.decode()
    return Page(body, is_openmetrics=format_ == "openmetrics")


@pytest.mark.parametrize("format_", ["text", "openmetrics"])
def test_nothing_tells_when_a_series_was_made(format_: Format) -> None:
    """The `_created` series of the library are left out, in either format."""
    own = OwnMetrics()
    own.requested(Exchange("auth/token", 0.1, None))
    own.bug()
    page = read(own, format_)
    assert page.value("sbc_exporter_internal_errors_total") == 1
    assert [name for name, _ in page.series if name.endswith("_created")] == []


def test_answered_requests_are_in_the_histogram() -> None:
    """Each answer counts in its endpoint's buckets, also a refusal; no answer, no count."""
    own = OwnMetrics()
    for seconds, code in ((0.02, None), (0.3, "401"), (60.0, None), (None, "timeout")):
        own.requested(Exchange("auth/token", seconds, code))
    page = read(own)

    name, endpoint = "sbc_exporter_request_duration_seconds", "auth/token"
    counts = {
        edge: page.value(f"{name}_bucket", endpoint=endpoint, le=edge)
        for edge in ("0.01", "0.025", "0.25", "0.5", "10.0", "+Inf")
    }
    assert counts == {"0.01": 0, "0.025": 1, "0.25": 1, "0.5": 2, "10.0": 2, "+Inf": 3}
    assert page.value(f"{name}_count", endpoint=endpoint) == 3
    assert page.value(f"{name}_sum", endpoint=endpoint) == pytest.approx(60.32)


def test_a_failed_load_keeps_the_time_of_the_good_one() -> None:
    """After a bad configuration the metric is 0, while targets and time are those in force."""
    own = OwnMetrics()
    own.loaded(7, 1_800_000_000.0)
    good = read(own)
    own.load_failed()
    bad = read(own)

    name = "sbc_exporter_config_last_reload_successful"
    assert (good.value(name), bad.value(name)) == (1, 0)
    for page in (good, bad):
        assert page.value("sbc_exporter_targets") == 7
        when = "sbc_exporter_config_last_reload_success_timestamp_seconds"
        assert page.value(when) == 1_800_000_000


def test_the_version_is_told() -> None:
    """The build info carries the package's version."""
    ((labels, value),) = read(OwnMetrics()).named("sbc_exporter_build_info").items()
    assert dict(labels)["version"] == __version__
    assert value == 1


def test_two_runs_share_nothing() -> None:
    """What one counts the other does not see."""
    one, other = OwnMetrics(), OwnMetrics()
    one.bug()
    assert read(other).value("sbc_exporter_internal_errors_total") == 0
