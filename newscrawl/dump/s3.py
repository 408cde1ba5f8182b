"""Putting objects into S3 on a condition, which fsspec's own put does not know.

``If-Match`` with the ETag that was seen, ``If-None-Match: *`` where there was none (Amazon S3 User Guide, "conditional
writes"). Of two writers that saw the same, one is refused.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from newscrawl.dump.objects import ANYTHING, OvertakenError

if TYPE_CHECKING:
    from collections.abc import Mapping

PART_BYTES = 32_000_000
"""What is larger goes in parts, and appears when all of them are there."""
MAX_PARTS = 10_000
_OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


def put(fs: Any, key: str, source: BinaryIO, size: int, *, over: str | None) -> None:
    """Put a file as an object.

    Args:
        fs: an ``s3fs.S3FileSystem``.
        key: bucket and key.
        over: the ETag it may replace; None: it must be new; `ANYTHING`: no condition.

    Raises:
        OvertakenError: another object stands there.
        OSError: S3 refuses.
    """
    bucket, _, name = key.partition("/")
    place = {"Bucket": bucket, "Key": name}
    condition = {} if over == ANYTHING else {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
    try:
        if size <= PART_BYTES:
            fs.call_s3("put_object", **place, **condition, Body=source.read())
        else:
            _put_parts(fs, place, condition, source, size)
    except OSError as error:
        if condition and (_code(error) in _OVERTAKEN or (over is not None and _code(error) == "NoSuchKey")):
            raise OvertakenError(f"s3://{key} was written by somebody else meanwhile") from error
        raise


def _put_parts(fs: Any, place: Mapping[str, str], condition: Mapping[str, str], source: BinaryIO, size: int) -> None:
    upload = {**place, "UploadId": fs.call_s3("create_multipart_upload", **place)["UploadId"]}
    part_bytes = max(PART_BYTES, -(-size // MAX_PARTS))
    parts: list[dict[str, Any]] = []
    try:
        while data := source.read(part_bytes):
            number = len(parts) + 1
            answer = fs.call_s3("upload_part", **upload, PartNumber=number, Body=data)
            parts.append({"ETag": answer["ETag"], "PartNumber": number})
        fs.call_s3("complete_multipart_upload", **upload, **condition, MultipartUpload={"Parts": parts})
    except BaseException:
        # Parts of what is never completed would be paid for; after a kill a rule of the bucket takes them away.
        with suppress(Exception):
            fs.call_s3("abort_multipart_upload", **upload)
        raise


def _code(error: OSError) -> str:
    """S3's word for what went wrong."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
