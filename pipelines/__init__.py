"""Scrapy item pipelines: glue without logic of its own, ordered in `newscrawl.settings`."""
