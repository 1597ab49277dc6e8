"""What the tests need from the machine beside Python packages: PostgreSQL's server, Chromium, the Nu HTML checker.

On Debian and its kin, as root, what is missing is installed; otherwise the caller is told what to install and
nothing is skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Read by Debian's packages on installation: the machine gets no cluster of its own, so nothing is started.
NO_SYSTEM_CLUSTER = Path("/etc/postgresql-common/createcluster.d/bookt-tests.conf")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MARKUP = Path(__file__).resolve().parent / "markup"
MARKUP_CHECKER = MARKUP / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def main() -> int:
    print(f"PostgreSQL: {postgres_programs()}\nChromium:   {chromium()}\nMarkup:     {' '.join(markup_checker())}")
    return 0


def postgres_programs() -> Path:
    """The folder of `initdb` and `postgres`; POSTGRES_BIN names another one."""
    return have("PostgreSQL's server", "postgresql", find_postgres, install_postgres)


def chromium() -> Path:
    """The browser of the browser tests; CHROMIUM names another one."""
    return have("Chromium", "chromium", find_chromium, install_chromium)


def markup_checker() -> tuple[str, ...]:
    """The command of the Nu HTML checker, without its arguments."""
    java = have("Java", "default-jre-headless", lambda: on_path("java"), lambda: apt_install("default-jre-headless"))
    if not MARKUP_CHECKER.exists():
        install_packages(MARKUP)
    return str(java), "-jar", str(MARKUP_CHECKER)


def install_packages(folder: Path) -> None:
    """The Node packages that a folder's lock pins."""
    npm = have("npm", "npm", lambda: on_path("npm"), lambda: apt_install("npm"))
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command: list[str | Path] = [npm, "ci", *quiet]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nnpm ci failed in {folder.name}; the reason is above.")


def on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def have(what: str, package: str, find: Callable[[], Path | None], install: Callable[[], None]) -> Path:
    found = find()
    if found is None and can_install():
        print(f"Installing {what} …", flush=True)
        install()
        found = find()
    if found is None:
        sys.exit(f"{what} is missing and the tests need it. On Debian and Ubuntu: apt-get install {package}")
    return found


def find_postgres() -> Path | None:
    if named := os.environ.get("POSTGRES_BIN"):
        return Path(named) if Path(named, "initdb").exists() else sys.exit(f"POSTGRES_BIN={named} has no initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if debian:
        return debian[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def find_chromium() -> Path | None:
    if named := os.environ.get("CHROMIUM"):
        return Path(named) if os.access(named, os.X_OK) else sys.exit(f"CHROMIUM={named} cannot be run")
    on_path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if on_path:
        return Path(on_path)
    return next((Path(place) for place in CHROMIUM_PLACES if Path(place).exists()), None)


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_postgres() -> None:
    NO_SYSTEM_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    NO_SYSTEM_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        apt_install("postgresql")
    finally:
        NO_SYSTEM_CLUSTER.unlink()


def install_chromium() -> None:
    apt_install("chromium", "chromium-sandbox", "fonts-liberation")


def apt_install(*packages: str) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt_get = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    for command in ([*apt_get, "update"], [*apt_get, "install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{done.stdout}{done.stderr}\n{' '.join(command)} failed; the reason is above.")


if __name__ == "__main__":
    sys.exit(main())
