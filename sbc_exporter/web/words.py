"""Numbers, times and names as the pages say them."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from sbc_exporter import __version__


def templates() -> Environment:
    """The templates of the pages: everything is escaped, and a name that is missing is a bug."""
    environment = Environment(
        loader=PackageLoader("sbc_exporter.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": moment, "iso": iso, "age": age, "took": took, "path": path}
    environment.globals["version"] = __version__
    return environment


def moment(when: float) -> str:
    return datetime.fromtimestamp(when, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(when: float) -> str:
    return datetime.fromtimestamp(when, tz=UTC).isoformat(timespec="seconds")


def age(seconds: float) -> str:
    """A duration as people say it: `42 s`, `5 min`, `3 h`, `2 d`."""
    for unit, size, most in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if seconds < most:
            return f"{max(0, int(seconds // size))} {unit}"
    return f"{int(seconds // 86_400)} d"


def took(seconds: float) -> str:
    """A measured time in two or three digits: `0.3 ms`, `52 ms`, `1.25 s`, `8 s`, `90 s`."""
    if seconds < 0.00995:  # noqa: PLR2004 - what rounds to 10.0 is said as 10
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:  # noqa: PLR2004 - the same of 1000
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"  # noqa: PLR2004 - 3 digits


def path(name: str) -> str:
    """A name as one segment of a URL's path, whatever it holds."""
    return quote(name, safe="")
