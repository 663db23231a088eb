"""Drives one output as it is told: opens it, sets it, answers with what it then is, and tries again what failed."""

import json
from collections import deque
from collections.abc import Callable
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

RETRY_S: Final = 10.0
HANGS_AFTER_S: Final = 5.0
"""A call that takes longer hangs."""
REMEMBERED: Final = 100
"""Ids of commands that are remembered: a repeated message is one command."""
LONGEST_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Command:
    """What an output is told: to be ``v``, for ``for_s`` seconds (None: until told otherwise)."""

    v: Value
    for_s: float | None = None
    id: str | None = None

    @staticmethod
    def of(payload: bytes) -> "Command":
        """The command in ``{"v":1,"for_s":5.0,"id":"…"}``. Raises PayloadError."""
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise PayloadError("not_json", Words("JSON として読めません。", "It is not JSON.")) from error
        if not isinstance(said, dict):
            raise PayloadError("no_value", Words('命令は {"v":1} の形です。', 'A command looks like {"v":1}.'))
        v, for_s, id = said.get("v"), said.get("for_s"), said.get("id")
        if not isinstance(v, int | float | str):
            raise PayloadError("no_value", Words("値 v がありません。", "There is no value v."))
        if for_s is not None and not (type(for_s) in (int, float) and 0 < for_s <= LONGEST_S):
            raise PayloadError("for_s", Words("for_s は秒数です(1日まで)。", "for_s is seconds, at most a day."))
        return Command(v, for_s, id if isinstance(id, str) else None)


class Driver:
    """Drives one output. ``tell`` is told what it is after each command; ``changed`` as a Keeper's."""

    def __init__(
        self,
        output: Output,
        module: OutputModule,
        board: Board,
        tell: Callable[[Output, Value], None],
        changed: Callable[[], None],
    ) -> None:
        self.name = f"{output.station}/{output.id}"
        self.health = Health(self.name, board.clock, changed)
        self._output, self._module, self._tell = output, module, tell
        self._clock = board.clock
        self._board = LaneBoard(board, LaneClock(board.clock, self.name, self._fail))
        self._device: Any = None
        self._rest: Value = 0
        self._end: Timer | None = None
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

    def look(self) -> None:
        """See whether it hangs; called from another lane."""
        self.health.look(HANGS_AFTER_S)

    def state(self) -> dict[str, Any]:
        """Its health."""
        return self.health.tell({})

    def _on_lane(self, action: Callable[[], None], pause_s: float = 0.0) -> Timer:
        return self._clock.at(self._clock.monotonic_ns() + round(pause_s * NS_PER_S), action, self.name)

    def _open(self) -> None:
        if self._stopped:
            return
        self.health.begin()
        try:
            self._device = self._module.Output(**self._output.settings).open(self._board)
            self._rest = self._device.state()
        except Exception as error:  # noqa: BLE001 - whatever one output raises, the others must go on
            self._fail(error)
        else:
            self.health.ok()
            self._answer()
        finally:
            self.health.end()

    def _do(self, command: Command) -> None:
        if self._device is None or (command.id is not None and command.id in self._done):
            return
        if command.id is not None:
            self._done.append(command.id)
        if self._end:
            self._end.cancel()
            self._end = None
        if self._set(command.v) and command.for_s is not None:
            self._end = self._on_lane(self._back, command.for_s)
        elif command.for_s is None:
            self._rest = self._device.state() if self._device is not None else 0

    def _back(self) -> None:
        self._end = None
        self._set(self._rest)

    def _set(self, value: Value) -> bool:
        if self._device is None:
            return False
        self.health.begin()
        try:
            self._device.set(value)
            self.health.ok()
        except PayloadError as error:
            self.health.refuse(error.what)
            return False
        except Exception as error:  # noqa: BLE001 - whatever one output raises, the others must go on
            self._fail(error)
            return False
        finally:
            self.health.end()
        self._answer()
        return True

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
        end, self._end = self._end, None
        if end:
            end.cancel()
        device, self._device = self._device, None
        # What hangs would hang in close, too, and with it whoever stops the agent.
        if device is not None and self.health.state != "hanging":
            device.close()
