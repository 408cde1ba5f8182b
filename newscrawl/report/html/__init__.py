"""The report: a dump as one HTML file.

`gather` reads the figures, `arrivals`, `quality`, `events` and `travels` draw them, `page` writes the file.
"""
