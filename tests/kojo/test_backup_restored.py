"""The store is lost and a backup restored: what agents still hold comes again, what nobody holds is counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.line import OutboxLimits
from contract.payload import Acks
from kojo.backup import backup
from kojo.restore import restore
from tests.collector.example import DONE
from tests.kojo.shop import Card, Shop

NO_LINE = Path("no-such-line.toml")
N = 200

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path, OutboxLimits(keep_s=3600.0))
    yield opened
    opened.close()


def lost_and_restored(shop: Shop, card: Card, pieces: int) -> None:
    """A backup now; so many pieces more, all confirmed; the disk dies; the backup is restored."""
    shop.close()
    assert backup(shop.data, shop.directory / "saved", NO_LINE, False) == 0
    shop.open()
    for _ in range(pieces // 50):
        shop.make(card, 50)
        shop.deliver(card)
    shop.close()
    shop.data = shop.directory / "new"
    assert restore(shop.directory / "saved", shop.data, False, NO_LINE) == 0
    shop.open()


def numbers(shop: Shop) -> list[int]:
    found: list[int] = shop.store.readings(DONE).seq.tolist()
    return found


def delivered_again(shop: Shop, card: Card) -> None:
    """Fresh confirmations come until nothing is lacking any more; each message comes twice."""
    for _ in range(20):
        card.delivery.hear(shop.ingest.acks("pi-1"), retained=False)
        shop.deliver(card, twice=True)
        shop.clock.turn(31.0)


def test_everything_since_the_backup_comes_again_from_the_outbox(shop: Shop) -> None:
    card = shop.card("pi")
    shop.make(card, N)
    shop.deliver(card)
    before = shop.store.id
    lost_and_restored(shop, card, 150)
    assert len(numbers(shop)) == N
    delivered_again(shop, card)
    told = shop.status()
    assert numbers(shop) == list(range(1, N + 151))
    assert (told["stored"], told["missing"], told["quarantined"]) == (N + 150, 0, 0)
    assert shop.produced() == N + 150
    assert shop.store.id != before


def test_what_no_outbox_holds_any_more_is_counted_to_the_reading(shop: Shop) -> None:
    card = shop.card("pi")
    shop.make(card, N)
    shop.deliver(card)
    lost_and_restored(shop, card, 600)
    kept = card.outbox.held
    assert kept < 600, "some of them were confirmed more than keep_s ago"
    delivered_again(shop, card)
    shop.make(card, 1)
    shop.deliver(card)
    told = shop.status()
    stored = numbers(shop)
    assert len(stored) == len(set(stored))
    assert told["missing"] == N + 601 - len(stored) > 0
    assert stored[-1] == N + 601
    assert told["stored"] == len(stored)


def test_an_old_confirmation_that_the_broker_retained_takes_nothing_away(shop: Shop) -> None:
    """The broker still shows what the lost store had confirmed; the agent may hear that first, after a start, too."""
    card = shop.card("pi")
    shop.make(card, N)
    shop.deliver(card)
    retained: list[Acks] = []
    shop.make(card, 50)
    shop.deliver(card)
    lost_and_restored(shop, card, 0)
    retained.append(Acks(card.outbox.store, {card.outbox.stream: {str(DONE): N + 50}}))
    card.pull()
    card.insert()
    shop.make(card, 10)
    card.delivery.hear(retained[0], retained=True)
    delivered_again(shop, card)
    card.delivery.hear(retained[0], retained=True)
    delivered_again(shop, card)
    told = shop.status()
    assert (told["stored"], told["missing"]) == (N + 60, 0)
    assert shop.produced() == N + 60


def test_a_second_backup_after_that_holds_it_all(shop: Shop, tmp_path: Path) -> None:
    card = shop.card("pi")
    shop.make(card, N)
    shop.deliver(card)
    lost_and_restored(shop, card, 50)
    delivered_again(shop, card)
    shop.close()
    assert backup(shop.data, tmp_path / "again", NO_LINE, False) == 0
    assert restore(tmp_path / "again", tmp_path / "third", False, NO_LINE) == 0
    shop.data = tmp_path / "third"
    shop.open()
    assert numbers(shop) == list(range(1, N + 51))
