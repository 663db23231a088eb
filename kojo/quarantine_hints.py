"""What to do about the commonest reasons for which a message goes to quarantine."""

from contract.words import Words

_LINE = Words(
    "送る側の名前の間違いなら直し、正しい名前なら line.toml に書き足して kojo serve を起動し直してください。",
    "Mend the name at the sender; if it is right, add it to line.toml and start kojo serve anew.",
)
_CLOCK = Words(
    "送った機器の時計を合わせてください(NTP)。",
    "Set the clock of the device that sent it (NTP).",
)
_FORM = Words(
    "送る側の JSON を直してください。書き方は docs/guide.md の「ほかの機器から送る」にあります。",
    "Mend the JSON that the device sends; docs/guide.md shows its form.",
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
_OTHER = Words(
    "中身は http://127.0.0.1:8000/api/v1/quarantine で見られます。",
    "See what it holds at http://127.0.0.1:8000/api/v1/quarantine.",
)

_KNOWN = {
    "unknown": _LINE, "unknown_station": _LINE, "unknown_sensor": _LINE, "unknown_measure": _LINE,
    "too_old": _CLOCK, "ahead": _CLOCK, "time": _FORM, "wrong_kind": _UNITS, "total_fell": _TOTAL,
    "conflict": _TWICE, "not_json": _FORM, "empty": _FORM, "byte_order_mark": _FORM, "no_value": _FORM,
    "not_finite": _FORM, "too_large": _FORM, "too_big": _FORM, "too_deep": _FORM, "long_text": _FORM,
}  # fmt: skip


_NAMES = {
    "unknown_station": Words("line.toml にない工程", "a station that is not in line.toml"),
    "unknown_sensor": Words("line.toml にないセンサー", "a sensor that is not in line.toml"),
    "unknown_measure": Words("line.toml にない測定項目", "a measure that is not in line.toml"),
    "too_old": Words("2020年より前の時刻", "a time before 2020"),
    "ahead": Words("1日以上先の時刻", "a time more than a day ahead"),
    "time": Words("読めない時刻", "a time that cannot be read"),
    "time_order": Words("時刻の順が逆", "times out of order"),
    "wrong_kind": Words("種類の違う値", "a value of the wrong kind"),
    "level": Words("0 と 1 以外の値", "a level that is neither 0 nor 1"),
    "not_a_total": Words("0以上の整数でない積算値", "a running total that is not whole"),
    "total_fell": Words("減った積算値", "a running total that fell"),
    "conflict": Words("同じ番号に違う値", "one number with two values"),
    "not_json": Words("JSON として読めない", "a payload that is no JSON"),
    "empty": Words("中身がない", "an empty payload"),
    "byte_order_mark": Words("先頭に BOM がある", "a byte order mark"),
    "no_value": Words("値 v がない", "no value v"),
    "not_finite": Words("数でない値", "a value that is not a number"),
    "too_large": Words("大きすぎるメッセージ", "a message that is too large"),
    "too_big": Words("大きすぎる数", "a number that is too large"),
    "too_deep": Words("深すぎる JSON", "JSON that is too deep"),
    "long_text": Words("長すぎる文字", "a text that is too long"),
    "store_refused": Words("保存先が受け付けない値", "what the store will never take"),
}


def named(reason: str) -> Words:
    """A reason for people."""
    return _NAMES.get(reason) or Words(f"信じられないメッセージ({reason})", f"what cannot be believed ({reason})")


def hint(reason: str) -> Words:
    """What to do about a reason."""
    return _KNOWN.get(reason) or (_LINE if reason.startswith("unknown") else _OTHER)
