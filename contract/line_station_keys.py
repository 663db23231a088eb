"""Every key of a station in line.toml, and of products at a station."""

from __future__ import annotations

from typing import get_args

from contract.catalogue import REQUIRED, Catalogue
from contract.line import Loss
from contract.line_kinds import Choice, Flag, Id, ListOf, Text
from contract.line_numbers import Number
from contract.line_parts import Parts
from contract.line_tables import Key, Table, Tables
from contract.line_times import Date, Hours
from contract.words import Words

LOSSES: tuple[str, ...] = get_args(Loss)
_LOSSES_ALSO = {
    "故障": "failure",
    "段取り": "setup",
    "刃具交換": "tool",
    "立ち上がり": "startup",
    "チョコ停": "minor",
    "材料なし": "starved",
    "つかえ": "blocked",
    "不良": "quality",
}
LOSS = Choice(LOSSES, _LOSSES_ALSO)
COUNT = Number(low=1, whole=True, example="1")
SECONDS = Number(above=0)
_FROM = Key("from", Date(), Words("この日(の day_starts)から有効", "in force from (day_starts of) this date"), REQUIRED)

_IDEAL = Key(
    "ideal_cycle_s",
    Number(above=0, example="27.0"),
    Words("1個の一番良い、繰り返せる時間(平均ではない)", "the best repeatable cycle of one piece, not the average"),
    unit="s",
)
_PIECES = Key(
    "pieces_per_count",
    COUNT,
    Words("1回で何個できるか(取り数、かごの中の個数)", "pieces of one count (cavities of a mould, pieces in a basket)"),
    1,
)
_PIECES_OF_PRODUCT = Key("pieces_per_count", COUNT, _PIECES.title, default_words=Words("工程の値", "the station's"))

_IN_FORCE = (
    _IDEAL,
    _PIECES,
    Key(
        "stop_after_s",
        SECONDS,
        Words("完成の間がこれより長いと「停止」", "a gap between pieces longer than this is a stop"),
        default_words=Words("2 × ideal_cycle_s × pieces_per_count", "2 x ideal_cycle_s x pieces_per_count"),
        unit="s",
    ),
    Key(
        "downtime_after_s",
        SECONDS,
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
        ListOf(LOSS),
        Words("可動率の時間から除く停止の損", "losses whose stops are taken out of 可動率's time"),
        default_words=Words("いちばん上の kadoritsu_excludes", "the top level's"),
    ),
)


def _changed(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """The same keys in a ``since`` table: left out = as before."""
    as_before = Words("前のまま", "as before")
    return (_FROM, *(Key(k.key, k.kind, k.title, None, as_before, k.unit) for k in keys))


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
