"""`bookt.py prove` on SQLite, then on PostgreSQL; it makes its own database on each and removes it.

`python -m tools.prove --clients 200`: what is typed goes to both.
"""

import os
import subprocess
import sys

from tools import postgres, processes


def main(arguments: list[str]) -> int:
    with processes.interruptible():
        on_sqlite = prove("SQLite", arguments, "")
        with postgres.cluster() as url:
            on_postgres = prove("PostgreSQL", arguments, url)
    return on_sqlite or on_postgres


def prove(engine: str, arguments: list[str], database_url: str) -> int:
    print(f"{f' {engine} ':─^72}", flush=True)
    environment = os.environ | {"DATABASE_URL": database_url, "DATABASE_OWNER_URL": ""}
    return subprocess.run([sys.executable, "bookt.py", "prove", *arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
