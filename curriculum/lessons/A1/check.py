"""The state changes four times; at each exactly one lamp is lit, and it is the right one."""

import ast

from contract.words import Words
from curriculum.checking import Miss, Work

PINS = {"run": 17, "setup": 27, "stop": 22}
STATES = {"run": ("運転", "running"), "setup": ("段取り", "set-up"), "stop": ("停止", "stopped")}
POSITIONS = {11: 17, 13: 27, 15: 22}


def check(work: Work) -> None:
    work.start()
    _the_right_pins(work)
    show = work.name("show")
    work.call(show, "run")
    lit = _lit(work)
    if 17 not in lit or len(lit) == 2:
        raise Miss("upside-down", *_told("run", lit))
    for state in ("run", "stop", "setup", "run", "setup", "stop"):
        work.call(show, state)
        lit = _lit(work)
        if lit != [PINS[state]]:
            raise Miss(_hint(work, state, lit), *_told(state, lit))
    work.saw = Words(
        "運転では緑だけ、段取りでは黄だけ、停止では赤だけが光りました。",
        "running: only green was lit; set-up: only yellow; stopped: only red.",
    )


def _the_right_pins(work: Work) -> None:
    used = work.board.pins_used
    missing = [pin for pin in PINS.values() if pin not in used]
    if missing:
        by_position = any(POSITIONS.get(pin) in missing for pin in used)
        raise Miss(
            "position-number" if by_position else "wrong-pin",
            Words(f"{_names(PINS.values())} を使う", f"{_names(PINS.values())} are used"),
            Words(f"使われたのは {_names(used)}", f"in use: {_names(used)}"),
        )


def _hint(work: Work, state: str, lit: list[int]) -> str:
    if len(lit) > 1:
        return "no-brackets" if _names_a_thing_and_does_nothing(work.text) else "left-on"
    return "swapped" if lit and lit != [PINS["run"]] else "always-one"


def _names_a_thing_and_does_nothing(text: str) -> bool:
    return any(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) for node in ast.walk(ast.parse(text))
    )


def _lit(work: Work) -> list[int]:
    return [pin for pin in PINS.values() if work.board.level(pin)]


def _told(state: str, lit: list[int]) -> tuple[Words, Words]:
    ja, en = STATES[state]
    return (
        Words(f"{ja}なら GPIO{PINS[state]} だけが光る", f"{en}: only GPIO{PINS[state]} is lit"),
        Words(f"光っているのは {_names(lit)}", f"lit: {_names(lit)}"),
    )


def _names(pins: object) -> str:
    return ", ".join(f"GPIO{pin}" for pin in pins) or "なし / none"  # type: ignore[attr-defined]
