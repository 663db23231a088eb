"""Speed and size, measured: ``make bench``. Each figure stands beside a peer or a limit taken in the same run."""
