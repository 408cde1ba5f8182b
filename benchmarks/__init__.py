"""Measurements against pages with gold data. The pages are not part of this repository."""
