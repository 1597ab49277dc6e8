"""`booking.create`: what is booked, what is refused, what is written with it."""

import datetime as dt
from uuid import UUID

import peewee
import pytest

import db
from actions import booking
from actions.inputs import read
from errors import Invalid, SlotTaken, TooManyBookings
from models import Booking, Claim, Client, Message, OpeningRule, Resource
from queries.booking import BookingCard
from tests.cast import MONDAY_8, NO_CAPS, TUESDAY, Cast, body, make_business


def instant(time: str, date: dt.date = TUESDAY) -> int:
    """A winter wall-clock time in Brussels, UTC epoch seconds."""
    return int(dt.datetime.fromisoformat(f"{date}T{time}:00+01:00").timestamp())


def rows(cast: Cast, model: type, **values: object) -> list:
    with db.reading(cast.id):
        query = model.select()
        for name, value in values.items():
            query = query.where(getattr(model, name) == value)
        return list(query)


def test_it_books_claims_and_announces_in_one_go(cast: Cast) -> None:
    card = cast.book("09:00")
    assert (card.status, card.starts_at, card.ends_at) == (
        "confirmed",
        "2027-01-12T09:00:00+01:00",
        "2027-01-12T09:30:00+01:00",
    )
    assert (card.price_cents, card.deposit_cents, card.deposit_bp, card.payment_status) == (
        4000,
        1200,
        3000,
        "pending",
    )
    assert (card.name, card.email, card.phone, card.notify_sms) == (
        "Jean Martin",
        "jean@example.com",
        "+33612345678",
        True,
    )
    assert (card.source, card.any_resource, card.sequence) == ("api", True, 0)
    (claim,) = rows(cast, Claim, booking_id=UUID(card.id))
    assert (claim.starts_at.timestamp(), claim.ends_at.timestamp()) == (instant("09:00"), instant("09:30"))
    assert {m.template for m in rows(cast, Message)} == {"professional_confirmed", "client_confirmed"}


def test_a_visit_far_enough_ahead_gets_a_reminder_due_a_day_before(cast: Cast) -> None:
    cast.book("09:00", dt.date(2027, 1, 14))
    (reminder,) = rows(cast, Message, template="client_reminder")
    assert reminder.due_at == dt.datetime(2027, 1, 13, 8, 0, tzinfo=dt.UTC)


def test_who_wants_no_mail_gets_none_and_the_professional_still_does(cast: Cast) -> None:
    cast.book("09:00", dt.date(2027, 1, 14), notifications={"email": False})
    assert [m.template for m in rows(cast, Message)] == ["professional_confirmed"]


def test_a_claim_covers_the_buffers() -> None:
    cast = make_business(services={"diag": {"buffer_before": 10, "buffer_after": 20}})
    cast.book("10:00")
    (claim,) = rows(cast, Claim)
    assert (claim.starts_at.timestamp(), claim.ends_at.timestamp()) == (instant("09:50"), instant("10:50"))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("serviceId", "inconnu", "INVALID_SERVICE_ID"),
        ("serviceId", "ancien", "INVALID_SERVICE_ID"),
        ("resourceId", "personne", "INVALID_RESOURCE_ID"),
        ("date", "2027-01-10", "INVALID_DATE"),
        ("customer", {"name": "Jean", "email": "j@example.com", "phone": "12"}, "INVALID_PHONE"),
    ],
)
def test_what_is_not_known_is_named(cast: Cast, field: str, value: object, code: str) -> None:
    wanted = {"date": dt.date.fromisoformat(str(value))} if field == "date" else {field: value}
    with pytest.raises(Invalid) as refused:
        cast.book(**wanted)
    assert refused.value.code == code
    assert rows(cast, Booking) == []


@pytest.mark.parametrize(
    ("time", "date"),
    [
        ("09:10", TUESDAY),  # off the grid
        ("12:00", TUESDAY),  # in the break
        ("20:00", TUESDAY),  # after hours
        ("09:00", dt.date(2027, 1, 16)),  # a Saturday
        ("09:00", dt.date(2027, 6, 1)),  # beyond the horizon
        ("09:00", dt.date(2032, 1, 1)),  # beyond any horizon
        ("02:30", dt.date(2027, 3, 28)),  # the hour that the clocks skip
    ],
)
def test_a_time_not_on_offer_is_refused_and_nothing_is_stored(cast: Cast, time: str, date: dt.date) -> None:
    with pytest.raises(SlotTaken):
        cast.book(time, date)
    assert rows(cast, Booking) == rows(cast, Message) == rows(cast, Client) == []


