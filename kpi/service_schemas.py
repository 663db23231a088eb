"""What good answers and bodies look like, as JSON schemas for /openapi.json. The service is fuzzed against them."""

from collections.abc import Mapping, Sequence
from typing import Any

from kpi.definitions import all_definitions
from kpi.entries import EVENT_KINDS, QUANTITIES
from kpi.said import MOST_NAME, MOST_PIECES, MOST_TEXT

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
TIME: Schema = {
    "type": "string",
    "format": "date-time",
    "description": "RFC 3339 with an offset",
    "examples": ["2026-04-01T08:30:00+09:00"],
}


def maybe(schema: Schema) -> Schema:
    """Null where it is undefined."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": schema}


def named(schema: Schema) -> Schema:
    """An object of any names."""
    return {"type": "object", "additionalProperties": schema}


def holds(needed: Mapping[str, Schema], more: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these, perhaps with those, and whatever is added later."""
    return {"type": "object", "required": list(needed), "properties": {**needed, **(more or {})}}


def only(needed: Mapping[str, Schema], more: Mapping[str, Schema] | None = None) -> Schema:
    """A body: an object with these, perhaps with those, and nothing else."""
    return {**holds(needed, more), "additionalProperties": False}


def one_of(words: Sequence[str]) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(words)}


def _kpi_fields() -> dict[str, Schema]:
    """Every KPI by its field: a number or an object, null where it is undefined."""
    return {
        key: maybe(OBJECT if isinstance(definition.example.answer, Mapping) else NUMBER)
        | {"description": f"{definition.title.ja} / {definition.title.en}"}
        for key, definition in all_definitions().items()
    }


BOTH = holds({"ja": TEXT, "en": TEXT})
SENTENCE: Schema = {"type": "string", "minLength": 1, "maxLength": MOST_TEXT}

HEALTH = holds({"status": {"const": "ok"}})
LINE = holds(
    {"site": TEXT, "line": TEXT, "name": TEXT, "timezone": TEXT, "day_starts": TEXT, "stations": named(OBJECT),
     "kpis": named(OBJECT), "shifts": listed(OBJECT), "reasons": listed(OBJECT), "flow": listed(OBJECT),
     "alarm": holds({"percent": NUMBER, "stop_min": NUMBER}),
     "targets": listed(holds({"station": TEXT, "kpi": TEXT, "value": NUMBER, "owner": TEXT}))}
)  # fmt: skip
STATUS = holds(
    {
        "ingest": holds(dict.fromkeys(("received", "stored", "duplicates", "missing", "quarantined"), WHOLE)),
        "agents": listed(OBJECT),
    }
)
SETTINGS = holds(
    {
        "settings": listed(
            holds({"at": TIME, "first": TRUTH, "changes": listed(TEXT), "who": maybe(TEXT), "why": maybe(TEXT)})
        )
    }
)
FIGURES = {**_kpi_fields(), "warnings": listed(TEXT), "basis": OBJECT}
WINDOW = {"start": TIME, "end": TIME}
LINE_FIGURES = holds(
    {
        "station": maybe(TEXT),
        "produced_quantity": maybe(WHOLE),
        "good_quantity": maybe(WHOLE),
        "kadoritsu": maybe(NUMBER),
        "bottleneck": maybe(TEXT),
        "takt_time_s": maybe(NUMBER),
        "bottleneck_of_the_day": maybe(TEXT),
        "bottleneck_shares": maybe(named(NUMBER)),
        "warnings": listed(TEXT),
    }
)
KPI = holds(
    {
        **WINDOW,
        "stations": listed(
            holds(
                {"station": TEXT, "name": TEXT, "final": TRUTH, "final_why": BOTH, **FIGURES},
                {"buckets": listed(holds({**WINDOW, **FIGURES}))},
            )
        ),
        "line": maybe(LINE_FIGURES),
    }
)
CYCLES = holds(
    {
        "cycles": listed(
            holds(
                {"at": TIME, "cycle_s": maybe(NUMBER), "pieces": WHOLE, "product": maybe(TEXT), "test": TRUTH,
                 "planned": TRUTH, "phases": named(NUMBER), "over_takt": maybe(TRUTH)}
            )
        ),
        "takt_time_s": maybe(NUMBER),
        "over_takt": maybe(WHOLE),
        "phases": named(
            holds({"count": WHOLE, "median_s": maybe(NUMBER), "share_of_takt": maybe(NUMBER)})
        ),
    }
)  # fmt: skip
BUCKET = one_of(["no_shift", "planned_stop", "no_data", "downtime", "minor_stop", "run"])
LEDGER = holds(
    {
        "intervals": listed(
            holds(
                {
                    **WINDOW,
                    "bucket": BUCKET,
                    "reason": maybe(TEXT),
                    "loss": maybe(TEXT),
                    "name": maybe(BOTH),
                    "edge": TRUTH,
                    "proposed": maybe(OBJECT),
                }
            )
        )
    }
)
SIGNAL = holds(
    {"kind": one_of(("call", "alarm", "blind", "failsafe")), "since": maybe(TIME), "title": BOTH, "why": BOTH,
     "todo": BOTH, "rules": listed(WHOLE), "outputs": listed(TEXT)}
)  # fmt: skip
MEASURED = holds(
    {"sensor": TEXT, "measure": TEXT, "name": TEXT, "title": BOTH, "unit": TEXT, "kind": TEXT, "at": maybe(TIME),
     "v": maybe({"type": ["number", "string"]}), "said": maybe(BOTH), "limits": listed(BOTH), "beyond": maybe(TRUTH),
     "within": maybe(OBJECT)}
)  # fmt: skip
WALL = holds(
    {
        "now": TIME,
        "line": OBJECT,
        "demo": maybe(OBJECT),
        "stations": listed(
            holds(
                {"station": TEXT, "name": TEXT, "state": OBJECT, "shift": maybe(OBJECT)},
                {"signals": listed(SIGNAL), "measures": maybe(listed(MEASURED))},
            )
        ),
    }
)
READINGS = holds(
    {"unit": TEXT, "t": listed(WHOLE), "v": listed({"type": ["number", "string"]})}, {"flag": listed(WHOLE)}
)
QUARANTINE = holds(
    {
        "messages": listed(
            holds(
                {"id": TEXT, "at": TIME, "topic": TEXT, "reason": TEXT, "detail": TEXT, "size": WHOLE, "payload": TEXT}
                | dict.fromkeys(("why_ja", "why_en", "do_ja", "do_en"), TEXT)
            )
        )
    }
)
DISCARDED = holds({"discarded": WHOLE})
REPLAYED = holds({"stored": WHOLE, "still": {}}, {"unknown": WHOLE, "hint": OBJECT})
DEMO = holds({"virtual": TRUTH, "history": OBJECT, "improved": TRUTH})

