"""The engine against the oracle, and the invariants it promises, over zones, clock changes and all settings."""

import datetime as dt
import os
from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import slots
from slots import Busy, Cause, DayRule, Limits, Placement, Refusal, Resource, Schedule, Service
from tests import slots_oracle as oracle

FACTOR = 20 if os.environ.get("BOOKT_LONG") == "1" else 1


def examples(count):
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=FACTOR == 1,
    )


# Zones and days worth a visit: gaps and folds of an hour and of half an hour, at midnight, across midnight, a whole
# skipped day, :30 and :45 offsets, leap day, year's end.
PLACES = [
    ("Europe/Brussels", "2027-03-28"),
    ("Europe/Brussels", "2027-10-31"),
    ("Europe/Brussels", "2028-02-29"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Australia/Lord_Howe", "2027-10-03"),
    ("Asia/Kathmandu", "2027-12-31"),
    ("Asia/Kolkata", "2028-02-29"),
    ("America/St_Johns", "2027-11-07"),
    ("Pacific/Chatham", "2027-09-26"),
    ("Africa/Cairo", "2027-04-30"),
    ("America/Santiago", "2027-04-04"),
    ("America/Goose_Bay", "2010-11-07"),
    ("Pacific/Apia", "2011-12-30"),
    ("UTC", "2027-06-15"),
]
CAUSES = st.one_of(
    st.builds(Cause, st.just("booking"), code=st.sampled_from(["AC-AAAAAA", "AC-BBBBBB"])),
    st.builds(Cause, st.just("calendar"), provider=st.sampled_from(["google", "bookt"])),
)


@st.composite
def hours(draw, latest=1800):
    lo = draw(st.integers(0, 40)) * 30 + draw(st.sampled_from([0, 0, 0, 10, 45]))
    return lo, min(lo + draw(st.sampled_from([30, 60, 90, 240, 480, 540, 900])), latest)


@st.composite
def schedules(draw, zone, around):
    def week(most):
        days = st.one_of(st.integers(0, 6), st.just(around.isoweekday() % 7))
        chosen = draw(st.lists(st.tuples(days, hours()), max_size=most))
        return tuple(draw(st.sampled_from(rhythms))(d, lo, hi) for d, (lo, hi) in chosen)

    rhythms = [lambda *each: each, *(lambda *each, n=n: slots.every(n, around, each) for n in (2, 3)), next_week]
    if draw(st.integers(0, 9)) == 0:
        return Schedule(zone, tuple((d, 0, 1440) for d in range(7)))
    daily = draw(st.lists(hours(), max_size=2))
    opening = tuple((d, lo, hi) for d in range(7) for lo, hi in daily) + week(3)
    days = {}
    for n in draw(st.lists(st.integers(-1, 2), max_size=2)):
        kinds = st.sampled_from(["closure", "override", "holiday"])
        rule = st.builds(DayRule, kinds, st.lists(hours(), max_size=2).map(tuple))
        days[around + dt.timedelta(n)] = tuple(draw(st.lists(rule, max_size=2)))
    return Schedule(zone, opening, week(3), days)


def next_week(*each):
    return slots.Recurring(*each, 2, (slots.week_number(dt.date(2027, 1, 4)) + 1) % 2)


@st.composite
def limits(draw):
    few = st.sampled_from([None, None, None, 0, 1, 2])
    return Limits(draw(few), draw(few), draw(few))


@st.composite
def worlds(draw, tables=None, quiet=False):
    """(service, resources, day, ask) around an interesting day."""
    zone, text = draw(st.sampled_from(PLACES))
    around = dt.date.fromisoformat(text)
    date = around + dt.timedelta(draw(st.integers(-1, 1)))
    noon = int(dt.datetime.combine(date, dt.time(12), dt.UTC).timestamp())
    dates = st.lists(st.integers(-8, 2).map(lambda n: date + dt.timedelta(n)), max_size=4).map(tuple)
    none = st.just(Limits())
    lengths = st.sampled_from([5, 20, 30, 45, 60, 90, 150, 1500])
    service = Service(
        id="visit",
        duration=draw(lengths),
        step=draw(st.sampled_from([5, 15, 20, 30, 30, 45, 60])),
        before=draw(st.sampled_from([0, 0, 5, 15])),
        after=draw(st.sampled_from([0, 0, 10, 30])),
        notice=0 if quiet else draw(st.sampled_from([0, 0, 60, 1440])),
        horizon=draw(st.sampled_from([1, 30])) if not quiet else 60,
        tight=draw(st.booleans()),
        capacity=draw(st.sampled_from([1, 1, 1, 2, 4])),
        turn=draw(st.sampled_from([(), ((2, 60), (4, 90), (6, 120))])),
        limits=draw(none if quiet else limits()),
        visits=draw(dates),
    )
    with_tables = draw(st.booleans()) if tables is None else tables
    shared = draw(schedules(zone, around))
    resources = []
    for n in range(draw(st.integers(1, 4 if with_tables else 3))):
        starts = draw(st.lists(st.integers(-150, 150), max_size=6))
        busy = []
        for i, start in enumerate(sorted(starts)):
            begins = noon + start * 600
            group = draw(st.booleans()) and service.capacity > 1
            length = service.duration + service.before + service.after
            busy.append(
                Busy(
                    starts_at=begins,
                    ends_at=begins + 60 * (length if group else draw(st.sampled_from([0, 10, 30, 60, 240]))),
                    cause=draw(CAUSES),
                    unit=draw(st.sampled_from([None, 0, 1])),
                    session=(service.id, begins + 60 * service.before) if group else None,
                    booking_id=f"b{i % 3}",
                    minutes=draw(st.sampled_from([None, 30])),
                )
            )
        resources.append(
            Resource(
                id="abcd"[n],
                schedule=draw(schedules(zone, around)) if draw(st.integers(0, 3)) == 0 else shared,
                position=draw(st.integers(0, 1)),
                units=draw(st.sampled_from([1, 1, 2, 3])),
                seats=draw(st.sampled_from([2, 2, 4, 6])) if with_tables else None,
                min_seats=draw(st.sampled_from([1, 1, 1, 2])),
                join=draw(st.sampled_from([None, "hall", "hall", "terrace"])) if with_tables else None,
                busy=tuple(busy),
                limits=draw(none if quiet else limits()),
                visits=draw(dates),
                last_visit=draw(st.sampled_from([None, noon - 90_000, noon - 180_000])),
            )
        )
    ask = {
        "now": noon - draw(st.sampled_from([0, 7, 3600, 86_400, 3 * 86_400])) if not quiet else noon - 9 * 86_400,
        "party": draw(st.sampled_from([1, 2, 3, 5, 9] if with_tables else [1, 1, 2])),
        "ignore": draw(st.sampled_from([None, "b0"])),
        "client_limits": draw(none if quiet else limits()),
        "client_visits": draw(dates),
    }
    return service, resources, date, ask


def rows(day):
    return [(s.starts_at, s.date, s.time, s.fold, s.available, set(s.causes), set(s.resources)) for s in day.slots]


def some_starts(data, service, resources, date, ask):
    """Starts on offer, taken ones, and any minute near the day."""
    listed = [s.starts_at for d in slots.span(service, resources, date, date + dt.timedelta(1), **ask) for s in d.slots]
    noon = int(dt.datetime.combine(date, dt.time(12), dt.UTC).timestamp())
    anywhere = st.integers(-2000, 2000).map(lambda n: noon + 60 * n)
    return data.draw(st.lists(st.one_of(anywhere, st.sampled_from(listed or [noon])), min_size=2, max_size=4))


# -- against the oracle


@examples(80)
@given(worlds())
def test_a_day_lists_what_the_oracle_lists(world):
    service, resources, date, ask = world
    assert rows(slots.day(service, resources, date, **ask)) == oracle.day(service, resources, date, **ask)


@examples(25)
@given(worlds())
def test_a_span_is_its_days(world):
    service, resources, date, ask = world
    days = slots.span(service, resources, date - dt.timedelta(1), date + dt.timedelta(2), **ask)
    for n, day in enumerate(days, -1):
        assert day.date == date + dt.timedelta(n)
        assert rows(day) == oracle.day(service, resources, day.date, **ask)


@examples(50)
@given(worlds(), st.booleans(), st.data())
def test_placing_chooses_as_the_oracle_does_and_gives_its_reasons(world, override, data):
    service, resources, date, ask = world
    for start in some_starts(data, service, resources, date, ask):
        claims, why = oracle.place(service, resources, start, override=override, **ask)
        answer = slots.place(service, resources, start, override=override, **ask)
        if isinstance(answer, Placement):
            assert list(answer.claims) == claims
        else:
            assert {(r.code, r.resource_id, r.cause) for r in answer.reasons} == why


@examples(60)
@given(worlds(), st.sampled_from([1, 3, 8]))
def test_earliest_and_nearest_are_picked_from_the_days(world, count):
    service, resources, date, ask = world
    days = slots.span(service, resources, date, date + dt.timedelta(35), **ask)
    free = {s.starts_at: s for d in days for s in d.slots if s.available}
    assert slots.earliest(service, resources, date, count=count, **ask) == [free[t] for t in sorted(free)[:count]]
    lost = int(dt.datetime.combine(date, dt.time(12), dt.UTC).timestamp())
    local = oracle.local(resources[0].schedule.zone, lost).date()
    days = slots.span(service, resources, local - dt.timedelta(2), local + dt.timedelta(2), **ask)
    free = {s.starts_at: s for d in days for s in d.slots if s.available and s.starts_at != lost}
    wanted = [free[t] for t in sorted(free, key=lambda t: (abs(t - lost), t))[:count]]
    assert slots.nearest(service, resources, lost, count=count, within=2, **ask) == wanted


@examples(100)
@given(
    st.lists(st.integers(0, 60)).map(sorted),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20))).map(sorted),
    st.integers(0, 5),
    st.integers(1, 9),
)
def test_the_sweep_finds_what_looking_at_every_pair_finds(positions, blocks, before, after):
    starts, ends = [lo for lo, _ in blocks], [lo + length for lo, length in blocks]
    free = [
        p
        for p in positions
        if not any(set(range(p - before, p + after)) & set(range(lo, lo + length)) for lo, length in blocks)
    ]
    assert slots.free_starts(positions, starts, ends, before=before, after=after) == free


