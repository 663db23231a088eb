"""``kojo init``: a first line.toml by asking, each question with a default and an example.

Answers come from the terminal, or one a line from stdin; what is left unanswered is the default (``--yes``: all).
A file that is there is never written over.
"""

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from contract.errors import KojoError, NotAllowed
from contract.line_advice import advice
from contract.line_check import check
from contract.line_report import half_width
from contract.topics import ID
from contract.words import Words, language
from edge.sensors import catalogue
from hardware.line_draft import Kind, LineDraft, StationDraft, written

PINS = (17, 27, 22, 5, 6, 13, 19, 26)
MOST_STATIONS = 20
Answer = TypeVar("Answer")
Ask = Callable[[str], str | None]
"""Shows a question and returns the answer, or None where nobody answers any more."""


class Unfit(KojoError, ValueError):
    """An answer that cannot be taken, and why."""


def init(file: Path, ask: Ask, *, again: bool) -> int:
    """Ask and write. ``again``: a wrong answer is asked for again; otherwise it is a mistake (NotAllowed)."""
    if file.exists():
        raise NotAllowed(
            Words(f"{file} はもうあります。上書きはしません。", f"{file} is there already and is not written over."),
            Words("別の名前を付けるか、移してからどうぞ。", f"Name another file: kojo init my-{file.name}"),
        )
    text = written(Interview(ask, again).line(), language())
    line = check(text, catalogue(), str(file))
    with file.open("x", encoding="utf-8") as new:
        new.write(text)
    print(Words(f"{file} を書きました。", f"{file} is written."))
    for word in advice(line):
        print(word.say(), file=sys.stderr)
    print(_next(file, line.agents[0] if line.agents else None), file=sys.stderr)
    return 0


def _next(file: Path, agent: str | None) -> Words:
    commands = [f"kojo check {file}", f"kojo serve --line {file} --data data"]
    commands += [f"kojo edge --line {file} --agent {agent} --data data-{agent}"] if agent else []
    shown = "".join(f"\n  {command}" for command in commands)
    return Words(f"読んで直したら、次へ:{shown}", f"Read it, mend it, then:{shown}")


def from_terminal(question: str) -> str | None:
    """Ask a person at a terminal."""
    try:
        return input(question)
    except EOFError:
        print(file=sys.stderr)
        return None


def from_stdin(_question: str) -> str | None:
    """The next line of stdin."""
    said = sys.stdin.readline()
    return said.rstrip("\n") if said else None


def from_nobody(_question: str) -> str | None:
    """Every default."""
    return None


class Interview:
    """The questions, in their order."""

    def __init__(self, ask: Ask, again: bool) -> None:
        self._ask, self._again = ask, again

    def line(self) -> LineDraft:
        """Ask for all of it."""
        site = self._one(
            Words("会社・工場の id(英小文字・数字。例 akita)", "Site id (a-z, 0-9; such as akita)"), "factory", _id
        )
        line = self._one(Words("ラインの id(例 wash)", "Line id (such as wash)"), "line-1", _id)
        name = self._one(
            Words("ラインの名前(例 部品洗浄ライン)", "Name of the line (such as Parts washing)"),
            Words("わたしのライン", "My line").say(),
            _name,
        )
        timezone = self._one(Words("時間帯", "Time zone"), "Asia/Tokyo", _zone)
        start = self._one(Words("勤務の始まり(例 08:30)", "Shift begins (such as 08:30)"), "08:30", _time)
        end = self._one(Words("勤務の終わり(例 17:15)", "Shift ends (such as 17:15)"), "17:15", _time)
        breaks = self._one(
            Words("休憩(「、」で区切る。なければ -)", "Breaks (separated by commas; - for none)"),
            "12:00-13:00",
            _breaks,
        )
        names = self._one(
            Words(
                "工程の名前、流れる順に(「、」で区切る。例 洗浄機、梱包)",
                "Stations in their order (separated by commas; such as Washer, Packer)",
            ),
            Words("工程1", "Station 1").say(),
            _names,
        )
        stations = self._stations(names)
        agent = "pi-1"
        if any(station.kind == "pulse" for station in stations):
            agent = self._one(Words("センサーを読む Pi の id", "Id of the Pi that reads the sensors"), agent, _id)
        shift = Words("日勤", "Day").say()
        return LineDraft(site, line, name, timezone, shift, start, end, breaks, agent, stations)  # fmt: skip

    def _stations(self, names: tuple[str, ...]) -> tuple[StationDraft, ...]:
        found: list[StationDraft] = []
        pins = [pin for pin in range(2, 28) if pin not in PINS]
        for number, name in enumerate(names, 1):
            used = {station.id for station in found}
            id = self._one(
                Words(f"「{name}」の id(例 washer)", f"Id of {name} (such as washer)"),
                f"station-{number}",
                partial(_new, _id, used),
            )
            ideal = self._one(
                Words(f"「{name}」の1個の基準の秒数(例 27)", f"Ideal seconds of a piece at {name} (such as 27)"),
                "30",
                _seconds,
            )
            kind = self._one(
                Words(
                    f"「{name}」の個数の数え方: pulse(Pi のピンにつなぐ接点)か external(ESP32 などが送る)",
                    f"How {name} counts: pulse (a contact at a pin of the Pi) or external (an ESP32 sends it)",
                ),
                "pulse",
                _kind,
            )
            taken = {str(station.pin) for station in found if station.kind == "pulse"}
            free = next(pin for pin in (*PINS, *pins) if str(pin) not in taken)
            pin = free
            if kind == "pulse":
                pin = int(
                    self._one(
                        Words(f"「{name}」のピン(BCM の番号)", f"Pin of {name} (BCM number)"),
                        str(free),
                        partial(_new, _pin, taken),
                    )
                )
            found.append(StationDraft(id, name, ideal, kind, pin))
        return tuple(found)

    def _one(self, question: Words, default: str, taken: Callable[[str], Answer]) -> Answer:
        while True:
            said = self._ask(f"{question} [{default}]: ")
            try:
                return taken(half_width((said or "").strip()) or default)
            except Unfit as error:
                if not self._again:
                    raise NotAllowed(
                        Words(f"{question.ja}: {error.what.ja}", f"{question.en}: {error.what.en}")
                    ) from error
                print(f"  {error}", file=sys.stderr)


