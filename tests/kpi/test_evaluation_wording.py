"""How amounts are written in an evaluation."""

import pytest

from kpi.evaluation.wording import Amount, signed


@pytest.mark.parametrize(
    ("value", "written"), [(-4.6, "\u22125"), (4.6, "+5"), (-0.2, "+0"), (0.0, "+0"), (-100.0, "\u2212100")]
)
def test_a_percentage_has_the_minus_of_the_amounts_beside_it(value: float, written: str) -> None:
    assert signed(value, 0) == written
    if written != "+0":
        assert Amount("s", value).number(value, sign=True)[0] == written[0]
