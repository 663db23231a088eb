"""Whole-line checks of roles: each belongs to one measure of the fitting kind; a button says what exists."""

from __future__ import annotations

import re
from collections.abc import Iterable

from contract.catalogue import Kind, SensorType
from contract.line import MODES, Role
from contract.line_hardware import parts_of
from contract.line_parts import BUTTON, Part, fitting
from contract.line_report import Report, hint, shown, suggest
from contract.line_sayings import ONE_ROLE, TEXT_ROLES
from contract.line_tables import Draft
from contract.words import Words

_KINDS: dict[Kind, Words] = {
    "number": Words("数", "a number"),
    "total": Words("個数(total)", "a total"),
    "event": Words("1個ごと(event)", "an event"),
    "level": Words("0/1(level)", "a level"),
    "text": Words("文字(text)", "text"),
}


def check_roles(line: Draft, report: Report) -> None:
    """Tell what is wrong with the roles of a line's sensors."""
    for station in line.drafts("stations"):
        single: dict[str, Part] = {}
        for part in parts_of(station):
            role = part.get("role")
            _check_measures(part, report)
            _check_pattern(part, report)
            _check_says(part, role, line, report)
            if isinstance(role, Role):
                _check_fit(part, role, report)
                if role.kind in ("running", "phase"):
                    _check_single(part, role, single, report)


def _check_measures(part: Part, report: Report) -> None:
    if part.get("measures") == {} and isinstance(part.type, SensorType) and not part.type.measures:
        report.tell(
            part.at("measures"),
            Words("測定値が一つもありません。", "there is no measure."),
            hint("measures = { count = { kind = \"total\" } } のように書きます。",
                 "write it like measures = { count = { kind = \"total\" } }"),
        )  # fmt: skip
    if isinstance(part.get("measures"), dict):
        for draft in part.drafts("measures"):
            low, high = draft.get("low"), draft.get("high")
            if low is not None and high is not None and low >= high:
                what = Words("high は low より大きい数にします。", "high must be above low.")
                report.tell(draft.at("high"), what)


def _check_pattern(part: Part, report: Report) -> None:
    """The names in a pattern are the measures: neither is without the other."""
    measures = part.get("measures")
    for setting in part.type.settings if part.type and isinstance(measures, dict) else ():
        pattern = part.get(setting.key)
        if setting.kind != "pattern" or not isinstance(pattern, str):
            continue
        names = re.compile(pattern).groupindex
        for name in names.keys() - measures.keys():
            what = Words(f"{name} は measures にありません。", f"{name} is not in measures.")
            report.tell(part.at(setting.key), what, suggest(name, measures, Words("測定値", "measures")))
        for key in measures.keys() - names.keys():
            report.tell(
                part.at(setting.key),
                Words(f"測定値 {key} を取り出す所がありません。", f"nothing in it is the measure {key}."),
                hint(f"その所を (?P<{key}>…) と書きます。", f"write (?P<{key}>…) around it."),
            )


def _check_fit(part: Part, role: Role, report: Report) -> None:
    if not isinstance(part.type, SensorType) or not part.measures or _is_unclear(part):
        return
    found = fitting(part, role)
    if len(found) == 1:
        return
    if part.type.type == BUTTON and role.kind in TEXT_ROLES and "says" not in part.written:
        report.tell(
            part.path,
            Words(f'"says" がありません(役割 "{role}" の button に要ります)。',
                  f'"says" is missing (a button with role "{role}" needs it).'),
            hint('押したときに送る文字を書きます: says = "…"', 'write what a press says: says = "…"'),
        )  # fmt: skip
        return
    needed = ONE_ROLE[role.kind]
    has = ", ".join(f"{measure.key} ({measure.kind})" for measure in part.measures)
    ja = "か".join(_KINDS[kind].ja for kind in needed)  # type: ignore[index]
    en = " or ".join(_KINDS[kind].en for kind in needed)  # type: ignore[index]
    if found:
        names = ", ".join(measure.key for measure in found)
        what = Words(
            f'役割 "{role}" に合う測定値({ja})が二つ以上あります: {names}。',
            f'role "{role}" fits more than one measure ({en}): {names}.',
        )
    else:
        what = Words(
            f'役割 "{role}" には{ja}の測定値が要りますが、{part.type.type} が出すのは {has} です。',
            f'role "{role}" needs a measure that is {en}, but {part.type.type} gives {has}.',
        )
    report.tell(part.at("role"), what, _fit_hint(part, role))


def _is_unclear(part: Part) -> bool:
    """Whether the kind of a measure was wrong, and has been told to be."""
    return any("kind" in draft.written and draft.get("kind") is None for draft in part.drafts("measures"))


def _fit_hint(part: Part, role: Role) -> Words | None:
    if "measures" in part.written:
        kind = ONE_ROLE[role.kind][0]
        return hint(
            f'ちょうど一つの測定値に kind = "{kind}" と書きます。', f'give exactly one measure kind = "{kind}".'
        )
    return None


def _check_single(part: Part, role: Role, single: dict[str, Part], report: Report) -> None:
    first = single.setdefault(str(role), part)
    if first is part:
        return
    place = report.place(first.at("role"))
    report.tell(
        part.at("role"),
        Words(f'役割 "{role}" は一つの工程に一つです。{place.ja} にもあります。',
              f'a station has one role "{role}"; {place.en} has it already.'),
    )  # fmt: skip


def _check_says(part: Part, role: object, line: Draft, report: Report) -> None:
    said = part.get("says")
    if "says" not in part.written or not isinstance(said, str):
        return
    if not isinstance(role, Role):
        if "role" not in part.written:
            _says_needs_role(part, report)
        return
    if role.kind not in TEXT_ROLES:
        _says_needs_role(part, report)
        return
    options, names, many = _sayings(role.kind, line)
    if options is not None and said not in options:
        what = shown(said)
        report.tell(
            part.at("says"),
            Words(f"{what.ja} という{names.ja}はありません。", f"there is no {names.en} {what.en}."),
            _by_name(said, role.kind, line) or suggest(said, options, many),
        )


def _says_needs_role(part: Part, report: Report) -> None:
    some = ", ".join(TEXT_ROLES)
    report.tell(
        part.at("says"),
        Words("says には文字の役割が要ります。", "says needs a role of text."),
        hint(f"role に {some} のどれかを書きます。", f"give it one of the roles {some}."),
    )


def _sayings(kind: str, line: Draft) -> tuple[Iterable[str] | None, Words, Words]:
    """What can be said (None: anything), what one of it is called, what all of it is."""
    if kind == "reason":
        ids = [reason.get("id") for reason in line.drafts("reasons") if reason.get("id")]
        return ids, Words("理由の id", "reason id"), Words("理由の id", "reason ids")
    if kind == "product":
        codes = [code for product in line.drafts("products") for code in product.get("codes") or ()]
        return codes, Words("品番の code", "product code"), Words("品番の code", "product codes")
    if kind == "mode":
        return MODES, Words("モード", "mode"), Words("モード", "modes")
    return None, Words("", ""), Words("", "")


def _by_name(said: str, kind: str, line: Draft) -> Words | None:
    """A reason named by its name, a product by its id."""
    if kind == "reason":
        found = next((r.get("id") for r in line.drafts("reasons") if r.get("name") == said), None)
        return hint(f'id を書きます: "{found}"', f'write its id: "{found}"') if found else None
    product = (line.get("products") or {}).get(said) if kind == "product" else None
    if product is None:
        return None
    return hint(f"[products.{said}] の codes にある文字を書きます。", f"write one of the codes of [products.{said}].")
