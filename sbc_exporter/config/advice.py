"""Short pieces that several messages share."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

_MOST = 8


def quote(text: str) -> str:
    """Text as a message shows it: in quotes and on one line."""
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f'"{visible}"'


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, known, n=1)), None)


def suggest(word: str, known: Collection[str]) -> str:
    """The known word that was probably meant, or else all of them."""
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {quote(near)}?"
    words = list(known)
    shown = ", ".join(quote(name)[1:-1] for name in words[:_MOST])
    more = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return f"known: {shown}{more}"
