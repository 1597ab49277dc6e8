"""Who can be booked comes, changes, and leaves no booking behind."""

from typing import Any

import pytest

import db
from actions import team
from actions.inputs import read
from errors import Invalid, NotAllowed, SlotTaken, StaleVersion
from models import Audit, Message
from queries import hours
from queries.team import hand_overs
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business
from tests.staff import member


@pytest.fixture
def cast(app: object) -> Cast:
    return make_business(resources=3)


def typed(**more: Any) -> team.ResourceInput:
    return read(team.ResourceInput, {"name": "Ana Öz", "languages": ["fr", "tr"], "serviceIds": ["diag"]} | more)


def create(cast: Cast, **more: Any) -> Any:
    return team.create(cast.business, member(cast), typed(**more), now=MONDAY_8)


def test_who_joins_is_booked_for_the_services_named_and_no_other(cast: Cast) -> None:
    card = create(cast)
    assert (card.slug, card.languages, card.kind) == ("ana-oz", ("fr", "tr"), "practitioner")
    assert cast.book("09:00", resourceId="ana-oz").resource_ids == ("ana-oz",)
    with pytest.raises(SlotTaken):
        cast.book("10:00", serviceId="urgence", resourceId="ana-oz")
    assert create(cast).slug == "ana-oz-2"


def test_a_change_is_whole_and_an_old_version_changes_nothing(cast: Cast) -> None:
    slug = create(cast).slug
    old = team.version_of(cast.business, slug)
    changed = typed(name="Ana", title="Kiné", serviceIds=["urgence"])
    card = team.change(cast.business, member(cast), slug, changed, now=MONDAY_8, expected=old)
    offered = [each.slug for each in cast.offer.services if card.id in each.resource_ids]
    assert (card.name, card.title, offered) == ("Ana", "Kiné", ["urgence"])
    with pytest.raises(StaleVersion):
        team.change(cast.business, member(cast), slug, typed(), now=MONDAY_8, expected=old)
    with db.reading(cast.id):
        noted = Audit.select().where(Audit.action == "resource.changed").get()
    assert noted.data["changed"] == ["name", "title", "services"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"serviceIds": ["inconnue"]}, "serviceIds"),
        ({"kind": "table"}, "seats"),
        ({"kind": "table", "seats": 2, "minSeats": 3}, "minSeats"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(cast: Cast, more: dict[str, Any], field: str) -> None:
    before = len(cast.offer.resources)
    with pytest.raises(Invalid) as refused:
        create(cast, **more)
    assert list(refused.value.problems) == [field]
    assert len(cast.offer.resources) == before


def test_the_order_moves_by_one_among_those_alike(cast: Cast) -> None:
    create(cast, kind="room", name="Salle bleue")
    create(cast, name="Zoé")
    team.shift(cast.business, member(cast), "zoe", "up", now=MONDAY_8)
    assert [each.slug for each in cast.offer.resources] == ["r1", "r2", "zoe", "salle-bleue", "r3"]
    team.shift(cast.business, member(cast), "r1", "up", now=MONDAY_8)
    assert cast.offer.resources[0].slug == "r1"


def test_nobody_leaves_while_booked_and_every_booking_goes_where_it_was_sent(cast: Cast) -> None:
    kept, dropped = cast.book("09:00", resourceId="r1"), cast.book("10:00", resourceId="r1")
    cast.book("09:00", resourceId="r2", customer={"name": "Ida", "email": "ida@example.com"})
    owner, business = member(cast), cast.business
    with pytest.raises(team.StillBooked):
        team.archive(business, owner, "r1", now=MONDAY_8)

    r1 = cast.offer.resource_by_slug("r1")
    assert r1 is not None
    visits = team.still_to_come(business, r1.id, now=MONDAY_8)
    rows = hand_overs(cast.offer, r1, visits, MONDAY_8)
    targets = {row.visit.code: [each.slug for each in row.targets] for row in rows}
    assert targets == {kept.code: ["r3"], dropped.code: ["r2", "r3"]}

    choices = {each.id: "r2" for each in visits}  # r2 is taken at nine
    done = team.hand_over(business, owner, "r1", choices, now=MONDAY_8)
    assert (done.moved, [each.code for each in done.refused]) == (1, [kept.code])
    choices = {each.id: "r3" if each.code == kept.code else team.CANCEL for each in visits}
    assert team.hand_over(business, owner, "r1", choices, now=MONDAY_8).moved == 1
    team.archive(business, owner, "r1", now=MONDAY_8)

    left = {each.code: each for each in hours.to_come(cast.offer, MONDAY_8)}
    assert {cast.offer.resource(key).slug for key in left[kept.code].resource_ids} == {"r3"}
    assert {each.starts_at.date() for each in left.values()} == {TUESDAY}
    with db.reading(cast.id):
        told = {row.template for row in Message.select()}
    assert "client_rescheduled" in told
    with pytest.raises(Invalid):
        cast.book("11:00", resourceId="r1")
    team.restore(business, owner, "r1", now=MONDAY_8)
    assert cast.book("11:00", resourceId="r1").resource_ids == ("r1",)


def test_a_booking_cancelled_on_leaving_frees_its_time_and_says_so(cast: Cast) -> None:
    booked = cast.book("09:00", resourceId="r1")
    r1 = cast.offer.resource_by_slug("r1")
    assert r1 is not None
    (visit,) = team.still_to_come(cast.business, r1.id, now=MONDAY_8)
    done = team.hand_over(cast.business, member(cast), "r1", {visit.id: team.CANCEL}, now=MONDAY_8)
    assert (done.cancelled, team.still_to_come(cast.business, r1.id, now=MONDAY_8)) == (1, [])
    with db.reading(cast.id):
        told = [row for row in Message.select() if row.template == "client_cancelled"]
    assert [row.booking_id for row in told] == [visit.id]
    assert booked.code == visit.code


def test_a_group_s_service_brings_its_lanes(cast: Cast) -> None:
    group = make_business(resources=1, services={"yoga": {"capacity": 6}, "diag": {}})
    card = team.create(group.business, member(group), typed(serviceIds=["yoga"]), now=MONDAY_8)
    assert card.rules.units == 6


def test_roles_that_lead_alone_may(cast: Cast) -> None:
    for role in ("practitioner", "reception", "read_only"):
        with pytest.raises(NotAllowed):
            team.create(cast.business, member(cast, role), typed(), now=MONDAY_8)
    assert len(cast.offer.resources) == 3
