"""What a worker may not do to the machine, whatever a page does to the worker: write, connect, start programs.

Three walls, each as far as the system has it; one that is missing is no error:

- resource limits (every POSIX system): no file grows, few files are open, no core is dumped;
- Landlock (Linux 5.13, see landlock(7)): no file is opened for writing, made, renamed, removed or executed; no TCP
  (6.7); no signals to other processes and no abstract sockets (6.12);
- a seccomp filter (Linux on x86-64 and ARM64, see seccomp(2)): no new socket of any kind, no program, no io_uring,
  which would go round both.

A worker keeps what it has open: the pipe to its parent and standard error.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys

MAX_FILES = 64
"""Open at the same time; a worker has the pipe, and now and then a module that it imports."""

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_RESTRICT_SELF = 446
_CREATE_RULESET_VERSION = 1

# Rights of the file system, in the order of their bits; reading a file and a folder are those that stay.
_READ = 1 << 2 | 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""From this version of Landlock on there are so many."""
_TCP = 0b11
_SIGNALS_AND_ABSTRACT_SOCKETS = 0b11

# linux/audit.h: the machine, and its 32-bit form, which has numbers of its own; then the numbers of socket, execve,
# execveat, ptrace, process_vm_writev, io_uring_setup.
_MACHINES = {
    "x86_64": (0xC000003E, 0x40000003, (41, 59, 322, 101, 311, 425)),
    "aarch64": (0xC00000B7, 0x40000028, (198, 221, 281, 117, 271, 425)),
}
_X32 = 0x40000000

# Instructions of linux/bpf_common.h.
_LOAD = 0x20
_JUMP_IF_EQUAL = 0x15
_JUMP_IF_AT_LEAST = 0x35
_RETURN = 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine() -> None:
    """Give up, for good, what reading a page never needs. For a process with one thread."""
    _limit_files()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            _landlock(libc)
            _seccomp(libc)


def landlock_version() -> int:
    """The version of Landlock that this system has; 0 for none."""
    if sys.platform != "linux":
        return 0
    version: int = ctypes.CDLL(None).syscall(_LANDLOCK_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    return max(0, version)


def has_seccomp() -> bool:
    """Whether `confine` has a filter for this machine."""
    return sys.platform == "linux" and sys.maxsize > 1 << 32 and platform.machine() in _MACHINES


def _limit_files() -> None:
    for kind, wanted in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, MAX_FILES)):
        _, hard = resource.getrlimit(kind)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (limit, limit))


def _landlock(libc: ctypes.CDLL) -> None:
    version = landlock_version()
    if version == 0:
        return
    rights = (1 << max(count for since, count in _FILE_RIGHTS.items() if since <= version)) - 1
    ruleset = _Ruleset(
        files=rights & ~_READ,
        network=_TCP if version >= 4 else 0,
        scoped=_SIGNALS_AND_ABSTRACT_SOCKETS if version >= 6 else 0,
    )
    # An older kernel takes a longer structure, as long as what it does not know is zero.
    descriptor = libc.syscall(_LANDLOCK_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    if descriptor >= 0:
        # No rule is added: what is handled is refused everywhere.
        libc.syscall(_LANDLOCK_RESTRICT_SELF, descriptor, 0)
        os.close(descriptor)


def _seccomp(libc: ctypes.CDLL) -> None:
    if not has_seccomp():
        return
    machine, other_form, refused = _MACHINES[platform.machine()]
    checks = [(_JUMP_IF_AT_LEAST, _X32), *((_JUMP_IF_EQUAL, number) for number in refused)]
    instructions = [
        (_LOAD, 0, 0, 4),  # the machine that the call is made for
        (_JUMP_IF_EQUAL, len(checks) + 3, 0, other_form),
        (_JUMP_IF_EQUAL, 0, len(checks) + 1, machine),  # another one is emulated: its numbers are not known
        (_LOAD, 0, 0, 0),  # the number of the call
        *((kind, len(checks) - place, 0, value) for place, (kind, value) in enumerate(checks)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = b"".join(struct.pack("HBBI", *one) for one in instructions)
    program = _Program(len(instructions), code)
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
