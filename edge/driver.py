"""Drives one output as rules and people tell it: opens it, sets it, answers with what it then is, tries again.

Who is listened to when several speak, and how soon it may switch again, is decided by `edge.standing`.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contract.errors import PayloadError
from contract.line import Output
from contract.reading import NS_PER_S, Value
from contract.words import Words
from edge.board import Board
from edge.clock import Timer
from edge.health import Health
from edge.lane_board import LaneBoard, LaneClock
from edge.outputs import OutputModule
from edge.standing import Standing

RETRY_S: Final = 10.0
HANGS_AFTER_S: Final = 5.0
"""A call that takes longer hangs."""
REMEMBERED: Final = 100
"""Ids of commands that are remembered: a repeated message is one command."""
LONGEST_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Command:
    """What an output is told: to be ``v``, for ``for_s`` seconds (None: until told otherwise).

    ``rule``: the number of the rule of line.toml that says so, on another Pi; None: a person. A rule that asks for
    nothing any more says so with None in ``v``.
    """

    v: Value | None
    for_s: float | None = None
    id: str | None = None
    rule: int | None = None

    @staticmethod
    def of(payload: bytes) -> "Command":
        """The command in ``{"v":1,"for_s":5.0,"id":"…"}``, a rule's with ``"rule":2`` too. Raises PayloadError."""
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise PayloadError("not_json", Words("JSON として読めません。", "It is not JSON.")) from error
        if not isinstance(said, dict):
            raise PayloadError("no_value", Words('命令は {"v":1} の形です。', 'A command looks like {"v":1}.'))
        v, for_s, id, rule = (said.get(key) for key in ("v", "for_s", "id", "rule"))
        if not isinstance(v, int | float | str) and (rule is None or v is not None or "v" not in said):
            raise PayloadError("no_value", Words("値 v がありません。", "There is no value v."))
        if for_s is not None and not (type(for_s) in (int, float) and 0 < for_s <= LONGEST_S):
            raise PayloadError("for_s", Words("for_s は秒数です(1日まで)。", "for_s is seconds, at most a day."))
        if rule is not None and not (type(rule) is int and rule > 0 and for_s is not None):
            raise PayloadError(
                "rule", Words("規則の命令には rule(番号)と for_s が要ります。",
                              "A rule's command has its number in rule, and for_s."),
            )  # fmt: skip
        return Command(v, for_s, id if isinstance(id, str) else None, rule)


