"""Every key of line.toml, in tables: this is what is checked, shown in editors and printed in docs/line.md."""

from __future__ import annotations

from datetime import time
from typing import get_args

from contract.catalogue import REQUIRED, Catalogue
from contract.line import CalendarKind, Loss, OutboxLimits, Weekday
from contract.line_kinds import Choice, Exactly, Flag, Id, ListOf, Number, NumberOrText, Reference, Text
from contract.line_parts import Parts
from contract.line_sayings import Target, When
from contract.line_tables import Key, Named, Table, Tables
from contract.line_times import Date, Hours, TimeOfDay, Zone
from contract.line_urls import MqttUrl, StoreUrl
from contract.words import Words

DAYS: tuple[str, ...] = get_args(Weekday)
LOSSES: tuple[str, ...] = get_args(Loss)
CALENDAR_KINDS: tuple[str, ...] = get_args(CalendarKind)

_LIMITS = OutboxLimits()
_SECONDS = Number(above=0)
_COUNT = Number(low=1, whole=True, example="1")
_STATION = Reference("station", Words("工程の id", "the id of a station"), '"washer"')
_SHIFT = Reference("shift", Words("直の名前", "the name of a shift"), '"日勤"')
_PRODUCT = Reference("product", Words("品番の id", "the id of a product"), '"a-100"')
_FROM = Key("from", Date(), Words("この日(の day_starts)から有効", "in force from (day_starts of) this date"), REQUIRED)

_IDEAL = Key(
    "ideal_cycle_s",
    Number(above=0, example="27.0"),
    Words("1個の一番良い、繰り返せる時間(平均ではない)", "the best repeatable cycle of one piece, not the average"),
    unit="s",
)
_PIECES = Key(
    "pieces_per_count",
    _COUNT,
    Words("1回で何個できるか(取り数、かごの中の個数)", "pieces of one count (cavities of a mould, pieces in a basket)"),
    1,
)
_PIECES_OF_PRODUCT = Key("pieces_per_count", _COUNT, _PIECES.title, default_words=Words("工程の値", "the station's"))

_IN_FORCE = (
    _IDEAL,
    _PIECES,
    Key(
        "stop_after_s",
        _SECONDS,
        Words("完成の間がこれより長いと「停止」", "a gap between pieces longer than this is a stop"),
        default_words=Words("2 × ideal_cycle_s × pieces_per_count", "2 x ideal_cycle_s x pieces_per_count"),
        unit="s",
    ),
    Key(
        "downtime_after_s",
        _SECONDS,
        Words(
            "これ以上は長い停止、短いものはチョコ停",
            "a stop at least this long is a long stop, a shorter one a short stop",
        ),
        600.0,
        unit="s",
    ),
    Key(
        "silence_after_s",
        Number(low=90, or_zero=True, example="120.0"),
        Words(
            "これより長く何も届かないと「データなし」。0 は判定しない",
            "nothing heard for longer than this is no data; 0 = never judge",
        ),
        default_words=Words("120(agent がない工程は 0)", "120 (0 for a station without an agent)"),
        unit="s",
    ),
    Key(
        "breaks",
        ListOf(Hours()),
        Words("直の休憩の代わりの休憩。[] は交代で止めない", "replaces the shift's breaks; [] = relieved, runs on"),
        default_words=Words("直の breaks", "the shift's"),
    ),
    Key(
        "people",
        Number(low=0, example="0.5"),
        Words("ここで働く人数(1人で2台なら 0.5 ずつ)", "how many work here (one person on two machines = 0.5 each)"),
        1.0,
    ),
    Key(
        "scrap_is_counted",
        Flag(),
        Words("不良もサイクルのセンサーを通るか", "does a bad piece also pass the cycle sensor?"),
        True,
    ),
    Key(
        "privacy",
        Choice(("station", "person")),
        Words("person: 特定の1人が働く工程(細かい値を見せない)", "person: one identifiable person works here"),
        "station",
    ),
    Key(
        "kadoritsu_excludes",
        ListOf(Choice(LOSSES)),
        Words("可動率の時間から除く停止の損", "losses whose stops are taken out of 可動率's time"),
        default_words=Words("いちばん上の kadoritsu_excludes", "the top level's"),
    ),
)


