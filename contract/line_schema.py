"""The JSON schema of line.toml, for editors that show mistakes and complete keys while typing.

It is made from the tables that the checks themselves use, so the two cannot drift. What only the line as a whole can
tell (a pin used twice, an unknown station) is not in it: `kojo check` says that.
"""

from __future__ import annotations

from typing import Any

from contract.catalogue import Catalogue
from contract.line_keys import line_table

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that TOML editors (Even Better TOML, Taplo) understand."""


def schema(catalogue: Catalogue) -> dict[str, Any]:
    """The schema for lines with the sensors and outputs of ``catalogue``, ready for ``json.dumps``."""
    return {
        "$schema": DIALECT,
        "title": "line.toml",
        "description": "工場ハックのライン / a line of kojohack",
        **line_table(catalogue).schema(),
    }
