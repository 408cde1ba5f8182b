"""Page -> Article: one decode, one parse; text from trafilatura, metadata from the same tree."""
