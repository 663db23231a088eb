"""Sensors and outputs of a station: what may stand in their tables depends on their ``type``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contract.catalogue import REQUIRED, Measure, OutputType, SensorType
from contract.line import STATE, Role
from contract.line_kinds import Choice, Id, Kind, Text, refuse
from contract.line_places import Path
from contract.line_report import WRONG, Report, hint, shown, suggest
from contract.line_sayings import ONE_ROLE, TEXT_ROLES, RoleName
from contract.line_tables import Draft, Key, Table, key_schema, meant, read_key, read_keys, unknown_key
from contract.line_wiring import key_of
from contract.words import Words

BUTTON = "button"
SAID = "pressed"
"""The measure of a button that ``says`` turns into text."""

MOST_NAME = 40
NAME = Key(
    "name",
    Text(example='"庫内の温度"', most=MOST_NAME),
    Words("現場の言葉での名前。画面や図に出る", "its name in the floor's words, on pages and pictures"),
    default_words=Words("id と同じ", "as the id"),
)
ROLE = Key("role", RoleName(), Words("このセンサーの役割", "what it means for the line"))
SAYS = Key(
    "says",
    Text(example='"changeover"'),
    Words(
        "押したときに送る文字(理由の id、品番の code、ロット、mode)",
        "what a press says (a reason's id, a product's code, a lot or a mode)",
    ),
)


@dataclass(slots=True)
class Part(Draft):
    """A sensor or output as read: ``type`` is its line in the catalogue."""

    type: SensorType | OutputType | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What the catalogue knows of it, by key."""
        known = {setting.key for setting in self.type.settings} if self.type else set()
        return {key: value for key, value in self.values.items() if key in known}

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What it gives, as its role and what it says make it."""
        if isinstance(self.type, OutputType):
            return (replace(STATE, kind=self.type.state),)
        if self.type is None:
            return ()
        role = self.get("role")
        text = isinstance(role, Role) and role.kind in TEXT_ROLES
        written = self.get("measures") if any(s.kind == "measures" for s in self.type.settings) else None
        if isinstance(written, dict) and written:
            return _written(written, text, self._columns)
        if "says" in self.written:
            return tuple(_as_text(measure) if measure.key == SAID else measure for measure in self.type.measures)
        return self.type.measures

    @property
    def _columns(self) -> list[str]:
        """The keys its measures have of their own."""
        settings = self.type.settings if self.type else ()
        return [column.key for setting in settings for column in setting.columns]


def _written(drafts: Mapping[str, Draft], text: bool, columns: Collection[str]) -> tuple[Measure, ...]:
    """The measures of a table in line.toml; a text role makes the one whose kind is left out text."""
    open_kind = [key for key, draft in drafts.items() if "kind" not in draft.written]
    implied = open_kind[0] if text and len(open_kind) == 1 and not _has_text(drafts) else None
    return tuple(
        Measure(
            key,
            Words(draft.get("name") or key, draft.get("name") or key),
            draft.get("unit") or "",
            "text" if key == implied else draft.get("kind") or "number",
            draft.get("low"),
            draft.get("high"),
            draft.get("decimals"),
            {key: draft.get(key) for key in columns},
        )
        for key, draft in drafts.items()
    )


def _as_text(measure: Measure) -> Measure:
    return replace(measure, kind="text", low=None, high=None, decimals=None)


def _has_text(drafts: Mapping[str, Draft]) -> bool:
    return any(draft.get("kind") == "text" for draft in drafts.values())


def fitting(part: Part, role: Role) -> list[Measure]:
    """The measures of a sensor that a role could belong to."""
    return [measure for measure in part.measures if measure.kind in ONE_ROLE[role.kind]]


@dataclass(frozen=True, slots=True)
class Parts:
    """``[stations.ID.sensors.ID]`` or ``[stations.ID.outputs.ID]``."""

    types: Mapping[str, SensorType] | Mapping[str, OutputType]
    shown: str
    example = "{ … }"

    @property
    def words(self) -> Words:
        """Its header."""
        return Words(f"表 [{self.shown}]", f"tables [{self.shown}]")

    @property
    def are_sensors(self) -> bool:
        """Sensors, not outputs."""
        return self.shown.endswith("sensors.ID")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The Parts that could be read, by id."""
        if not isinstance(value, dict):
            return refuse(self, value, path, report, hint(f"[{self.shown}] と書きます。", f"write [{self.shown}]."))
        parts = {}
        for name, item in value.items():
            good = Id().read(name, (*path, name), report) is not WRONG
            part = self._part(item, (*path, name), report)
            if good and part is not WRONG:
                parts[name] = part
        return parts

    def _part(self, value: Any, path: Path, report: Report) -> Any:
        if not isinstance(value, dict):
            return refuse(Table((), self.shown, Words("", "")), value, path, report)
        type_ = self._type(value, path, report)
        if type_ is None:
            return Part(path, written=frozenset(value))
        keys = self.keys(type_)
        part = Part(path, written=frozenset(value), type=type_)
        known = [key.key for key in keys]
        unknown = [key for key in value if key not in ("type", *known)]
        for name in unknown:
            self._tell_unknown(name, type_, known, path, report)
        read_keys(keys, value, part, meant(unknown, known), report)
        _depending(part)
        if isinstance(type_, OutputType):
            _check_output(part, type_, report)
        return part

    def _type(self, value: Mapping[str, Any], path: Path, report: Report) -> SensorType | OutputType | None:
        said = read_key(self.type_key, value, path, report) if "type" not in value else value["type"]
        if said is WRONG:
            return None
        found = self.types.get(said) if isinstance(said, str) else None
        if found is None:
            what = shown(said)
            names = Words("使える種類", "types") if self.are_sensors else Words("使える出力の種類", "output types")
            report.tell(
                (*path, "type"),
                Words(f"{what.ja} という種類はありません。", f"there is no type {what.en}."),
                suggest(str(said), self.types, names),
            )
        return found

    @property
    def type_key(self) -> Key:
        """The key that decides about the others."""
        kind: Kind = Choice(tuple(self.types))
        return Key("type", kind, Words("種類(部品)", "which part it is"), REQUIRED)

    def keys(self, type_: SensorType | OutputType) -> list[Key]:
        """What may stand in the table of a type, ``type`` itself apart."""
        own = [key_of(setting) for setting in type_.settings]
        named = [] if NAME.key in {key.key for key in own} else [NAME]
        if not isinstance(type_, SensorType):
            return [*named, *own]
        says = type_.setting("says")
        if says:
            return [*named, ROLE, replace(SAYS, default=says.default), *(key for key in own if key.key != "says")]
        return [*named, ROLE, *([SAYS] if type_.type == BUTTON else []), *own]

    def _tell_unknown(self, key: str, type_: Any, known: list[str], path: Path, report: Report) -> None:
        if key == "role" and not self.are_sensors:
            report.tell(
                (*path, key),
                Words("出力に役割(role)はありません。", "an output has no role."),
                hint("役割を持つのはセンサーだけです。", "only sensors have one."),
            )
        elif key == "says" and self.are_sensors:
            report.tell(
                (*path, key),
                Words("says を書けるのは button だけです。", "only a button says something."),
                hint(f'この種類は "{type_.type}" です。', f'this one is of type "{type_.type}".'),
            )
        elif key == "measures" and isinstance(type_, SensorType):
            ids = ", ".join(measure.key for measure in type_.measures)
            report.tell(
                (*path, key),
                Words(
                    f"{type_.type} の測定値は決まっています({ids})。", f"what {type_.type} measures is fixed: {ids}."
                ),
                hint(
                    f"この表を消します。measures を書くのは、測定値を自分で決める種類({self._with_measures})だけです。",
                    f"take this table out; only types whose measures you name have it: {self._with_measures}.",
                ),
            )
        else:
            unknown_key(key, ["type", *known], path, report)

    @property
    def _with_measures(self) -> str:
        named = (name for name, type_ in self.types.items() if any(s.key == "measures" for s in type_.settings))
        return ", ".join(named)

    def schema(self) -> dict[str, Any]:
        """One form per type."""
        forms = [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {
                    "properties": {"type": True, **{key.key: key_schema(key) for key in self.keys(type_)}},
                    "required": ["type", *(key.key for key in self.keys(type_) if key.required)],
                    "additionalProperties": False,
                },
            }
            for name, type_ in self.types.items()
        ]
        return {
            "type": "object",
            "propertyNames": {"pattern": Id().schema()["pattern"]},
            "additionalProperties": {
                "type": "object",
                "properties": {"type": key_schema(self.type_key)},
                "required": ["type"],
                "allOf": forms,
            },
        }


