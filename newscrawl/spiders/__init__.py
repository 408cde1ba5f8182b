"""Scrapy spiders: requests in, articles out; parsing and extraction are elsewhere."""
