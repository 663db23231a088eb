"""SVG for paper: black, white, hatching. A unit of the view box is a millimetre of a page 186 mm wide."""

from kpi.report.markup import Html, tag
from kpi.report.sheet import SVG_FONT

WIDTH = 186.0
BLACK, GREY, PALE = "#000", "#777", "#ddd"
NO_DATA = "url(#no-data)"


def picture(height: float, *inside: object, title: str, width: float = WIDTH) -> Html:
    """A drawing as wide as the page, with a title for those who hear it."""
    return tag(
        "svg",
        tag("title", title),
        tag("defs", _pattern()),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        font_family=SVG_FONT,
        font_size="3.2",
        fill=BLACK,
    )


def _pattern() -> Html:
    """Hatching: nothing was read."""
    line = tag("path", d="M0 0V2", stroke=BLACK, stroke_width="0.35")
    return tag(
        "pattern", line, id="no-data", width="1.4", height="1.4", patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )  # fmt: skip


def line(x1: float, y1: float, x2: float, y2: float, width: float = 0.25, dash: str | None = None) -> Html:
    """A black line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=BLACK, stroke_width=width, stroke_dasharray=dash)


def box(x: float, y: float, width: float, height: float, fill: str = "#fff", edge: float = 0.2) -> Html:
    """A rectangle; none where it has no width or height."""
    if width <= 0 or height <= 0:
        return Html()
    stroke = {"stroke": BLACK, "stroke_width": edge} if edge else {}
    return tag("rect", x=x, y=y, width=width, height=height, fill=fill, **stroke)


def words(
    x: float, y: float, said: object, anchor: str = "start", size: float | None = None, bold: bool = False
) -> Html:
    """A text; ``y`` is its base line."""
    weight = "700" if bold else None
    return tag("text", said, x=x, y=y, text_anchor=anchor, font_size=size, font_weight=weight)


def dot(x: float, y: float, filled: bool = True, radius: float = 1.2, edge: str = BLACK) -> Html:
    """A day."""
    return tag("circle", cx=x, cy=y, r=radius, fill=edge if filled else "#fff", stroke=edge, stroke_width=0.35)


def mark(x: float, y: float, said: str) -> Html:
    """▼ with a number over it: something was done here."""
    return tag(
        "g",
        tag("path", d=f"M{x - 1.4:.2f} {y:.2f}h2.8l-1.4 2.4z", fill=BLACK),
        words(x, y - 0.8, said, "middle", 3.0, bold=True),
    )


def round_step(span: float, steps: int = 5) -> float:
    """A step of 1, 2 or 5 x 10^n that cuts a span into about so many."""
    if span <= 0:
        return 1.0
    rough = span / steps
    power = 10.0 ** len(str(int(rough))) / 10 if rough >= 1 else _below_one(rough)
    return next((f * power for f in (1, 2, 5) if f * power >= rough * 0.999), 10 * power)


def _below_one(rough: float) -> float:
    power = 1.0
    while power > rough * 1.001:
        power /= 10
    return power
