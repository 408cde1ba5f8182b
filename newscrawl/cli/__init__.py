"""The ``newscrawl`` command: `main` and one module per sub-command."""
