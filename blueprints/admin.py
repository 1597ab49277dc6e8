"""S4's minimal page: the bookings of the day, confirm, cancel, and nothing else."""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")
