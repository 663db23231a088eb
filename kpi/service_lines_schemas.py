"""What /thresholds, /what-if and /wip answer and are told, as JSON schemas."""

from kpi.said import MOST_NAME, MOST_PIECES
from kpi.service_schemas import BOTH, NUMBER, SENTENCE, TEXT, TIME, TRUTH, WHOLE, holds, listed, maybe, one_of, only

_WARNING = holds({"code": TEXT, "ja": TEXT, "en": TEXT})

THRESHOLDS = holds(
    {
        "station": TEXT,
        "name": TEXT,
        "start": TIME,
        "end": TIME,
        "gaps": WHOLE,
        "per": one_of(["shift", "day"]),
        "shifts": maybe(NUMBER),
        "present": holds({"stop_after_s": maybe(NUMBER), "written": TRUTH, "downtime_after_s": NUMBER}),
        "proposed_stop_after_s": maybe(NUMBER),
        "write": maybe(TEXT),
        "products": listed(
            holds(
                {
                    "product": maybe(TEXT),
                    "gaps": WHOLE,
                    "enough": TRUTH,
                    "median_s": maybe(NUMBER),
                    "ideal_s": maybe(NUMBER),
                    "present_stop_after_s": maybe(NUMBER),
                    "proposed_stop_after_s": maybe(NUMBER),
                    "method": maybe(one_of(["valley", "fence"])),
                    "void": maybe(NUMBER),
                    "histogram": listed(holds({"from_s": NUMBER, "to_s": NUMBER, "count": WHOLE})),
                    "candidates": listed(
                        holds(
                            {
                                "stop_after_s": NUMBER,
                                "is_proposed": TRUTH,
                                "is_present": TRUTH,
                                "stops": WHOLE,
                                "stops_per_shift": maybe(NUMBER),
                                "stop_s_per_shift": maybe(NUMBER),
                                "false_stops_per_shift": maybe(NUMBER),
                                "missed_stops_per_shift": maybe(NUMBER),
                            }
                        )
                    ),
                }
            )
        ),
        "method": BOTH,
        "warnings": listed(_WARNING),
    }
)

_INTERVAL = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
_RANGE = holds({"median": NUMBER, "interval90": _INTERVAL})
_NECK = holds({"station": TEXT, "name": TEXT, "probability": NUMBER})
WHAT_IF = holds(
    {
        "start": TIME,
        "end": TIME,
        "change": holds({"station": TEXT, "phase": maybe(TEXT), "from_s": maybe(NUMBER), "to_s": NUMBER}),
        "days": listed(TEXT),
        "left_out": listed(TEXT),
        "per": one_of(["shift", "day"]),
        "output_station": TEXT,
        "output": maybe(holds(dict.fromkeys(("before", "after", "difference", "percent"), _RANGE))),
        "bottleneck": maybe(holds({"before": _NECK, "after": _NECK, "moves": TRUTH})),
        "stations": listed(
            holds(
                {
                    "station": TEXT,
                    "name": TEXT,
                    "cycle_s": NUMBER,
                    "ideal_s": maybe(NUMBER),
                    "pace": one_of(["measured", "running", "ideal"]),
                    "own_stop_share": maybe(NUMBER),
                    "set_up_share": maybe(NUMBER),
                    "capacity_before": maybe(_RANGE),
                    "capacity_after": maybe(_RANGE),
                    "bottleneck_before": maybe(NUMBER),
                    "bottleneck_after": maybe(NUMBER),
                }
            )
        ),
        "fit": maybe(NUMBER),
        "method": BOTH,
        "statement": BOTH,
        "caveats": listed(_WARNING),
    }
)

WIP = holds(
    {
        "wip": listed(
            holds(
                {
                    "from": TEXT,
                    "to": TEXT,
                    "at": TIME,
                    "quantity": maybe(WHOLE),
                    "counted": maybe(holds({"id": TEXT, "at": TIME, "quantity": WHOLE})),
                    "out": maybe(WHOLE),
                    "in": maybe(WHOLE),
                    "age_s": maybe(NUMBER),
                    "drift_pieces": maybe(NUMBER),
                    "warnings": listed(_WARNING),
                }
            )
        )
    }
)
COUNTED = only(
    {"from": SENTENCE, "to": SENTENCE, "quantity": {"type": "integer", "minimum": 0, "maximum": MOST_PIECES}},
    {"at": maybe(TIME), "by": maybe({"type": "string", "minLength": 1, "maxLength": MOST_NAME})},
)
COUNTED_EXAMPLE = {"from": "washer", "to": "packer", "at": "2026-04-01T09:10:00+09:00", "quantity": 40}
COUNTED_KEPT = holds({"id": TEXT, "at": TIME, "made": TIME, "from": TEXT, "to": TEXT, "quantity": WHOLE})
