"""The digest of a text: equal texts, equal digests, on every machine."""

from __future__ import annotations

import hashlib
import unicodedata


def text_sha256(text: str) -> str:
    """``sha256:`` and the hex SHA-256 of the NFC text in UTF-8."""
    # Texts of the record hold no lone surrogates; one that does must still not stop a run.
    data = unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
