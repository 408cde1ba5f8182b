"""What a process has started (Linux)."""

from __future__ import annotations

from pathlib import Path


def descendants(root: int) -> dict[int, str]:
    """Process id → command line, of all that a process and its children have started and that is alive."""
    parents: dict[int, tuple[int, str]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            _, _, after = (place / "stat").read_text().rpartition(")")
            command = (place / "cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue
        parents[int(place.name)] = (int(after.split()[1]), command)
    found: dict[int, str] = {}
    grown = {root}
    while grown:
        grown = {pid for pid, (parent, _) in parents.items() if parent in grown}
        found |= {pid: parents[pid][1] for pid in grown}
    return {pid: command for pid, command in found.items() if command}
