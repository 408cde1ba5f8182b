"""Scrapy commands that replace Scrapy's own in this project."""
