"""Cases worked by hand: what a person with a calendar and a pencil would say."""

import datetime as dt
from dataclasses import replace

import pytest

import slots
from slots import Busy, Cause, DayRule, Limits, Placement, Reason, Refusal, Resource, Schedule, Service

BRUSSELS = "Europe/Brussels"
KATHMANDU = "Asia/Kathmandu"
MONDAY = dt.date(2027, 3, 1)
WORKDAYS = range(1, 6)
OFFICE = Schedule(
    BRUSSELS,
    opening=tuple((d, 510, 1080) for d in WORKDAYS),
    breaks=tuple((d, 720, 780) for d in WORKDAYS),
)
VISIT = Service("diag", 60)
ANA = Resource("ana", OFFICE)
BOOKED = Cause("booking", code="AC-AB12CD")
OUTSIDE = Cause("calendar", provider="google", summary="Chantier")
BY_HAND = Cause("calendar", provider="bookt")
EARLY = 1_790_000_000  # September 2026, before every day asked here
FAR = {"now": EARLY}


def at(time, date=MONDAY, zone=BRUSSELS, fold=0):
    instant = slots.to_instant(zone, date, time, fold)
    assert instant is not None
    return instant


def busy(start, end, cause=BOOKED, date=MONDAY, **more):
    return Busy(at(start, date), at(end, date), cause, **more)


def with_busy(*taken, resource=ANA, **more):
    return replace(resource, busy=tuple(taken), **more)


def alone(schedule, **more):
    return [Resource("ana", schedule, **more)]


def listed(service, resources, date=MONDAY, **ask):
    return [s.time for s in slots.day(service, resources, date, **FAR | ask).slots]


def free(service, resources, date=MONDAY, **ask):
    return [s.time for s in slots.day(service, resources, date, **FAR | ask).slots if s.available]


def codes(service, resources, start, **ask):
    return [r.code for r in slots.explain(service, resources, start, **FAR | ask)]


def claims(service, resources, start, **ask):
    answer = slots.place(service, resources, start, **FAR | ask)
    assert isinstance(answer, Placement), answer
    return list(answer.claims)


def hours(lo, hi):
    """Half hours from `lo` to `hi`, as "HH:MM"."""
    return [f"{m // 60:02}:{m % 60:02}" for m in range(lo, hi + 1, 30)]


# -- open ranges and grid


def test_a_working_day_with_its_pause():
    day = slots.day(VISIT, [ANA], MONDAY, now=EARLY)
    assert (day.date, day.opening, day.pause) == (MONDAY, (510, 1080), (720, 780))
    assert [s.time for s in day.slots] == hours(510, 660) + hours(780, 1020)
    assert all(s.available and s.resources == ("ana",) and s.fold == 0 and not s.causes for s in day.slots)


@pytest.mark.parametrize("date", [dt.date(2027, 3, 6), dt.date(2027, 3, 7)])
def test_a_closed_day_is_empty(date):
    assert slots.day(VISIT, [ANA], date, now=EARLY) == slots.Day(date, None, None, ())
    assert slots.open_ranges(OFFICE, date) == []


def test_day_zero_is_sunday():
    sunday = Schedule(BRUSSELS, ((0, 600, 660),))
    assert listed(VISIT, alone(sunday), dt.date(2027, 3, 7)) == ["10:00"]
    assert listed(VISIT, alone(sunday)) == []


def test_overlapping_and_touching_ranges_are_one():
    schedule = Schedule(BRUSSELS, ((1, 540, 600), (1, 600, 660), (1, 630, 700)))
    assert slots.open_ranges(schedule, MONDAY) == [(at("09:00"), at("11:40"))]
    assert listed(replace(VISIT, duration=90), alone(schedule)) == ["09:00", "09:30", "10:00"]


@pytest.mark.parametrize(
    ("tight", "afternoon"), [(False, ["12:30", "13:10", "13:50"]), (True, ["12:15", "12:55", "13:35"])]
)
def test_the_grid_after_a_break(tight, afternoon):
    schedule = Schedule(BRUSSELS, ((1, 510, 870),), ((1, 700, 735),))
    service = Service("s", 40, step=40, tight=tight)
    assert listed(service, alone(schedule)) == ["08:30", "09:10", "09:50", "10:30", *afternoon]


def test_a_break_at_the_edge_or_across_it_narrows_the_day():
    schedule = Schedule(BRUSSELS, ((1, 540, 720),), ((1, 500, 570), (1, 690, 800)))
    day = slots.day(replace(VISIT, duration=30), alone(schedule), MONDAY, now=EARLY)
    assert (day.opening, day.pause) == ((570, 690), None)
    assert [s.time for s in day.slots] == hours(570, 660)


def test_the_longest_pause_is_shown():
    schedule = Schedule(BRUSSELS, ((1, 540, 1080),), ((1, 600, 615), (1, 720, 780), (1, 900, 930)))
    assert slots.day(VISIT, alone(schedule), MONDAY, now=EARLY).pause == (720, 780)


