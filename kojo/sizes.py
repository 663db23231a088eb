"""How large a file is, for people."""


def size(many: int) -> str:
    """Bytes as ``340 KB``, ``2.1 MB`` or ``1.3 GB`` (a thousand bytes are one KB)."""
    for unit, bytes_ in (("GB", 10**9), ("MB", 10**6)):
        if many >= bytes_:
            return f"{many / bytes_:.1f} {unit}"
    return f"{max(1, round(many / 1000)) if many else 0} KB"
