"""What is made, and how many of it: lots of the products in turn."""

from collections.abc import Mapping, Sequence
from random import Random

from contract.line import Product

Sizes = Sequence[tuple[float, float]]
"""Mean and spread of lots: of the line's first product, the second, …; the last holds for all that follow."""
SIZES: Sizes = ((1300, 150), (450, 60))
LEAST = 60
FIRST = 0.7
"""How likely a floor begins with its first product."""
USUAL: Mapping[str, float] = {}


class Lots:
    """The lots of one floor. It begins in the middle of one, mostly of the first product.

    ``mix``: how much larger than usual the lots of a product are, 0 for one that is not made.
    """

    def __init__(
        self,
        products: Sequence[Product],
        chance: Random,
        sizes: Sizes = SIZES,
        least: int = LEAST,
        mix: Mapping[str, float] = USUAL,
    ) -> None:
        self._products = products
        self._chance = chance
        self._sizes = sizes
        self._least = least
        self._mix = mix
        self.place = 0 if len(products) == 1 or chance.random() < self._first() else 1
        if not self._is_made:
            self._on()
        self._left = int(self._size() * chance.random())

    @property
    def product(self) -> Product:
        """What is made now."""
        return self._products[self.place]

    @property
    def done(self) -> bool:
        """Whether the next product is due."""
        return self._left <= 0 and sum(self._share(product) > 0 for product in self._products) > 1

    def begin_next(self) -> None:
        """On to the next lot."""
        self._on()
        self._left = self._size()

    def one_less(self) -> None:
        """One of the lot is begun."""
        self._left -= 1

    @property
    def _is_made(self) -> bool:
        return self._share(self.product) > 0

    def _on(self) -> None:
        for _ in self._products:
            self.place = (self.place + 1) % len(self._products)
            if self._is_made:
                return

    def _share(self, product: Product) -> float:
        return self._mix.get(product.id, 1.0)

    def _first(self) -> float:
        first, second = (self._share(product) for product in self._products[:2])
        both = FIRST * first + (1 - FIRST) * second
        return FIRST * first / both if both else FIRST

    def _size(self) -> int:
        mean, spread = self._sizes[min(self.place, len(self._sizes) - 1)]
        return max(self._least, int(self._chance.gauss(mean, spread) * self._share(self.product)))
