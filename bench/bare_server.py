"""The shipped server's settings for the bare applications: all but the jobs, which only the product has."""

import runpy
from pathlib import Path

_shipped = runpy.run_path(str(Path(__file__).parents[1] / "deploy" / "gunicorn.conf.py"))
globals().update({name: value for name, value in _shipped.items() if name not in ("post_worker_init", "worker_exit")})