def _changed(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """The same keys in a ``since`` table: left out = as before."""
    as_before = Words("前のまま", "as before")
    return (_FROM, *(Key(k.key, k.kind, k.title, None, as_before, k.unit) for k in keys))


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
            ListOf(Choice(DAYS), at_least=1),
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
            Choice(CALENDAR_KINDS),
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

REASON = Table(
    shown="reasons",
    called=Words("止まった理由", "reason"),
    keys=(
        Key("id", Id('"changeover"'), Words("id", "id"), REQUIRED),
        Key("name", Text('"段取り・調整"'), Words("現場の言葉での名前", "its name in the floor's words"), REQUIRED),
        Key("loss", Choice(LOSSES), Words("何の損か", "which loss it is"), "none"),
        Key("planned", Flag(), Words("計画停止として数えるか", "counted as a planned stop?"), False),
    ),
)

PRODUCT_AT_STATION = Table(
    shown="products.ID.stations.ID",
    called=Words("工程ごとの品番の設定", "product at a station"),
    keys=(
        _IDEAL,
        _PIECES_OF_PRODUCT,
        Key(
            "since",
            Tables(
                Table(
                    shown="products.ID.stations.ID.since",
                    called=Words("日付からの設定", "settings from a date on"),
                    keys=_changed((_IDEAL, _PIECES_OF_PRODUCT)),
                    at_least_one_of=("ideal_cycle_s", "pieces_per_count"),
                )
            ),
            Words("日付からの設定", "what is in force from a date on"),
            (),
        ),
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
            Words("少なくともこれだけ続ける", "for at least this long"),
            0.0,
            unit="s",
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
            _COUNT,
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


def station_table(catalogue: Catalogue) -> Table:
    """``[stations.ID]`` with the sensors and outputs of a catalogue."""
    since = Table(
        shown="stations.ID.since",
        called=Words("日付からの設定", "settings from a date on"),
        keys=_changed(_IN_FORCE),
        at_least_one_of=tuple(key.key for key in _IN_FORCE),
    )
    return Table(
        shown="stations.ID",
        called=Words("工程", "station"),
        keys=(
            Key("name", Text('"洗浄機"'), Words("画面に出る名前", "name shown to people"), REQUIRED),
            Key(
                "agent",
                Id('"pi-1"'),
                Words(
                    "どの Raspberry Pi が読むか。すべて external なら省ける",
                    "which Pi reads it; may be left out where all sensors are external",
                ),
            ),
            *_IN_FORCE,
            Key(
                "since",
                Tables(since),
                Words("日付からの設定。過去はそのまま", "what is in force from a date on; the past keeps its own"),
                (),
            ),
            Key("sensors", Parts(catalogue.sensors, "stations.ID.sensors.ID"), Words("センサー", "sensors"), {}),
            Key("outputs", Parts(catalogue.outputs, "stations.ID.outputs.ID"), Words("出力", "outputs"), {}),
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
                ListOf(Choice(LOSSES)),
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
            Key("shifts", Tables(SHIFT), SHIFT.called, ()),
            Key("calendar", Tables(CALENDAR), CALENDAR.called, ()),
            Key("plan", Tables(PLAN), PLAN.called, ()),
            Key("reasons", Tables(REASON), REASON.called, ()),
            Key("products", Named(PRODUCT, "products.ID"), PRODUCT.called, {}),
            Key("flow", Tables(FLOW), FLOW.called, ()),
            Key("teams", Tables(TEAM), TEAM.called, ()),
            Key("stations", Named(station_table(catalogue), "stations.ID"), Words("工程", "stations"), {}),
            Key("rules", Tables(RULE), RULE.called, ()),
        ),
    )
