"""What is no mistake and yet hardly meant: thresholds that can see nothing, or see what is not there, and the like.

    for word in advice(line):
        print(word.say())       # line.toml:57: stations.washer.stop_after_s: … Hint: …

`kojo check` shows these after the line; its exit code stays 0. Each threshold is looked at with every setting that is
ever in force with it, `since` tables included. "Can see nothing" is meant literally: by the definitions of the time
ledger (contract section 4) no reading whatever could make that threshold tell anything.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from contract.catalogue import EXTERNAL
from contract.errors import Mistake
from contract.line import Line, ProductAtStation, Rule, Sensor, Shift, Station
from contract.line_places import Path, places, spot
from contract.line_report import hint
from contract.words import Words

MARGIN = 1.2
"""A cycle spreads: a threshold nearer to the ideal than this takes ordinary pieces for stops."""

LONGEST_SHIFT_S = 16 * 3600.0
"""Longer than two ordinary shifts: most often 5:15 was written for 17:15."""

_SAMPLED = ("cycle", "scrap", "rework", "running", "phase")
Word = tuple[Path, Words, Words]


def advice(line: Line) -> list[Mistake]:
    """Everything worth a second look, in the order of the file. It needs ``line.text``."""
    known = places(line.text)
    file = str(line.file or "line.toml")
    found = [
        Mistake(file, known.row(path), spot(path), what, tip)
        for station in line.stations.values()
        for path, what, tip in _of_station(line, station)
    ]
    of_all = (*_of_rules(line), *_probes(line), *_long_shifts(line))
    found += [Mistake(file, known.row(path), spot(path), what, tip) for path, what, tip in of_all]
    return sorted(dict.fromkeys(found), key=lambda word: (word.row, word.where))


def _of_station(line: Line, station: Station) -> Iterator[Word]:
    said: set[Words] = set()
    for table, here in _in_force(station):
        for word in (*_stops(line, here, table), *_silence(here, table), *_reach(here)):
            if word[1] not in said:  # a date that leaves these settings as they were says nothing new
                said.add(word[1])
                yield word
    for sensor in station.sensors.values():
        yield from _sampling(station, sensor)
        yield from _crossed(sensor)


def _crossed(sensor: Sensor) -> Iterator[Word]:
    """Limits of a clamp in the wrong order: the line is read all the same, and the sensor does not open."""
    idle, run = sensor.settings.get("idle_a"), sensor.settings.get("run_a")
    if isinstance(idle, int | float) and isinstance(run, int | float) and idle >= run:
        yield (
            _sensor(sensor, "run_a"),
            Words(f"idle_a({idle:g} A)が run_a({run:g} A)以上なので、このセンサーは動きません。",
                  f"idle_a ({idle:g} A) is not below run_a ({run:g} A): this sensor does not start."),
            hint("idle_a は空転と止まりの間、run_a は加工中と空転の間にします。",
                 "put idle_a between standing and idling, run_a between idling and working."),
        )  # fmt: skip


def _long_shifts(line: Line) -> Iterator[Word]:
    """A shift of more than 16 hours."""
    for index, shift in enumerate(line.shifts):
        if (seconds := _seconds(shift)) > LONGEST_SHIFT_S:
            hours, start, end = seconds / 3600, f"{shift.hours.start:%H:%M}", f"{shift.hours.end:%H:%M}"
            yield (
                ("shifts", index, "end"),
                Words(f"{start} から {end} までは {hours:.1f} 時間の勤務です。",
                      f"from {start} to {end} is a shift of {hours:.1f} hours."),
                hint("午後は 24 時間の書き方にします(5:15 ではなく 17:15)。これでよければ、そのままで構いません。",
                     "write afternoons as 17:15, not 5:15; if it is meant so, leave it."),
            )  # fmt: skip


def _probes(line: Line) -> Iterator[Word]:
    """Of several probes on one wire each needs its number: nobody could tell them apart, so none would open."""
    for agent in line.agents:
        many = [s for station in line.stations_of(agent) for s in station.sensors.values() if "probe" in s.settings]
        for sensor in many if len(many) > 1 else ():
            if sensor.settings["probe"] is None:
                yield (
                    ("stations", sensor.station, "sensors", sensor.id),
                    Words(f"{agent} には {sensor.type} が {len(many)} 本あるので、probe(番号)がないと開けません。",
                          f"{agent} has {len(many)} sensors of type {sensor.type}: without probe this one won't open."),
                    hint('probe = "28-0316a2795ad1" のように書きます。番号は ls /sys/bus/w1/devices で見えます。',
                         'write its number, like probe = "28-0316a2795ad1"; ls /sys/bus/w1/devices shows it.'),
                )  # fmt: skip


def _in_force(station: Station) -> Iterator[tuple[Path, Station]]:
    """The station as each of its tables leaves it, with the path of that table."""
    own: Path = ("stations", station.id)
    yield own, station
    for index, since in enumerate(station.since):
        yield (*own, "since", index), station.on(since.start)


def _stops(line: Line, here: Station, table: Path) -> Iterator[Word]:
    """`stop_after_s` against `downtime_after_s`, the ideals, and the longest shift."""
    stop, long = here.stop_after_s, here.downtime_after_s
    if stop is not None and stop >= long:
        yield (
            (*table, "stop_after_s"),
            Words(f"stop_after_s({stop:g} 秒)が downtime_after_s({long:g} 秒)以上なので、チョコ停は一つも出ません。",
                  f"stop_after_s ({stop:g} s) is not below downtime_after_s ({long:g} s): there can be no short stop."),
            hint("downtime_after_s を長くするか、stop_after_s を短くします。",
                 "make downtime_after_s longer, or stop_after_s shorter."),
        )  # fmt: skip
    if stop is not None and here.stop_after_is_written:
        ideal, product = max(((i, p) for p, i in _ideals(line, here)), default=(0.0, ""))
        if ideal < stop < MARGIN * ideal:
            yield _tight(table, stop, ideal, product)
    longest = max((_seconds(shift) for shift in line.shifts), default=None)
    for key, value in (("downtime_after_s", long), ("stop_after_s", stop)):
        if longest is not None and value is not None and value > longest:
            kind = Words("長い停止", "long stop") if key == "downtime_after_s" else Words("停止", "stop")
            yield (
                (*table, key),
                Words(f"{value:g} 秒は一番長い直({longest:g} 秒)より長いので、{kind.ja}は一つも出ません。",
                      f"{value:g} s is longer than the longest shift ({longest:g} s): there can be no {kind.en}."),
                hint("秒で書きます。1 時間は 3600 です。", "it is in seconds; an hour is 3600."),
            )  # fmt: skip


def _tight(table: Path, stop: float, ideal: float, product: str) -> Word:
    of = Words(f"({product})" if product else "", f" of {product}" if product else "")
    return (
        (*table, "stop_after_s"),
        Words(f"stop_after_s({stop:g} 秒)が1回の基準サイクル{of.ja}({ideal:g} 秒)に近く、普通の1個まで停止になります。",
              f"stop_after_s ({stop:g} s) is near the ideal cycle{of.en} ({ideal:g} s): ordinary pieces become stops."),
        hint("1週間動かして、画面「しきい値の決め方」で決めます。",
             "let it run for a week and see the page on thresholds (/thresholds)."),
    )  # fmt: skip


def _ideals(line: Line, here: Station) -> Iterator[tuple[str, float]]:
    """Ideal seconds of one count: the station's, and each product's, as ever in force."""
    if here.ideal_cycle_s:
        yield "", here.ideal_cycle_s * here.pieces_per_count
    for product in line.products.values():
        own = product.stations.get(here.id)
        for at in _ever(own) if own else ():
            ideal, each = at.ideal_cycle_s or here.ideal_cycle_s, at.pieces_per_count or here.pieces_per_count
            if ideal:
                yield product.name, ideal * each


def _ever(own: ProductAtStation) -> Iterator[ProductAtStation]:
    yield own
    for since in own.since:
        yield own.on(since.start)


def _seconds(shift: Shift) -> float:
    start, end = (datetime.combine(date.min, clock) for clock in (shift.hours.start, shift.hours.end))
    return ((end - start) % timedelta(days=1)).total_seconds()


def _silence(here: Station, table: Path) -> Iterator[Word]:
    """`silence_after_s` of a station that no agent keeps alive: whoever sends only pieces is silent when it stands."""
    silence, stop = here.silence_after_s, here.stop_after_s
    if here.agent is None and silence and stop is not None and silence <= stop:
        yield (
            (*table, "silence_after_s"),
            Words(f"silence_after_s({silence:g} 秒)が stop_after_s({stop:g} 秒)以下です。完成だけを送る機器では、"
                  "停止がすべて「データなし」になります。",
                  f"silence_after_s ({silence:g} s) is not above stop_after_s ({stop:g} s): of a device that sends "
                  "only pieces, every stop is no data."),
            hint("silence_after_s = 0(判定しない)にするか、機器から 60 秒ごとに何かを送ります。",
                 "write silence_after_s = 0 (never judge), or have the device send something every 60 s."),
        )  # fmt: skip


def _reach(here: Station) -> Iterator[Word]:
    """What a contact must hold still before it counts, against the cycle and the stop it is meant to show."""
    for sensor in here.with_role("cycle"):
        quiet = _quiet_s(sensor)
        ideal = here.ideal_cycle_s * here.pieces_per_count if here.ideal_cycle_s else None
        if quiet is None:
            continue
        if here.stop_after_s is not None and quiet >= here.stop_after_s:
            yield (
                _sensor(sensor, "debounce_ms"),
                Words(f"はね止め(計 {quiet:g} 秒)が stop_after_s({here.stop_after_s:g} 秒)以上なので、"
                      "1個ごとに停止になるか、何も数えません。",
                      f"the contact must be quiet for {quiet:g} s in all, not less than stop_after_s "
                      f"({here.stop_after_s:g} s): each piece is a stop, or none is counted."),
                hint("debounce_ms はミリ秒です。普通は 20 です。", "debounce_ms is in milliseconds; 20 is usual."),
            )  # fmt: skip
        elif ideal is not None and quiet >= ideal:
            yield (
                _sensor(sensor, "debounce_ms"),
                Words(f"はね止め(計 {quiet:g} 秒)が1回の基準サイクル({ideal:g} 秒)以上なので、速い個を数え落とします。",
                      f"the contact must be quiet for {quiet:g} s in all, not less than one ideal cycle ({ideal:g} s): "
                      "fast pieces are missed."),
                hint("debounce_ms はミリ秒です。普通は 20 です。", "debounce_ms is in milliseconds; 20 is usual."),
            )  # fmt: skip


def _quiet_s(sensor: Sensor) -> float | None:
    """Seconds a contact must be quiet in one on and off; None where nothing is debounced."""
    on, off = sensor.settings.get("debounce_ms"), sensor.settings.get("release_ms")
    if not isinstance(on, int | float):
        return None
    return (on + (off if isinstance(off, int | float) else on)) / 1000


def _sampling(station: Station, sensor: Sensor) -> Iterator[Word]:
    """Sensors that are asked every so often, against what their role is meant to show."""
    every = sensor.settings.get("every_s")
    if sensor.role is None or sensor.role.kind not in _SAMPLED or not isinstance(every, int | float):
        return
    for _, here in _in_force(station):
        stop, ideal = here.stop_after_s, here.ideal_cycle_s
        if stop is not None and every >= stop:
            yield (
                _sensor(sensor, "every_s"),
                Words(f"{every:g} 秒ごとに読むのでは、stop_after_s({stop:g} 秒)の停止を見分けられません。",
                      f"read every {every:g} s, it cannot tell a stop of stop_after_s ({stop:g} s)."),
                hint(f"every_s を {stop / 4:g} 以下にします。", f"write every_s = {stop / 4:g} or less."),
            )  # fmt: skip
        elif sensor.role.kind == "phase" and ideal is not None and every >= ideal:
            yield (
                _sensor(sensor, "every_s"),
                Words(f"{every:g} 秒ごとに読むのでは、1個({ideal:g} 秒)ごとの要素時間は見えません。",
                      f"read every {every:g} s, it cannot see the phase of each piece ({ideal:g} s)."),
                hint(f"every_s を {ideal / 10:g} 以下にするか、接点(level)で取ります。",
                     f"write every_s = {ideal / 10:g} or less, or take it from a contact (level)."),
            )  # fmt: skip
        if here.silence_after_s and every > here.silence_after_s:
            yield (
                _sensor(sensor, "every_s"),
                Words(f"{every:g} 秒ごとに読むのでは、silence_after_s({here.silence_after_s:g} 秒)は"
                      "このセンサーの断に気づけません(エージェントの合図だけを見ます)。",
                      f"read every {every:g} s, its death is nothing silence_after_s ({here.silence_after_s:g} s) "
                      "could notice: it sees the agent's own sign of life only."),
                hint("every_s を短くします。", "make every_s shorter."),
            )  # fmt: skip


def _sensor(sensor: Sensor, key: str) -> Path:
    return ("stations", sensor.station, "sensors", sensor.id, key)


def _of_rules(line: Line) -> Iterator[Word]:
    """Rules no Pi can follow, whose limit no value passes, or that are quicker than their sensor is read."""
    for index, rule in enumerate(line.rules):
        yield from _unseen(line, rule, index)
        measure = line.measure(rule.series)
        if measure is not None and isinstance(rule.limit, float):
            bounds = measure.low, measure.high
            if _never(rule.operator, rule.limit, *bounds):
                yield (
                    ("rules", index, "when"),
                    Words(f"{rule.series} は {_range(*bounds)} なので、この条件は決して成り立ちません。",
                          f"{rule.series} lies in {_range(*bounds)}: this never comes true."),
                    hint("単位と数字を確かめます。", "check the unit and the number."),
                )  # fmt: skip
        sensor = line.stations[rule.series.station].sensors.get(rule.series.sensor)
        every = sensor.settings.get("every_s") if sensor else None
        if isinstance(every, int | float) and 0 < rule.for_s < every:
            yield (
                ("rules", index, "for_s"),
                Words(f"センサーは {every:g} 秒ごとにしか読まないので、for_s = {rule.for_s:g} は 0 と同じです。",
                      f"the sensor is read every {every:g} s only: for_s = {rule.for_s:g} is as good as 0."),
                hint(f"for_s を {every:g} より長くするか、every_s を短くします。",
                     f"make for_s longer than {every:g}, or every_s shorter."),
            )  # fmt: skip


def _unseen(line: Line, rule: Rule, index: int) -> Iterator[Word]:
    """Conditions on what another device publishes: rules look at what their own Pi reads."""
    for key, condition in (("when", rule.when), ("until", rule.until), ("after", rule.after)):
        station = condition and line.stations[condition.series.station]
        sensor = station.sensors.get(condition.series.sensor) if condition and station else None
        if sensor is not None and sensor.type == EXTERNAL.type:
            yield (
                ("rules", index, key),
                Words(f"{sensor.station}/{sensor.id} はほかの機器が送る値なので、この規則はどの Pi でも動きません。",
                      f"{sensor.station}/{sensor.id} is published by another device: no Pi follows this rule."),
                hint("そのセンサーを Pi につなぐか、規則をその機器の側に書きます。",
                     "wire that sensor to a Pi, or have that device do it."),
            )  # fmt: skip


def _never(operator: str, limit: float, low: float | None, high: float | None) -> bool:
    """Whether no value in [low, high] fulfils the comparison."""
    if operator in (">", ">=") and high is not None:
        return limit > high or (operator == ">" and limit == high)
    if operator in ("<", "<=") and low is not None:
        return limit < low or (operator == "<" and limit == low)
    return operator == "==" and ((high is not None and limit > high) or (low is not None and limit < low))


def _range(low: float | None, high: float | None) -> str:
    return f"{'…' if low is None else f'{low:g}'}~{'…' if high is None else f'{high:g}'}"
