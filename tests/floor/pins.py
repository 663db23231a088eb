"""What a careful counter makes of a pin's recorded edges; written apart from edge.debounce on purpose."""

MS = 1_000_000


def closings(edges: list[tuple[int, bool]], debounce_ms: float = 20.0) -> int:
    """How often an active-low pin went low and stayed so."""
    return len(moves(edges, debounce_ms)[0])


def moves(edges: list[tuple[int, bool]], debounce_ms: float = 20.0) -> tuple[list[int], list[int]]:
    """Times of first touch of each closing and each opening that held for so long."""
    stable, since = True, 0
    found: tuple[list[int], list[int]] = [], []
    burst_ns: int | None = None
    for (at_ns, level), (next_ns, _) in zip(edges, [*edges[1:], (1 << 62, True)], strict=True):
        if burst_ns is None or at_ns - since >= debounce_ms * MS:
            burst_ns = at_ns
        since = at_ns
        if next_ns - at_ns >= debounce_ms * MS and level != stable:
            found[1 if level else 0].append(burst_ns)
            stable, burst_ns = level, None
    return found