def _id(said: str) -> str:
    if not ID.fullmatch(said):
        raise Unfit(Words(f"「{said}」は使えません。英小文字・数字・-・_ で、32文字までです。",
                          f'"{said}" will not do: a-z, 0-9, - and _, at most 32.'))  # fmt: skip
    return said


def _new(taken: Callable[[str], str], used: set[str], said: str) -> str:
    found = taken(said)
    if found in used:
        raise Unfit(Words(f"「{found}」はもう使っています。", f"{found} is used already."))
    return found


def _name(said: str) -> str:
    if len(said) > 100 or not said.isprintable():
        raise Unfit(Words("名前は100文字までの、ふつうの文字です。", "A name is at most 100 printable letters."))
    return said


def _zone(said: str) -> str:
    try:
        ZoneInfo(said)
    except (KeyError, ValueError, OSError):
        raise Unfit(Words(f"「{said}」という時間帯はありません(例 Asia/Tokyo)。",
                          f"There is no time zone {said} (such as Asia/Tokyo).")) from None  # fmt: skip
    return said


def _time(said: str) -> str:
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", said, re.ASCII)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise Unfit(Words(f"「{said}」は時刻ではありません(例 08:30)。", f"{said} is no time (such as 08:30)."))
    return f"{int(found[1]):02}:{found[2]}"


def _breaks(said: str) -> tuple[str, ...]:
    if said == "-":
        return ()
    found = []
    for one in _parts(said):
        start, dash, end = one.replace("~", "-").replace("〜", "-").partition("-")
        if not dash:
            raise Unfit(Words(f"「{one}」は 12:00-13:00 のように書きます。", f"Write {one} like 12:00-13:00."))
        found.append(f"{_time(start.strip())}-{_time(end.strip())}")
    return tuple(found)


def _names(said: str) -> tuple[str, ...]:
    found = tuple(_name(one) for one in _parts(said))
    if not 1 <= len(found) <= MOST_STATIONS:
        raise Unfit(Words(f"工程は 1 から {MOST_STATIONS} までです。", f"There are 1 to {MOST_STATIONS} stations."))
    return found


def _parts(said: str) -> list[str]:
    return [one.strip() for one in re.split("[、,]", said) if one.strip()]


def _seconds(said: str) -> float:
    found = re.fullmatch(r"\d{1,6}(\.\d{1,3})?", said.removesuffix("秒").strip(), re.ASCII)
    if not found or float(found[0]) <= 0:
        raise Unfit(
            Words(f"「{said}」は秒数ではありません(例 27 や 4.5)。", f"{said} is no number of seconds (such as 27).")
        )
    return float(found[0])


def _kind(said: str) -> Kind:
    if said not in ("pulse", "external"):
        raise Unfit(Words("pulse か external です。", "It is pulse or external."))
    return "pulse" if said == "pulse" else "external"


def _pin(said: str) -> str:
    number = said.upper().removeprefix("GPIO")
    if not re.fullmatch(r"\d{1,2}", number, re.ASCII) or int(number) > 27:
        raise Unfit(Words(f"「{said}」は BCM の番号(0 から 27)ではありません。", f"{said} is no BCM number (0 to 27)."))
    return str(int(number))
