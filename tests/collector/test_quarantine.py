"""The quarantine's bound: messages with a stream stay, others leave oldest first."""

from hypothesis import given
from hypothesis import strategies as st

from collector.quarantine import Quarantine
from collector.store import Kept


def kept(n: int, stream: str | None = None, size: int = 1) -> Kept:
    return Kept(f"{n:05}", size, "not_json", stream)


def test_without_a_stream_the_oldest_leaves_for_the_newest() -> None:
    quarantine = Quarantine(max_messages=2)
    assert quarantine.take(kept(1)) == []
    assert quarantine.take(kept(2)) == []
    assert quarantine.take(kept(3)) == ["00001"]
    assert len(quarantine) == 2


def test_a_message_with_a_stream_is_not_taken_when_there_is_no_room() -> None:
    quarantine = Quarantine([kept(1, "s1"), kept(2, "s1")], max_messages=2)
    assert quarantine.is_full
    assert quarantine.take(kept(3, "s1")) is None
    assert quarantine.take(kept(4)) is None
    quarantine.release("00001")
    assert not quarantine.is_full
    assert quarantine.take(kept(5, "s1")) == []


def test_messages_with_a_stream_push_out_those_without() -> None:
    quarantine = Quarantine([kept(1), kept(2, "s1"), kept(3)], max_messages=3)
    assert quarantine.take(kept(4, "s1")) == ["00001"]
    assert quarantine.take(kept(5, "s1")) == ["00003"]
    assert quarantine.take(kept(6, "s1")) is None


def test_bytes_are_bounded_too() -> None:
    quarantine = Quarantine(max_bytes=10)
    assert quarantine.take(kept(1, size=6)) == []
    assert quarantine.take(kept(2, size=6)) == ["00001"]
    assert quarantine.take(kept(3, size=11)) is None
    assert quarantine.bytes == 6


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=60))
def test_the_bound_is_never_passed_and_no_stream_is_ever_pushed_out(messages: list[tuple[bool, int]]) -> None:
    quarantine, inside = Quarantine(max_messages=8, max_bytes=30), dict[str, Kept]()
    for n, (with_stream, size) in enumerate(messages):
        one = kept(n, "s1" if with_stream else None, size)
        leaving = quarantine.take(one)
        if leaving is not None:
            assert all(inside[id_].stream is None for id_ in leaving)
            inside = {id_: held for id_, held in inside.items() if id_ not in leaving} | {one.id: one}
        assert len(quarantine) == len(inside) <= 8
        assert quarantine.bytes == sum(held.size for held in inside.values()) <= 30
