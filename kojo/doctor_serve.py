"""What `kojo serve` left in its data directory: whether it runs, was ended, or died.

DIR/serve.lock    made at the first start; locked while it runs
DIR/serve.sock    its door (`kojo.local_door`); a clean end takes it away, a kill or a power cut leaves it
"""

from pathlib import Path
from typing import Literal

from contract.words import Words
from edge.outbox_glance import is_held
from kojo import local_door
from kojo.findings import Finding

LOCK = "serve.lock"
DEMO = "demo.json"
STOPPED = Finding("known", Words("kojo serve は止まっています。", "kojo serve is stopped."))
Remains = Literal["never", "ended", "died", "silent"]


def remains(data: Path) -> Remains:
    """Of a `kojo serve` that does not answer: it never ran here, ended in order, died, or runs and says nothing."""
    if not (data / LOCK).exists():
        return "never"
    if is_held(data / LOCK):
        return "silent"
    return "died" if (data / local_door.NAME).exists() else "ended"


def is_demo(data: Path) -> bool:
    """Whether it is the data directory of a `kojo demo`."""
    return (data / DEMO).exists()


def of_remains(how: Remains, data: Path, command: str) -> Finding | None:
    """What there is to say of it; None where none ever ran here. ``command``: what starts it again."""
    if how == "died":
        return Finding(
            "bad",
            Words(
                "kojo serve が動いていません。正しく終わらずに止まっています"
                f"(強制終了か停電。{data / local_door.NAME} が残っています)。",
                f"kojo serve does not run, and did not end in order: it was killed, or the power went "
                f"({data / local_door.NAME} is still there).",
            ),
            Words(
                f"「{command}」でもう一度起動してください。保存ずみの測定値は残っていて、その後の分はエージェントが送り直します。",
                f"Start it again: {command}. What was stored is there, and agents send again what came after.",
            ),
        )
    if how == "silent":
        return Finding(
            "bad",
            Words(
                f"kojo serve(プロセス {_holder(data)})は動いていますが、応答しません。",
                f"kojo serve (process {_holder(data)}) runs and does not answer.",
            ),
            Words(
                "起動した直後なら、1分待ってからもう一度調べてください。続くなら終わらせて、起動し直してください。",
                "If it was started just now, look again in a minute; else end it and start it again.",
            ),
        )
    if how == "ended":
        return STOPPED
    return None


def _holder(data: Path) -> str:
    try:
        return (data / LOCK).read_text("ascii", "replace").strip() or "?"
    except OSError:
        return "?"