def test_the_time_after_midnight_belongs_to_the_opening_day():
    bar = Schedule(BRUSSELS, ((1, 1320, 1560),))
    day = slots.day(VISIT, alone(bar), MONDAY, now=EARLY)
    assert [s.time for s in day.slots] == hours(1320, 1410) + hours(0, 60)
    assert day.slots[-1].date == dt.date(2027, 3, 2)
    assert day.opening == (1320, 1560)
    assert listed(VISIT, alone(bar), dt.date(2027, 3, 2)) == []
    assert claims(VISIT, alone(bar), at("01:00", dt.date(2027, 3, 2))) == [("ana", 0)]


def test_a_night_under_way_is_still_offered_after_midnight():
    bar = Schedule(BRUSSELS, ((1, 1320, 1560),))
    assert listed(VISIT, alone(bar), now=at("00:10", dt.date(2027, 3, 2))) == ["00:30", "01:00"]


def test_a_night_is_not_cut_by_the_next_days_closure():
    bar = Schedule(BRUSSELS, ((1, 1320, 1560),), days={dt.date(2027, 3, 2): (DayRule("closure"),)})
    assert listed(VISIT, alone(bar))[-1] == "01:00"


def test_a_place_open_day_and_night_has_no_wall_at_midnight():
    always = Schedule(BRUSSELS, tuple((d, 0, 1440) for d in range(7)))
    assert listed(VISIT, alone(always))[-1] == "23:30"
    assert len(listed(replace(VISIT, duration=3000), alone(always))) == 48


PRECEDENCE = [
    ([DayRule("closure", ((600, 660),)), DayRule("override", ((600, 660),))], []),
    ([DayRule("holiday"), DayRule("override", ((600, 690),))], ["10:00", "10:30"]),
    ([DayRule("override", ((600, 660),)), DayRule("override", ((900, 960),))], ["10:00", "15:00"]),
    ([DayRule("override")], []),
    ([DayRule("holiday")], []),
    ([DayRule("holiday", ((720, 780),))], ["12:00"]),  # the exception replaces the weekly break too
]


@pytest.mark.parametrize(("rules", "times"), PRECEDENCE)
def test_closure_then_override_then_holiday_then_week(rules, times):
    assert listed(VISIT, alone(replace(OFFICE, days={MONDAY: tuple(rules)}))) == times


def test_leap_day():
    date = dt.date(2028, 2, 29)
    assert len(listed(VISIT, [ANA], date, now=at("08:00", dt.date(2028, 2, 1)))) == 15
    assert slots.to_instant(BRUSSELS, date, "12:00") == 1_835_434_800


# -- clocks that change


NIGHTS = [
    (BRUSSELS, "2027-03-28", (60, 300), ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]),
    (
        BRUSSELS,
        "2027-03-28",
        (150, 300),
        ["03:00", "03:30", "04:00", "04:30"],
    ),  # opens inside the skipped hour
    (BRUSSELS, "2027-03-28", (120, 180), []),
    (
        BRUSSELS,
        "2027-10-31",
        (60, 240),
        ["01:00", "01:30", "02:00", "02:30", "02:00*", "02:30*", "03:00", "03:30"],
    ),
    (BRUSSELS, "2027-10-31", (60, 150), ["01:00", "01:30", "02:00"]),  # closes at the first 02:30
    ("Australia/Lord_Howe", "2027-10-03", (90, 210), ["01:30", "02:30", "03:00"]),
    ("Australia/Lord_Howe", "2027-04-04", (60, 150), ["01:00", "01:30", "01:30*", "02:00"]),
    ("Asia/Kathmandu", "2027-03-28", (60, 150), ["01:00", "01:30", "02:00"]),
]


@pytest.mark.parametrize(("zone", "date", "opening", "times"), NIGHTS)
def test_skipped_times_never_appear_and_doubled_ones_twice(zone, date, opening, times):
    day = dt.date.fromisoformat(date)
    schedule = Schedule(zone, ((0, *opening),))
    shown = slots.day(Service("s", 30, horizon=500), alone(schedule), day, now=EARLY).slots
    assert [s.time + "*" * s.fold for s in shown] == times
    for slot in shown:
        assert slots.to_instant(zone, slot.date, slot.time, slot.fold) == slot.starts_at
        assert claims(Service("s", 30, horizon=500), alone(schedule), slot.starts_at) == [("ana", 0)]


def test_a_night_that_runs_into_a_clock_change():
    bar = Schedule(BRUSSELS, ((6, 1380, 1680),))
    shown = slots.day(replace(VISIT, step=60, horizon=500), alone(bar), dt.date(2027, 10, 30), now=EARLY).slots
    assert [(s.time, s.fold) for s in shown] == [
        ("23:00", 0), ("00:00", 0), ("01:00", 0), ("02:00", 0), ("02:00", 1), ("03:00", 0)
    ]  # fmt: skip


