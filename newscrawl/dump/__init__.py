"""The dump: records, their schemas, publishing, reading and proving. The format stands in ``data/README.md``."""
