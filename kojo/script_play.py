"""A script as ``python SCRIPT.py`` plays it, to its very end, and what is said where it fails."""

import contextlib
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType, TracebackType

from contract.words import Words
from kojo.script_ending import ExitFunctions, wait_for_threads

NOT_ON_THE_BENCH = {
    "pigpio": Words("gpiozero か RPi.GPIO で書けば動きます", "written with gpiozero or RPi.GPIO it would run"),
    "lgpio": Words("gpiozero か RPi.GPIO で書けば動きます", "written with gpiozero or RPi.GPIO it would run"),
    "gpiod": Words("gpiozero か RPi.GPIO で書けば動きます", "written with gpiozero or RPi.GPIO it would run"),
    "wiringpi": Words("gpiozero か RPi.GPIO で書けば動きます", "written with gpiozero or RPi.GPIO it would run"),
    "picamera": Words("カメラは本物の Pi だけで動きます", "a camera works on a real Pi only"),
    "picamera2": Words("カメラは本物の Pi だけで動きます", "a camera works on a real Pi only"),
    "libcamera": Words("カメラは本物の Pi だけで動きます", "a camera works on a real Pi only"),
    "board": Words("smbus2、spidev、gpiozero で書けば動きます", "written with smbus2, spidev or gpiozero it would run"),
    "busio": Words("smbus2、spidev、gpiozero で書けば動きます", "written with smbus2, spidev or gpiozero it would run"),
    "digitalio": Words(
        "smbus2、spidev、gpiozero で書けば動きます", "written with smbus2, spidev or gpiozero it would run"
    ),
}
"""What works on a Pi and would not here even if it were installed; what may be said instead."""


def play(script: Path, arguments: Sequence[str]) -> int:
    """Run it in this thread, wait for its threads, run its exit functions; the code it ends with (0 after Ctrl-C)."""
    before = threading.enumerate()
    with _as_main(script, arguments) as module, ExitFunctions() as registered:
        try:
            code = _run(script, module)
            if code is not None:
                wait_for_threads(before)
        except KeyboardInterrupt:
            code = None
        registered.run()
    return code or 0


@contextlib.contextmanager
def _as_main(script: Path, arguments: Sequence[str]) -> Iterator[ModuleType]:
    """The module ``__main__`` of the script, with its arguments and its folder, until the end."""
    argv, path, main = sys.argv, list(sys.path), sys.modules["__main__"]
    module = ModuleType("__main__")
    module.__file__ = str(script)
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    sys.modules["__main__"] = module
    try:
        yield module
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = argv, path, main


def _run(script: Path, module: ModuleType) -> int | None:
    """Its code; None after Ctrl-C."""
    try:
        exec(compile(script.read_bytes(), str(script), "exec", dont_inherit=True), vars(module))
    except SystemExit as ended:
        return _code(ended)
    except KeyboardInterrupt:
        return None
    except BaseException as error:  # noqa: BLE001 - a script may raise anything; it is told with its own row
        traceback.print_exception(type(error), error, _own_rows(script, error))
        print(_failed(script, error), file=sys.stderr)
        return 1
    return 0


def _code(ended: SystemExit) -> int:
    if ended.code is None or isinstance(ended.code, int):
        return int(ended.code or 0)
    sys.stdout.flush()
    print(ended.code, file=sys.stderr)
    return 1


def _own_rows(script: Path, error: BaseException) -> TracebackType | None:
    """The traceback from the script's first row on: what ran the script is of no interest."""
    rows = error.__traceback__
    while rows is not None and rows.tb_frame.f_code.co_filename != str(script):
        rows = rows.tb_next
    return rows


def _failed(script: Path, error: BaseException) -> Words:
    rows = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == script]
    where = f"{script}:{rows[-1]}" if rows and rows[-1] else str(script)
    if isinstance(error, OSError) and error.errno == 121:
        return Words(
            f"{where}: センサーの返事がありません。番地とつなぎ方を確かめるか、--line でセンサーのある line.toml を"
            "渡してください。",
            f"{where}: no sensor answers. Check the address and the wires, or give a line.toml that has it by --line.",
        )
    if isinstance(error, ModuleNotFoundError):
        return _missing(where, error.name or str(error))
    told = str(error) or type(error).__name__
    return Words(f"{where}: 止まりました({told})。", f"{where}: it stopped: {told}.")


def _missing(where: str, name: str) -> Words:
    first = name.partition(".")[0]
    instead = NOT_ON_THE_BENCH.get("board" if first.startswith("adafruit_") else first)
    if instead is not None:
        return Words(
            f"{where}: 「{name}」は練習台にはありません({instead.ja})。",
            f"{where}: {name} is not there on the bench: {instead.en}.",
        )
    return Words(
        f"{where}: 「{name}」がありません。.venv/bin/pip install でそろえてください。",
        f"{where}: there is no {name}; install it with .venv/bin/pip.",
    )
