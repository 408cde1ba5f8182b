"""What to fetch: what a run was asked for, and when an address is due again. Policy only, no I/O."""