def test_the_second_on_one_resource_is_refused_with_the_three_nearest_times() -> None:
    cast = make_business(resources=1)
    cast.book("10:00")
    with pytest.raises(SlotTaken) as refused:
        cast.book("10:00")
    assert refused.value.nearest == (instant("09:00"), instant("09:30"), instant("10:30"))


def test_a_service_that_nobody_offers_cannot_be_booked() -> None:
    cast = make_business(resources=1)
    with db.writing(cast.id):
        Resource.update(active=False).execute()
    with pytest.raises(SlotTaken) as refused:
        cast.book("10:00")
    assert refused.value.nearest == ()


def test_any_practitioner_takes_the_least_loaded_then_the_first(cast: Cast) -> None:
    assert [cast.book("09:00").resource_ids for _ in range(2)] == [("r1",), ("r2",)]
    cast.book("10:00", resourceId="r1")
    assert cast.book("11:00").resource_ids == ("r2",)
    with pytest.raises(SlotTaken):
        cast.book("09:00")


def test_among_equals_the_one_longest_without_a_booking_is_chosen(cast: Cast) -> None:
    cast.book("09:00", resourceId="r1")
    assert cast.book("09:00", dt.date(2027, 1, 13)).resource_ids == ("r2",)


def test_a_chosen_practitioner_is_kept(cast: Cast) -> None:
    card = cast.book("09:00", resourceId="r2")
    assert (card.resource_ids, card.any_resource) == (("r2",), False)
    with pytest.raises(SlotTaken):
        cast.book("09:00", resourceId="r2")


def test_the_price_is_the_service_s_whatever_the_body_says(cast: Cast) -> None:
    card = cast.book("09:00", priceCents=1, depositCents=0, price_cents=1, serviceId="urgence")
    assert (card.price_cents, card.deposit_cents, card.deposit_bp) == (12000, 4800, 4000)


def test_where_the_professional_approves_by_hand_a_booking_awaits_him() -> None:
    cast = make_business(approves_by_hand=True)
    assert cast.book("09:00").status == "pending"
    assert {m.template for m in rows(cast, Message)} == {"professional_requested", "client_requested"}


def test_a_client_is_matched_by_email_alone_and_neither_card_nor_earlier_booking_changes(cast: Cast) -> None:
    first = cast.book("09:00")
    later = cast.book("10:00", customer={"name": "J. M.", "email": " JEAN@Example.com ", "phone": None})
    (client,) = rows(cast, Client)
    assert (client.name, client.email, client.phone) == ("Jean Martin", "jean@example.com", "+33612345678")
    earlier, newer = (rows(cast, Booking, id=UUID(card.id))[0] for card in (first, later))
    assert (earlier.name, earlier.phone, earlier.client_id) == ("Jean Martin", "+33612345678", client.id)
    assert (newer.name, newer.phone, newer.email, newer.client_id) == (
        "J. M.",
        None,
        "jean@example.com",
        client.id,
    )


def test_a_national_number_is_kept_in_e164(cast: Cast) -> None:
    card = cast.book(customer={"name": "Jean", "email": "jean@example.com", "phone": "0470 12 34 56"})
    assert card.phone == "+32470123456"


def test_an_address_has_at_most_so_many_bookings_to_come(cast: Cast) -> None:
    caps = booking.Caps(max_open_bookings=2)

    def book(time: str, email: str = "jean@example.com") -> BookingCard:
        data = read(booking.BookingInput, body(time, customer={"name": "J", "email": email}))
        return booking.create(cast.business, data, now=MONDAY_8, caps=caps)

    first = book("09:00")
    book("10:00")
    with pytest.raises(TooManyBookings):
        book("11:00")
    assert book("11:00", "autre@example.com").status == "confirmed"
    booking.cancel(cast.business, UUID(first.id), now=MONDAY_8)
    assert book("14:00").status == "confirmed"


def test_a_code_in_use_is_replaced_by_another(cast: Cast) -> None:
    taken = cast.book("09:00").code
    offered = iter([taken, taken, "AC-ZZZZZ9"])
    data = read(booking.BookingInput, body("10:00"))
    card = booking.create(cast.business, data, now=MONDAY_8, caps=NO_CAPS, new_code=lambda: next(offered))
    assert card.code == "AC-ZZZZZ9"
    assert len(rows(cast, Booking)) == 2


def test_after_five_codes_in_use_it_gives_up_and_leaves_nothing(cast: Cast) -> None:
    taken = cast.book("09:00").code
    tries: list[str] = []

    def same() -> str:
        tries.append(taken)
        return taken

    data = read(booking.BookingInput, body("10:00", customer={"name": "N", "email": "neuf@example.com"}))
    with pytest.raises(peewee.IntegrityError):
        booking.create(cast.business, data, now=MONDAY_8, caps=NO_CAPS, new_code=same)
    assert len(tries) == 5
    assert len(rows(cast, Booking)) == len(rows(cast, Claim)) == len(rows(cast, Client)) == 1