def test_a_visit_over_a_clock_change_has_its_true_length():
    night = Schedule(BRUSSELS, ((0, 60, 300),))
    service = Service("s", 120, step=60, horizon=500)
    assert listed(service, alone(night), dt.date(2027, 3, 28)) == ["01:00", "03:00"]
    placed = slots.place(service, alone(night), at("01:00", dt.date(2027, 3, 28)), now=EARLY)
    assert isinstance(placed, Placement)
    assert placed.ends_at == at("04:00", dt.date(2027, 3, 28))
    assert placed.ends_at - placed.starts_at == 7200


@pytest.mark.parametrize(
    ("zone", "date", "time", "fold", "instant"),
    [
        (BRUSSELS, "2027-03-28", "02:30", 0, None),
        (BRUSSELS, "2027-03-28", "03:00", 0, 1_806_195_600),
        (BRUSSELS, "2027-10-31", "02:30", 0, 1_824_942_600),
        (BRUSSELS, "2027-10-31", "02:30", 1, 1_824_946_200),
        (BRUSSELS, "2027-10-31", "03:00", 1, None),
        ("Asia/Kathmandu", "2027-01-01", "05:45", 0, 1_798_761_600),
        ("Pacific/Apia", "2011-12-30", "12:00", 0, None),
    ],
)
def test_wall_clock_to_instant(zone, date, time, fold, instant):
    assert slots.to_instant(zone, dt.date.fromisoformat(date), time, fold) == instant


def test_clocks_turned_back_over_midnight():
    """Goose Bay, 2010: at 00:01 it was 23:01 again, so Sunday's second start lies on Saturday."""
    date, zone = dt.date(2010, 11, 7), "America/Goose_Bay"
    sunday = alone(Schedule(zone, ((0, 0, 60),)))
    ask = {"now": at("12:00", dt.date(2010, 11, 1), zone)}
    shown = slots.day(replace(VISIT, duration=30), sunday, date, **ask).slots
    assert [(s.date.day, s.time, s.fold) for s in shown] == [
        (7, "00:00", 0),
        (6, "23:30", 1),
        (7, "00:00", 1),
        (7, "00:30", 0),
    ]
    assert all(claims(replace(VISIT, duration=30), sunday, s.starts_at, **ask) for s in shown)


# -- fit


def test_neighbours_touch_without_meeting():
    ana = with_busy(busy("09:00", "09:30"), busy("10:30", "11:00"))
    assert free(replace(VISIT, duration=30), [ana])[:5] == ["08:30", "09:30", "10:00", "11:00", "11:30"]
    assert free(VISIT, [ana])[:2] == ["09:30", "11:00"]


def test_a_start_at_the_end_of_another_visit_is_accepted():
    assert claims(VISIT, [with_busy(busy("08:30", "09:30"), busy("10:30", "11:00"))], at("09:30")) == [("ana", 0)]


def test_what_ended_as_the_visit_starts_is_no_cause():
    ana = with_busy(busy("08:30", "10:00"), busy("08:30", "09:30", OUTSIDE))
    assert codes(VISIT, [ana], at("09:30")) == ["booking"]


def test_an_empty_interval_takes_nothing():
    assert len(free(VISIT, [with_busy(busy("09:30", "09:30"))])) == 15


def test_taken_positions_stay_with_every_cause():
    ana = with_busy(busy("08:30", "10:00"), busy("09:00", "10:30", OUTSIDE), busy("09:00", "09:30"))
    day = slots.day(VISIT, [ana], MONDAY, now=EARLY)
    assert [s.time for s in day.slots][:5] == hours(510, 630)
    assert [(s.available, s.causes) for s in day.slots[:5]] == [
        (False, (BOOKED, OUTSIDE)),
        (False, (BOOKED, OUTSIDE)),
        (False, (BOOKED, OUTSIDE)),
        (False, (OUTSIDE,)),
        (True, ()),
    ]


def test_buffers_are_each_on_its_side_and_may_pass_the_opening():
    service = Service("s", 30, before=15, after=30)
    ana = with_busy(busy("10:00", "10:15"))
    assert free(service, [ana])[:4] == ["08:30", "09:00", "10:30", "11:00"]
    placed = slots.place(service, [ana], at("08:30"), now=EARLY)
    assert isinstance(placed, Placement)
    assert placed.footprint == (at("08:15"), at("09:30"))
    assert free(service, [ana])[-1] == "17:30"


def test_a_long_absence_far_before_still_counts():
    holiday = Busy(at("00:00") - 30 * 86_400, at("10:00"), OUTSIDE)
    short = Busy(at("00:00") - 86_400, at("00:00") - 80_000, BOOKED)
    assert free(VISIT, [with_busy(holiday, short)])[0] == "10:00"