def _depending(part: Part) -> None:
    """Defaults that follow another setting: the pull from ``active``, the way back from the way there."""
    if part.type is None:
        return
    for setting in part.type.settings:
        if setting.key in part.written:
            continue
        if setting.key == "pull" and part.get("active") in ("low", "high"):
            part.values["pull"] = "up" if part.get("active") == "low" else "down"
        if setting.key == "release_ms" and part.get("debounce_ms") is not None:
            part.values["release_ms"] = part.get("debounce_ms")


def _check_output(part: Part, type_: OutputType, report: Report) -> None:
    """What its settings cannot be together."""
    shortest, longest = part.get("min_s"), part.get("longest_s")
    if shortest is not None and longest and shortest > longest:
        report.tell(
            part.at("longest_s" if "longest_s" in part.written else "min_s"),
            Words(f"min_s({shortest:g} 秒)が longest_s({longest:g} 秒)より長いので、その時間では安全側に戻れません。",
                  f"min_s ({shortest:g} s) is longer than longest_s ({longest:g} s): it could not go back in time."),
            hint("min_s を短くするか、longest_s を長くします(0 = 限りなし)。",
                 "make min_s shorter, or longest_s longer (0 = no end)."),
        )  # fmt: skip
    known = {"type", NAME.key, *(setting.key for setting in type_.settings)}
    pins = [setting.key for setting in type_.settings if setting.kind == "pin" and not setting.required]
    if pins and part.written <= known and not any(key in part.written for key in pins):
        report.tell(
            part.path,
            Words(f"ピンが一つもありません({'、'.join(pins)} のどれかが要ります)。",
                  f"it has no pin at all: one of {', '.join(pins)} is needed."),
            hint(f"{pins[0]} = 12 のように書きます。", f"write it like {pins[0]} = 12"),
        )  # fmt: skip