# -- the invariants


@examples(80)
@given(worlds(), st.data())
def test_what_is_offered_is_accepted_and_what_is_not_has_a_reason(world, data):
    service, resources, date, ask = world
    days = slots.span(service, resources, date - dt.timedelta(2), date + dt.timedelta(3), **ask)
    offered = {s.starts_at for d in days for s in d.slots if s.available}
    for start in some_starts(data, service, resources, date, ask):
        answer = slots.place(service, resources, start, **ask)
        reasons = slots.explain(service, resources, start, **ask)
        assert isinstance(answer, Placement) == (start in offered) == (not reasons)
        if isinstance(answer, Refusal):
            assert answer.reasons == reasons


def booked(resources, placement, service, **more):
    """The resources once the placement is taken."""
    start, end = placement.footprint
    group = (service.id, placement.starts_at) if service.capacity > 1 else None
    taken = {}
    for resource, unit in placement.claims:
        busy = Busy(start, end, Cause("booking", "AC-NEWONE"), unit=unit, session=group, **more)
        taken.setdefault(resource, []).append(busy)
    return [
        replace(r, busy=tuple(sorted((*r.busy, *taken.get(r.id, ())), key=lambda b: b.starts_at))) for r in resources
    ]


def first_placement(service, resources, date, ask):
    day = slots.day(service, resources, date, **ask)
    start = next((s.starts_at for s in day.slots if s.available), None)
    assume(start is not None)
    placement = slots.place(service, resources, start, **ask)
    assert isinstance(placement, Placement)
    return placement


