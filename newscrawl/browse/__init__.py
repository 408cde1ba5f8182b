"""A dump in a web page on this machine: an index of it, what is asked of the index, and a server that only reads."""
