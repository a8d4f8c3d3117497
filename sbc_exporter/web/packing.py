"""An answer as it is sent."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sbc_exporter.web.negotiation import wants_gzip

# Bytes that travel in one round trip anyway, ten packets: compressed they would not come sooner.
SMALL = 14_000
# Level 9, gzip's default, costs nine times as much for a page that is an eighth smaller.
GZIP_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Packed:
    """A body, compressed or not, and the headers that say so."""

    body: bytes
    headers: Mapping[str, str]

    def response(self) -> Response:
        return Response(self.body, headers=dict(self.headers))


def pack(body: bytes, headers: Mapping[str, str], request: Request) -> Packed:
    """The body, compressed where that helps and the client accepts it."""
    vary = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
    headers = {**headers, "Vary": vary}
    if len(body) <= SMALL or not wants_gzip(request.headers.get("Accept-Encoding", "")):
        return Packed(body, headers)
    return Packed(gzip.compress(body, GZIP_LEVEL), {**headers, "Content-Encoding": "gzip"})
