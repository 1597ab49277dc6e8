"""From a profession to a page that takes bookings, in ten steps: the first two make the account (`/demarrer`), the
others belong to the business (`/pro/<slug>/demarrer/<step>`)."""

from flask import Flask

from blueprints.dashboard.onboarding import names
from blueprints.dashboard.onboarding.beginning import start
from blueprints.dashboard.onboarding.pages import bp
from queries import onboarding

__all__ = ["bp", "init_app", "start"]


def init_app(app: Flask) -> None:
    app.register_blueprint(start)
    app.register_blueprint(bp)
    app.jinja_env.globals |= {"step_name": names.step_name, "steps_left": onboarding.left}
