"""Scrapy's downloader as newscrawl uses it: which addresses it may reach, what robots.txt lets it fetch."""
