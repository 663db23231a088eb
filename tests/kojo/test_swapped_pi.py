"""A Pi or its card is swapped: the station goes on under the same agent id, and no piece is lost or counted twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kojo.shop import Shop

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    opened.close()


def exact(shop: Shop, pieces: int) -> None:
    told = shop.status()
    assert shop.produced() == pieces
    assert (told["stored"], told["missing"], told["quarantined"]) == (pieces, 0, 0)


def test_an_empty_card_goes_on_where_the_old_one_stopped(shop: Shop) -> None:
    old = shop.card("old")
    shop.make(old, 100)
    shop.deliver(old)
    old.pull()
    new = shop.card("new")
    shop.make(new, 50)
    shop.deliver(new)
    exact(shop, 150)


def test_the_old_card_comes_back_later_with_what_it_had_not_sent(shop: Shop) -> None:
    old = shop.card("old")
    shop.make(old, 60)
    shop.deliver(old)
    shop.make(old, 40)
    old.pull()
    new = shop.card("new")
    shop.make(new, 50)
    shop.deliver(new)
    exact(shop, 110)
    old.insert()
    shop.deliver(old)
    exact(shop, 150)


def test_the_old_card_is_read_out_before_the_new_one_counts(shop: Shop) -> None:
    old = shop.card("old")
    shop.make(old, 60)
    shop.deliver(old)
    shop.make(old, 40)
    old.pull()
    old.insert()
    shop.deliver(old)
    old.pull(clean=True)
    new = shop.card("new")
    shop.make(new, 50)
    shop.deliver(new)
    exact(shop, 150)


def test_a_card_that_never_sent_anything_comes_back_after_the_new_one(shop: Shop) -> None:
    old = shop.card("old")
    shop.make(old, 100)
    old.pull()
    new = shop.card("new")
    shop.make(new, 50)
    shop.deliver(new)
    old.insert()
    shop.deliver(old, twice=True)
    exact(shop, 150)


@pytest.mark.parametrize("clean", [True, False])
def test_the_card_moves_to_another_pi(shop: Shop, clean: bool) -> None:
    card = shop.card("old")
    shop.make(card, 60)
    shop.deliver(card)
    shop.make(card, 40)
    card.pull(clean)
    shop.clock.turn(600.0)
    card.insert()
    shop.make(card, 50)
    shop.deliver(card)
    exact(shop, 150)


def test_the_repaired_pi_takes_its_place_again_and_the_spare_is_read_out(shop: Shop) -> None:
    old = shop.card("old")
    shop.make(old, 60)
    shop.deliver(old)
    shop.make(old, 40)
    old.pull()
    spare = shop.card("spare")
    shop.make(spare, 30)
    shop.deliver(spare)
    shop.make(spare, 20)
    spare.pull(clean=True)
    old.insert()
    shop.make(old, 25)
    shop.deliver(old, twice=True)
    spare.insert()
    shop.deliver(spare)
    exact(shop, 175)


def test_both_are_at_the_network_at_once_and_each_is_told_what_is_stored_of_both(shop: Shop) -> None:
    old = shop.card("old")
    shop.make(old, 100)
    old.pull()
    old.insert()
    new = shop.card("new")
    shop.make(new, 50)
    shop.deliver(old, new, twice=True)
    exact(shop, 150)


def test_days_lie_between(shop: Shop) -> None:
    old = shop.card("old")
    shop.make(old, 100)
    old.pull()
    new = shop.card("new")
    shop.make(new, 50)
    shop.deliver(new)
    shop.clock.turn(20 * 86400.0)
    old.insert()
    shop.deliver(old)
    exact(shop, 150)


def test_an_older_copy_of_a_clean_outbox_is_put_back_and_counts_offline_before_anybody_tells_it(shop: Shop) -> None:
    card = shop.card("old")
    shop.make(card, 60)
    shop.deliver(card)
    card.pull(clean=True)
    card.copy(shop.directory / "kept")
    card.insert()
    shop.make(card, 40)
    shop.deliver(card)
    card.pull(clean=True)
    card.put_back(shop.directory / "kept")
    card.insert()
    shop.make(card, 30)
    card.delivery.hear(shop.ingest.acks("pi-1"), retained=True)
    shop.deliver(card, twice=True)
    exact(shop, 130)
