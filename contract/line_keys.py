"""Every key of line.toml, in tables: what is checked, shown in editors and printed in docs/line.md.

Those of a station stand in `line_station_keys`, those of a sensor come from the catalogue.
"""

from __future__ import annotations

from datetime import time
from typing import get_args

from contract.catalogue import REQUIRED, Catalogue
from contract.line import AFTER_S, Agreed, CalendarKind, OutboxLimits, TargetKpi, Weekday
from contract.line_kinds import Choice, Flag, Id, ListOf, Reference, Text
from contract.line_numbers import Exactly, Number, NumberOrText
from contract.line_parts import MOST_NAME
from contract.line_sayings import Target, When
from contract.line_station_keys import COUNT, LOSS, PRODUCT_AT_STATION, station_table
from contract.line_tables import Key, Named, Table, Tables, tables_in
from contract.line_times import Date, Hours, TimeOfDay, Zone
from contract.line_urls import MqttUrl, StoreUrl
from contract.words import Words

DAYS: tuple[str, ...] = get_args(Weekday)
CALENDAR_KINDS: tuple[str, ...] = get_args(CalendarKind)

_DAYS_ALSO = {
    f"{sign}{tail}": day for sign, day in zip("月火水木金土日", DAYS, strict=True) for tail in ("", "曜", "曜日")
}
_CALENDAR_ALSO = {
    "休日": "holiday",
    "休日出勤": "holiday_work",
    "残業": "overtime",
    "早出": "early",
    "計画停止": "planned_stop",
}
_TARGET_ALSO = {
    "可動率": "kadoritsu",
    "べき動率": "kadoritsu",
    "OEE": "kadoritsu",
    "時間稼働率": "availability",
    "直行率": "first_pass_ratio",
}
_FEW = 3
MOST_TODO = 80
_LIMITS = OutboxLimits()
_AGREED = Agreed()
_STATION = Reference("station", Words("工程の id", "the id of a station"), '"washer"')
_SHIFT = Reference("shift", Words("直の名前", "the name of a shift"), '"日勤"')
_PRODUCT = Reference("product", Words("品番の id", "the id of a product"), '"a-100"')

SHIFT = Table(
    shown="shifts",
    called=Words("直(勤務)", "shift"),
    keys=(
        Key("name", Text('"日勤"'), Words("直の名前", "its name"), REQUIRED),
        Key(
            "regular",
            Flag(),
            Words("定時か(残業は calendar に書く)", "regular time (overtime is in the calendar)"),
            True,
        ),
        Key(
            "days",
            ListOf(Choice(DAYS, _DAYS_ALSO), at_least=1),
            Words("働く曜日", "weekdays"),
            default_words=Words("毎日", "every day"),
        ),
        Key("start", TimeOfDay(), Words("始まり", "start"), REQUIRED),
        Key(
            "end",
            TimeOfDay(),
            Words("終わり。start より早ければ翌日", "end; earlier than start = past midnight"),
            REQUIRED,
        ),
        Key(
            "breaks",
            ListOf(Hours()),
            Words("休憩。start より早い休憩は翌日", "breaks; one earlier than start belongs to the next day"),
            (),
        ),
    ),
)

CALENDAR = Table(
    shown="calendar",
    called=Words("カレンダー", "calendar entry"),
    keys=(
        Key("date", Date(), Words("日付(直が始まる日)", "date"), REQUIRED),
        Key(
            "kind",
            Choice(CALENDAR_KINDS, _CALENDAR_ALSO),
            Words("休日 | 休日出勤 | 残業 | 早出 | 計画停止", "what is different on that date"),
            REQUIRED,
        ),
        Key("shift", _SHIFT, Words("どの直か", "which shift"), default_words=Words("すべての直", "all shifts")),
        Key("start", TimeOfDay(), Words("始まり", "start")),
        Key("end", TimeOfDay(), Words("終わり", "end")),
        Key(
            "stations",
            ListOf(_STATION, at_least=1),
            Words("どの工程か", "which stations"),
            default_words=Words("すべての工程", "all stations"),
        ),
    ),
)

