"""Which version of the API is spoken."""

from __future__ import annotations

import pytest

from sbc_exporter.config.model import ApiVersion
from sbc_exporter.errors import BadAnswer
from sbc_exporter.simulator import Device, faults
from tests.unit.support import LOGIN, STATUS, VERSIONS, Connect, failure, scrape


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_configured_version_is_used_without_asking(
    connect: Connect, device: Device, version: ApiVersion
) -> None:
    """Login and request go to that version; nothing is discovered."""
    device.versions = (version,)
    assert scrape(connect(version)) == ""
    assert device.asked == [LOGIN, STATUS]


def test_configured_version_that_is_not_offered_is_a_404(connect: Connect, device: Device) -> None:
    """Without auto, no other version is tried."""
    device.versions = ("v1.0",)
    assert failure(connect("v1.2")) == "404"
    assert device.asked == [LOGIN]


@pytest.mark.parametrize(
    ("versions", "logins"),
    [
        (("v1.0", "v1.1", "v1.2"), 1),
        (("v1.2",), 1),
        (("v1.1", "v1.2", "v2.0"), 1),
        (("v1.0", "v1.1"), 2),
        (("v1.1",), 2),
        (("v1.0",), 3),
    ],
    ids=["all", "v1.2 only", "without v1.0", "up to v1.1", "v1.1 only", "v1.0 only"],
)
def test_version_is_discovered_once(
    connect: Connect, device: Device, versions: tuple[str, ...], logins: int
) -> None:
    """A login at the newest version that takes one, one question, and then the newest known."""
    device.versions = versions
    client = connect("auto")
    assert [scrape(client), scrape(client)] == ["", ""]
    assert device.asked == [*[LOGIN] * logins, VERSIONS, STATUS, STATUS]


def test_release_without_discovery_has_version_1_0(connect: Connect, device: Device) -> None:
    """Before 8.3 the question is a 404, and v1.0 is all there is."""
    device.versions = ("v1.0",)
    device.faults["api/supportedversions"] = faults.Status(404)
    client = connect("auto")
    scrape(client)
    scrape(client)
    assert device.asked.count(VERSIONS) == 1


def test_no_common_version_is_malformed(connect: Connect, device: Device) -> None:
    """Versions that the exporter does not know are not tried, and the known ones are named."""
    device.faults["api/supportedversions"] = faults.Body(
        b"<response><data><latestVersion>v9.9</latestVersion></data></response>"
    )
    with pytest.raises(BadAnswer, match=r"none of the versions v1\.2, v1\.1, v1\.0"):
        scrape(connect("auto"))


@pytest.mark.parametrize(
    ("before", "after"),
    [(("v1.0", "v1.1"), ("v1.2",)), (("v1.0", "v1.1", "v1.2"), ("v1.0",))],
    ids=["upgrade", "downgrade"],
)
def test_version_is_discovered_anew_after_a_change(
    connect: Connect, device: Device, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    """One scrape gets a 404; the next one finds the SBC as it is now."""
    device.versions = before
    client = connect("auto")
    scrape(client)
    device.versions = after
    device.forget_tokens()
    assert failure(client) == "404"
    assert scrape(client) == ""


def test_refused_discovery_renews_the_token(connect: Connect, device: Device) -> None:
    """A 401 on the question for versions is answered with one login, as any other."""
    client = connect("auto")
    device.faults["api/supportedversions"] = faults.Status(503)
    assert failure(client) == "503"
    device.faults.clear()
    device.forget_tokens()
    device.asked.clear()
    assert scrape(client) == ""
    assert device.asked == [VERSIONS, LOGIN, VERSIONS, STATUS]


def test_wrong_password_with_auto_is_one_attempt(connect: Connect, device: Device) -> None:
    """The other versions are tried after a 404 only: each 401 counts against the account."""
    assert failure(connect("auto", password="wrong")) == "401"
    assert device.asked == [LOGIN]
