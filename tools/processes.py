"""Start programs so that none of them outlives the command that needed it, however that command ends."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SET_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36  # prctl(2)
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LINUX = sys.platform == "linux"
libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that every `finally` runs.

    SIGINT too is set by hand: a shell starts background jobs with SIGINT ignored, and Python keeps it so.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in STOPPING}
    try:
        yield
    except KeyboardInterrupt:
        sys.exit("Interrupted; what was started has been stopped.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def dies_with_us(number: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `number` to the child when we vanish, even by SIGKILL (Linux)."""

    def arm() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell may have had it ignored
        if LINUX:
            libc.prctl(SET_DEATH_SIGNAL, int(number), 0, 0, 0)

    return arm


def stop(process: subprocess.Popen[bytes], first: signal.Signals, patience: float = 30) -> None:
    """Ask the process with `first`, then end its whole group; every process here leads a group of its own."""
    if process.poll() is None:
        process.send_signal(first)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    kill_group(process.pid)
    process.wait()


def kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS: PermissionError for a group of zombies
        os.killpg(leader, signal.SIGKILL)


def adopt_orphans() -> None:
    """From now on a process whose parent ended becomes our child, so that `left_behind` sees it (Linux)."""
    if LINUX:
        libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def left_behind(patience: float = 5) -> list[str]:
    """End what still runs below us and tell what it was; who is on the way out has `patience` seconds."""
    deadline = time.monotonic() + patience
    while (children := living_children()) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    return [f"left behind: {pid} {command}" for pid, command in children.items()]


def living_children() -> dict[int, str]:
    if not LINUX:
        return {}
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # it ended while we looked
                continue
            if int(parent) == os.getpid() and state not in "ZX":
                found[int(entry.name)] = command.strip()
    return found
