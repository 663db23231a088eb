"""Signs of life while the collector's thread waits for a store."""

import threading

from collector.heartbeat import Heartbeat
from tests.servers import wait_until


class Hand:
    def __init__(self) -> None:
        self.now = 0.0
        self.beats = 0

    def beat(self) -> None:
        self.beats += 1

    def heartbeat(self) -> Heartbeat:
        return Heartbeat(self.beat, 2.5, lambda: self.now)


def test_a_wait_is_bridged_once_it_lasts_long() -> None:
    hand = Hand()
    heartbeat = hand.heartbeat()
    with heartbeat.kept():
        hand.now += 1.0
        heartbeat.look()
        assert hand.beats == 0
        hand.now += 2.0
        heartbeat.look()
        heartbeat.look()
    assert hand.beats == 2


def test_nobody_beats_while_the_connections_own_thread_writes() -> None:
    hand = Hand()
    heartbeat = hand.heartbeat()
    with heartbeat.kept():
        pass
    hand.now += 60
    heartbeat.look()
    assert hand.beats == 0


def test_a_wire_that_is_gone_is_not_the_heartbeats_business() -> None:
    def broken() -> None:
        raise BrokenPipeError

    now = [0.0]
    heartbeat = Heartbeat(broken, 1.0, lambda: now[0])
    with heartbeat.kept():
        now[0] = 5.0
        heartbeat.look()


def test_it_beats_by_itself_until_it_ends() -> None:
    beaten = threading.Event()
    heartbeat = Heartbeat(beaten.set, 0.001)
    heartbeat.start()
    with heartbeat.kept():
        wait_until(beaten.is_set, 30)
    heartbeat.end()
    Heartbeat(beaten.set, 1.0).end()
