"""What the calls of `kpi.service_entries` and `kpi.service_board` take and give, as JSON schemas for /openapi.json."""

from contract.line import MODES
from kpi.entries import KINDS, MOST_MUTE_MINUTES, MUTE_MINUTES
from kpi.reconciliation import TALLIED
from kpi.said import MOST_PIECES
from kpi.service_schemas import (
    BOTH,
    BY,
    NUMBER,
    OBJECT,
    SENTENCE,
    TEXT,
    TIME,
    TRUTH,
    WHOLE,
    WINDOW,
    Schema,
    holds,
    listed,
    maybe,
    one_of,
    only,
)

_WHEN = "2026-04-01T09:10:00+09:00"
_KEPT: dict[str, Schema] = {"id": TEXT, "at": TIME, "made": TIME}
_FINAL: dict[str, Schema] = {"final": TRUTH, "final_why": BOTH}

ENTRIES = holds(
    {
        "entries": listed(
            holds({**_KEPT, "entry": one_of(list(KINDS)), "title": BOTH, "withdrawn": maybe(OBJECT)}),
        ),
        "left_off": WHOLE,
    }
)
WITHDRAW = only({"id": SENTENCE, "why": SENTENCE}, {"by": maybe(BY)})
WITHDRAW_EXAMPLE = {"id": "5f1c0a2b3d4e5f60", "why": "工程をまちがえた"}
WITHDRAWN = holds({**_KEPT, "entry": TEXT, "withdrawn": OBJECT})

_MINUTES: Schema = {"type": "integer", "minimum": 0, "maximum": MOST_MUTE_MINUTES, "default": MUTE_MINUTES}
MUTE = only({"station": SENTENCE}, {"minutes": maybe(_MINUTES), "why": maybe(SENTENCE), "by": maybe(BY)})
MUTE_EXAMPLE = {"station": "washer", "minutes": MUTE_MINUTES, "why": "保全が対応中"}
MUTED = holds({**_KEPT, "station": TEXT, "minutes": WHOLE, "until": TIME})

MODE = only({"station": SENTENCE, "mode": one_of(MODES)}, {"at": maybe(TIME), "why": maybe(SENTENCE), "by": maybe(BY)})
MODE_EXAMPLE = {"station": "washer", "mode": "maintenance", "why": "ノズル交換"}
MODE_KEPT = holds({**_KEPT, "station": TEXT, "mode": one_of(MODES)})

RECONCILE = only(
    {
        "station": SENTENCE,
        "date": {"type": "string", "format": "date"},
        "shift": SENTENCE,
        "quantity": one_of(TALLIED),
        "tally": {"type": "integer", "minimum": 0, "maximum": MOST_PIECES},
    },
    {"why": maybe(SENTENCE), "correct": maybe(TRUTH), "by": maybe(BY)},
)
RECONCILE_EXAMPLE = {
    "station": "packer",
    "date": "2026-04-01",
    "shift": "日勤",
    "quantity": "produced",
    "tally": 1012,
    "correct": False,
}
RECONCILED = holds(
    {
        **_KEPT,
        "station": TEXT,
        "date": TEXT,
        "shift": TEXT,
        "quantity": one_of(TALLIED),
        "tally": WHOLE,
        "counted": WHOLE,
        "counted_by_sensors": WHOLE,
        "difference": WHOLE,
        "percent": maybe(NUMBER),
        "correction": maybe(TEXT),
        "why": maybe(TEXT),
        "said": BOTH,
        **_FINAL,
    }
)
SHIFT_ROW = holds(
    {"station": TEXT, "date": TEXT, "shift": TEXT, **WINDOW, "over": TRUTH, "counted": OBJECT, "last": OBJECT}
)
RECONCILIATIONS = holds({"reconciliations": listed(RECONCILED), "left_off": WHOLE, "shifts": listed(SHIFT_ROW)})

