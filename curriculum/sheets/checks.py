"""What only the sheet as a whole can tell: checks beyond the single answer, by sheet."""

from collections.abc import Callable, Mapping

from contract.errors import Mistake
from curriculum.sheets.filled import Filled

CHECKS: Mapping[str, Callable[[Filled], list[Mistake]]] = {}


def further(filled: Filled) -> list[Mistake]:
    """Every further mistake of a filled sheet."""
    check = CHECKS.get(filled.form.id)
    return check(filled) if check is not None else []
