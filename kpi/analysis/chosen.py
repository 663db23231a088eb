"""Which series somebody chose: "washer/air/temperature", with its title, unit and kind as the line has them."""

from dataclasses import dataclass

from contract.catalogue import Measure
from contract.line import Line, Station
from contract.reading import Series
from contract.words import Words
from kpi.history import History
from kpi.privacy import is_plain, veiled
from kpi.problems import Problem, unknown
from kpi.tokens import Role

MOST_SERIES = 12
MOST_NAME = 99


@dataclass(frozen=True, slots=True)
class Chosen:
    """One series of numbers. ``line`` is the newest version of the line that knows it."""

    series: Series
    measure: Measure
    line: Line

    @property
    def key(self) -> str:
        """Its name, as it was asked."""
        return str(self.series)

    @property
    def station(self) -> Station:
        """Its station."""
        return self.line.stations[self.series.station]

    @property
    def title(self) -> Words:
        """What people call it: station and measure."""
        name = self.station.name
        return Words(f"{name} {self.measure.title.ja}", f"{name} {self.measure.title.en}")

    @property
    def unit(self) -> Words:
        """The unit of a step's value: of a count the counts, of a level the share of time that it was 1."""
        if self.measure.kind in ("total", "event"):
            return Words("回", "counts")
        if self.measure.kind == "level":
            return Words("1の割合", "share of 1")
        return Words(self.measure.unit, self.measure.unit)

    def is_veiled(self, newest: Line, role: Role) -> bool:
        """Whether a role may see nothing of it that is finer than an hour (`kpi.privacy`)."""
        station = newest.stations.get(self.series.station, self.station)
        return veiled(station, role) and not is_plain(self.line, self.series)


def choose(history: History, listed: str, least: int = 2, most: int = MOST_SERIES) -> list[Chosen]:
    """The series of a list, "st/se/me,st/se/me". Raises Problem (404, 422)."""
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if not least <= len(names) <= most:
        raise _how_many(least, most)
    if len(set(names)) < len(names):
        raise Problem(
            422,
            "twice",
            Words("同じ系列が2回あります。", "A series is named twice."),
            Words("1回ずつ書いてください。", "Name each once."),
        )
    return [_one(history, name) for name in names]


def _one(history: History, name: str) -> Chosen:
    parts = name.split("/")
    if len(parts) != 3 or not all(parts) or len(name) > MOST_NAME:
        raise Problem(
            422,
            "bad-series",
            Words(f"「{name[:64]}」は系列の名前ではありません。", f"{name[:64]!r} is no name of a series."),
            Words(
                "「工程/センサー/測定値」の形で書いてください(例 washer/air/temperature)。",
                "Write station/sensor/measure, such as washer/air/temperature.",
            ),
        )
    series = Series(*parts)
    for _, line in reversed(history.versions):
        measure = line.measure(series)
        if measure is not None:
            if measure.kind == "text":
                raise _text(name)
            return Chosen(series, measure, line)
    raise unknown("系列", "series", name, _known(history.newest))


def _known(line: Line) -> list[str]:
    return [
        str(sensor.series(measure.key))
        for station in line.stations.values()
        for sensor in station.sensors.values()
        for measure in sensor.measures
        if measure.kind != "text"
    ]


def _how_many(least: int, most: int) -> Problem:
    count = f"{least}" if least == most else f"{least}~{most}"
    return Problem(
        422,
        "bad-series",
        Words(f"series は {count} 個です。", f"series names {count.replace('~', ' to ')} of them."),
        Words(
            "「series=washer/air/temperature,washer/done/count」のように、コンマで区切ります。",
            "Separate them with commas: series=washer/air/temperature,washer/done/count.",
        ),
    )


def _text(name: str) -> Problem:
    return Problem(
        422,
        "text-series",
        Words(f"「{name[:64]}」は文字の系列なので、計算できません。", f"{name[:64]!r} is text, not numbers."),
        Words("数の系列を選んでください。", "Choose a series of numbers."),
    )
