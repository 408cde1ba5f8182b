"""A folder of saved pages served as the sites they came from, so that a whole crawl can be measured offline.

``python -m benchmarks.replay BENCH_DIR`` serves, ``python -m benchmarks.replay.report BENCH_DIR DATA_DIR`` says after
the crawl what became of every page and writes its texts for the scorer.
"""
