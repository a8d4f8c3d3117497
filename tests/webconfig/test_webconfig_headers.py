from __future__ import annotations

from pathlib import Path

from tests.support import Clock
from tests.webconfig.clients import get
from tests.webconfig.conftest import Serve

HEADERS = """\
http_server_config:
  headers:
    Content-Security-Policy: default-src 'none'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 0
    Strict-Transport-Security: ""
"""
USERS = "basic_auth_users: {a: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG}\n"


def test_headers(serve: Serve) -> None:
    """Every answer has the headers of the file, each once, also a 404; blank ones are left out."""
    port = serve(HEADERS)

    for path, expected in (("/metrics", 200), ("/none", 404)):
        status, headers = get(port, path)
        assert status == expected
        assert headers.get_all("Content-Security-Policy") == ["default-src 'none'"]
        assert headers.get_all("X-Frame-Options") == ["deny"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-XSS-Protection"] == "0"
        assert "Strict-Transport-Security" not in headers


def test_headers_of_a_refusal(serve: Serve) -> None:
    """Also a 401 has them."""
    status, headers = get(serve(HEADERS + USERS))

    assert (status, headers["X-Frame-Options"]) == (401, "deny")


def test_changed_headers(serve: Serve, folder: Path, clock: Clock) -> None:
    """A changed file is looked at once a second, no more."""
    port = serve(HEADERS)
    (folder / "web.yml").write_text(HEADERS.replace("deny", "sameorigin"))

    clock.advance(0.9)
    assert get(port)[1]["X-Frame-Options"] == "deny"
    clock.advance(0.1)
    assert get(port)[1]["X-Frame-Options"] == "sameorigin"
