"""What lies in the figures: correlation of series, control charts, process capability.

Definitions and caveats stand here; the arithmetic is numpy's and scipy's, imported where it is needed.
"""