def test_the_booking_being_moved_blocks_nothing():
    ana = with_busy(busy("09:00", "10:00", booking_id="b1"), busy("10:00", "11:00", booking_id="b2"))
    assert free(VISIT, [ana], ignore="b1")[:3] == ["08:30", "09:00", "11:00"]
    assert claims(VISIT, [ana], at("09:00"), ignore="b1") == [("ana", 0)]


# -- notice, horizon, limits


def test_notice_and_the_past_to_the_second():
    service = replace(VISIT, notice=120)
    assert listed(service, [ANA], now=at("08:00"))[0] == "10:00"
    assert listed(service, [ANA], now=at("08:00") + 1)[0] == "10:30"
    assert listed(VISIT, [ANA], now=at("09:00"))[0] == "09:00"
    assert codes(service, [ANA], at("09:30"), now=at("08:00")) == ["too_soon"]
    assert codes(service, [ANA], at("09:30"), now=at("09:30") + 1) == ["past"]


def test_the_horizon_ends_with_a_local_date():
    service = replace(VISIT, horizon=7)
    late = at("23:59", dt.date(2027, 2, 22))
    assert len(listed(service, [ANA], now=late)) == 15
    day = slots.day(service, [ANA], dt.date(2027, 3, 2), now=late)
    assert day.opening == (510, 1080)
    assert day.slots == ()
    assert codes(service, [ANA], at("09:00", dt.date(2027, 3, 2)), now=late) == ["beyond_horizon"]


@pytest.mark.parametrize("date", [dt.date.min, dt.date.max])
def test_the_ends_of_the_calendar_are_merely_empty(date):
    always = Schedule(BRUSSELS, tuple((d, 0, 1440) for d in range(7)))
    assert slots.day(replace(VISIT, horizon=10**7), alone(always), date, now=EARLY).slots == ()
    assert slots.to_instant("America/New_York", dt.date.max, "23:59") != 0
    last = int(dt.datetime(9999, 12, 31, 12, tzinfo=dt.UTC).timestamp())
    assert codes(VISIT, alone(always), last) == ["beyond_horizon"]


LIMITED = [
    (Limits(per_day=1), [MONDAY], "2027-03-01", "2027-03-02", "day"),
    (Limits(per_week=2), [MONDAY, dt.date(2027, 3, 7)], "2027-03-05", "2027-03-08", "week"),
    (
        Limits(per_week=1),
        [dt.date(2026, 12, 31)],
        "2027-01-01",
        "2027-01-04",
        "week",
    ),  # ISO week 53 spans the years
    (
        Limits(per_week=1),
        [dt.date(2026, 2, 24), dt.date(2027, 3, 8)],
        "2027-03-10",
        "2027-03-05",
        "week",
    ),  # week 9 twice
    (Limits(per_month=1), [MONDAY], "2027-03-31", "2027-04-01", "month"),
    (Limits(per_day=0), [], "2027-03-01", None, "day"),
]


@pytest.mark.parametrize("whose", ["service", "resource", "client"])
@pytest.mark.parametrize(("limits", "visits", "reached", "still", "period"), LIMITED)
def test_a_reached_limit_takes_the_whole_period_out(whose, limits, visits, reached, still, period):
    visits = tuple(visits)
    service = replace(VISIT, limits=limits, visits=visits) if whose == "service" else VISIT
    ana = replace(ANA, limits=limits, visits=visits) if whose == "resource" else ANA
    ask = {"client_limits": limits, "client_visits": visits} if whose == "client" else {}
    date = dt.date.fromisoformat(reached)
    assert listed(service, [ana], date, **ask) == []
    assert codes(service, [ana], at("09:00", date), **ask) == [f"limit_{whose}_{period}"]
    if still:
        assert len(listed(service, [ana], dt.date.fromisoformat(still), **ask)) == 15


# -- any practitioner


def test_several_practitioners_are_a_union():
    morning = Resource("ana", Schedule(BRUSSELS, ((1, 540, 660),)), position=1, busy=(busy("09:00", "10:00"),))
    later = Resource("bob", Schedule(BRUSSELS, ((1, 600, 720),)), busy=(busy("10:00", "11:00", OUTSIDE),))
    day = slots.day(VISIT, [morning, later], MONDAY, now=EARLY)
    assert [(s.time, s.available, s.resources, s.causes) for s in day.slots] == [
        ("09:00", False, (), (BOOKED,)),
        ("09:30", False, (), (BOOKED,)),
        ("10:00", True, ("ana",), ()),
        ("10:30", False, (), (OUTSIDE,)),
        ("11:00", True, ("bob",), ()),
    ]
    assert (day.opening, day.pause) == ((540, 720), None)


