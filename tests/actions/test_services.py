"""What can be booked: how a service comes, changes, moves in the list, goes and returns."""

from typing import Any

import pytest

import db
from actions import services
from actions.access import Actor
from actions.inputs import read
from actions.services import ServiceChange, ServiceInput
from errors import Invalid, NotAllowed, ServiceNotFound, SlotTaken, StaleVersion
from models import Audit, Claim, Resource
from queries import services as queries
from queries.offer import ServiceCard
from tests.cast import MONDAY_8, Cast, make_business
from tests.staff import member

NEW = {"name": "Séance à domicile", "durationMinutes": 45, "basePriceCents": 5200}


@pytest.fixture
def owner(cast: Cast) -> Actor:
    return member(cast)


def create(cast: Cast, by: Actor, **more: Any) -> ServiceCard:
    return services.create(cast.business, by, read(ServiceInput, NEW | more), now=MONDAY_8)


def change(cast: Cast, by: Actor, slug: str = "diag", *, expected: str | None = None, **more: Any) -> ServiceCard:
    data = read(ServiceChange, more)
    return services.change(cast.business, by, slug, data, now=MONDAY_8, expected=expected)


def audits(cast: Cast) -> list[Any]:
    with db.reading(cast.id):
        return list(Audit.select().order_by(Audit.id))


