"""`bookt.py prove` on SQLite, then on PostgreSQL, each on a database made for it.

`python -m tools.prove --clients 200`: what is typed goes to both.
"""

import os
import subprocess
import sys
import tempfile

from tools import postgres, processes


def main(arguments: list[str]) -> int:
    with processes.interruptible(), tempfile.TemporaryDirectory(prefix="bookt-prove-") as data:
        on_sqlite = prove("SQLite", arguments, {"BOOKT_DATA": data, "DATABASE_URL": ""})
        with postgres.cluster() as url, postgres.database(url, "bookt_prove") as scratch:
            on_postgres = prove("PostgreSQL", arguments, {"BOOKT_DATA": data, "DATABASE_URL": scratch})
    return on_sqlite or on_postgres


def prove(engine: str, arguments: list[str], setting: dict[str, str]) -> int:
    print(f"{f' {engine} ':─^72}", flush=True)
    environment = {name: value for name, value in (os.environ | setting).items() if value}
    return subprocess.run([sys.executable, "bookt.py", "prove", *arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