CHOICES = [
    ("least loaded", {"busy": (busy("14:00", "15:00"),)}, {"busy": (busy("14:00", "14:30"),)}, "bob"),
    ("visit, not buffers", {"busy": (busy("14:00", "15:00", minutes=20),)}, {"busy": (busy("14:00", "14:30"),)}, "ana"),
    ("calendars are no load", {"busy": (busy("14:00", "15:00", OUTSIDE),)}, {"busy": (busy("14:00", "14:30"),)}, "ana"),
    ("nor other days", {"busy": (busy("14:00", "15:00", date=dt.date(2027, 3, 2)),)}, {"position": 1}, "ana"),
    ("one booking on two lanes is one", {"busy": (busy("14:00", "15:00", unit=0), busy("14:00", "15:00", unit=1))},
     {"busy": (busy("14:00", "15:30"),)}, "ana"),
    ("longest without", {"last_visit": EARLY + 9}, {"last_visit": EARLY}, "bob"),
    ("load before rest", {"last_visit": EARLY, "busy": (busy("14:00", "15:00"),)}, {"last_visit": EARLY + 9}, "bob"),
    ("never booked", {"last_visit": EARLY}, {"last_visit": None}, "bob"),
    ("position", {"position": 2}, {"position": 1}, "bob"),
    ("id", {}, {}, "ana"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "ana", "bob", "chosen"), CHOICES, ids=[c[0] for c in CHOICES])
def test_the_choice_among_free_practitioners(rule, ana, bob, chosen):
    both = [replace(ANA, **ana), replace(ANA, id="bob", **bob)]
    assert claims(VISIT, both, at("09:00")) == [(chosen, 0)]


# -- groups


YOGA = Service("yoga", 60, step=60, capacity=3)
SALLE = Resource("salle", OFFICE, units=3)


def joined(*lanes, start="09:30", service="yoga"):
    return tuple(busy(start, "10:30", unit=n, session=(service, at(start))) for n in lanes)


@pytest.mark.parametrize(
    ("taken", "party", "answer"),
    [
        ((), 1, [("salle", 0)]),
        ((), 3, [("salle", 0), ("salle", 1), ("salle", 2)]),
        (joined(0), 1, [("salle", 1)]),
        (joined(1), 2, [("salle", 0), ("salle", 2)]),
        (joined(0, 1), 2, ["booking"]),
        (joined(0, 1, 2), 1, ["booking"]),
        ((), 4, ["party_too_large"]),
        (joined(0, service="pilates"), 1, ["booking"]),
        ((busy("09:00", "10:00", OUTSIDE),), 1, ["calendar"]),
        ((*joined(0), busy("09:00", "10:00", OUTSIDE)), 1, ["calendar"]),
    ],
)
def test_a_group_shares_lanes_with_its_own_session_only(taken, party, answer):
    salle = with_busy(*taken, resource=SALLE)
    if isinstance(answer[0], tuple):
        assert claims(YOGA, [salle], at("09:30"), party=party) == answer
        assert "09:30" in free(YOGA, [salle], party=party)
    else:
        assert codes(YOGA, [salle], at("09:30"), party=party) == answer
        assert "09:30" not in free(YOGA, [salle], party=party)


def test_a_private_visit_and_a_group_exclude_each_other():
    private = Service("solo", 60)
    assert claims(private, [SALLE], at("09:30")) == [("salle", 0), ("salle", 1), ("salle", 2)]
    assert codes(private, [with_busy(*joined(2), resource=SALLE)], at("09:30")) == ["booking"]


def test_a_group_is_no_larger_than_its_room():
    assert codes(replace(YOGA, capacity=9), [SALLE], at("09:30"), party=4) == ["party_too_large"]


# -- tables


DINNER = Service("table", 60, turn=((2, 90), (4, 105), (6, 120)))
EVENING = Schedule(BRUSSELS, ((1, 1080, 1260),))


def table(name, seats, **more):
    return Resource(name, EVENING, seats=seats, **more)


HALL = [
    table("t2", 2, position=0, join="hall"),
    table("t4", 4, position=1, join="hall"),
    table("t4b", 4, position=2, join="hall"),
    table("t6", 6, position=3, min_seats=3),
    table("far", 4, position=4, join="terrace"),
]


@pytest.mark.parametrize(
    ("party", "taken", "names"),
    [
        (1, [], ["t2"]),
        (2, ["t2"], ["t4"]),
        (2, ["t2", "t4", "t4b", "far"], None),  # the table for six wants three at least
        (4, [], ["t4"]),
        (4, ["t4", "t4b", "far"], ["t6"]),
        (5, [], ["t6"]),
        (5, ["t6"], ["t2", "t4"]),  # six seats before eight
        (7, [], ["t4", "t4b"]),
        (9, [], ["t2", "t4", "t4b"]),
        (6, ["t6", "t4b"], ["t2", "t4"]),
        (6, ["t6", "t4", "t4b"], None),  # the terrace does not join the hall
        (11, [], None),
    ],
)
def test_the_smallest_table_else_the_smallest_combination(party, taken, names):
    hall = [replace(t, busy=(busy("18:00", "21:00"),)) if t.id in taken else t for t in HALL]
    if names:
        assert claims(DINNER, hall, at("18:30"), party=party) == sorted((n, 0) for n in names)
    else:
        assert isinstance(slots.place(DINNER, hall, at("18:30"), now=EARLY, party=party), Refusal)
    assert ("18:30" in free(DINNER, hall, party=party)) == bool(names)


