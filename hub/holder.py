"""Who holds something for a while: a process, named so that another one of its machine can tell whether it is there."""

from __future__ import annotations

import os
from pathlib import Path

from hub.clock import boot


def this_worker() -> str:
    """Name this process so that another one on the same machine can tell whether it is still there."""
    return f"{boot()}/{_namespace()}/{os.getpid()}/{_started(str(os.getpid()))}"


def is_gone(holder: str) -> bool:
    """Tell whether the holder was a process of this machine that has ended; of another one only time tells."""
    here, parts = this_worker().split("/"), holder.split("/")
    if parts[:2] != here[:2] or not here[1]:
        return False
    return _started(parts[2]) != parts[3]


def _namespace() -> str:
    """Return which numbering of processes this one is in: containers of one machine have their own."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _started(process: str) -> str:
    """Return when a process started, in the ticks of its machine; empty if there is none of this number."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
