"""``python -m curriculum.pack docs`` writes docs/pack.md and docs/pack.csv anew."""

import sys
from pathlib import Path

from curriculum.pack.material import as_csv, material
from curriculum.pack.page import page

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
(folder / "pack.md").write_text(page(), "utf-8")
(folder / "pack.csv").write_bytes(as_csv(material()).encode("utf-8"))