def test_a_combination_shows_its_causes_and_only_theirs():
    hall = [replace(t, busy=(busy("18:00", "21:00"),)) if t.id in ("t6", "t4") else t for t in HALL]
    hall[4] = replace(hall[4], busy=(busy("18:00", "21:00", OUTSIDE),))
    slot = slots.day(DINNER, hall, MONDAY, now=EARLY, party=9).slots[0]
    assert (slot.available, slot.causes) == (False, (BOOKED,))


def test_size_goes_before_load_and_fewer_tables_before_fewer_seats():
    small = table("small", 2, busy=(busy("20:00", "21:00"),))
    assert claims(DINNER, [table("big", 4), small], at("18:00"), party=2) == [("small", 0)]
    hall = [table(f"t{n}", seats, join="hall") for n, seats in enumerate((2, 2, 2, 5, 5))]
    assert claims(DINNER, hall, at("18:00"), party=6) == [("t0", 0), ("t3", 0)]
    hall = [table(f"t{n}", seats, join="hall") for n, seats in enumerate((3, 3, 3, 8, 8))]
    assert claims(DINNER, hall, at("18:00"), party=9) == [("t0", 0), ("t3", 0)]
    hall = [table(f"t{n}", seats, join="hall") for n, seats in enumerate((3, 3, 3, 6, 6))]
    assert claims(DINNER, hall[:3] + [table("t7", 8, join="hall")], at("18:00"), party=9) == [
        ("t0", 0),
        ("t7", 0),
    ]


def test_among_groups_fewer_tables_win_though_they_have_more_seats():
    rooms = {"hall": (3, 3, 3), "terrace": (5, 5)}
    both = [table(f"{room}{n}", seats, join=room) for room, sizes in rooms.items() for n, seats in enumerate(sizes)]
    assert claims(DINNER, both, at("18:00"), party=9) == [("terrace0", 0), ("terrace1", 0)]


def test_many_tables_are_combined_at_once():
    hall = [table(f"t{n:02}", 2 + n % 3, position=n, join="hall") for n in range(30)]
    chosen = claims(DINNER, hall, at("18:00"), party=41)
    assert len(chosen) == 11
    assert sum(2 + int(name[1:]) % 3 for name, _ in chosen) == 41


@pytest.mark.parametrize(("party", "last"), [(n, "19:30" if n < 3 else "19:00") for n in range(1, 8)])
def test_turn_time_rises_with_the_party(party, last):
    hall = [table("big", 8)]
    ends = [90, 90, 105, 105, 120, 120, 120][party - 1]
    placed = slots.place(DINNER, hall, at("18:00"), now=EARLY, party=party)
    assert isinstance(placed, Placement)
    assert placed.ends_at - placed.starts_at == ends * 60
    assert listed(DINNER, hall, party=party)[-1] == last


def test_turn_time_is_for_tables_alone():
    assert listed(DINNER, [ANA])[-1] == "17:00"


@pytest.mark.parametrize(("party", "code"), [(3, "party_too_large"), (1, "party_too_small")])
def test_a_party_no_table_takes(party, code):
    hall = [table("t2", 2, min_seats=2)]
    assert codes(DINNER, hall, at("18:00"), party=party) == [code]
    day = slots.day(DINNER, hall, MONDAY, now=EARLY, party=party)
    assert (day.opening, day.slots) == ((1080, 1260), ())


# -- explain and override


@pytest.mark.parametrize(
    ("time", "reasons"),
    [
        ("09:00", []),
        ("08:00", ["outside_hours"]),
        ("17:30", ["outside_hours"]),
        ("21:00", ["outside_hours"]),
        ("11:30", ["break"]),
        ("12:15", ["break"]),
        ("09:10", ["off_grid"]),
        ("15:00", ["booking"]),
        ("15:30", ["booking", "calendar"]),
    ],
)
def test_why_not(time, reasons):
    ana = with_busy(busy("15:00", "16:00"), busy("16:00", "17:00", OUTSIDE))
    assert codes(VISIT, [ana], at(time)) == reasons


def test_a_closed_date_says_what_closed_it():
    shut = replace(OFFICE, days={MONDAY: (DayRule("holiday"),)})
    assert slots.explain(VISIT, alone(shut), at("09:00"), now=EARLY) == (Reason("closed", None, "ana", "holiday"),)
    assert codes(VISIT, [ANA], at("09:00", dt.date(2027, 3, 6))) == ["closed"]


