"""Which articles say the same: found, linked, and never dropped."""
