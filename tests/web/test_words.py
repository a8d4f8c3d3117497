"""Numbers, times and names as the pages say them."""

from __future__ import annotations

import pytest

from sbc_exporter.web.words import age, path, took


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0.9, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
    ],
)
def test_ages_are_said_as_people_say_them(seconds: float, text: str) -> None:
    """An age is in whole units of the size that fits."""
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 ms"),
        (0.00032, "0.3 ms"),
        (0.00994, "9.9 ms"),
        (0.00996, "10 ms"),
        (0.0524, "52 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (1.254, "1.25 s"),
        (8, "8 s"),
        (12.34, "12.3 s"),
        (99.9, "99.9 s"),
        (3600, "3600 s"),
    ],
)
def test_measured_times_have_the_digits_that_matter(seconds: float, text: str) -> None:
    """Milliseconds below a second, seconds from there on, never a power of ten."""
    assert took(seconds) == text


def test_a_name_is_one_segment_of_a_path() -> None:
    """A slash, a question mark or a percent sign in a name leads nowhere else."""
    assert path("a/b?c%d #") == "a%2Fb%3Fc%25d%20%23"