def test_every_reason_at_once():
    ana = with_busy(busy("11:00", "12:00"), limits=Limits(1, 1, 1), visits=(MONDAY,))
    service = replace(VISIT, notice=60, horizon=-1, limits=Limits(per_day=0))
    ask = {"client_limits": Limits(per_month=0), "now": at("11:00")}
    assert slots.explain(service, [ana], at("11:15"), **ask) == (
        Reason("break", None, "ana"),
        Reason("too_soon"),
        Reason("beyond_horizon"),
        Reason("limit_service_day"),
        Reason("limit_resource_day", None, "ana"),
        Reason("limit_resource_week", None, "ana"),
        Reason("limit_resource_month", None, "ana"),
        Reason("limit_client_month"),
        Reason("booking", BOOKED, "ana"),
    )


def test_reasons_are_given_per_resource_and_none_when_one_is_free():
    both = [
        with_busy(busy("09:00", "10:00")),
        replace(ANA, id="bob", busy=(busy("09:00", "10:00", OUTSIDE),)),
    ]
    assert slots.explain(VISIT, both, at("09:00"), now=EARLY) == (
        Reason("booking", BOOKED, "ana"),
        Reason("calendar", OUTSIDE, "bob"),
    )
    assert slots.explain(VISIT, [both[0], replace(ANA, id="bob")], at("09:00"), now=EARLY) == ()


def test_nothing_to_book_is_a_reason_too():
    assert codes(VISIT, [], at("09:00")) == ["no_resource"]
    assert slots.day(VISIT, [], MONDAY, now=EARLY) == slots.Day(MONDAY, None, None, ())
    assert slots.earliest(VISIT, [], MONDAY, now=EARLY) == []
    assert slots.nearest(VISIT, [], at("09:00"), now=EARLY) == []


@pytest.mark.parametrize(
    ("time", "taken", "ask", "warned"),
    [
        ("07:10", (), {}, ["outside_hours"]),
        ("12:10", (), {}, ["break"]),
        ("09:10", (), {}, ["off_grid"]),
        ("09:00", (), {"now": at("08:59")}, ["too_soon"]),
        ("09:00", (), {"client_limits": Limits(per_day=0)}, ["limit_client_day"]),
        ("09:00", (busy("09:00", "10:00", OUTSIDE),), {}, ["calendar"]),
        ("09:00", (), {}, []),
        ("09:00", (busy("09:30", "10:00"),), {}, None),
        ("09:00", (busy("09:30", "10:00", BY_HAND),), {}, None),
        ("09:00", (), {"now": at("09:01")}, None),
    ],
)
def test_a_professional_overrides_rules_but_never_a_claim(time, taken, ask, warned):
    service = replace(VISIT, notice=60) if "now" in ask else VISIT
    answer = slots.place(service, [with_busy(*taken)], at(time), **FAR | ask, override=True)
    assert [r.code for r in answer.warnings] == warned if warned is not None else isinstance(answer, Refusal)


# -- windows


def test_a_span_is_a_day_after_the_other():
    week = slots.span(VISIT, [ANA], MONDAY, dt.date(2027, 3, 7), now=EARLY)
    assert [len(day.slots) for day in week] == [15, 15, 15, 15, 15, 0, 0]
    assert slots.span(VISIT, [ANA], MONDAY, dt.date(2027, 2, 28), now=EARLY) == []


def test_earliest_walks_to_the_horizon():
    ana = with_busy(Busy(at("00:00"), at("17:00"), OUTSIDE))
    found = slots.earliest(VISIT, [ana], dt.date(2027, 2, 27), count=3, now=EARLY)
    assert [(s.date.day, s.time) for s in found] == [(1, "17:00"), (2, "08:30"), (2, "09:00")]
    gone = with_busy(Busy(EARLY, EARLY + 400 * 86_400, OUTSIDE))
    assert slots.earliest(VISIT, [gone], MONDAY, now=EARLY) == []


def test_earliest_is_not_misled_by_a_night_that_ends_late():
    bar = Schedule(BRUSSELS, ((1, 1320, 1700), (2, 120, 240)))
    found = slots.earliest(VISIT, alone(bar, busy=(busy("22:00", "23:59"),)), MONDAY, count=6, now=EARLY)
    assert [s.time for s in found] == hours(0, 150)
    late = Busy(at("22:00", zone=KATHMANDU), at("03:00", dt.date(2027, 3, 2), KATHMANDU), OUTSIDE)
    tilted = Schedule(KATHMANDU, ((1, 1320, 1720), (2, 165, 255)))
    found = slots.earliest(VISIT, alone(tilted, busy=(late,)), MONDAY, count=2, now=EARLY)
    assert [s.time for s in found] == ["03:00", "03:15"]  # the second is on the next day's grid


def test_nearest_are_the_closest_either_way_and_not_the_lost_one():
    ana = with_busy(busy("14:30", "15:30"))
    found = slots.nearest(VISIT, [ana], at("14:00"), now=EARLY)
    assert [s.time for s in found] == ["13:30", "13:00", "15:30"]
    assert [s.time for s in slots.nearest(VISIT, [ANA], at("08:30"), now=EARLY, count=1)] == ["09:00"]
    assert slots.nearest(VISIT, [ANA], at("14:00", dt.date(2027, 3, 6)), now=EARLY, within=0) == []


