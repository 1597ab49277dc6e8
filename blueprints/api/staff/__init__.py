"""The staff's JSON API (S0): what the dashboard does, for programs. One module per noun; a token says whose business."""

from flask import Flask

from blueprints.api.staff import bookings

NOUNS = (bookings,)


def init_app(app: Flask) -> None:
    for noun in NOUNS:
        app.register_blueprint(noun.bp)
