"""Every check that needs no server: `python -m tools.lint`. All of them run; one failure fails the whole."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS: dict[str, list[str | Path]] = {
    "style": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "."],
    "types": [BIN / "mypy", "--no-error-summary"],
    "imports": [sys.executable, "-m", "tools.imports"],
    "templates": [BIN / "djlint", "templates", "--lint", "--quiet", "--allow-empty-input"],
    "shell": ["bash", "-c", "for script in .ci/run tools/*.sh; do bash -n $script || exit 1; done"],
    "sizes": [sys.executable, "-m", "tools.sizes"],
}


def main() -> int:
    failed = [name for name, command in CHECKS.items() if not passes(name, command)]
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: all clear")
    return int(bool(failed))


def passes(name: str, command: list[str | Path]) -> bool:
    print(f"── {name}", flush=True)
    return subprocess.run(command, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
