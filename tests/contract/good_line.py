"""A line that uses every section of line.toml; tests change one thing in it and look at what is said."""

from contract.errors import LineError
from contract.line import Line
from contract.line_check import check
from contract.words import Language
from tests.contract.catalogue import CATALOGUE

GOOD = """\
schema = 1
site = "akita"
line = "wash"
timezone = "Asia/Tokyo"
day_starts = "07:00"
kadoritsu_excludes = ["starved"]
[mqtt]
url = "mqtt://broker.local:1883"
[store]
url = "duckdb:line.duckdb"
retain_days = 400
[http]
open_to_lan = true
[outbox]
keep_s = 3600
max_readings = 1000
max_age_days = 3
resend_after_s = 60
[[shifts]]
name = "日勤"
days = ["mon", "fri"]
start = "08:30"
end = "17:15"
breaks = ["12:00-13:00"]
[[shifts]]
name = "夜勤"
regular = false
start = "20:00"
end = "05:00"
breaks = ["00:00-01:00"]
[[calendar]]
date = "2026-12-26"
kind = "overtime"
shift = "日勤"
end = "19:15"
stations = ["washer"]
[[plan]]
station = "packer"
shift = "日勤"
quantity = 1200
[[reasons]]
id = "changeover"
name = "段取り"
loss = "setup"
[[reasons]]
id = "lunch"
name = "昼休み"
planned = true
[products.a-100]
codes = ["A-100", "490"]
[products.a-100.stations.washer]
ideal_cycle_s = 27.0
pieces_per_count = 1
[[products.a-100.stations.washer.since]]
from = "2026-10-01"
ideal_cycle_s = 10.0
[[flow]]
from = "washer"
to = "packer"
[[teams]]
id = "team-a"
stations = ["washer"]
budget_yen = 200000
[stations.washer]
name = "洗浄機"
agent = "pi-1"
ideal_cycle_s = 27.0
stop_after_s = 60.0
breaks = ["11:45-12:45"]
people = 0.5
[[stations.washer.since]]
from = "2026-10-01"
ideal_cycle_s = 10.0
[stations.washer.sensors.done]
type = "pulse"
pin = 17
role = "cycle"
[stations.washer.sensors.wash]
type = "level"
pin = 27
role = "phase:wash"
[stations.washer.sensors.why]
type = "button"
pin = 5
role = "reason"
says = "changeover"
[stations.washer.sensors.air]
type = "bme280"
[stations.washer.sensors.meter]
type = "serial_line"
port = "/dev/ttyUSB0"
pattern = 'T=(?P<temp>[0-9]+)'
measures = { temp = { unit = "°C", low = 0, high = 100 } }
[stations.washer.outputs.andon]
type = "lamp"
pin = 23
[stations.packer]
name = "梱包"
[stations.packer.sensors.done]
type = "external"
role = "cycle"
measures = { count = { kind = "total" } }
[[rules]]
when = "washer/air/temperature > 10"
set = "washer/andon"
[alarm]
percent = 8
stop_min = 10
[[targets]]
station = "washer"
kpi = "kadoritsu"
value = 0.85
owner = "製造課長"
"""


def load_text(text: str) -> Line:
    return check(text, CATALOGUE)


def mistakes(text: str, lang: Language = "en") -> list[str]:
    """What is said of a text, one line for each mistake."""
    try:
        check(text, CATALOGUE)
    except LineError as error:
        return error.say(lang).split("\n")
    return []


def changed(*changes: str) -> str:
    """The good line with pieces of it replaced: old, new, old, new …; what is replaced must stand there."""
    text = GOOD
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text, f"not in the good line: {old}"
        text = text.replace(old, new, 1)
    return text
