"""Files to clean articles, on one machine, without a crawl."""
