"""Why a store of objects refused, in words. Each kind of store has errors of its own; their names tell."""

from __future__ import annotations


def reason(error: BaseException) -> str:
    """Why a store refused, in words for its operator."""
    words = f"{type(error).__name__} {error}"
    if isinstance(error, PermissionError):
        return f"access denied ({_first_line(error)})"
    if "Credentials" in type(error).__name__:
        return f"no credentials ({_first_line(error)})"
    if "NoSuchBucket" in words:
        return "there is no such bucket"
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return f"no answer in time ({_first_line(error)})"
    if "Connect" in type(error).__name__:
        return f"the store cannot be reached ({_first_line(error)})"
    if type(error).__name__ == "FileExpired":
        return "it was replaced while it was read"
    return _first_line(error)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
