"""``python -m kojo`` is the `kojo` command."""

import sys

from kojo.cli import main

sys.exit(main())
