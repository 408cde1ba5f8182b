"""Scrapy extensions: the run and its summary, the progress bar."""