PLAN = Table(
    shown="plan",
    called=Words("計画", "plan"),
    keys=(
        Key("station", _STATION, Words("工程", "station"), REQUIRED),
        Key("shift", _SHIFT, Words("直", "shift"), REQUIRED),
        Key(
            "quantity",
            Number(low=0, whole=True, example="1200"),
            Words("1直にほしい良品の数", "good pieces wanted of one shift"),
            REQUIRED,
        ),
        Key("date", Date(), Words("その日だけの計画", "only for that date"), default_words=Words("毎日", "every day")),
        Key("product", _PRODUCT, Words("品番", "product"), default_words=Words("合計", "all together")),
    ),
)

TARGET = Table(
    shown="targets",
    called=Words("目標(月報に線で出る)", "target (a line on the monthly report)"),
    keys=(
        Key("station", _STATION, Words("工程", "station"), REQUIRED),
        Key("kpi", Choice(get_args(TargetKpi), _TARGET_ALSO), Words("どの指標か", "which ratio"), REQUIRED),
        Key(
            "value",
            Number(low=0.01, high=1, example="0.85"),
            Words("目標の値(85 % なら 0.85)", "what it is meant to reach (85 % is 0.85)"),
            REQUIRED,
        ),
        Key(
            "owner",
            Text('"製造課長"', most=MOST_NAME),
            Words("目標に責任を持つ役(人の名前ではなく役)", "who answers for it (a role, not a person's name)"),
            REQUIRED,
        ),
    ),
)

REASON = Table(
    shown="reasons",
    called=Words("止まった理由", "reason"),
    keys=(
        Key("id", Id('"changeover"'), Words("id", "id"), REQUIRED),
        Key("name", Text('"段取り・調整"'), Words("現場の言葉での名前", "its name in the floor's words"), REQUIRED),
        Key("loss", LOSS, Words("何の損か", "which loss it is"), "none"),
        Key("planned", Flag(), Words("計画停止として数えるか", "counted as a planned stop?"), False),
    ),
)

PRODUCT = Table(
    shown="products.ID",
    called=Words("品番", "product"),
    keys=(
        Key(
            "name",
            Text('"ブラケットA"'),
            Words("画面に出る名前", "name shown to people"),
            default_words=Words("id と同じ", "as the id"),
        ),
        Key(
            "codes",
            ListOf(Text('"A-100"')),
            Words("バーコード・カード・ボタンが言う文字", "what a barcode, card or button says"),
            (),
        ),
        Key(
            "stations",
            Named(PRODUCT_AT_STATION, "products.ID.stations.ID", to="station"),
            Words("工程ごとの設定", "settings at stations"),
            {},
        ),
    ),
)

FLOW = Table(
    shown="flow",
    called=Words("流れ", "flow"),
    keys=(
        Key("from", _STATION, Words("前の工程", "from this station"), REQUIRED),
        Key("to", _STATION, Words("次の工程", "to that station"), REQUIRED),
    ),
)

TEAM = Table(
    shown="teams",
    called=Words("チーム", "team"),
    keys=(
        Key("id", Id('"team-a"'), Words("id(ブローカーの利用者)", "id (its broker account)"), REQUIRED),
        Key("name", Text('"A班"'), Words("名前", "name"), default_words=Words("id と同じ", "as the id")),
        Key("stations", ListOf(_STATION), Words("受け持つ工程", "the stations it builds"), ()),
        Key("budget_yen", Number(low=0, whole=True, example="200000"), Words("予算", "budget"), unit="円"),
    ),
)

