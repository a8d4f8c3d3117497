"""TLS, logins and headers of our own pages, as exporter-toolkit's web.config.file gives them."""

from __future__ import annotations

from sbc_exporter.webconfig.guard import guard
from sbc_exporter.webconfig.watch import Watched

__all__ = ["Watched", "guard"]