@pytest.mark.parametrize(
    ("period", "free_again"), [("day", "2027-01-13"), ("week", "2027-01-18"), ("month", "2027-02-01")]
)
def test_limits_of_the_service(period: str, free_again: str) -> None:
    cast = make_business(services={"diag": {"limits": {f"per_{period}": 1}}, "urgence": {"duration_minutes": 45}})
    _limit_holds(cast, free_again)
    assert cast.book("14:00", serviceId="urgence").status == "confirmed"


@pytest.mark.parametrize(
    ("period", "free_again"), [("day", "2027-01-13"), ("week", "2027-01-18"), ("month", "2027-02-01")]
)
def test_limits_of_the_client(period: str, free_again: str) -> None:
    cast = make_business(client_limits={f"per_{period}": 1})
    _limit_holds(cast, free_again)
    other = {"name": "Autre", "email": "autre@example.com"}
    assert cast.book("14:00", customer=other).status == "confirmed"


def test_limits_of_a_resource_send_the_next_client_to_another(cast: Cast) -> None:
    with db.writing(cast.id):
        Resource.update(limits={"per_day": 1}).where(Resource.slug == "r1").execute()
    assert [cast.book(time).resource_ids[0] for time in ("09:00", "10:00", "11:00")] == ["r1", "r2", "r2"]
    with pytest.raises(SlotTaken):
        cast.book("14:00", resourceId="r1")


def _limit_holds(cast: Cast, free_again: str) -> None:
    cast.book("09:00")
    with pytest.raises(SlotTaken):
        cast.book("15:00")
    again = cast.book("15:00", dt.date.fromisoformat(free_again))
    assert again.status == "confirmed"


# --- groups and combined tables --------------------------------------------------------------------------------------


def test_a_group_fills_lane_by_lane_and_is_priced_per_person() -> None:
    cast = group()
    couple = cast.book("09:00", partySize=2)
    assert (couple.price_cents, couple.deposit_cents, couple.party_size) == (8000, 2400, 2)
    assert sorted(c.unit for c in rows(cast, Claim, booking_id=UUID(couple.id))) == [0, 1]
    assert cast.book("09:00").status == "confirmed"
    with pytest.raises(SlotTaken):
        cast.book("09:00")
    with pytest.raises(SlotTaken):
        cast.book("09:15")  # the room is in use by the session of 09:00
    booking.cancel(cast.business, UUID(couple.id), now=MONDAY_8)
    assert sorted(cast.book("09:00", partySize=2).resource_ids) == ["r1"]


def test_a_party_larger_than_the_group_is_refused() -> None:
    with pytest.raises(SlotTaken):
        group().book("09:00", partySize=4)


def test_a_large_party_takes_two_tables_and_a_small_one_the_smallest() -> None:
    cast = restaurant()
    assert cast.book("19:00", partySize=2).resource_ids == ("t1",)
    large = cast.book("20:30", partySize=7)
    assert len(large.resource_ids) == 2
    assert large.price_cents == 0
    assert len({c.resource_id for c in rows(cast, Claim, booking_id=UUID(large.id))}) == 2


def test_combined_tables_are_had_together_or_not_at_all() -> None:
    cast = restaurant()
    cast.book("19:00", partySize=6)  # t2 + t3 or the like
    with pytest.raises(SlotTaken):
        cast.book("19:30", partySize=6)
    assert len(rows(cast, Booking)) == 1
    assert len(rows(cast, Claim)) == 2


def test_turn_time_follows_the_party() -> None:
    cast = restaurant()
    assert cast.book("19:00", partySize=2).duration_minutes == 90
    assert cast.book("19:00", partySize=4).duration_minutes == 120


def group() -> Cast:
    cast = make_business(resources=1, services={"diag": {"capacity": 3, "duration_minutes": 60, "step_minutes": 15}})
    with db.writing(cast.id):
        Resource.update(units=3).execute()
    return cast


def restaurant() -> Cast:
    """Three tables of 2, 4 and 4 that can be joined, evenings included."""
    cast = make_business(
        resources=3,
        services={"diag": {"price_cents": 0, "duration_minutes": 90, "turn_minutes": [[2, 90], [8, 120]]}},
    )
    with db.writing(cast.id):
        for slug, seats in (("t1", 2), ("t2", 4), ("t3", 4)):
            Resource.update(slug=slug, seats=seats, kind="table", join_group="salle").where(
                Resource.slug == f"r{slug[1]}"
            ).execute()
        OpeningRule.insert(day_of_week=2, start_minutes=19 * 60, end_minutes=24 * 60).execute()
    return cast
