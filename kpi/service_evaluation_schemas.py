"""What the evaluation's answers and bodies look like, as JSON schemas for /openapi.json."""

from kpi.evaluation.registered import EFFECTS, MOST_YEN
from kpi.service_schemas import (
    BOTH,
    NUMBER,
    SENTENCE,
    TEXT,
    TIME,
    TRUTH,
    WHOLE,
    Schema,
    holds,
    listed,
    maybe,
    one_of,
    only,
)

SIDE = one_of(["lower", "higher"])
VERDICT = one_of(["better", "worse", "not_confirmed", "not_judged"])
WINDOW = holds({"start": TIME, "end": TIME})
INTERVAL: Schema = maybe({"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2})
UNIT = one_of(["ratio", "s", "pieces", "pieces/h", "times"])
DATE: Schema = {"type": "string", "format": "date"}

DAY = holds({"date": DATE, "value": NUMBER, "pieces": maybe(WHOLE), "coverage": maybe(NUMBER)})
GROUP = holds(
    {"n": WHOLE, "n_days": WHOLE, "median": maybe(NUMBER), "mean": maybe(NUMBER), "std": maybe(NUMBER),
     "days": listed(DAY)}
)  # fmt: skip
ORDER = holds(dict.fromkeys(("trend_p", "slope_per_day", "lag1", "lag1_p"), maybe(NUMBER)))
JUDGED = {
    "difference": holds(
        {
            "median": maybe(NUMBER),
            "percent": maybe(NUMBER),
            "interval90": INTERVAL,
            "interval90_plain": INTERVAL,
            "detectable": maybe(NUMBER),
            "of": one_of(["difference", "difference_of_differences"]),
        }
    ),
    "p_value": maybe(NUMBER),
    "verdict": VERDICT,
    "confirmed": TRUTH,
    "widened": TRUTH,
    "order": holds({"before": ORDER, "after": ORDER, "drift": maybe(NUMBER)}),
}
FIGURE = holds(
    {
        "kpi": TEXT,
        "station": TEXT,
        "title": BOTH,
        "unit": UNIT,
        "better": SIDE,
        "before": maybe(NUMBER),
        "after": maybe(NUMBER),
        "difference": maybe(NUMBER),
        "percent": maybe(NUMBER),
        "interval90": INTERVAL,
        "p_value": maybe(NUMBER),
        "verdict": VERDICT,
    }
)
REGISTERED = holds(
    {
        "id": TEXT,
        "at": TIME,
        "made": TIME,
        "station": TEXT,
        "kpi": TEXT,
        "control": maybe(TEXT),
        "before": WINDOW,
        "after": WINDOW,
        "direction": SIDE,
        "why": TEXT,
        "beforehand": TRUTH,
        "before_after_began": TRUTH,
    },
    {"by": TEXT},
)
EFFECT_KEPT = holds(
    {
        "id": TEXT,
        "made": TIME,
        "station": TEXT,
        "kpi": TEXT,
        "before": WINDOW,
        "after": WINDOW,
        "what": one_of(list(EFFECTS)),
        "document": TEXT,
        "yen_per_year": maybe(WHOLE),
        "title": BOTH,
    },
    {"by": TEXT},
)
FREED = holds(
    {
        **dict.fromkeys(
            ("seconds_each", "weak_seconds_each", "pieces_a_day", "pieces_a_year", "hours_a_year", "weak_hours_a_year"),
            NUMBER,
        ),
        "working_days_a_year": WHOLE,
        "ja": TEXT,
        "en": TEXT,
    }
)
EVALUATION = holds(
    {
        "station": TEXT,
        "name": TEXT,
        "kpi": TEXT,
        "title": BOTH,
        "unit": UNIT,
        "unit_shown": BOTH,
        "by": one_of(["day", "cycle"]),
        "better": SIDE,
        "product": maybe(TEXT),
        "windows": holds({"before": WINDOW, "after": WINDOW}),
        "before": GROUP,
        "after": GROUP,
        **JUDGED,
        "registered": maybe(REGISTERED),
        "reference": TRUTH,
        "statement_ja": TEXT,
        "statement_en": TEXT,
        "caveats": listed(holds({"code": TEXT, "ja": TEXT, "en": TEXT})),
        "excluded": listed(
            holds(
                {"date": DATE, "side": one_of(["before", "after"]), "reason": TEXT, "ja": TEXT, "en": TEXT,
                 "coverage": maybe(NUMBER), "pieces": maybe(WHOLE)}
            )
        ),
        "control": maybe(holds({"station": TEXT, "name": TEXT, "before": GROUP, "after": GROUP, **JUDGED})),
        "worse_figures": listed(FIGURE),
        "looked_at": WHOLE,
        "line_output": maybe(FIGURE),
        "next_bottleneck": maybe(TEXT),
        "ideal": holds({"used_s": maybe(NUMBER), "after_s": maybe(NUMBER)}),
        "products": listed(TEXT),
        "coverage": maybe(NUMBER),
        "money": holds(
            {"freed": maybe(FREED), "effects": listed(EFFECT_KEPT), "yen_a_year": maybe(WHOLE),
             "weak_yen_a_year": maybe(NUMBER)}
        ),
        "virtual": TRUTH,
    }
)  # fmt: skip

REGISTRATIONS = holds({"evaluations": listed(REGISTERED), "effects": listed(EFFECT_KEPT)})

SPAN: Schema = {**SENTENCE, "description": "START/END, two RFC 3339 times with an offset"}
REGISTRATION = only(
    {"station": SENTENCE, "kpi": SENTENCE, "before": SPAN, "after": SPAN, "why": SENTENCE},
    {"direction": maybe(SIDE), "control": maybe(SENTENCE), "by": maybe({**SENTENCE, "maxLength": 64})},
)
EFFECT = only(
    {"station": SENTENCE, "kpi": SENTENCE, "before": SPAN, "after": SPAN, "what": one_of(list(EFFECTS)),
     "document": SENTENCE},
    {"yen_per_year": maybe({"type": "integer", "minimum": 0, "maximum": MOST_YEN}),
     "by": maybe({**SENTENCE, "maxLength": 64})},
)  # fmt: skip
_ABOUT = {
    "station": "washer",
    "kpi": "phases.wash",
    "before": "2026-10-01T00:00:00+09:00/2026-10-15T00:00:00+09:00",
    "after": "2026-10-20T00:00:00+09:00/2026-11-03T00:00:00+09:00",
}
REGISTRATION_EXAMPLE = {**_ABOUT, "direction": "lower", "why": "自動洗浄機を入れると洗浄時間が短くなるはず"}
EFFECT_EXAMPLE = {**_ABOUT, "what": "overtime_saved", "document": "残業簿 2026-11", "yen_per_year": 480000}
