"""What a facilitator carries: material with its price, days before and after, checklists, glossary, skills, sources.

python -m curriculum.pack docs      # docs/pack.md and docs/pack.csv anew
kojo pack print --to paper          # all of it on A4
kojo pack calendar --on 2027-02-03  # the dates
"""

from pathlib import Path

HERE = Path(__file__).parent
