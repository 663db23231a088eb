"""Why a message lies in quarantine and what to do about it, in the words of the floor: for pages and `kojo doctor`."""

from contract.line import Line
from contract.line_report import did_you_mean, nearest
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
    '{"v": 23.5} のような JSON で送ってください。書き方は docs/guide.md の「ほかの機器から送る」にあります。',
    'Send JSON such as {"v": 23.5}; docs/guide.md shows its form.',
)
_BATCH = Words(
    "番号つきのまとまり(stream、seq、t、v、clock)の書き方を直してください。"
    '番号を付けない機器なら、{"v": 23.5} だけで足ります。',
    'Mend the numbered batch (stream, seq, t, v, clock). A device that keeps no numbers just sends {"v": 23.5}.',
)
_UNITS = Words(
    "line.toml の measures(kind)と、送る値の種類を合わせてください。",
    "Make the kind in line.toml (measures) and what is sent agree.",
)
_OTHER = Words(
    "中身は「kojo doctor」か、API の /api/v1/quarantine で見られます。",
    "See what it holds with `kojo doctor`, or at /api/v1/quarantine of the API.",
)

_KNOWN = {
    "unknown": _LINE, "unknown_station": _LINE, "unknown_sensor": _LINE, "unknown_measure": _LINE,
    "too_old": _CLOCK, "ahead": _CLOCK, "wrong_kind": _UNITS, "not_json": _FORM, "no_value": _FORM,
    "arrays": _BATCH, "stream": _BATCH, "seq": _BATCH, "from": _BATCH, "agent": _BATCH, "clock": _BATCH, "sent": _BATCH,
    "time": Words(
        "t は整数のナノ秒か、時差つきの時刻(2026-11-18T09:00:00+09:00)で送るか、省いてください。",
        "Send t as whole nanoseconds or as a time with its offset (2026-11-18T09:00:00+09:00), or leave it out.",
    ),
    "time_order": Words(
        "1つのまとまりの t は、古い順に、同じ時刻を繰り返さずに並べてください。",
        "Within a batch t must increase: the oldest first, no time twice.",
    ),
    "level": Words("0 か 1 を送ってください。", "Send 0 or 1."),
    "not_a_total": Words(
        "積算値(0以上の整数)を送ってください。1個ごとに知らせる機器なら、line.toml で kind = \"event\" にします。",
        'Send a running total, whole and not negative; for one message a piece write kind = "event" in line.toml.',
    ),
    "total_fell": Words(
        "積算値が減りました。機器が再起動したなら新しい stream で送るか、stream なしで送ってください。",
        "A running total fell. After a restart of the device, send under a new stream, or without one.",
    ),
    "conflict": Words(
        "2台が同じ stream を使っていないか(outbox の写し)、時刻つきの値を送り直していないか確かめてください。",
        "See whether two devices use one stream (a copied outbox), or a value with a time was sent again otherwise.",
    ),
    "empty": Words("値を入れて送ってください。", "Send a value in it."),
    "byte_order_mark": Words("BOM を付けない UTF-8 で送ってください。", "Send UTF-8 without a byte order mark."),
    "not_finite": Words(
        "測れなかったときは NaN や無限大を送らず、何も送らないでください。",
        "Where nothing could be measured, send nothing instead of NaN or infinity.",
    ),
    "too_large": Words("256 KiB までに分けて送ってください。", "Send it in pieces of at most 256 KiB."),
    "too_big": Words("2^53 を超えない数で送ってください。", "Send numbers of at most 2^53."),
    "too_deep": Words("入れ子を浅くして送ってください(16段まで)。", "Nest it less deeply (16 at most)."),
    "long_text": Words("文字は 256 文字までにしてください。", "Send text of at most 256 characters."),
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
    "arrays": Words("t と v の長さが違うか、空", "t and v of different length, or empty"),
    "stream": Words("使えない stream", "a stream that is no name"),
    "seq": Words("使えない番号 seq", "a number seq that cannot be used"),
    "from": Words("使えない from", "a from that cannot be used"),
    "agent": Words("使えない agent", "an agent that is no id"),
    "clock": Words("使えない clock", "a clock that is not known"),
    "sent": Words("使えない sent", "a sent that is no time"),
    "not_judged": Words("判定できなかった", "what could not be judged"),
    "store_refused": Words("保存先が受け付けない値", "what the store will never take"),
}


_NOT_FOR_EVER = {"wrong_kind", "level", "not_a_total", "ahead", "not_judged", "store_refused"}


def named(reason: str) -> Words:
    """A reason for people."""
    return _NAMES.get(reason) or Words(f"信じられないメッセージ({reason})", f"what cannot be believed ({reason})")


def hint(reason: str) -> Words:
    """What to do about a reason."""
    return _KNOWN.get(reason) or (_LINE if reason.startswith("unknown") else _OTHER)


def can_be_judged_again(reason: str) -> bool:
    """Whether another judgement may take such a message in: once the line is corrected, or its time has come."""
    return reason in _NOT_FOR_EVER or reason.startswith("unknown")


def remedy(topic: str, reason: str, line: Line | None) -> Words:
    """What to do about a message on ``topic``: as `hint`, with the nearest name where the line does not know it."""
    return _misspelt(topic, reason, line) or hint(reason)


def _misspelt(topic: str, reason: str, line: Line | None) -> Words | None:
    series = line.topics.series(topic) if line is not None else None
    if line is None or series is None or not reason.startswith("unknown"):
        return None
    station = line.stations.get(series.station)
    if station is None:
        near = nearest(series.station, line.stations)
    elif series.sensor not in station.sensors:
        near = nearest(series.sensor, station.sensors)
    else:
        measures = (m.key for m in station.sensors[series.sensor].measures)
        near = nearest(series.measure, measures)
    if near is None:
        return None
    meant = did_you_mean(near)
    return Words(
        f"{meant.ja}送る側のトピックを直してください(この分はもう一度送ります。要らなければそのままで構いません)。"
        "その名前が正しいなら line.toml に書き足して kojo serve を起動し直します。",
        f"{meant.en} Mend the topic at the sender, and send these again (or leave them). If the name is right, add it "
        "to line.toml and start kojo serve anew.",
    )
