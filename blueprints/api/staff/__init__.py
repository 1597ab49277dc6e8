"""The staff's JSON API (S0): what the dashboard does, for programs. One module per noun; a token says whose business."""

from flask import Flask

from blueprints.api.staff import availabilities, bookings, onboarding, specializations, testimonials

NOUNS = (bookings, availabilities, testimonials, specializations, onboarding)


def init_app(app: Flask) -> None:
    for noun in NOUNS:
        app.register_blueprint(noun.bp)