RULE = Table(
    shown="rules",
    called=Words("自動で動かす規則", "rule"),
    keys=(
        Key("when", When(), Words("条件", "condition"), REQUIRED),
        Key(
            "for_s",
            Number(low=0, example="300.0"),
            Words("条件がこれだけ続いたら", "once it has been so for this long"),
            0.0,
            unit="s",
        ),
        Key("set", Target(), Words("動かす出力", "the output to be set"), REQUIRED),
        Key("value", NumberOrText(), Words("出力の値", "what it is set to"), 1.0),
        Key(
            "min_s",
            Number(low=0, example="10.0"),
            Words("切り替えの間に少なくともこれだけ空ける", "at least this long between two switches"),
            0.0,
            unit="s",
        ),
        Key(
            "hold_s",
            Number(low=0, example="5.0"),
            Words("始まったら少なくともこれだけ続ける", "once begun, for at least this long"),
            0.0,
            unit="s",
        ),
        Key(
            "until",
            When('"washer/answer/pressed == 1"'),
            Words("始まったら、この条件になるまで続ける", "once begun, it goes on until this is so"),
            default_words=Words("when が終わるまで", "until when is over"),
        ),
        Key(
            "after",
            When('"washer/soap/pressed == 1"'),
            Words(
                "先にこの条件になったときだけ始まる(1回につき1回)",
                "begins only if this was so before (once for each time)",
            ),
            default_words=Words("いつでも", "at any time"),
        ),
        Key(
            "after_s",
            Number(above=0, example="60.0"),
            Words("after がこの時間のうちにあったこと", "after must have been so within this time"),
            AFTER_S,
            unit="s",
        ),
        Key(
            "lost",
            NumberOrText(),
            Words("センサーが壊れたか黙ったときの値", "what it is set to while a sensor is broken or silent"),
            default_words=Words("安全側の状態", "the safe state"),
        ),
        Key(
            "silent_s",
            Number(above=0, example="60.0"),
            Words("これより長く値が来なければ、黙ったとみなす", "without a reading for longer, a sensor is silent"),
            default_words=Words(
                "一定間隔で読むセンサーだけ、間隔の3倍と5秒", "for sensors read at an interval: three intervals and 5 s"
            ),
            unit="s",
        ),
        Key(
            "name",
            Text('"冷蔵庫が温かい"', most=MOST_NAME),
            Words("規則の名前。続いている間、画面に出る", "its name, shown while it stands"),
            default_words=Words("条件を言葉にしたもの", "the condition in words"),
        ),
        Key(
            "todo",
            Text('"扉を閉め、班長を呼ぶ"', most=MOST_TODO),
            Words("続いている間に人がすること。画面に出る", "what a person does while it stands; shown on the pages"),
            default_words=Words("一般的な案内", "a general word"),
        ),
    ),
)

MQTT = Table(
    shown="mqtt",
    called=Words("ブローカー", "broker"),
    keys=(Key("url", MqttUrl(), Words("ブローカーの場所", "where the broker is"), "embedded"),),
)
STORE = Table(
    shown="store",
    called=Words("保存", "store"),
    keys=(
        Key(
            "url",
            StoreUrl(),
            Words("保存先(ファイルはデータフォルダーの中)", "where readings are kept (files: in the data directory)"),
            "duckdb:line.duckdb",
        ),
        Key(
            "retain_days",
            Number(above=0, example="400"),
            Words(
                "生の値を残す日数(日報と設定は 10 年)",
                "raw readings are kept so long (daily figures and settings: ten years)",
            ),
            400.0,
            unit="d",
        ),
    ),
)
HTTP = Table(
    shown="http",
    called=Words("画面と API", "pages and API"),
    keys=(
        Key(
            "open_to_lan",
            Flag(),
            Words("true: LAN の中では合い言葉なしで見られる", "true: reading needs no token on the LAN"),
            False,
        ),
    ),
)
OUTBOX = Table(
    shown="outbox",
    called=Words("送信待ち(各 Pi のディスク)", "outbox (on every agent's disk)"),
    keys=(
        Key(
            "keep_s",
            Number(low=0, example="86400.0"),
            Words("届いたと分かった後も残す時間", "kept so long after confirmation"),
            _LIMITS.keep_s,
            unit="s",
        ),
        Key(
            "max_readings",
            COUNT,
            Words("残す数の上限。超えたら古いものから捨てる", "at most so many; beyond that the oldest are dropped"),
            _LIMITS.max_readings,
        ),
        Key(
            "max_age_days",
            Number(above=0, example="30"),
            Words("残す日数の上限", "at most so old"),
            _LIMITS.max_age_days,
            unit="d",
        ),
        Key(
            "resend_after_s",
            Number(above=0, example="30.0"),
            Words("送り直すまで少なくとも待つ時間", "at least this long after a sending"),
            _LIMITS.resend_after_s,
            unit="s",
        ),
    ),
)
ALARM = Table(
    shown="alarm",
    called=Words("生産管理板の警報(現場との約束)", "the hour board's alarm, as agreed with the floor"),
    keys=(
        Key(
            "percent",
            Number(low=0, high=100, example="5.0"),
            Words("計画より何 % 遅れたら知らせるか", "it calls when so far behind the plan so far"),
            _AGREED.percent,
            unit="%",
        ),
        Key(
            "stop_min",
            Number(low=0, high=60, example="5.0"),
            Words("1時間に何分止まったら知らせるか", "it calls when it stood so long in the hour"),
            _AGREED.stop_min,
            unit="min",
        ),
    ),
)


