"""The arrows of the house: who may import whom, and which one place may import each outside world."""

import ast
import fnmatch
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("contract", "edge", "floor", "collector", "kpi", "dashboards", "hardware", "curriculum", "kojo")

MAY_IMPORT = {
    "contract": (),
    "edge": ("contract",),
    "floor": ("contract", "edge.bench*", "edge.clock"),
    "collector": ("contract",),
    "kpi": ("contract", "collector.store*"),
    "hardware": ("contract",),
    "dashboards": (),
    "curriculum": ("*",),
    "kojo": ("*",),
}
"""Patterns of our own modules a room may import, its own aside."""

ALSO = {
    "hardware/derive*.py": ("edge.sensors*", "edge.outputs*"),
    "hardware/sensor_page.py": ("edge.sensors*", "edge.gone_wrong"),
}

ONLY_IN = {
    "gpiozero": (
        "edge/pins.py",
        "edge/sensors/*",
        "edge/outputs/*",
        "edge/bench*",
        "curriculum/bench*",
        "curriculum/python_words.py",
        "curriculum/learn/on_pins.py",
    ),
    "lgpio": ("edge/pins.py", "edge/sensors/*", "edge/outputs/*", "edge/bench*"),
    "smbus2": ("edge/pins.py", "edge/i2c_messages.py", "edge/sensors/*", "edge/outputs/*", "edge/bench*"),
    "serial": ("edge/pins.py", "edge/sensors/*", "edge/outputs/*", "edge/bench*"),
    "pymodbus": ("edge/sensors/*", "edge/modbus*"),
    "socket": (
        "edge/sensors/*",
        "edge/tcp_port.py",
        "edge/bench*",
        "edge/link.py",
        "edge/system_clock.py",
        "collector/*",
        "kojo/*",
    ),
    "paho": ("edge/link.py", "collector/subscriber.py"),
    "duckdb": ("collector/store/duck.py",),
    "influxdb_client": ("collector/store/influx.py",),
    "amqtt": ("collector/embedded.py",),
    "fastapi": ("kpi/service*",),
    "starlette": ("kpi/service*",),
    "uvicorn": ("kojo/*",),
    "simpy": ("floor/*",),
    "cryptography": ("hardware/accounts.py",),
    "numpy": ("collector/*", "kpi/*", "floor/*"),
    "scipy": ("kpi/*",),
}


LESSONS = ROOT / "curriculum" / "lessons"
"""Programs of learners: data, of no room."""


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if LESSONS not in path.parents)


@cache
def imports(path: Path) -> tuple[tuple[str, int], ...]:
    """Every module a file imports, wherever in the file, with its row."""
    text = path.read_text("utf-8")
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(text)) if "import" in text else ():
        if isinstance(node, ast.Import):
            found += ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, node.lineno))
    return tuple(found)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) or name.startswith(pattern + ".") for pattern in patterns)


def test_imports_point_the_way_the_house_draws_them() -> None:
    wrong = []
    for path in modules():
        inside = path.relative_to(ROOT).as_posix()
        room = inside.split("/")[0]
        allowed = (
            room,
            *MAY_IMPORT[room],
            *(p for where, extra in ALSO.items() if fnmatch.fnmatch(inside, where) for p in extra),
        )
        for name, row in imports(path):
            if name.split(".")[0] in (*ROOMS, "tests") and not matches(name, allowed):
                wrong.append(f"{inside}:{row}: imports {name}")
    assert not wrong, "\n".join(wrong)


def test_each_outside_world_is_imported_in_its_one_place() -> None:
    wrong = []
    for path in modules():
        inside = path.relative_to(ROOT).as_posix()
        for name, row in imports(path):
            world = name.split(".")[0]
            if world in ONLY_IN and not any(fnmatch.fnmatch(inside, where) for where in ONLY_IN[world]):
                wrong.append(f"{inside}:{row}: imports {name}")
    assert not wrong, "\n".join(wrong)


def test_no_module_has_a_name_without_a_noun() -> None:
    homeless = {"common", "core", "utils", "util", "helpers", "helper", "base", "manager", "misc"}
    assert not [path for path in modules() if path.stem in homeless or path.parent.name in homeless]


@pytest.mark.parametrize("light", ["contract.line", "contract.payload", "edge.agent", "edge.sensors", "kojo.cli"])
def test_the_agents_import_path_is_light(light: str) -> None:
    heavy = [
        "numpy",
        "duckdb",
        "fastapi",
        "pydantic",
        "scipy",
        "gpiozero",
        "paho",
        "serial",
        "smbus2",
        "simpy",
        "amqtt",
        "pymodbus",
    ]
    program = f"import sys, {light}; print([name for name in {heavy!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
