"""The built-in newsroom: six small news sites on loopback, for `newscrawl demo` and for the tests.

The sites are invented, their hosts end in ``.example``, and every word of them was written for this
project. `content` reads the stories from ``articles/`` and the outlets from ``outlets/``; `pages` prints
them in four kinds of markup, with the noise real sites put around a text; `site` lays out each outlet's
addresses; `server` serves them as an HTTP proxy; `gold` says what a crawl should get out of them.
Nothing depends on the clock.
"""
