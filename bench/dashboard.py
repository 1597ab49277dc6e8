"""G9, and what a full history costs the pages that are open all day."""

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask.sessions import SecureCookieSessionInterface

import db
from actions import sessions
from bench import workload
from bench.harness import PRODUCT, Asked, Bench
from bench.load import Broken, get
from bench.report import Figure
from bench.workload import SLUG, Raw, Size
from bookt import create_app
from config import Settings
from lib.ids import uuid7
from models import Client, Membership, Resource, Service, User
from queries.business import by_slug

FULL_DAY = workload.TODAY + dt.timedelta(days=workload.HORIZON_DAYS + 11)  # a Monday beyond the workload's own
VISITS = 19
STARTS = tuple(dt.time(8 + n // 2, n % 2 * 30) for n in range(1, VISITS + 1))  # 08:30 to 17:30, over noon


def pages(bench: Bench) -> Iterator[Figure]:
    yield from day(bench)
    yield from history(bench)


def day(bench: Bench) -> Iterator[Figure]:
    """G9: a day of 19 visits as the agenda shows it, and the look-up of a client, against a template of thirty rows."""
    settings = _filled(bench, bench.scale.large)
    product, bare = bench.servers((PRODUCT, settings, 1), ("bench.bare:template", settings, 1))
    cookie = _signed_in(settings)
    lookup = f"/rendez-vous/nouveau/clients?name={quote(_somebody(settings))}"
    wanted = (
        ("day of the agenda, 19 visits", f"/agenda?vue=jour&date={FULL_DAY}", 0.25, "ag-booking", VISITS),
        (
            "partial of a client's rows, six at most",
            lookup,
            0.4,
            "<li>",
            1,
        ),
    )
    for name, path, least, mark, count in wanted:
        request = get(f"/pro/{SLUG}{path}", cookie=cookie)
        found = bench.compare(Asked(product, [request]), Asked(bare, [get("/")]))
        shown = bench.load.closed(product.port, [request]).only(200).body.count(mark)
        if shown < count:
            raise Broken(f"{name}: {shown} of {count} shown")
        yield Figure(
            "G9", f"{name}, requests/s", bench.engine, found.rate, "×", least, at_least=True, detail=found.times
        )


def history(bench: Bench) -> Iterator[Figure]:
    """The home of the dashboard and a week of the agenda: 10,000 bookings stored against 100."""
    few, many = _filled(bench, bench.scale.small), _filled(bench, bench.scale.large)
    small, large = bench.servers((PRODUCT, few, 1), (PRODUCT, many, 1))
    for name, path in (("home", ""), ("week of the agenda", f"/agenda?vue=semaine&date={FULL_DAY}")):
        ours = Asked(large, [get(f"/pro/{SLUG}{path}", cookie=_signed_in(many))])
        theirs = Asked(small, [get(f"/pro/{SLUG}{path}", cookie=_signed_in(few))])
        found = bench.compare(ours, theirs)
        yield Figure(
            "G9", f"{name}, N=10,000 against N=100, p50", bench.engine, found.p50, "×", 1.15, detail=found.times
        )


def _filled(bench: Bench, size: Size) -> Settings:
    """The workload with an owner who can sign in, and one full day that is the same whatever the size."""
    settings = bench.database(size)
    db.release()
    db.connect(settings)
    business = by_slug(SLUG)
    with db.reading(business.id):
        if Membership.select().first() is not None:
            return settings
        resource_id, service_id = Resource.select().first().id, Service.select().order_by(Service.position).first().id
    dice = random.Random("a full day")
    times = [dt.datetime.combine(FULL_DAY, time, workload.ZONE).astimezone(dt.UTC) for time in STARTS]
    with Raw(settings) as raw:
        workload.add_bookings(raw, business.id, resource_id, service_id, times, dice)
    user_id = uuid7()
    with db.writing(business.id):
        User.insert(id=user_id, email="owner@example.com", name="Sam Peeters", verified_at=_moment()).execute()
        Membership.insert(user_id=user_id, role="owner").execute()
    db.release()
    return settings


def _signed_in(settings: Settings) -> str:
    """The cookie of a new session of the owner."""
    db.release()
    db.connect(settings)
    with db.reading(by_slug(SLUG).id):
        user_id: UUID = Membership.select().first().user_id
    session_id = sessions.begin(user_id, now=workload.NOW, agent="bench", network="127.0.0.1")
    app = create_app(dataclasses.replace(settings, bookt_env="development"), clock=lambda: workload.NOW)
    serializer: Any = SecureCookieSessionInterface().get_signing_serializer(app)
    cookie = serializer.dumps({"_user_id": str(session_id), "used": workload.NOW})
    db.release()
    return f"bookt={cookie}"


def _somebody(settings: Settings) -> str:
    """The name of one of the clients: the look-up shows those who bear it, six at most."""
    db.release()
    db.connect(settings)
    with db.reading(by_slug(SLUG).id):
        name = str(Client.select().order_by(Client.id).first().name)
    db.release()
    return name


def _moment() -> dt.datetime:
    return dt.datetime.fromtimestamp(workload.NOW, dt.UTC)
