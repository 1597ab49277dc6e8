"""The staff's JSON API (S0): what the dashboard does, for programs. One module per noun; a token says whose business it
is about."""

from flask import Flask

from blueprints.api.staff import (
    availabilities,
    bookings,
    business,
    clients,
    dashboard,
    onboarding,
    services,
    specializations,
    testimonials,
)

NOUNS = (
    dashboard, bookings, services, clients, availabilities, business, testimonials, specializations, onboarding,
)  # fmt: skip


def init_app(app: Flask) -> None:
    for noun in NOUNS:
        app.register_blueprint(noun.bp)
