"""A second opinion on `slots`: slow, minute by minute, sharing no code with it. It reads the same values and imports
nothing of ours; where the engine converts, bisects and sweeps, this walks through every minute."""

import datetime as dt
from functools import cache
from itertools import combinations
from zoneinfo import ZoneInfo

UTC = dt.UTC


def local(zone, t):
    return dt.datetime.fromtimestamp(t, ZoneInfo(zone))


@cache
def clock(zone, date):
    """What the wall clock shows, minute after minute, from long before a date to long after its night."""
    first = int(dt.datetime.combine(date, dt.time(), UTC).timestamp()) - 15 * 3600
    return [(local(zone, t).replace(tzinfo=None), t) for t in range(first, first + 80 * 3600, 60)]


@cache
def edge(zone, date, minute):
    """The first minute at which the wall clock shows this time or a later one."""
    target = dt.datetime.combine(date, dt.time()) + dt.timedelta(minutes=minute)
    return next(t for shown, t in clock(zone, date) if shown >= target)


def rules_of(schedule, date):
    """(opening ranges, breaks) of a date, in minutes."""
    rules = schedule.days.get(date, ())
    for kind in ("closure", "override", "holiday"):
        if any(rule.kind == kind for rule in rules):
            if kind == "closure":
                return [], []
            return [r for rule in rules if rule.kind == kind for r in rule.ranges], []
    return list(held(schedule.opening, date)), list(held(schedule.breaks, date))


def held(rules, date):
    """The ranges of a date's weekday; of a recurring one, (day, from, to, weeks, phase), only in its weeks: counted from
    Monday 1 January 2001, which began week 104,355 since the first Monday of year 1."""
    monday = date - dt.timedelta(date.isoweekday() - 1)
    week = 104_355 + (monday - dt.date(2001, 1, 1)).days // 7
    for day, lo, hi, *recurrence in rules:
        weeks, phase = recurrence or (1, 0)
        if day == date.isoweekday() % 7 and (week - phase) % weeks == 0:
            yield lo, hi


def runs(minutes):
    """Maximal runs of true minutes, as (start, end)."""
    found, start = [], None
    for minute in range(2882):
        inside = minute < 2881 and minutes[minute]
        if inside and start is None:
            start = minute
        if not inside and start is not None:
            found.append((start, minute))
            start = None
    return found


def marked(ranges):
    minutes = [False] * 2881
    for lo, hi in ranges:
        for minute in range(lo, hi):
            minutes[minute] = True
    return minutes


@cache
def wall(opening, breaks):
    """Opening runs, and open runs once the breaks are out."""
    opened, paused = marked(opening), marked(breaks)
    return runs(opened), runs([o and not p for o, p in zip(opened, paused, strict=True)])


def day_runs(schedule, date):
    opening, breaks = rules_of(schedule, date)
    return wall(tuple(opening), tuple(breaks))


def open_pieces(schedule, date):
    """Open time of one opening day: (from, to, start of its opening) as instants."""
    opened, pieces = day_runs(schedule, date)
    zone = schedule.zone
    for lo, hi in pieces:
        anchor = next(a for a, b in opened if a <= lo < b)
        yield edge(zone, date, lo), edge(zone, date, hi), edge(zone, date, anchor)


def nearby(date, ahead):
    return [date + dt.timedelta(n) for n in range(-2, 3 + ahead)]


@cache
def minutes_of(pieces):
    return frozenset(t for lo, hi in pieces for t in range(lo, hi, 60))


def is_open(pieces, t):
    return any(lo <= t < hi for lo, hi in pieces)


def stays_open(pieces, start, length):
    inside = minutes_of(tuple(pieces))
    return all(t - t % 60 in inside for t in range(start, start + length, 60))


def length_on(service, resource, party):
    if resource.seats is None or not service.turn:
        return service.duration * 60
    for most, minutes in service.turn:
        if party <= most:
            return minutes * 60
    return service.turn[-1][1] * 60


