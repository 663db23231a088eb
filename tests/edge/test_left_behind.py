from pathlib import Path

from contract.reading import NS_PER_S, Series
from edge.bench_clock import HandClock
from edge.left_behind import left_behind
from edge.outbox import Outbox

AIR = Series("washer", "air", "temperature")


def _outbox(directory: Path, agent: str, readings: int, *, confirmed: int = 0) -> None:
    outbox = Outbox(directory / f"{agent}.outbox.sqlite", agent, HandClock(1_795_000_000 * NS_PER_S))
    for number in range(readings):
        outbox.put(AIR, number, number)
    outbox.commit()
    outbox.confirm("store", {outbox.stream: {str(AIR): confirmed}})
    outbox.close()


def test_a_renamed_agents_unsent_readings_are_named_with_what_to_do(tmp_path: Path) -> None:
    _outbox(tmp_path, "pi-old", 30, confirmed=10)
    _outbox(tmp_path, "pi-1", 5)
    (said,) = left_behind(tmp_path, ("pi-1", "pi-2"))
    assert "pi-old" in said.say("ja")
    assert "20 件" in said.say("ja")
    assert "20 readings of the agent pi-old" in said.say("en")
    assert "kojo edge --agent pi-old" in said.say("en")


def test_what_holds_nothing_unsent_or_is_no_outbox_is_not_spoken_of(tmp_path: Path) -> None:
    _outbox(tmp_path, "pi-old", 30, confirmed=30)
    _outbox(tmp_path, "pi-empty", 0)
    (tmp_path / "pi-odd.outbox.sqlite").write_bytes(b"nonsense" * 1000)
    (tmp_path / "pi-1.outbox.sqlite.broken-1").write_bytes(b"nonsense")
    assert list(left_behind(tmp_path, ("pi-1",))) == []
