"""A sample that does not fit its family cannot be made."""

from __future__ import annotations

import pytest

from sbc_exporter.metrics import Family

GAUGE = Family("sbc_thing", "gauge", "A thing.", ("operation", "status"))


def test_sample_pairs_values_with_the_labels_of_its_family() -> None:
    """Values come in the order in which the family names its labels."""
    sample = GAUGE.sample(3, "save", "fail")
    assert sample.family is GAUGE
    assert sample.labels == (("operation", "save"), ("status", "fail"))
    assert sample.value == 3


@pytest.mark.parametrize("labels", [(), ("save",), ("save", "fail", "more")])
def test_sample_with_the_wrong_number_of_labels_is_refused(labels: tuple[str, ...]) -> None:
    """Neither a missing label nor a surplus one gets through."""
    with pytest.raises(ValueError, match="zip"):
        GAUGE.sample(1, *labels)


@pytest.mark.parametrize(("given", "value"), [(True, 1.0), (False, 0.0), (7, 7.0)])
def test_value_is_a_float(given: float, value: float) -> None:
    """Truth values and whole numbers become floats, as the text format shows them."""
    made = Family("sbc_bare", "gauge", "Bare.").sample(given)
    assert isinstance(made.value, float)
    assert not isinstance(made.value, bool)
    assert made.value == value


def test_info_takes_the_labels_that_it_is_given() -> None:
    """An info sample is always 1."""
    family = Family("sbc_x_info", "info", "X.")
    assert family.info((("site", "ams"),)) == (family, (("site", "ams"),), 1.0)
