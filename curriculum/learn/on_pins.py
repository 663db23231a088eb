"""A learner's file on the real pins of a Raspberry Pi, until Ctrl-C: ``kojo learn A1 --pi`` once the bench is green.

Started as a program of its own, so that pins are given back however it ends:
``python -m curriculum.learn.on_pins FILE``. With GPIOZERO_PIN_FACTORY=mock it runs on a bench that nobody touches.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import gpiozero

from contract.errors import KojoError, NotThere
from contract.words import Words
from curriculum.python_words import said_by_python
from edge.pins import ASK, BENCH, find_chip, outside
from kojo.script_ending import HEARS_WITHIN_S


def main(file: Path) -> int:
    """Run it; 0 when it was ended by hand, 1 when Python noticed something, 2 when there are no pins."""
    try:
        gpiozero.Device.pin_factory = _factory()
    except KojoError as error:
        sys.stderr.write(f"{error.say()}\n")
        return 2
    text = file.read_text("utf-8-sig")

    def told(error: BaseException) -> None:
        _, words, row = said_by_python(error, file.name, text)
        _say(f"気づき: {file.name} の {row}行目: {words.ja}", f"Noticed: {file.name}, row {row}: {words.en}")

    threading.excepthook = lambda raised: told(raised.exc_value or SystemExit())  # a press, told by lgpio's thread
    try:
        exec(compile(text, file.name, "exec", dont_inherit=True), {"__name__": "__main__", "__file__": str(file)})
        _say("実物で動いています。終わるときは Ctrl+C。", "It runs on the real pins. Ctrl-C ends it.")
        while True:
            threading.Event().wait(HEARS_WITHIN_S)
    except KeyboardInterrupt:
        return 0
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the learner's own
        told(error)
        return 1
    finally:
        gpiozero.Device.pin_factory.close()


def _factory() -> Any:
    if os.environ.get(ASK) == BENCH:
        from edge.bench_pin import BenchFactory
        from edge.system_clock import SystemClock

        return BenchFactory(SystemClock())
    chip = find_chip()
    if chip is None:
        raise NotThere(
            Words(
                "このコンピューターには Raspberry Pi のピンがありません。",
                "This machine has no pins of a Raspberry Pi.",
            ),
            Words("--pi を付けなければ、練習台で動きます。", "Hint: without --pi it runs on the bench."),
        )
    return outside(chip).factory


def _say(ja: str, en: str) -> None:
    sys.stdout.write(f"{Words(ja, en)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(Path(sys.argv[1])))
