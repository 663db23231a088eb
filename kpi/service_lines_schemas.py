"""What /thresholds, /what-if and /wip answer and are told, as JSON schemas."""

from kpi.service_schemas import BOTH, NUMBER, TEXT, TIME, TRUTH, WHOLE, holds, listed, maybe, one_of

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
