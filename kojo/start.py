"""Where the `kojo` command begins: a Ctrl-C while its modules are still being read ends it as one does later."""


def main() -> int:
    """Run one command, as `kojo.cli.main` does."""
    try:
        from kojo.cli import main as run
    except KeyboardInterrupt:
        return 0
    return run()
