"""What is made, and how many of it: lots of the products in turn."""

from collections.abc import Sequence
from random import Random

from contract.line import Product

Sizes = Sequence[tuple[float, float]]
"""Mean and spread of lots: of the line's first product, the second, …; the last holds for all that follow."""
SIZES: Sizes = ((1300, 150), (450, 60))
LEAST = 60


class Lots:
    """The lots of one floor. It begins in the middle of one, mostly of the first product."""

    def __init__(self, products: Sequence[Product], chance: Random, sizes: Sizes = SIZES, least: int = LEAST) -> None:
        self._products = products
        self._chance = chance
        self._sizes = sizes
        self._least = least
        self.place = 0 if len(products) == 1 or chance.random() < 0.7 else 1
        self._left = int(self._size() * chance.random())

    @property
    def product(self) -> Product:
        """What is made now."""
        return self._products[self.place]

    @property
    def done(self) -> bool:
        """Whether the next product is due."""
        return self._left <= 0 and len(self._products) > 1

    def begin_next(self) -> None:
        """On to the next lot."""
        self.place = (self.place + 1) % len(self._products)
        self._left = self._size()

    def one_less(self) -> None:
        """One of the lot is begun."""
        self._left -= 1

    def _size(self) -> int:
        mean, spread = self._sizes[min(self.place, len(self._sizes) - 1)]
        return max(self._least, int(self._chance.gauss(mean, spread)))
