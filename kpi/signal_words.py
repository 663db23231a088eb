"""Rules, outputs and what sensors say, in the words of the floor."""

from contract.line import Condition, Line, Output, Rule, Sensor
from contract.reading import Value
from contract.words import Words

ON_OFF = {0: Words("オフ", "off"), 1: Words("オン", "on")}
_OUTPUTS = {
    "lamp": {0: Words("消灯", "off"), 1: Words("点灯", "on")},
    "buzzer": {0: Words("止", "silent"), 1: Words("鳴っている", "sounding")},
}
_COLOURS = {
    "red": Words("赤", "red"),
    "amber": Words("黄", "amber"),
    "green": Words("緑", "green"),
    "blue": Words("青", "blue"),
}
_TEXTS = {
    "off": Words("消灯", "off"),
    "on": Words("点灯", "on"),
    "blinking": Words("点滅", "blinking"),
    **_COLOURS,
    **{f"blink-{key}": Words(f"{said.ja}の点滅", f"blinking {said.en}") for key, said in _COLOURS.items()},
}
_LAMPS = ("signal_tower", "signal_light")
_PRESSED = "pressed"
_COMPARED = {
    ">": Words("{name}が{limit}を超えています", "{name} is above {limit}"),
    ">=": Words("{name}が{limit}以上です", "{name} is {limit} or more"),
    "<": Words("{name}が{limit}を下回っています", "{name} is below {limit}"),
    "<=": Words("{name}が{limit}以下です", "{name} is {limit} or less"),
    "==": Words("{name}が{limit}です", "{name} is {limit}"),
    "!=": Words("{name}が{limit}ではありません", "{name} is not {limit}"),
}


def quoted(name: str) -> Words:
    """A name as it stands in a sentence."""
    return Words(f"「{name}」", f"“{name}”")


def value_said(thing: Sensor | Output, value: Value) -> Words:
    """A level or a text in words; a number as it is. ``thing`` says it."""
    if isinstance(value, str):
        plain = Words(value, value)
        return _TEXTS.get(value, plain) if thing.type in _LAMPS else plain
    levels = _OUTPUTS.get(thing.type, ON_OFF) if isinstance(thing, Output) else ON_OFF
    return levels.get(int(value) if value in (0, 1) else -1, Words(f"{value:g}", f"{value:g}"))


def is_press(line: Line, condition: Condition) -> bool:
    """Whether somebody's hand makes it so: a button that is pressed, a card or a code that is read."""
    measure = line.measure(condition.series)
    sensor = _thing(line, condition)
    if isinstance(sensor, Output) or measure is None:
        return False
    return condition.series.measure == _PRESSED or measure.kind == "event"


def condition_said(line: Line, condition: Condition) -> Words:
    """「庫内の温度」が 10 °C を超えています。 Without the full stop."""
    thing, measure = _thing(line, condition), line.measure(condition.series)
    if thing is None or measure is None:
        return Words(str(condition), str(condition))
    named = quoted(thing.called)
    if condition.series.measure == _PRESSED and condition.operator == "==":
        return Words(f"{named.ja}が押されました", f"{named.en} was pressed")
    many = not isinstance(thing, Output) and len(thing.measures) > 1
    name = Words(f"{named.ja}の{measure.title.ja}", f"{named.en}, {measure.title.en},") if many else named
    limit = _limit(thing, condition, measure.unit, measure.kind)
    said = _COMPARED[condition.operator]
    return Words(said.ja.format(name=name.ja, limit=limit.ja), said.en.format(name=name.en, limit=limit.en))


def watch_said(line: Line, rule: Rule) -> Words:
    """What a rule watches over, short: its name, else its condition."""
    return Words(rule.name, rule.name) if rule.name else condition_said(line, rule.when)


def long_said(seconds: float) -> Words:
    """「5 分」."""
    if seconds >= 3600 and seconds % 3600 == 0:
        return Words(f"{seconds / 3600:g} 時間", f"{seconds / 3600:g} h")
    if seconds >= 60 and seconds % 60 == 0:
        return Words(f"{seconds / 60:g} 分", f"{seconds / 60:g} min")
    return Words(f"{seconds:g} 秒", f"{seconds:g} s")


def _thing(line: Line, condition: Condition) -> Sensor | Output | None:
    station = line.stations.get(condition.series.station)
    if station is None:
        return None
    id = condition.series.sensor
    return station.sensors.get(id) or station.outputs.get(id)


def _limit(thing: Sensor | Output, condition: Condition, unit: str, kind: str) -> Words:
    if isinstance(condition.limit, str):
        said = value_said(thing, condition.limit)
        return Words(f"「{said.ja}」", f"“{said.en}”")
    if kind == "level":
        said = value_said(thing, condition.limit)
        return Words(f"「{said.ja}」", f"“{said.en}”")
    number = f"{condition.limit:g} {unit}".strip()
    return Words(f" {number} ", number)
