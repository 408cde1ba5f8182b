"""The crawlers that `benchmarks.crawl` compares, and what serves and measures them."""