class Driver:
    """Drives one output. ``tell`` is told what it is after each command and switch; ``changed`` as a Keeper's.

    ``rules_min_s``: the longest ``min_s`` of the rules that set it.
    """

    def __init__(
        self,
        output: Output,
        module: OutputModule,
        board: Board,
        tell: Callable[[Output, Value], None],
        changed: Callable[[], None],
        *,
        rules_min_s: float = 0.0,
    ) -> None:
        self.name = f"{output.station}/{output.id}"
        self.health = Health(self.name, board.clock, changed)
        self._output, self._module, self._tell = output, module, tell
        self._clock = board.clock
        self._board = LaneBoard(board, LaneClock(board.clock, self.name, self._fail))
        self._device: Any = None
        settings = output.settings
        self._standing = Standing(
            min_s=settings.get("min_s", 0.0), longest_s=settings.get("longest_s", 0.0), rules_min_s=rules_min_s
        )
        self._next: Timer | None = None
        self._done: deque[str] = deque(maxlen=REMEMBERED)
        self._stopped = False

    def start(self) -> None:
        """Begin, on the output's lane."""
        self._on_lane(self._open)

    def stop(self) -> None:
        """Go to the safe state and let go."""
        self._stopped = True
        self._let_go()

    def do(self, command: Command) -> None:
        """Do as told, soon, on the output's lane. A command whose id was done before is left out."""
        self._on_lane(lambda: self._do(command))

    def rules(self, asks: Mapping[int, Value | None]) -> None:
        """What rules ask for from now on (None: nothing), by their numbers in line.toml; all at once."""
        self._on_lane(lambda: self._ruled(asks))

    def cut(self) -> None:
        """The link is lost, and not only for a moment: a command without an end is over."""
        self._on_lane(self._lose_link)

    def look(self) -> None:
        """See whether it hangs; called from another lane."""
        self.health.look(HANGS_AFTER_S)

    def state(self) -> dict[str, Any]:
        """Its health, what it is (``v``), and who says so (``by``: safe, rule or command)."""
        return self.health.tell({}) | {"v": self._standing.value, "by": self._standing.by}

    def _on_lane(self, action: Callable[[], None], pause_s: float = 0.0) -> Timer:
        return self._clock.at(self._clock.monotonic_ns() + round(pause_s * NS_PER_S), action, self.name)

    def _open(self) -> None:
        if self._stopped:
            return
        self.health.begin()
        try:
            self._device = self._module.Output(**self._output.settings).open(self._board)
            self._standing.opened(self._device.state(), self._clock.monotonic_ns())
        except Exception as error:  # noqa: BLE001 - whatever one output raises, the others must go on
            self._fail(error)
        else:
            self.health.ok()
            self._answer()
        finally:
            self.health.end()
        self._settle()

    def _do(self, command: Command) -> None:
        if self._device is None or (command.id is not None and command.id in self._done):
            return
        if command.id is not None:
            self._done.append(command.id)
        if command.v is not None and self._is_refused(command.v):
            return
        now = self._clock.monotonic_ns()
        if command.rule is not None:
            self._standing.rule(command.rule, command.v, now, command.for_s)
        elif command.v is not None:
            self._standing.command(command.v, command.for_s, now)
        if not self._settle() and command.rule is None:
            self._answer()

    def _is_refused(self, value: Value) -> bool:
        """Judged before it is kept: what was said before must go on as if nobody had spoken."""
        try:
            self._device.judge(value)
        except PayloadError as error:
            self.health.refuse(error.what)
        except Exception as error:  # noqa: BLE001 - whatever one output raises, the others must go on
            self._fail(error)
        else:
            return False
        return True

    def _ruled(self, asks: Mapping[int, Value | None]) -> None:
        for number, value in asks.items():
            self._standing.rule(number, value, self._clock.monotonic_ns())
        self._settle()

    def _lose_link(self) -> None:
        self._standing.cut()
        self._settle()

    def _settle(self) -> bool:
        """Set what is due, and see to it again when more may be. Whether it was tried."""
        was_tried = False
        while self._device is not None:
            wanted = self._standing.due(self._clock.monotonic_ns())
            if wanted is None:
                break
            self._set(wanted)
            was_tried = True
        if self._next:
            self._next.cancel()
            self._next = None
        next_ns = self._standing.next_ns(self._clock.monotonic_ns())
        if self._device is not None and next_ns is not None:
            self._next = self._clock.at(next_ns, self._look_again, self.name)
        return was_tried

    def _look_again(self) -> None:
        self._next = None
        self._settle()

    def _set(self, value: Value) -> None:
        self.health.begin()
        try:
            self._device.set(value)
            self.health.ok()
        except PayloadError as error:
            self.health.refuse(error.what)
            self._standing.refuse()
        except Exception as error:  # noqa: BLE001 - whatever one output raises, the others must go on
            self._fail(error)
        else:
            self._standing.done(self._clock.monotonic_ns())
            self._answer()
        finally:
            self.health.end()

    def _answer(self) -> None:
        if self._device is not None:
            self._tell(self._output, self._device.state())

    def _fail(self, error: Exception) -> None:
        if self._stopped:
            return
        self.health.broken(error)
        self._let_go()
        self._on_lane(self._open, RETRY_S)

    def _let_go(self) -> None:
        waiting, self._next = self._next, None
        if waiting:
            waiting.cancel()
        device, self._device = self._device, None
        # What hangs would hang in close, too, and with it whoever stops the agent.
        if device is not None and self.health.state != "hanging":
            device.close()
        self._standing.closed(self._clock.monotonic_ns())
