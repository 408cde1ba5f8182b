"""Other people's extractors, crawlers and archive readers, run beside newscrawl: `benchmarks.bench` has the command.

Each peer lives in an environment of its own, and is run in a process of its own by a script of ``adapters/`` that knows
nothing of this project but `serve.py`. None of them is a dependency.
"""