def test_a_new_service_needs_three_things_and_can_be_booked_at_once(cast: Cast, owner: Actor) -> None:
    card = create(cast, owner)
    assert card.slug == "seance-a-domicile"
    assert (card.deposit_bp, card.place, card.active, len(card.resource_ids)) == (0, "on_site", True, 2)
    assert cast.offer.services[-1].slug == card.slug
    assert cast.book(serviceId=card.slug).duration_minutes == 45
    assert create(cast, owner).slug == "seance-a-domicile-2"
    assert [each.action for each in audits(cast)] == ["service.created", "service.created"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"durationMinutes": 0}, "INVALID_DURATION_MINUTES"),
        ({"basePriceCents": -1}, "INVALID_BASE_PRICE_CENTS"),
        ({"basePriceCents": "35"}, "INVALID_BASE_PRICE_CENTS"),
        ({"depositRate": 1.2}, "INVALID_DEPOSIT_RATE"),
        ({"name": " "}, "INVALID_NAME"),
        ({"place": "moon"}, "INVALID_PLACE"),
        ({"capacity": 0}, "INVALID_CAPACITY"),
        ({"resourceIds": []}, "INVALID_RESOURCE_IDS"),
        ({"resourceIds": ["nobody"]}, "INVALID_RESOURCE_IDS"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(cast: Cast, owner: Actor, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(cast, owner, **given)
    assert refused.value.code == code


def test_only_what_is_given_changes_and_what_is_booked_keeps_its_price(cast: Cast, owner: Actor) -> None:
    booked = cast.book()
    card = change(cast, owner, basePriceCents=4500, depositRate=0.25, durationMinutes=60)
    assert (card.price_cents, card.deposit_bp, card.duration_minutes) == (4500, 2500, 60)
    assert (card.name, card.slug, len(card.resource_ids)) == ("Prestation diag", "diag", 2)
    again = cast.book(time="10:30")
    assert (booked.price_cents, booked.duration_minutes, again.price_cents, again.duration_minutes) == (
        4000,
        30,
        4500,
        60,
    )
    changed = audits(cast)[-1].data["changed"]
    assert changed == {"price_cents": [4000, 4500], "deposit_bp": [3000, 2500], "duration_minutes": [30, 60]}


def test_null_gives_a_value_back_to_the_business(cast: Cast, owner: Actor) -> None:
    policy = {"fullRefundHours": 72, "partialRefundHours": 0, "partialRefundRate": 0}
    own = change(cast, owner, slotStepMinutes=15, minimumNoticeMinutes=60, cancellationPolicy=policy)
    assert (own.rules.step, own.rules.notice, own.policy.full_hours) == (15, 60, 72)
    card = change(cast, owner, slotStepMinutes=None, minimumNoticeMinutes=None, cancellationPolicy=None, name=None)
    assert (card.rules.step, card.rules.notice, card.policy.full_hours, card.name) == (30, 0, 48, "Prestation diag")


def test_translations_are_kept_language_by_language(cast: Cast, owner: Actor) -> None:
    change(cast, owner, translations={"nl": {"name": "Onderzoek"}, "en": {"name": "Check"}})
    card = change(cast, owner, translations={"nl": {"description": "Kort"}, "en": {"name": ""}})
    assert card.translations == {"nl": {"name": "Onderzoek", "description": "Kort"}}


def test_a_stale_version_changes_nothing(cast: Cast, owner: Actor) -> None:
    version = queries.version(queries.settings(cast.business, "diag"))
    change(cast, owner, expected=version, name="Un")
    with pytest.raises(StaleVersion):
        change(cast, owner, expected=version, name="Deux")
    assert cast.offer.service("diag").name == "Un"


def test_a_group_of_eight_can_be_booked(owner: Actor, cast: Cast) -> None:
    alone = cast.book(time="11:00", resourceId="r1")
    card = create(cast, owner, name="Yoga", durationMinutes=60, capacity=8, resourceIds=["r1"])
    people = [
        cast.book(serviceId=card.slug, customer={"name": f"P{n}", "email": f"p{n}@example.com"}) for n in range(6)
    ]
    pair = cast.book(serviceId=card.slug, partySize=2)
    assert {each.start for each in people} == {pair.start}
    assert pair.price_cents == 2 * 5200
    with pytest.raises(SlotTaken):
        cast.book(serviceId=card.slug)
    with db.reading(cast.id):
        assert {row.unit for row in Claim.select().where(Claim.booking_id == alone.id)} == set(range(8))
        assert {row.slug: row.units for row in Resource.select()} == {"r1": 8, "r2": 1}
    with pytest.raises(SlotTaken):
        cast.book(serviceId=card.slug, time="11:00")
    cast.book(time="14:00", resourceId="r1")


def test_who_had_a_visit_alone_stays_alone_when_the_service_becomes_a_group(owner: Actor, cast: Cast) -> None:
    cast.book(resourceId="r1")
    change(cast, owner, capacity=4, resourceIds=["r1"])
    with pytest.raises(SlotTaken):
        cast.book()
    assert cast.book(time="10:00", partySize=4).party_size == 4


def test_an_archived_service_keeps_its_bookings_and_comes_back(cast: Cast, owner: Actor) -> None:
    booked = cast.book()
    card = services.archive(cast.business, owner, "diag", now=MONDAY_8)
    assert not card.active
    assert queries.coming(cast.business, card.id, now=MONDAY_8) == 1
    assert cast.offer.service_by_id(card.id).name == "Prestation diag"
    assert booked.service_id == "diag"
    with pytest.raises(Invalid):
        cast.book(time="10:00")
    assert services.restore(cast.business, owner, "diag", now=MONDAY_8).active
    services.restore(cast.business, owner, "diag", now=MONDAY_8)
    assert [each.action for each in audits(cast)] == ["service.archived", "service.restored"]


def test_services_change_places(cast: Cast, owner: Actor) -> None:
    def order() -> list[str]:
        return [card.slug for card in cast.offer.services]

    services.shift(cast.business, owner, "urgence", "up", now=MONDAY_8)
    assert order() == ["urgence", "diag", "ancien"]
    services.shift(cast.business, owner, "urgence", "up", now=MONDAY_8)
    services.shift(cast.business, owner, "urgence", "down", now=MONDAY_8)
    assert order() == ["diag", "urgence", "ancien"]
    services.reorder(cast.business, owner, ["ancien"], now=MONDAY_8)
    assert order() == ["ancien", "diag", "urgence"]
    with pytest.raises(ServiceNotFound):
        services.shift(cast.business, owner, "ancien", "up", now=MONDAY_8)


@pytest.mark.parametrize("role", ["practitioner", "reception", "read_only"])
def test_who_does_not_lead_changes_no_service(cast: Cast, role: str) -> None:
    by = member(cast, role)
    with pytest.raises(NotAllowed):
        create(cast, by)
    with pytest.raises(NotAllowed):
        services.archive(cast.business, by, "diag", now=MONDAY_8)


def test_another_business_has_its_own_services(cast: Cast, owner: Actor) -> None:
    other = make_business(services={"autre": {}})
    with pytest.raises(ServiceNotFound):
        change(cast, owner, "autre", name="Volé")
    assert other.offer.service("autre").name == "Prestation autre"