_STOP_MIN = holds(dict.fromkeys(("minor_stop", "downtime", "planned_stop", "no_data", "rest"), NUMBER))
_ROW = holds(
    {
        **WINDOW,
        "name": TEXT,
        "state": one_of(["over", "running", "ahead"]),
        "planned_min": NUMBER,
        "breaks": listed(holds(WINDOW)),
        "plan": maybe(WHOLE),
        "plan_so_far": maybe(WHOLE),
        "actual": maybe(WHOLE),
        "produced": maybe(WHOLE),
        "scrap": maybe(WHOLE),
        "corrected": WHOLE,
        "difference": maybe(WHOLE),
        "cumulative": holds(dict.fromkeys(("plan", "actual", "difference"), maybe(WHOLE))),
        "stop_min": _STOP_MIN,
        "stops": WHOLE,
        "reasons": listed(OBJECT),
        "notes": listed(OBJECT),
        "marks": listed(holds({"code": TEXT, **WINDOW, "ja": TEXT, "en": TEXT})),
        "alarm": listed(one_of(["behind", "stood"])),
        "before": maybe(
            holds(
                {
                    "actual": maybe(WHOLE),
                    "stopped_min": NUMBER,
                    "no_data_min": NUMBER,
                    "less": maybe({"type": "integer"}),
                }
            )
        ),
    }
)
_BEFORE = holds(
    {
        "date": TEXT,
        "shift": maybe(TEXT),
        **WINDOW,
        "until": TIME,
        "product": maybe(OBJECT),
        "actual": maybe(WHOLE),
        "stopped_min": NUMBER,
        "no_data_min": NUMBER,
        "less": holds({"actual": maybe(WHOLE), "stopped_min": NUMBER}),
        "whole": holds({"actual": maybe(WHOLE), "stopped_min": NUMBER}),
    }
)
BOARD = holds(
    {
        "station": TEXT,
        "name": TEXT,
        "date": TEXT,
        "shift": maybe(TEXT),
        **WINDOW,
        "now": TIME,
        "plan": maybe(WHOLE),
        "titles": OBJECT,
        "rows": listed(_ROW),
        "total": OBJECT,
        "standing": maybe(holds({"since": TIME, "minutes": NUMBER, "reason": maybe(TEXT), "proposed": maybe(OBJECT)})),
        "alarm": holds({"on": TRUTH, "codes": listed(TEXT), "muted_until": maybe(TIME), "agreed": OBJECT}),
        "self_test": maybe(BOTH),
        "before": maybe(_BEFORE),
        "before_why": maybe(BOTH),
        **_FINAL,
    }
)
_PARETO = holds(
    {
        "reason": maybe(TEXT),
        "name": BOTH,
        "loss": maybe(TEXT),
        "count": WHOLE,
        "minutes": NUMBER,
        "share": maybe(NUMBER),
        "cumulative_share": maybe(NUMBER),
        "by_hour": listed(OBJECT),
    }
)
_STOP = holds(
    {
        **WINDOW,
        "seconds": NUMBER,
        "whole_s": NUMBER,
        "begins_here": TRUTH,
        "open": TRUTH,
        "class": one_of(["minor_stop", "downtime", "planned_stop"]),
        "class_name": BOTH,
        "reason": maybe(TEXT),
        "name": BOTH,
        "loss": maybe(TEXT),
        "mode": TRUTH,
        "place": OBJECT,
        "edge": TRUTH,
        "proposed": maybe(OBJECT),
    }
)
_FAILURES = holds(
    {**WINDOW, "count": maybe(WHOLE), "mtbf_s": maybe(NUMBER), "mttr_s": maybe(NUMBER), "basis": maybe(TEXT)}
)
_SUMS: dict[str, Schema] = {"by_reason": listed(_PARETO), "by_hour": listed(OBJECT), "repeats": listed(OBJECT)}
STOPS = holds(
    {
        **WINDOW,
        "titles": OBJECT,
        "stations": listed(
            holds(
                {
                    "station": TEXT,
                    "name": TEXT,
                    "stops": listed(_STOP),
                    "left_off": WHOLE,
                    "count": WHOLE,
                    "minutes": NUMBER,
                    **_SUMS,
                    "without_reason": OBJECT,
                    "failures": _FAILURES,
                    "four_weeks": maybe(_FAILURES),
                }
            )
        ),
        "hidden": listed(TEXT),
        **_SUMS,
        **_FINAL,
    }
)