IDS = {"type": "array", "items": {"type": "string", "maxLength": 99}}
CHOSEN = holds({"ids": {**IDS, "maxItems": 1000}})
CHOSEN_EXAMPLE = {"ids": ["0195f3"]}
IMPROVE = holds({"improved": TRUTH})
BY: Schema = {"type": "string", "minLength": 1, "maxLength": MOST_NAME, "description": "who enters it"}
EVENT = only(
    {"kind": one_of(EVENT_KINDS), "text": SENTENCE}, {"at": maybe(TIME), "station": maybe(SENTENCE), "by": maybe(BY)}
)
REASON = only({"station": SENTENCE, "at": TIME, "reason": SENTENCE})
DELTA = {"type": "integer", "minimum": -MOST_PIECES, "maximum": MOST_PIECES, "not": {"const": 0}}
CORRECTION = only(
    {"station": SENTENCE, "at": TIME, "quantity": one_of(QUANTITIES), "delta": DELTA, "why": SENTENCE},
    {"product": maybe(SENTENCE), "by": maybe(BY)},
)
PLAN = only(
    {
        "station": SENTENCE,
        "date": {"type": "string", "format": "date"},
        "shift": SENTENCE,
        "quantity": {"type": "integer", "minimum": 0, "maximum": MOST_PIECES},
    },
    {"product": maybe(SENTENCE), "by": maybe(BY)},
)
_WHEN = "2026-04-01T09:10:00+09:00"
IMPROVE_EXAMPLE = {"improved": True}
EVENT_EXAMPLE = {"at": _WHEN, "kind": "improvement", "text": "洗浄の治具を変えた", "station": "washer"}
REASON_EXAMPLE = {"station": "washer", "at": _WHEN, "reason": "changeover"}
CORRECTION_EXAMPLE = {"station": "washer", "at": _WHEN, "quantity": "scrap", "delta": 2, "why": "数えもれ"}
PLAN_EXAMPLE = {"station": "packer", "date": "2026-04-01", "shift": "日勤", "quantity": 1200}

_ENTRY: dict[str, Schema] = {"id": TEXT, "at": TIME, "made": TIME}
EVENT_KEPT = holds({**_ENTRY, "kind": one_of(EVENT_KINDS), "text": TEXT})
_MEANT = maybe(holds({"start": TIME, "end": maybe(TIME), "bucket": TEXT}))
REASON_KEPT = holds({**_ENTRY, "station": TEXT, "reason": TEXT, "stop": _MEANT})
_OUTCOME: dict[str, Schema] = {"before": maybe(WHOLE), "after": maybe(WHOLE), "warning": maybe(BOTH)}
CORRECTION_CHECKED = holds(_OUTCOME)
CORRECTION_KEPT = holds(
    {**_ENTRY, "station": TEXT, "quantity": one_of(QUANTITIES), "delta": WHOLE, "why": TEXT, **_OUTCOME}
)
PLAN_KEPT = holds(
    {**_ENTRY, "station": TEXT, "date": TEXT, "shift": TEXT, "quantity": WHOLE, "shift_quantity": WHOLE},
    {"note": BOTH, "replaces": holds({"quantity": WHOLE, "from": TEXT})},
)
EVENTS = holds({"events": listed(EVENT_KEPT)})
