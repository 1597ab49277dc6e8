"""What the people of a business work with, one module per page noun, all under `/pro/<slug>`."""

from flask import Flask
from flask_babel import gettext

from blueprints.dashboard import agenda, bookings, clients, hours, my_site, onboarding, services, team, today
from blueprints.dashboard import settings as settings_pages


def init_app(app: Flask) -> None:
    pages = (today, agenda, bookings, clients, services, hours, team, settings_pages, my_site)
    for each in pages:
        app.register_blueprint(each.bp)
    onboarding.init_app(app)
    app.jinja_env.globals["role_name"] = role_name


def role_name(role: str) -> str:
    names = {
        "owner": gettext("propriétaire"), "admin": gettext("administrateur"), "practitioner": gettext("praticien"),
        "reception": gettext("accueil"), "read_only": gettext("lecture"),
    }  # fmt: skip
    return str(names[role])
