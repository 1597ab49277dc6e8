"""gunicorn -c deploy/gunicorn.conf.py 'bookt:create_app()'; `bookt.py serve` reads it too.

Threads, not an event loop: a request is short, and while it waits for the database others run.
"""

import os

from config import Settings

settings = Settings.from_environment()

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = "gthread"
workers = settings.workers
threads = settings.threads

# A connection of the database must not be shared by two processes: each worker builds its own application.
preload_app = False

# A worker that shows no life for this long is replaced; no request of ours comes near it.
timeout = 30
graceful_timeout = 20
# Longer than nginx keeps an idle connection (60 s): it must never write into one that we just closed.
keepalive = 75
# Memory that a library might leak goes back now and then; the jitter keeps workers from restarting together.
max_requests = 20_000
max_requests_jitter = 2_000
# The heartbeat file on disk can stall a worker; memory cannot.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108

# Who may tell us, by X-Forwarded-Proto, that the visitor came over https.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190

# The application writes its own log, one line per request, without addresses that are keys.
accesslog = None
errorlog = "-"
loglevel = settings.log_level.lower()

# A second way into the process that nothing here uses.
control_socket_disable = True


def post_worker_init(worker):
    """Each worker has the jobs' clockwork; the one that leads does the work."""
    from jobs import scheduler

    worker.jobs = scheduler.start(worker.wsgi)


def worker_exit(_server, worker):
    if getattr(worker, "jobs", None) is not None:
        worker.jobs.stop()
