"""When files are read again, and what becomes of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from sbc_exporter.errors import ConfigError
from sbc_exporter.webconfig import Watched
from tests.support import Clock
from tests.webconfig.conftest import FILES, PLAIN

DENY = "http_server_config: {headers: {X-Frame-Options: deny}}"


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "web.yml"


def test_bad_at_the_start(file: Path, clock: Clock) -> None:
    """A file that is bad at the start is an error."""
    file.write_text("rate_limit: {}")
    with pytest.raises(ConfigError):
        Watched(file, clock)


def test_unchanged(file: Path, clock: Clock) -> None:
    """What has not changed is not read again."""
    file.write_text(PLAIN)
    web = Watched(file, clock)
    before = web.current()
    clock.advance(60)
    assert web.current() is before


@pytest.mark.parametrize("bad", ["http2: true", "", "basic_auth_users: {a: s3cret}", None])
def test_bad_later(
    file: Path, clock: Clock, caplog: pytest.LogCaptureFixture, bad: str | None
) -> None:
    """A file that has become bad, or is gone, changes nothing and is logged once a change."""
    file.write_text(DENY)
    web = Watched(file, clock)
    before = web.current()

    if bad is None:
        file.unlink()
    else:
        file.write_text(bad)
    for _ in range(3):
        clock.advance(1)
        assert web.current() is before

    assert len(caplog.records) == 1
    assert "s3cret" not in repr(vars(caplog.records[0]))
    file.write_text(PLAIN)
    clock.advance(1)
    assert web.current().headers == ()


def test_mended_by_a_file_it_names(file: Path, folder: Path, clock: Clock) -> None:
    """A bad file becomes good when the certificate that it named first is there at last."""
    file.write_text(FILES)
    web = Watched(file, clock)
    before = web.current()
    file.write_text(FILES.replace("server.", "renewed."))
    clock.advance(1)
    assert web.current() is before

    for suffix in ("pem", "key"):
        (folder / f"server.{suffix}").rename(folder / f"renewed.{suffix}")
    clock.advance(1)

    assert web.current() is not before


@pytest.mark.parametrize(("first", "then"), [(PLAIN, FILES), (FILES, PLAIN)])
def test_tls_is_decided_at_the_start(
    file: Path, clock: Clock, caplog: pytest.LogCaptureFixture, first: str, then: str
) -> None:
    """A file that turns TLS on or off changes nothing until the restart, and says so."""
    file.write_text(first)
    web = Watched(file, clock)
    before = web.current()

    file.write_text(then)
    clock.advance(1)

    assert web.current() is before
    assert "at start only" in repr(vars(caplog.records[0]))
