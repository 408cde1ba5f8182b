"""Pages that only a browser can read: one rendering each, in a browser that may do very little.

`browser` has the browser of a run, `tab` one page in it, `proxy` all its traffic, `allow` what a page may ask for.
"""
