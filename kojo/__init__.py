"""The `kojo` command: wires the rooms together. No logic of its own."""
