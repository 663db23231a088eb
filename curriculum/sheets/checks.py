"""What only the sheet as a whole can tell: checks beyond the single answer, by sheet."""

from collections.abc import Callable, Mapping

from contract.errors import Mistake
from curriculum.sheets import baseline, line_mistakes, money
from curriculum.sheets.filled import Filled

CHECKS: Mapping[str, Callable[[Filled], list[Mistake]]] = {
    "S4": baseline.mistakes_of,
    "S16": money.mistakes_of,
    "S20": line_mistakes.of_card,
    "S22": line_mistakes.of_reasons,
}


GAPS_BORNE = ("S4", "S22")
"""Their checks say nothing wrong of a sheet some of whose answers could not be read."""


def beside(filled: Filled) -> list[Mistake]:
    """What else is wrong on a sheet some of whose answers could not be read."""
    return further(filled) if filled.form.id in GAPS_BORNE and filled.rows() else []


def further(filled: Filled) -> list[Mistake]:
    """Every further mistake of a filled sheet."""
    check = CHECKS.get(filled.form.id)
    return check(filled) if check is not None else []
