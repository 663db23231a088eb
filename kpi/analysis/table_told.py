"""POST /correlation/table: the correlation of a table, in the shape of /correlation."""

from typing import Any

import numpy as np

from kpi.analysis import caveats
from kpi.analysis import correlation_told as shown
from kpi.analysis.table import CsvTable

MOST_SHOWN = 1000


def told(table: CsvTable, *, in_time_order: bool) -> dict[str, Any]:
    """The matrices, and the rows for a scatter plot. Rows have no order unless it is said that they have."""
    rows = len(table.values)
    body, said = shown.told(table.values, np.ones(len(table.names), bool), in_order=in_time_order)
    whole = np.flatnonzero(np.isfinite(table.values).all(axis=1))
    kept = whole[shown.picked(len(whole), MOST_SHOWN, [table.values[whole, i] for i in range(len(table.names))])]
    return {
        "series": list(table.names),
        "columns": [
            {"series": name, "title": {"ja": name, "en": name}, "missing": int(np.isnan(table.values[:, i]).sum())}
            for i, name in enumerate(table.names)
        ],
        "encoding": table.encoding,
        "rows": rows,
        **body,
        "left_out": [{"column": left.name, "row": left.row, "text": left.text} for left in table.left_out],
        "scatter": {
            "rows": (kept + 2).tolist(),
            "values": [table.values[kept, i].tolist() for i in range(len(table.names))],
        },
        "caveats": caveats.told(*said, *(["text_columns"] if table.left_out else [])),
    }