def line_table(catalogue: Catalogue) -> Table:
    """The whole file, with the sensors and outputs of a catalogue."""
    return Table(
        shown="",
        called=Words("ライン", "line"),
        keys=(
            Key("schema", Exactly(1), Words("このファイルの書き方の版", "version of this file's form"), REQUIRED),
            Key("site", Id('"akita"'), Words("工場の id", "id of the site"), REQUIRED),
            Key("line", Id('"wash"'), Words("ラインの id", "id of the line"), REQUIRED),
            Key(
                "name",
                Text('"部品洗浄ライン"'),
                Words("画面に出る名前", "name shown to people"),
                default_words=Words("line と同じ", "as line"),
            ),
            Key("timezone", Zone(), Words("直と日付の時間帯", "shifts and days are local to it"), "Asia/Tokyo"),
            Key("day_starts", TimeOfDay(), Words("営業日の区切り", "the business day is cut here"), time(0, 0)),
            Key(
                "kadoritsu_excludes",
                ListOf(LOSS),
                Words(
                    "可動率の時間から除く停止の損(全工程)",
                    "losses whose stops are taken out of 可動率's time (all stations)",
                ),
                (),
            ),
            Key("mqtt", MQTT, MQTT.called),
            Key("store", STORE, STORE.called),
            Key("http", HTTP, HTTP.called),
            Key("outbox", OUTBOX, OUTBOX.called),
            Key("alarm", ALARM, ALARM.called),
            Key("shifts", Tables(SHIFT), SHIFT.called, ()),
            Key("calendar", Tables(CALENDAR), CALENDAR.called, ()),
            Key("plan", Tables(PLAN), PLAN.called, ()),
            Key("targets", Tables(TARGET), TARGET.called, ()),
            Key("reasons", Tables(REASON), REASON.called, ()),
            Key("products", Named(PRODUCT, "products.ID"), PRODUCT.called, {}),
            Key("flow", Tables(FLOW), FLOW.called, ()),
            Key("teams", Tables(TEAM), TEAM.called, ()),
            Key("stations", Named(station_table(catalogue), "stations.ID"), Words("工程", "stations"), {}),
            Key("rules", Tables(RULE), RULE.called, ()),
        ),
    )


def headers(table: Table, catalogue: Catalogue) -> dict[str, str]:
    """The header below which each key belongs, as far as that is one or two."""
    found: dict[str, list[str]] = {}
    for header, known in tables_in(table):
        for key in known.keys:
            found.setdefault(key.key, []).append(header or "schema = 1")
    settings = [s.key for sensor in catalogue.sensors.values() for s in sensor.settings]
    settings += [s.key for output in catalogue.outputs.values() for s in output.settings]
    for name in {"type", "role", "says", *settings}:
        found.setdefault(name, []).append("[stations.ID.sensors.ID]")
    return {key: ", ".join(places) for key, places in found.items() if len(places) <= _FEW}