def positions(service, resource, date, party):
    """Grid positions of an opening day whose visit stays inside open time."""
    length = length_on(service, resource, party)
    around = [
        (lo, hi) for d in nearby(date, length // 86400) for lo, hi, _ in open_pieces(resource.schedule, d) if lo < hi
    ]
    found = []
    for lo, hi, anchor in open_pieces(resource.schedule, date):
        t = lo if service.tight else anchor
        while t < hi:
            if t >= lo and stays_open(around, t, length):
                found.append(t)
            t += service.step * 60
    return found


def meets(busy, service, start, length):
    footprint = range(start - service.before * 60, start + length + service.after * 60, 60)
    return any(busy.starts_at <= t < busy.ends_at for t in footprint)


def in_the_way(service, resource, start, *, party, ignore):
    """(busy intervals that forbid the start, lanes free for the party)."""
    length = length_on(service, resource, party)
    meeting = [
        b for b in resource.busy if (ignore is None or b.booking_id != ignore) and meets(b, service, start, length)
    ]
    if service.capacity == 1:
        return meeting, list(range(resource.units))
    mates = [b for b in meeting if b.session == (service.id, start) and b.unit is not None]
    lanes = [n for n in range(min(service.capacity, resource.units)) if n not in [b.unit for b in mates]]
    return [b for b in meeting if b not in mates or len(lanes) < party], lanes


def limit_codes(who, limits, visits, date):
    periods = {
        "day": (limits.per_day, [v for v in visits if v == date]),
        "week": (limits.per_week, [v for v in visits if v.strftime("%G-%V") == date.strftime("%G-%V")]),
        "month": (limits.per_month, [v for v in visits if v.strftime("%Y-%m") == date.strftime("%Y-%m")]),
    }
    return [f"limit_{who}_{p}" for p, (most, inside) in periods.items() if most is not None and len(inside) >= most]


def untimely(service, resource, start, *, now, client_limits, client_visits):
    """Everything but hours and busy time: (code, resource id or None)."""
    zone, found = resource.schedule.zone, []
    if start < now:
        found.append(("past", None))
    elif start - now < service.notice * 60:
        found.append(("too_soon", None))
    date = local(zone, start).date()
    if (date - local(zone, now).date()).days > service.horizon:
        found.append(("beyond_horizon", None))
    found += [(c, None) for c in limit_codes("service", service.limits, service.visits, date)]
    found += [(c, resource.id) for c in limit_codes("resource", resource.limits, resource.visits, date)]
    found += [(c, None) for c in limit_codes("client", client_limits, client_visits, date)]
    return found


def hours_codes(service, resource, start, party):
    schedule = resource.schedule
    date, length = local(schedule.zone, start).date(), length_on(service, resource, party)
    days = nearby(date, length // 86400)
    if any(start in positions(service, resource, d, party) for d in nearby(date, 0)):
        return []
    pieces = [(lo, hi) for d in days for lo, hi, _ in open_pieces(schedule, d)]
    if stays_open(pieces, start, length):
        return ["off_grid"]
    zone = schedule.zone
    opened = [(edge(zone, d, lo), edge(zone, d, hi)) for d in days for lo, hi in day_runs(schedule, d)[0]]
    found = []
    if not stays_open(opened, start, length):
        closed = not rules_of(schedule, date)[0] and not is_open(opened, start)
        found.append("closed" if closed else "outside_hours")
    for d in days:
        own = [(edge(zone, d, lo), edge(zone, d, hi)) for lo, hi in day_runs(schedule, d)[0]]
        paused = [(edge(zone, d, lo), edge(zone, d, hi)) for lo, hi in rules_of(schedule, d)[1]]
        if any(is_open(own, t) and is_open(paused, t) for t in range(start, start + length, 60)):
            found.append("break")
    return sorted(set(found))


def misfit(service, resource, party):
    if resource.seats is None:
        lanes = min(service.capacity, resource.units)
        return "party_too_large" if service.capacity > 1 and party > lanes else None
    if party > resource.seats:
        return "party_too_large"
    return "party_too_small" if party < resource.min_seats else None


def options(service, resources, party):
    """Every set of resources that could take the party: one alone, or several small tables of one join group."""
    for r in resources:
        if misfit(service, r, party) is None:
            yield (r,)
    small = [r for r in resources if r.seats is not None and r.join is not None and r.seats < party]
    for size in range(2, len(small) + 1):
        for tables in combinations(small, size):
            if len({t.join for t in tables}) == 1 and sum(t.seats for t in tables) >= party:
                yield tables


def load(resource, start, ignore):
    """Booked minutes of the local day; rows of one interval are one booking, on several units."""
    zone, booked = resource.schedule.zone, set()
    for b in resource.busy:
        mine = b.cause.type == "booking" and (ignore is None or b.booking_id != ignore)
        if mine and b.ends_at > b.starts_at and local(zone, b.starts_at).date() == local(zone, start).date():
            minutes = (b.ends_at - b.starts_at) // 60 if b.minutes is None else b.minutes
            booked.add((b.starts_at, b.ends_at, b.minutes, minutes))
    return sum(minutes for *_, minutes in booked)


def choose(service, resources, start, party, ignore, usable):
    """The set of resources a start is given, or None. `usable(resource)`: may it be taken then?"""
    good = [o for o in options(service, resources, party) if all(usable(r) for r in o)]
    alone = [o[0] for o in good if len(o) == 1]
    if alone:
        smallest = min(r.seats or 0 for r in alone)
        alone = [r for r in alone if (r.seats or 0) == smallest]
        least = min(load(r, start, ignore) for r in alone)
        alone = [r for r in alone if load(r, start, ignore) == least]
        never = [r for r in alone if r.last_visit is None]
        oldest = min((r.last_visit for r in alone if r.last_visit is not None), default=None)
        alone = never or [r for r in alone if r.last_visit == oldest]
        return (min(alone, key=lambda r: (r.position, r.id)),)
    return min(
        (tuple(sorted(o, key=lambda r: (r.position, r.id))) for o in good),
        key=lambda o: (len(o), sum(r.seats for r in o), [(r.position, r.id) for r in o]),
        default=None,
    )


def day(service, resources, date, *, now, party, ignore, client_limits, client_visits):
    """[(start, local date, time, fold, available, causes, free resources)] of an opening day."""
    listed = {}
    for r in resources:
        for t in positions(service, r, date, party):
            if not untimely(service, r, t, now=now, client_limits=client_limits, client_visits=client_visits):
                listed.setdefault(t, []).append(r)
    rows = []
    for t in sorted(listed):
        could = list(options(service, listed[t], party))
        if not could:
            continue
        way = {r.id: in_the_way(service, r, t, party=party, ignore=ignore)[0] for r in listed[t]}
        free = [o for o in could if not any(way[r.id] for r in o)]
        alone = {r.id for o in free if len(o) == 1 for r in o}
        ids = alone or {r.id for o in free for r in o}
        concerned = {r.id for o in could for r in o}
        causes = set() if free else {b.cause for i in concerned for b in way[i]}
        shown = local(listed[t][0].schedule.zone, t)
        rows.append((t, shown.date(), shown.strftime("%H:%M"), shown.fold, bool(free), causes, ids))
    return rows


def place(service, resources, start, *, now, party, ignore, client_limits, client_visits, override=False):
    """(chosen claims, None) or (None, {(code, resource id, cause)})."""
    reasons = {}
    for r in resources:
        way = in_the_way(service, r, start, party=party, ignore=ignore)[0]
        reasons[r.id] = (
            [(c, r.id, None) for c in hours_codes(service, r, start, party)]
            + [
                (c, i, None)
                for c, i in untimely(
                    service, r, start, now=now, client_limits=client_limits, client_visits=client_visits
                )
            ]
            + [(b.cause.type, r.id, b.cause) for b in way]
        )

    def usable(r):
        if not override:
            return not reasons[r.id]
        return not any(
            code in ("past", "booking") or (cause and cause.provider == "bookt") for code, _, cause in reasons[r.id]
        )

    chosen = choose(service, resources, start, party, ignore, usable)
    if chosen is None:
        could = {r.id for o in options(service, resources, party) for r in o}
        why = {reason for i in could for reason in reasons[i]}
        why |= {(misfit(service, r, party), r.id, None) for r in resources if r.id not in could}
        return None, why or {("no_resource", None, None)}
    claims = []
    for r in chosen:
        lanes = in_the_way(service, r, start, party=party, ignore=ignore)[1]
        claims += [(r.id, n) for n in (lanes if service.capacity == 1 else lanes[:party])]
    return sorted(claims), None
