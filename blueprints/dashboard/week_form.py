"""The weekly hours as a form: what is typed, range by range, until it is saved. Names: `o1-0-debut` is the start of
Monday's first range, `p1-0-fin` the end of its first pause."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from blueprints.answers import text_of
from errors import Problem
from lib.dates import clock
from queries.hours import Rule, Week
from sectors import Hours

DAYS = (1, 2, 3, 4, 5, 6, 0)  # Monday first; 0 is Sunday (S3)
MOST = 8  # ranges, and pauses, of one day
RHYTHMS = (2, 3, 4)
WEEKLY = "1"
NOT_A_TIME = "Indiquez le début et la fin au format HH:MM."
NO_LENGTH = "Le début et la fin sont la même heure."
HOUR = 60
DAY = 1440


@dataclass
class Line:
    """One range as typed. `rhythm` is `1`, or `2:2026-11-23`: every two weeks from that Monday on."""

    start: str = ""
    end: str = ""
    rhythm: str = WEEKLY
    error: str = ""

    @property
    def over_midnight(self) -> bool:
        return bool(self.start and self.end) and self.end <= self.start


@dataclass
class DayDraft:
    """`focus`: what has just been added or taken away, for the cursor."""

    day: int
    opening: list[Line] = field(default_factory=list)
    breaks: list[Line] = field(default_factory=list)
    focus: str = ""

    def lines(self, kind: str) -> list[Line]:
        return self.opening if kind == "o" else self.breaks


@dataclass
class Draft:
    days: dict[int, DayDraft]
    general: str = ""

    @classmethod
    def of(cls, week: Week) -> "Draft":
        draft = cls({day: DayDraft(day) for day in DAYS})
        for kind, rules in (("o", week.opening_rules), ("p", week.break_rules)):
            for rule in rules:
                draft.days[rule.day_of_week].lines(kind).append(_line(rule))
        return draft

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> "Draft":
        draft = cls({day: DayDraft(day) for day in DAYS})
        for day in DAYS:
            for kind in "op":
                for n in range(MOST + 2):
                    name = f"{kind}{day}-{n}"
                    if f"{name}-debut" in form:
                        rhythm = form.get(f"{name}-rythme", WEEKLY)
                        line = Line(form[f"{name}-debut"].strip(), form.get(f"{name}-fin", "").strip(), rhythm)
                        draft.days[day].lines(kind).append(line)
        return draft

    @property
    def is_wrong(self) -> bool:
        return bool(self.general) or any(line.error for line in self._lines())

    @property
    def is_empty(self) -> bool:
        return not any(each.opening for each in self.days.values())

    def body(self) -> dict[str, Any]:
        """What `WeekInput` reads; a line that is no range is noted as wrong and left out, an empty one just left out.
        An end at or before its start is of the next day, and so is a pause before the opening that passes midnight."""
        self._sent: dict[str, list[Line]] = {"openingRules": [], "breakRules": []}
        body: dict[str, list[dict[str, Any]]] = {"openingRules": [], "breakRules": []}
        for each in self.days.values():
            opens = [rule for line in each.opening if (rule := self._rule(line, each.day, "openingRules"))]
            pauses = [rule for line in each.breaks if (rule := self._rule(line, each.day, "breakRules"))]
            late = any(rule["endMinutes"] > DAY for rule in opens)
            earliest = min((rule["startMinutes"] for rule in opens), default=0)
            for rule in pauses:
                if late and rule["endMinutes"] <= earliest:
                    rule |= {"startMinutes": rule["startMinutes"] + DAY, "endMinutes": rule["endMinutes"] + DAY}
            body["openingRules"] += opens
            body["breakRules"] += pauses
        return body

    def refuse(self, problems: Mapping[str, Problem]) -> None:
        """Each to its line: `openingRules.2.endMinutes` belongs to the third that `body` gave."""
        for name, problem in problems.items():
            kind, _, rest = name.partition(".")
            number = rest.partition(".")[0]
            lines = getattr(self, "_sent", {}).get(kind, [])
            if number.isdigit() and int(number) < len(lines):
                lines[int(number)].error = text_of(problem)
            else:
                self.general = text_of(problem)

    def change(self, act: str, copy_to: Mapping[int, list[int]], sector: tuple[Hours, ...]) -> None:
        """What a button asks before anything is saved: `ajouter:o:1`, `retirer:p:1:0`, `copier:1`, `type:coupure`. An
        act that is none changes nothing."""
        verb, *rest = act.split(":")
        if verb == "type" and rest:
            self._preset(rest[0], sector)
            return
        day = next((each for each in reversed(rest) if each.isdigit() and int(each) in DAYS), None)
        if verb == "copier" and day is not None:
            self._copy(int(day), copy_to.get(int(day), []))
        elif verb == "ajouter" and len(rest) == 2 and rest[0] in "op" and day is not None:
            self._add(rest[0], int(day))
        elif verb == "retirer" and len(rest) == 3 and rest[0] in "op" and rest[1].isdigit() and rest[2].isdigit():
            self._remove(rest[0], int(rest[1]), int(rest[2]))

    def _add(self, kind: str, day: int) -> None:
        lines = self.days[day].lines(kind)
        if len(lines) < MOST:
            lines.append(_next_line(kind, self.days[day]))
            self.days[day].focus = f"{kind}{day}-{len(lines) - 1}-debut"

    def _remove(self, kind: str, day: int, number: int) -> None:
        if day in self.days and number < len(self.days[day].lines(kind)):
            del self.days[day].lines(kind)[number]
            self.days[day].focus = f"ajouter-{kind}{day}"

    def _copy(self, day: int, targets: list[int]) -> None:
        source = self.days[day]
        for target in targets:
            if target in self.days and target != day:
                kinds = (source.opening, source.breaks)
                opening, breaks = ([Line(e.start, e.end, e.rhythm) for e in lines] for lines in kinds)
                self.days[target] = DayDraft(target, opening, breaks)
        source.focus = f"copier-{day}"

    def _preset(self, name: str, sector: tuple[Hours, ...]) -> None:
        ranges = {
            "continu": {day: [("09:00", "17:00")] for day in range(1, 6)},
            "coupure": {day: [("09:00", "12:30"), ("13:30", "18:00")] for day in range(1, 6)},
            "metier": {day: list(each.ranges) for each in sector for day in each.days},
            "vide": {},
        }.get(name)  # fmt: skip
        if ranges is not None:
            self.days = {
                day: DayDraft(day, [Line(_shown(start), _shown(end)) for start, end in ranges.get(day, [])])
                for day in DAYS
            }  # fmt: skip

    def _lines(self) -> list[Line]:
        return [line for each in self.days.values() for line in (*each.opening, *each.breaks)]

    def _rule(self, line: Line, day: int, kind: str) -> dict[str, Any] | None:
        if not line.start and not line.end:
            return None
        start, end = minutes_of(line.start), minutes_of(line.end)
        weeks, _, first = line.rhythm.partition(":")
        if start is None or end is None or not weeks.isdigit():
            line.error = str(gettext(NOT_A_TIME))
            return None
        if start == end != 0:  # 00:00 to 00:00 is a whole day
            line.error = str(gettext(NO_LENGTH))
            return None
        self._sent[kind].append(line)
        rule: dict[str, Any] = {"dayOfWeek": day, "startMinutes": start, "endMinutes": end + DAY * (end <= start)}
        return rule | ({"everyWeeks": int(weeks), "firstWeek": first} if weeks != WEEKLY else {})


def minutes_of(text: str) -> int | None:
    """`08:30` as minutes; also `8:30`, `8h30` and `8h`, as people type where there is no time field."""
    hours, _, rest = text.lower().replace(" ", "").replace("h", ":").partition(":")
    if not hours.isdecimal() or not (rest or "0").isdecimal() or len(hours) > 2 or len(rest) > 2:
        return None
    whole, part = int(hours), int(rest or 0)
    return whole * HOUR + part if whole < 24 and part < HOUR else 0 if (whole, part) == (24, 0) else None


def rhythms(today: dt.date, kept: str) -> list[tuple[int, list[str]]]:
    """The rhythms to choose from: for every n weeks each of the next n Mondays, this week's first. One that is stored
    already (`kept`) is said by the Monday of these that it falls on."""
    monday = today - dt.timedelta(days=today.weekday())
    weeks = int(kept.partition(":")[0]) if ":" in kept and kept.partition(":")[0].isdigit() else 1
    counts = sorted({*RHYTHMS, *([weeks] if weeks > 1 else [])})
    return [(n, [f"{n}:{monday + dt.timedelta(days=7 * k)}" for k in range(n)]) for n in counts]


def near(rhythm: str, today: dt.date) -> str:
    """The same rhythm, counted from its first week that is not over."""
    weeks, _, first = rhythm.partition(":")
    try:
        n, began = int(weeks), dt.date.fromisoformat(first)
    except ValueError:
        return rhythm
    monday = today - dt.timedelta(days=today.weekday())
    return f"{n}:{monday + dt.timedelta(days=7 * ((began - monday).days // 7 % max(n, 1)))}"


def _line(rule: Rule) -> Line:
    rhythm = WEEKLY if rule.first_week is None else f"{rule.every_weeks}:{rule.first_week}"
    return Line(clock(rule.start_minutes), clock(rule.end_minutes), rhythm)


def _next_line(kind: str, day: DayDraft) -> Line:
    """A proposal that needs no correction most of the time."""
    if kind == "p":
        return Line("12:00", "13:00")
    last = max((minutes_of(line.end) or 0 for line in day.opening), default=0)
    start = last + HOUR if last else 9 * HOUR
    return Line(clock(start), clock(start + 4 * HOUR)) if start + 4 * HOUR < DAY else Line()


def _shown(text: str) -> str:
    minutes = minutes_of(text)
    return clock(minutes) if minutes is not None else clock(int(text[:2]) * HOUR + int(text[3:]))