def test_the_window_holds_every_footprint_and_the_days_load():
    service = Service("s", 60, before=30, after=45)
    bar = Schedule(BRUSSELS, ((1, 0, 2880),))
    lo, hi = slots.window(service, alone(bar), MONDAY, MONDAY)
    day = slots.day(service, alone(bar), MONDAY, now=EARLY).slots
    for slot in (day[0], day[-1]):
        placed = slots.place(service, alone(bar), slot.starts_at, now=EARLY)
        assert isinstance(placed, Placement)
        assert lo <= placed.footprint[0] < placed.footprint[1] <= hi
    assert lo <= at("00:00")


def test_a_zone_may_skip_a_whole_day():
    """Samoa had no 30 December 2011: open night and day, the 29th runs straight into the 31st."""
    always = Schedule("Pacific/Apia", tuple((d, 0, 1440) for d in range(7)))
    date, now = dt.date(2011, 12, 29), at("00:00", dt.date(2011, 12, 20), "Pacific/Apia")
    days = slots.span(VISIT, alone(always), date, date + dt.timedelta(2), now=now)
    assert [len(day.slots) for day in days] == [48, 0, 48]
    assert days[2].slots[0].starts_at - days[0].slots[-1].starts_at == 1800


# -- the kernel


@pytest.mark.parametrize(
    ("starts", "ends", "free"),
    [
        ([], [], [0, 30, 60, 90]),
        ([50], [60], [0, 90]),
        ([40], [50], [0, 60, 90]),  # the footprint of 60 begins at 50, that of 0 ends at 40
        ([39], [51], [90]),
        ([0, 10], [95, 20], []),  # an early end after a late one
        ([0, 10], [80, 20], [90]),
        ([130], [140], [0, 30, 60, 90]),
        ([129], [140], [0, 30, 60]),
    ],
)
def test_the_sweep_is_half_open(starts, ends, free):
    assert slots.free_starts([0, 30, 60, 90], starts, ends, before=10, after=40) == free


def test_the_sweep_may_skip_what_has_ended():
    assert slots.free_starts([60, 90], [0, 95], [20, 96], before=0, after=30, first=1) == [60]


def test_the_grid_counts_from_its_anchor_and_ends_with_the_open_time():
    assert slots.grid([(70, 130, 0, 130), (200, 230, 200, 260)], step=30, length=40) == [90, 200]
    assert slots.grid([(200, 230, 200, 270)], step=30, length=40) == [200]
    assert slots.grid([(200, 231, 200, 270)], step=30, length=40) == [200, 230]


# -- every n weeks


def test_every_other_week_is_counted_from_its_first_in_both_directions_and_over_the_year():
    schedule = Schedule(BRUSSELS, (slots.every(2, MONDAY, (1, 540, 600)), (2, 540, 600)))
    mondays = [MONDAY + dt.timedelta(days=7 * n) for n in range(-9, 27)]  # 2026 has 53 ISO weeks
    assert [bool(listed(VISIT, alone(schedule), each)) for each in mondays] == [n % 2 == 1 for n in range(36)]
    assert all(listed(VISIT, alone(schedule), each + dt.timedelta(days=1)) for each in mondays)


def test_a_break_of_every_third_week_leaves_the_others_whole():
    schedule = Schedule(BRUSSELS, ((1, 540, 720),), (slots.every(3, MONDAY, (1, 600, 660)),))
    weeks = [listed(VISIT, alone(schedule), MONDAY + dt.timedelta(days=7 * n)) for n in range(4)]
    whole = hours(540, 660)
    assert weeks == [["09:00", "11:00"], whole, whole, ["09:00", "11:00"]]


def test_a_night_from_sunday_to_monday_belongs_to_its_sunday_s_week():
    sunday = MONDAY + dt.timedelta(days=6)
    schedule = Schedule(BRUSSELS, (slots.every(2, MONDAY, (0, 1320, 1560)),))  # 22:00 to 02:00
    assert codes(VISIT, alone(schedule), at("01:00", sunday + dt.timedelta(days=1))) == []
    assert codes(VISIT, alone(schedule), at("22:00", sunday + dt.timedelta(days=7))) == ["closed"]


def test_an_exception_rules_over_a_recurring_day():
    days = {MONDAY: (DayRule("override", ((600, 660),)),), MONDAY + dt.timedelta(days=14): (DayRule("closure"),)}
    schedule = Schedule(BRUSSELS, (slots.every(2, MONDAY, (1, 540, 720)),), (), days)
    assert listed(VISIT, alone(schedule), MONDAY) == ["10:00"]
    assert listed(VISIT, alone(schedule), MONDAY + dt.timedelta(days=14)) == []
