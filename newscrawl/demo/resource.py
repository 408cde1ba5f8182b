"""What an address answers."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """The answer of one address."""

    body: bytes
    content_type: str
    last_modified: datetime
    status: int = 200
    location: str | None = None
    """Where a redirect leads."""

    @property
    def etag(self) -> str:
        """The validator: it changes when the bytes do."""
        return f'"{sha256(self.body).hexdigest()[:20]}"'
