"""A throw-away PostgreSQL: `python -m tools.postgres COMMAND …` lives as long as the command.

The command finds it in BOOKT_TEST_POSTGRES, the address of a superuser. One already set is used as it is.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools import processes, system

STARTS_WITHIN = 30  # seconds
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    # Nothing here has to survive a power cut, and a killed *application* loses nothing by these two.
    # synchronous_commit stays as shipped.
    "fsync": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


def main(command: list[str]) -> int:
    if not command:
        print("usage: python -m tools.postgres COMMAND …", file=sys.stderr)
        return 2
    with processes.interruptible(), cluster() as url:
        return subprocess.run(command, env=os.environ | {"BOOKT_TEST_POSTGRES": url}).returncode


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a superuser of a cluster that lives as long as the `with` block."""
    if given := os.environ.get("BOOKT_TEST_POSTGRES"):
        yield given
        return
    programs, account = system.postgres_programs(), server_account()
    # Not TMPDIR: the server's account must be able to enter it, and a socket's path has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="bookt-pg-", dir="/tmp"))
    try:
        if account:
            shutil.chown(folder, account)
        password = initialise(programs, folder, account)
        server, port = start(programs, folder, account)
        try:
            yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            processes.stop(server, signal.SIGINT, patience=10)  # "fast shutdown"
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """The address of an empty database of that name, removed at the end."""
    import psycopg2

    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'create database "{name}"')
            try:
                yield url.rpartition("/")[0] + f"/{name}"
            finally:
                cursor.execute(f'drop database "{name}" with (force)')
    finally:
        connection.close()


def server_account() -> str | None:
    """PostgreSQL refuses to run as root: Debian's account takes its place. Nobody else changes accounts."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        sys.exit("PostgreSQL does not run as root, and there is no account 'postgres': make it, or use another.")


def initialise(programs: Path, folder: Path, account: str | None) -> str:
    password, password_file = secrets.token_hex(16), folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if account:
        shutil.chown(password_file, account)
    access = [
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth-local=peer",
        "--auth-host=scram-sha-256",
    ]
    options = [f"--pgdata={folder / 'data'}", "--encoding=UTF8", f"--locale={LOCALE}", "--no-sync", *access]
    done = subprocess.run(
        [programs / "initdb", *options],
        cwd="/",
        user=account,
        group=account,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\ninitdb failed; the reason is above.")
    return password


def start(programs: Path, folder: Path, account: str | None) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(3):  # another program may take the port between our look and the server's
        port = free_port()
        server = launch(programs, folder, account, port)
        if answers(server, folder):
            return server, port
        processes.stop(server, signal.SIGQUIT, patience=5)
    sys.exit(f"{(folder / 'log').read_text()}\nPostgreSQL did not start; its log is above.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(programs: Path, folder: Path, account: str | None, port: int) -> subprocess.Popen[bytes]:
    settings = SETTINGS | {"port": str(port), "unix_socket_directories": str(folder)}
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    with open(folder / "log", "ab") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *options],
            cwd="/",
            user=account,
            group=account,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C must not take the server away before the tests have ended
            preexec_fn=processes.dies_with_us(signal.SIGQUIT),
        )


def answers(server: subprocess.Popen[bytes], folder: Path) -> bool:
    """The last line of postmaster.pid turns to "ready" once connections are taken."""
    status, deadline = folder / "data" / "postmaster.pid", time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(FileNotFoundError):
            if status.read_text().split()[-1:] == ["ready"]:
                return True
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
