"""``python -m kojo`` is the `kojo` command."""

import sys

from kojo.start import main

sys.exit(main())
