"""Bytes of feeds, sitemaps and list pages to the addresses of articles; no network in here."""
