"""Single values: each function gives the checked value, or a ValueError that says what to do."""

from __future__ import annotations

import logging
import re
import ssl
import stat
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from sbc_exporter.config.advice import quote
from sbc_exporter.secret import Secret

log = logging.getLogger(__name__)

_DURATION = re.compile(r"(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?")
_UNITS = (3600.0, 60.0, 1.0, 0.001)
_LONGEST_DURATION = 3600.0
_MOST_DIGITS = 9
_SIZE = re.compile(r"([0-9]{1,9})(KB|KiB|MB|MiB)")
_SIZE_UNITS = {"KB": 1024, "KiB": 1024, "MB": 1024**2, "MiB": 1024**2}
_SMALLEST_SIZE = 1024
_LARGEST_SIZE = 64 * 1024**2
_LONGEST_NAME = 200
_RESERVED_LABELS = {
    "target": "holds the target's name",
    "le": "belongs to histograms",
    "quantile": "belongs to summaries",
    # In the second scrape pattern these labels become those of Prometheus' target.
    **dict.fromkeys(("job", "instance", "exporter"), "says in Prometheus who was scraped"),
    **dict.fromkeys(("alertname", "alertstate", "severity"), "belongs to alerts"),
    **dict.fromkeys(
        ("collector", "operation", "status", "endpoint", "code"), "stands in the exporter's metrics"
    ),
}


def check_name(text: str) -> str:
    """A name that may become a label value and stand in a URL or a log line."""
    if not text:
        raise ValueError("is empty; write a name")
    if len(text) > _LONGEST_NAME:
        raise ValueError(f"is {len(text)} characters long; write at most {_LONGEST_NAME} of them")
    _no_control_characters(text)
    return text


def check_username(text: str) -> str:
    """A user name that HTTP's basic authentication can carry."""
    if not text:
        raise ValueError("is empty; write the account's user name on the SBC")
    if ":" in text:
        raise ValueError('must not hold ":", which ends the user name in basic authentication')
    _no_control_characters(text)
    return text


def check_label_name(text: str) -> str:
    """The name of a label that an operator may set."""
    if text in _RESERVED_LABELS:
        raise ValueError(f"is reserved: this label {_RESERVED_LABELS[text]}; choose another name")
    if text.startswith("__"):
        raise ValueError('begins with "__", which Prometheus keeps for itself; choose another name')
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", text):
        raise ValueError(
            "is no label name; use letters, digits and underscores, and no digit at the start"
        )
    return text


def parse_duration(text: str) -> float:
    """Seconds, from Prometheus' way to write a duration."""
    if re.fullmatch(r"[0-9]+", text):
        raise ValueError(f"needs a unit; write {quote(text)[1:-1]}s")
    parts = _DURATION.fullmatch(text)
    if not text or parts is None:
        raise ValueError(f"{quote(text)} is no duration; write it like 8s, 1m30s or 500ms")
    numbers = [number or "0" for number in parts.groups()]
    # A few digits are plenty, and int() refuses thousands of them with an error of its own.
    if any(len(number) > _MOST_DIGITS for number in numbers):
        raise ValueError("must be at most 1h")
    seconds = sum(int(number) * unit for number, unit in zip(numbers, _UNITS, strict=True))
    if seconds == 0:
        raise ValueError("must be greater than 0")
    if seconds > _LONGEST_DURATION:
        raise ValueError("must be at most 1h")
    return seconds


def parse_size(text: str) -> int:
    """Bytes, from Prometheus' way to write a size, in which KB is KiB."""
    parts = _SIZE.fullmatch(text)
    if parts is None:
        raise ValueError(f"{quote(text)} is no size; write it like 512KiB or 1MiB")
    size = int(parts[1]) * _SIZE_UNITS[parts[2]]
    if not _SMALLEST_SIZE <= size <= _LARGEST_SIZE:
        raise ValueError("must be from 1KiB to 64MiB")
    return size


def check_file(path: Path) -> Path:
    """The path of a file that this process can read."""
    _read(path, 0)
    return path


def check_ca_file(path: Path) -> Path:
    """The path of a file with certificate authorities."""
    check_file(path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        what = "holds no certificate that can be used; put certificates in PEM form into it"
        raise ValueError(f"{quote(str(path))} {what}") from None
    return path


def parse_password(text: str) -> Secret:
    if not text:
        raise ValueError("is empty; write the account's password")
    return Secret(text)


def read_password(path: Path) -> Secret:
    """The content of a file without the newline at its end."""
    content = _read(path, -1)
    content = content.removesuffix(b"\r\n" if content.endswith(b"\r\n") else b"\n")
    if not content:
        raise ValueError(f"{quote(str(path))} is empty; write the password into that file")
    try:
        return Secret(content.decode())
    except UnicodeDecodeError:
        # Not chained: the error of a failed decoding holds the password.
        raise ValueError(f"{quote(str(path))} is not UTF-8; save that file as UTF-8") from None


def warn_of_readers(path: Path) -> None:
    """Log a warning where every user of this machine can read the password's file."""
    if path.stat().st_mode & stat.S_IROTH:
        log.warning("every user of this machine can read %s: chmod 600 it", path)


def password_from(variable: str, environ: Mapping[str, str]) -> Secret:
    """The value of a variable. Its name is not shown: it may be a password put in the wrong key."""
    password = environ.get(variable)
    if password is None:
        raise ValueError("names an environment variable that is not set; set it, or correct it")
    if not password:
        raise ValueError("names an environment variable that is empty; put the password into it")
    return Secret(password)


def _no_control_characters(text: str) -> None:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("holds a control character, such as a line break or a tab; remove it")


def _read(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise ValueError(f"{quote(str(path))} cannot be read: {error.strerror}") from error
    except ValueError:
        raise ValueError("holds a null character, which no path can; remove it") from None