@examples(60)
@given(worlds(quiet=True))
def test_a_visit_moves_onto_itself_and_a_hold_is_invisible_to_its_holder_alone(world):
    service, resources, date, ask = world
    ask = ask | {"ignore": None}
    before = slots.day(service, resources, date, **ask)
    placement = first_placement(service, resources, date, ask)
    after = booked(resources, placement, service, booking_id="mine")
    own = ask | {"ignore": "mine"}
    again = slots.place(service, after, placement.starts_at, **own)
    assert isinstance(again, Placement)
    assert again.claims == placement.claims
    assert slots.day(service, after, date, **own) == before
    others = slots.place(service, after, placement.starts_at, **ask)
    assert isinstance(others, Refusal) or not set(others.claims) & set(placement.claims)


@examples(60)
@given(worlds(quiet=True))
def test_no_two_placements_ever_share_a_unit(world):
    service, resources, date, ask = world
    claimed = []
    for _ in range(6):
        offered = slots.span(service, resources, date, date + dt.timedelta(1), **ask)
        starts = [s.starts_at for d in offered for s in d.slots if s.available]
        if not starts:
            break
        placement = slots.place(service, resources, starts[len(starts) // 2], **ask)
        assert isinstance(placement, Placement)
        lo, hi = placement.footprint
        for claim in placement.claims:
            assert not any(c == claim and a < hi and lo < b for c, a, b in claimed)
            claimed.append((claim, lo, hi))
        resources = booked(resources, placement, service)


@examples(60)
@given(worlds(quiet=True), st.integers(-600, 600), st.sampled_from([10, 60, 600]), st.data())
def test_an_absence_never_adds_a_time(world, offset, minutes, data):
    service, resources, date, ask = world
    noon = int(dt.datetime.combine(date, dt.time(12), dt.UTC).timestamp())
    absence = Busy(noon + offset * 60, noon + (offset + minutes) * 60, Cause("calendar", provider="google"))
    n = data.draw(st.integers(0, len(resources) - 1))
    absent = list(resources)
    absent[n] = replace(absent[n], busy=(*absent[n].busy, absence))
    before, after = slots.day(service, resources, date, **ask), slots.day(service, absent, date, **ask)
    assert [s.starts_at for s in after.slots] == [s.starts_at for s in before.slots]
    assert {s.starts_at for s in after.slots if s.available} <= {s.starts_at for s in before.slots if s.available}


@examples(30)
@given(worlds(quiet=True), st.sampled_from([5, 10, 45]))
def test_a_buffer_never_shortens_an_earlier_visit(world, buffer):
    service, resources, date, ask = world
    ask = ask | {"ignore": None}
    placement = first_placement(service, resources, date, ask)
    taken = booked(resources, placement, service)
    later = replace(service, id="other", before=buffer)
    for day in slots.span(later, taken, date, date + dt.timedelta(1), **ask):
        for slot in (s for s in day.slots if s.available):
            second = slots.place(later, taken, slot.starts_at, **ask)
            assert isinstance(second, Placement)
            same = {r for r, _ in second.claims} & {r for r, _ in placement.claims}
            lo, hi = placement.starts_at, placement.ends_at
            assert not same or second.footprint[1] <= lo or second.footprint[0] >= hi


@examples(40)
@given(worlds(tables=True, quiet=True))
def test_a_combined_table_closes_its_members_and_a_member_its_combinations(world):
    service, resources, date, ask = world
    service = replace(service, capacity=1)
    ask = ask | {"ignore": None}
    placement = first_placement(service, resources, date, ask)
    members = {r for r, _ in placement.claims}
    taken = booked(resources, placement, service)
    for party in (1, 2, 5, 9):
        answer = slots.place(service, taken, placement.starts_at, **ask | {"party": party})
        if isinstance(answer, Placement):
            assert not members & {r for r, _ in answer.claims}
        shown = slots.day(service, taken, date, **ask | {"party": party}).slots
        assert not any(members & set(s.resources) for s in shown if s.starts_at == placement.starts_at)


@examples(40)
@given(worlds(quiet=True), st.sampled_from(["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]))
def test_the_offer_is_the_same_in_any_viewer_zone(world, viewer):
    """Slots are instants: read on the viewer's clock and sent back from there, each is the start it was."""
    service, resources, date, ask = world
    zone = resources[0].schedule.zone
    for slot in slots.day(service, resources, date, **ask).slots:
        assert slots.to_instant(zone, slot.date, slot.time, slot.fold) == slot.starts_at
        seen = dt.datetime.fromtimestamp(slot.starts_at, dt.UTC).astimezone(oracle.ZoneInfo(viewer))
        sent = slots.to_instant(viewer, seen.date(), f"{seen:%H:%M}", seen.fold)
        assert sent == slot.starts_at
        assert isinstance(slots.place(service, resources, sent, **ask), Placement) == slot.available


@examples(4)
@given(st.sampled_from(sorted({zone for zone, _ in PLACES})), st.sampled_from([20, 30, 60]))
def test_a_year_keeps_wall_hours_and_true_lengths(zone, length):
    first = dt.date(2027, 1, 1)
    ask = {"now": int(dt.datetime(2026, 12, 30, tzinfo=dt.UTC).timestamp())}
    service = Service("visit", length, step=length, horizon=400)
    resource = Resource("a", Schedule(zone, tuple((d, 540, 1020) for d in range(7)), ((1, 720, 780),)))
    for day in slots.span(service, [resource], first, first + dt.timedelta(364), **ask):
        pause = 60 if day.date.isoweekday() == 1 else 0
        assert day.opening == (540, 1020)
        assert day.slots[0].time == "09:00"
        assert len(day.slots) == (480 - pause) // length
        for slot in day.slots[:: len(day.slots) - 1]:
            placed = slots.place(service, [resource], slot.starts_at, **ask)
            assert isinstance(placed, Placement)
            assert placed.ends_at - placed.starts_at == length * 60
