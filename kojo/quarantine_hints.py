"""What to do about the commonest reasons for which a message goes to quarantine."""

from contract.words import Words

_LINE = Words(
    "line.toml に書き足して kojo serve を起動し直し、隔離ページの「もう一度」で取り込みます。",
    "Add it to line.toml, start kojo serve anew, then replay it from the quarantine page.",
)
_CLOCK = Words(
    "送った機器の時計を合わせてください(NTP)。",
    "Set the clock of the device that sent it (NTP).",
)
_FORM = Words(
    "送る側の JSON を直してください。書き方は docs/line.md と手引きにあります。",
    "Mend the JSON that the device sends; the guide shows its form.",
)
_UNITS = Words(
    "line.toml の measures(kind)と、送る値の種類を合わせてください。",
    "Make the kind in line.toml (measures) and what is sent agree.",
)
_TOTAL = Words(
    "積算値が減りました。機器が再起動したなら新しい stream で送るか、stream なしで送ってください。",
    "A running total fell. After a restart of the device, send under a new stream, or without one.",
)
_TWICE = Words(
    "同じ番号に違う値が来ました。2台が同じ stream を使っていないか(outbox の写し)確かめてください。",
    "One number came with two values: see whether two devices use one stream (a copied outbox).",
)
_OTHER = Words("隔離ページで中身を見てください。", "Look at it on the quarantine page.")

_KNOWN = {
    "unknown": _LINE, "unknown_station": _LINE, "unknown_sensor": _LINE, "unknown_measure": _LINE,
    "too_old": _CLOCK, "ahead": _CLOCK, "time": _FORM, "wrong_kind": _UNITS, "total_fell": _TOTAL,
    "conflict": _TWICE, "not_json": _FORM, "empty": _FORM, "byte_order_mark": _FORM, "no_value": _FORM,
    "not_finite": _FORM, "too_large": _FORM, "too_big": _FORM, "too_deep": _FORM, "long_text": _FORM,
}  # fmt: skip


def hint(reason: str) -> Words:
    """What to do about a reason."""
    return _KNOWN.get(reason) or (_LINE if reason.startswith("unknown") else _OTHER)
