"""Bring `.venv` up to a lock file: `python3 tools/environment.py requirements.txt`.

Runs on the machine's own Python, before anything is installed. The lock is installed with its hashes checked,
and only when it changed: a stamp inside the environment remembers which one was installed last.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)


def main(arguments: list[str]) -> None:
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Bookt needs Python 3.11 or later, not {sys.version.split()[0]}. Try: make run PYTHON=python3.12")
    if len(arguments) != 1:
        sys.exit("usage: environment.py LOCK")
    bring_up_to(ROOT / arguments[0])


def bring_up_to(lock: Path) -> None:
    with one_at_a_time():
        if not same_python():
            shutil.rmtree(VENV, ignore_errors=True)
            create()
        stamp = VENV / f"{lock.stem}.installed"
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
        if not (stamp.exists() and stamp.read_text() == wanted):
            install(lock)
            stamp.write_text(wanted)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """`make run` and `make test` may be typed at the same moment."""
    import fcntl

    (ROOT / ".cache").mkdir(exist_ok=True)
    with open(ROOT / ".cache" / "environment.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def same_python() -> bool:
    """An environment that was copied, moved or made by another Python is made anew."""
    try:
        return (VENV / "made-by").read_text() == made_by()
    except OSError:
        return False


def made_by() -> str:
    return f"{VENV}\n{sys.version}\n"


def create() -> None:
    print(f"Creating {VENV.name} …", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode:
        sys.exit(f"{made.stdout}{made.stderr}\nNo environment made. On Debian: apt-get install python3-venv")
    (VENV / "made-by").write_text(made_by())


def install(lock: Path) -> None:
    print(f"Installing {lock.name} (hashes checked) …", flush=True)
    pip: list[str | Path] = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps"]
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    done = subprocess.run([*pip, "--require-hashes", "--requirement", lock], env=environment)
    if done.returncode:
        sys.exit(f"pip could not install {lock.name}; the reason is above.")


if __name__ == "__main__":
    main(sys.argv[1:])
