"""What an existing script is wired to, read from its text: pins in and out, and which of its calls a Pi 5 refuses.

Nothing is run. Pins are found where a number, or a name that is set to one at the top of the file, stands in the usual
calls; a pin that is reckoned while it runs is not found, and is wired on the bench by `--line` instead.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from contract.header import BCM, HEADER_PIN
from contract.words import Words

IN = {"Button": "low", "MotionSensor": "high", "LineSensor": "low", "DigitalInputDevice": "high", "LightSensor": "high"}
"""Of gpiozero: which level means "on" unless the call says otherwise."""

OUT = (
    "LED",
    "PWMLED",
    "Buzzer",
    "TonalBuzzer",
    "DigitalOutputDevice",
    "OutputDevice",
    "PWMOutputDevice",
    "Servo",
    "AngularServo",
)

INSTEAD = {
    "setmode": Words("要りません(gpiozero は BCM 番号です)", "not needed: gpiozero counts BCM numbers"),
    "setwarnings": Words("要りません", "not needed"),
    "setup": Words("Button(17)、LED(18) など", "Button(17), LED(18) and so on"),
    "input": Words("button.is_pressed、device.value", "button.is_pressed, device.value"),
    "output": Words("led.on()、led.off()", "led.on(), led.off()"),
    "add_event_detect": Words("button.when_pressed = 関数", "button.when_pressed = function"),
    "add_event_callback": Words("button.when_pressed = 関数", "button.when_pressed = function"),
    "wait_for_edge": Words("button.wait_for_press()", "button.wait_for_press()"),
    "event_detected": Words("button.is_pressed", "button.is_pressed"),
    "PWM": Words("PWMLED(18)、PWMOutputDevice(18)", "PWMLED(18), PWMOutputDevice(18)"),
    "cleanup": Words("要りません(終わるときに自動で返します)", "not needed: given back at the end"),
}
"""What to write with gpiozero in the place of RPi.GPIO's calls."""

PYTHONS = ("input",)
"""Of those: what without its module's name may as well be Python's own."""

SEVERAL = {
    "RGBLED": ("red", "green", "blue"),
    "Motor": ("forward", "backward"),
    "PhaseEnableMotor": ("phase", "enable"),
}
"""Of gpiozero: the outputs with more than one pin."""


@dataclass(frozen=True, slots=True)
class PinUse:
    """One pin of a script: BCM number, whether it is an output, the level that means "on"."""

    pin: int
    out: bool
    active: str = "high"


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a script's text tells. ``calls``: RPi.GPIO's, (row, name); ``rpi_row``: where it is imported, or None."""

    pins: tuple[PinUse, ...]
    calls: tuple[tuple[int, str], ...]
    rpi_row: int | None


def wiring_of(text: str | bytes) -> Wiring:
    """Read a script; bytes in the encoding that their first rows name. Raises SyntaxError, ValueError."""
    tree = ast.parse(text)
    names = {"RPi.GPIO": "RPi.GPIO"} | {alias: "RPi.GPIO" for alias, _ in _imports(tree)}
    rows = [row for _, row in _imports(tree)]
    calls = [
        (node.lineno, node.func.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in names
    ]
    if "*" in names:
        calls += [(row, name) for row, name in _bare_calls(tree) if name in INSTEAD and name not in PYTHONS]
    pins: dict[int, PinUse] = {}
    for use in _uses(tree, set(names)):
        pins.setdefault(use.pin, use)
    return Wiring(tuple(pins[pin] for pin in sorted(pins)), tuple(sorted(calls)), min(rows, default=None))


def line_text(wiring: Wiring, name: str) -> str:
    """A line.toml of a script's pins, so that the bench's page shows them as things to press and to see."""
    rows = [
        "schema = 1",
        'site = "bench"',
        'line = "script"',
        "[stations.script]",
        f"name = {json.dumps(name, ensure_ascii=False)}",
        'agent = "pi-1"',
    ]
    for use in wiring.pins:
        kind, type_ = ("outputs", "lamp") if use.out else ("sensors", "level")
        rows += [f"[stations.script.{kind}.gpio{use.pin}]", f'type = "{type_}"', f"pin = {use.pin}"]
        rows += [f'active = "{use.active}"']
    return "\n".join(rows) + "\n"


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Under which name RPi.GPIO is known, and in which row it is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name in ("RPi.GPIO", "RPi"):
                    yield name.asname or name.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module in ("RPi", "RPi.GPIO"):
            for name in node.names:
                yield name.asname or name.name, node.lineno


def _bare_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id


def _uses(tree: ast.Module, gpio: set[str]) -> Iterator[PinUse]:
    known = _numbers(tree)
    board = any(isinstance(n, ast.Attribute) and n.attr == "BOARD" for n in ast.walk(tree)) or (
        "*" in gpio and any(isinstance(n, ast.Name) and n.id == "BOARD" for n in ast.walk(tree))
    )
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        of = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else "*"
        if name == "setup" and of in gpio:
            yield from _set_up(node, known, board)
        elif name in SEVERAL:
            for place, key in enumerate(SEVERAL[name]):
                for pin in _pins(node, known, key, place):
                    yield PinUse(pin, True, _active(node, "high"))
        elif name in IN or name in OUT:
            for pin in _pins(node, known, "pin"):
                yield PinUse(pin, name in OUT, _active(node, IN.get(name, "high")))


def _set_up(node: ast.Call, known: dict[str, list[int]], board: bool) -> Iterator[PinUse]:
    told = " ".join(ast.unparse(part) for part in (*node.args[1:], *(keyword.value for keyword in node.keywords)))
    for number in _pins(node, known, "channel"):
        pin = BCM.get(number) if board else number
        if pin in HEADER_PIN:
            yield PinUse(pin, "OUT" in re.findall(r"\w+", told), "low" if "PUD_UP" in told else "high")


def _pins(node: ast.Call, known: dict[str, list[int]], key: str, place: int = 0) -> list[int]:
    given = node.args[place] if len(node.args) > place else next((k.value for k in node.keywords if k.arg == key), None)
    found = _number(given, known)
    return [pin for pin in found if 0 <= pin <= max(*HEADER_PIN.values(), 40)]


def _active(node: ast.Call, usual: str) -> str:
    for keyword in node.keywords:
        if keyword.arg == "pull_up" and isinstance(keyword.value, ast.Constant):
            return "low" if keyword.value.value else "high"
        if keyword.arg in ("active_high", "active_state") and isinstance(keyword.value, ast.Constant):
            return "high" if keyword.value.value else "low"
    return usual


def _numbers(tree: ast.Module) -> dict[str, list[int]]:
    """Names that are set to whole numbers, or lists of them, at the top of the file."""
    found: dict[str, list[int]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            numbers = _number(node.value, found)
            if numbers:
                found[node.targets[0].id] = numbers
    return found


def _number(node: ast.expr | None, known: dict[str, list[int]]) -> list[int]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            return []
        if isinstance(node.value, int):
            return [node.value]
        text = str(node.value).upper()
        digits = text.removeprefix("GPIO").removeprefix("BCM")
        return [int(digits)] if text != digits and digits.isdigit() else []
    if isinstance(node, ast.Name):
        return known.get(node.id, [])
    if isinstance(node, ast.List | ast.Tuple):
        return [number for part in node.elts for number in _number(part, known)]
    return []
