"""Lines, boxes and texts of the wiring picture, in its colours; the one place that knows drawsvg's words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contract.errors import MissingExtra
from hardware.wiring import Function

if TYPE_CHECKING:
    import drawsvg

FONT = "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic','Meiryo',sans-serif"
INK, GREY, PALE, PAPER = "#111", "#666", "#ccc", "#fff"
DANGER, DOUBT = "#c00000", "#b45309"

COLOURS: dict[Function, str] = {
    "3V3": "#d11a1a", "5V": "#8f1010", "GND": "#111111", "signal": "#1d4ed8", "SDA": "#0369a1", "SCL": "#8a6a00",
    "SPI": "#7e22ce", "UART": "#0e7490", "socket": "#57534e", "inside": "#57534e",
}  # fmt: skip
SIGNALS = ("#1d4ed8", "#c2570c", "#7e22ce", "#0f766e", "#713f12", "#15803d")
"""Of the signal wires in turn, so that neighbours differ. SDA and SCL are blue and yellow as on keyed I2C cables."""
LAMPS = {"green": "#15803d", "yellow": "#977400", "red": "#d11a1a", "blue": "#1d4ed8"}
"""Of the wire to a lamp, where it is told of what colour the lamp is. Red is also the supply's."""
MACHINE = "#a21caf"
DASHES: dict[Function, str] = {
    "3V3": "2.4 0.8", "5V": "1 0.6", "SDA": "3 0.6 0.6 0.6", "SCL": "3 0.6 0.6 0.6 0.6 0.6", "SPI": "1.8 0.6",
    "UART": "0.6 0.6",
}  # fmt: skip
"""So that functions differ on a black and white print too."""
THICK: dict[Function, float] = {"GND": 0.65, "3V3": 0.6, "5V": 0.65}
THIN = 0.45


def drawing_library() -> Any:
    """Drawsvg. Raises MissingExtra where it is not installed."""
    try:
        import drawsvg
    except ImportError as error:
        raise MissingExtra("drawsvg", "server") from error
    return drawsvg


class Pen:
    """What draws on one drawing. ``nets``: the colours of nets that differ from their function's."""

    def __init__(self, drawing: "drawsvg.Drawing", nets: Mapping[str, str] | None = None) -> None:
        self._library = drawing_library()
        self._drawing = drawing
        self._nets = nets or {}

    def colour(self, function: Function, net: str = "") -> str:
        """Of a wire."""
        return self._nets.get(net, COLOURS[function])

    def line(self, points: Sequence[tuple[float, float]], colour: str, wide: float, **more: Any) -> None:
        """A line through some points."""
        flat = [value for point in points for value in point]
        more = {"stroke_linejoin": "round", **more}
        self._drawing.append(self._library.Lines(*flat, stroke=colour, stroke_width=wide, fill="none", **more))

    def wire(
        self, points: Sequence[tuple[float, float]], function: Function, net: str = "", *, over: bool = False
    ) -> None:
        """``over``: with a white edge, so that one sees which of two crossing wires goes on."""
        if over:
            self.line(_shortened(points, 0.9), PAPER, 1.7)
        dashes = {"stroke_dasharray": DASHES[function]} if function in DASHES else {}
        self.line(points, self.colour(function, net), THICK.get(function, THIN), **dashes)

    def box(self, x: float, y: float, wide: float, high: float, **more: Any) -> None:
        """A rectangle by its upper left corner."""
        self._drawing.append(self._library.Rectangle(x, y, wide, high, **more))

    def dot(self, x: float, y: float, function: Function, net: str = "") -> None:
        """Where wires of one net meet."""
        self._drawing.append(self._library.Circle(x, y, 0.75, fill=self.colour(function, net)))

    def text(self, text: str, size: float, x: float, y: float, anchor: str = "start", **more: Any) -> None:
        """A line of text, ``y`` its baseline."""
        more = {"fill": INK, **more}
        self._drawing.append(self._library.Text(text, size, x, y, text_anchor=anchor, **more))

    def circle(self, x: float, y: float, radius: float, **more: Any) -> None:
        """A round thing, ink all over unless told otherwise."""
        self._drawing.append(self._library.Circle(x, y, radius, **{"fill": INK, **more}))

    def triangle(self, *points: float, **more: Any) -> None:
        """Three corners, x and y in turn, filled."""
        self._drawing.append(self._library.Lines(*points, close=True, **{"fill": INK, **more}))


def _shortened(points: Sequence[tuple[float, float]], by: float) -> list[tuple[float, float]]:
    """The last level piece of a wire without its ends, for the white edge."""
    (x0, y0), (x1, y1) = points[-2], points[-1]
    step = by if x1 > x0 else -by
    return [(x0 + step, y0), (x1 - step, y1)] if abs(x1 - x0) > 2 * by else [(x0, y0), (x0, y0)]
