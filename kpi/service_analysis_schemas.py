"""What the answers of /correlation, /control-chart and /capability look like (see `kpi.service_schemas`)."""

from kpi.analysis.correlation import STRENGTHS
from kpi.service_schemas import BOTH, NUMBER, OBJECT, TEXT, TIME, TRUTH, WHOLE, Schema, holds, listed, maybe, one_of

MAYBE = maybe(NUMBER)
PAIR = maybe({"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2})
WORD = maybe(one_of(list(STRENGTHS)))
CAVEATS = listed(holds({"code": TEXT, "ja": TEXT, "en": TEXT}))


def matrix(of: Schema) -> Schema:
    """Rows of columns."""
    return listed(listed(of))


MATRICES = {
    "n": WHOLE,
    "pearson": matrix(MAYBE),
    "spearman": matrix(MAYBE),
    "strength": matrix(WORD),
    "interval90": matrix(PAIR),
    "n_effective": matrix(MAYBE),
    "few": matrix(TRUTH),
}
WORDS = {"type": "object", "additionalProperties": holds({"from": NUMBER, "ja": TEXT, "en": TEXT})}
CORRELATED = {
    "series": listed(TEXT),
    "columns": listed(holds({"series": TEXT, "title": BOTH, "missing": WHOLE})),
    **MATRICES,
    "differences": maybe(holds(MATRICES)),
    "strength_words": WORDS,
    "caveats": CAVEATS,
}
GRID = {"start": TIME, "end": TIME, "every_s": NUMBER, "steps": WHOLE}
CORRELATION = holds({**GRID, **CORRELATED})
TABLE = holds(
    {
        "encoding": TEXT,
        "rows": WHOLE,
        **CORRELATED,
        "left_out": listed(holds({"column": TEXT, "row": maybe(WHOLE), "text": TEXT})),
        "scatter": holds({"rows": listed(WHOLE), "values": matrix(NUMBER)}),
    }
)
SEARCHED = {
    "tried": WHOLE,
    "alpha": NUMBER,
    "lags": listed(
        holds({"steps": WHOLE, "seconds": NUMBER, "n": WHOLE, "n_effective": MAYBE, "pearson": MAYBE,
               "threshold": MAYBE})
    ),
    "best": maybe(holds({"steps": WHOLE, "seconds": NUMBER, "pearson": NUMBER, "beyond": TRUTH, "ja": TEXT,
                         "en": TEXT})),
}  # fmt: skip
LAGS = holds({**GRID, **SEARCHED, "differences": maybe(holds(SEARCHED)), "caveats": CAVEATS})
SCATTER = holds(
    {**GRID, "n": WHOLE, "t": listed(WHOLE), "x": listed(NUMBER), "y": listed(NUMBER), "pearson": MAYBE,
     "spearman": MAYBE, "strength": WORD, "interval90": PAIR, "n_effective": MAYBE, "few": TRUTH, "caveats": CAVEATS}
)  # fmt: skip
LIMITS = holds({"centre": MAYBE, "lower": MAYBE, "upper": MAYBE, "sigma": MAYBE})
BROKEN = listed(holds({"rule": WHOLE, "ja": TEXT, "en": TEXT, "count": WHOLE, "at": listed(TIME)}))
DRAWN = {
    "points": listed(holds({"at": TIME, "value": MAYBE, "broken": listed(WHOLE)})),
    "limits": LIMITS,
    "broken_rules": BROKEN,
}
OF_WHAT = {
    "start": TIME,
    "end": TIME,
    "station": TEXT,
    "kpi": maybe(TEXT),
    "series": maybe(TEXT),
    "by": one_of(["piece", "hour", "shift", "day"]),
    "title": BOTH,
    "unit": BOTH,
    "kind": TEXT,
    "decimals": maybe(WHOLE),
    "n": WHOLE,
    "excluded": listed(holds({"start": TIME, "end": TIME, "why": TEXT, "ja": TEXT, "en": TEXT})),
    "caveats": CAVEATS,
}
CHART = holds(
    {**OF_WHAT, "chart": one_of(["individuals", "xbar_r", "ewma", "cusum"]), "chart_title": BOTH,
     "baseline": maybe(holds({"start": TIME, "end": TIME, "n": WHOLE})), **DRAWN,
     "rules": listed(holds({"rule": WHOLE, "ja": TEXT, "en": TEXT}))},
    {"moving_range": holds(DRAWN), "range": maybe(holds(DRAWN)), "shift": maybe(OBJECT), "size": WHOLE},
)  # fmt: skip
CAPABILITY = holds(
    {**OF_WHAT, "lsl": MAYBE, "usl": MAYBE, "mean": MAYBE, "sigma_within": MAYBE, "sigma_overall": MAYBE,
     "cp": MAYBE, "cpk": MAYBE, "pp": MAYBE, "ppk": MAYBE,
     "interval90": holds({"cp": PAIR, "cpk": PAIR, "pp": PAIR, "ppk": PAIR}),
     "below": maybe(WHOLE), "above": maybe(WHOLE), "normal_p": MAYBE, "out_of_control": maybe(WHOLE)}
)  # fmt: skip
EXAMPLE = "球速,遠投,懸垂\n120,62,71\n130,90,32\n95,53,20\n141,88,28\n"
"""The first rows of the lesson's table (METI Tohoku)."""
