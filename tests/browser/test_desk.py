"""The pages of who works in a business, empty, full and wrong: no accessibility fault, nothing too small for a thumb,
nothing wider than the screen, and markup that is right. The agenda, Mon site and the ten steps have files of their own
(`test_agenda`, `test_my_site`, `test_newcomer`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page

import db
from actions import members
from actions.inputs import read
from models import Client, Resource
from tests import showcase
from tests.browser.conftest import Open, sign_in
from tests.browser.test_every_page import DESK_LOOKS, LARGE, SMALL, USUAL, WIDE, Saved, violations
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business
from tests.staff import Staff, browser_of, member, staff

pytestmark = pytest.mark.browser

STATES = 46
SEND = "form => { form.noValidate = true; form.requestSubmit() }"  # past the browser's own checks, to see ours
EMPTY = ("", "/nouveautes", "/clients", "/reglages/historique", "/rendez-vous/nouveau")
FULL = (
    "", "/nouveautes", "/clients", "/clients?q=personne+ne+porte+ce+nom", "/clients/nouveau", "/prestations",
    "/prestations/urgence", "/prestations/urgence/questions", "/prestations/nouvelle", "/reglages",
    "/reglages/questions", "/reglages/historique", "/horaires", "/horaires?de=r1", "/horaires/fermer", "/equipe",
    "/equipe/r1", "/equipe/r1/depart", "/equipe/nouveau",
)  # fmt: skip
WRONG = {  # page: the form to send, and what is typed into it
    "/clients/nouveau": ("form:has(#name)", {"#name": " ", "#email": "a@b"}),
    "/prestations/nouvelle": ("form:has(#name)", {"#name": " "}),
    "/reglages": ("form:has(#name)", {"#name": " "}),
    "/horaires": ("#semaine form", {"#semaine input[type=time] >> nth=0": ""}),
    "/equipe/nouveau": ("form:has(#nom)", {"#nom": " "}),
}  # fmt: skip


def full_business() -> Cast:
    """A team, clients, a request, visits of today and tomorrow, an invitation."""
    cast = showcase.practice(sector="physio")
    for time, name in (("08:30", "Nadia Bensaïd"), ("09:00", "Paul Vandenbroucke-Delacroix"), ("14:00", "Zoé Lambert")):
        for date in (TUESDAY, cast.offer.local_date(MONDAY_8)):
            mail = f"client-{time[:2]}@example.com"
            cast.book(time, date, customer={"name": name, "email": mail, "phone": "+32470123456"})
    with db.writing(cast.id):
        Resource.insert(slug="box", name="Box 1", kind="room", position=9).execute()
    return cast


class Desk:
    """Each page as (name, page)."""

    def __init__(self, visit: Open, app: Flask, width: int, scheme: str) -> None:
        self.app, self.page = app, visit("/connexion", width=width, scheme=scheme)
        self.member: Staff | None = None

    def all(self) -> Iterator[tuple[str, Page]]:
        yield from self.door()
        yield from self.inside(make_business(), "empty", EMPTY)
        self.cast = full_business()
        yield from self.inside(self.cast, "full", FULL)
        yield from self.wrong()
        yield from self.people()
        yield from self.account()

    def at(self, name: str, path: str) -> tuple[str, Page]:
        self.page.goto(path)
        return name, self.page

    def send(self, form: str) -> None:
        """Until what comes back has been drawn: a page, or what htmx puts into this one."""
        place = self.page.locator(form).first
        if place.get_attribute("hx-post") is None:
            with self.page.expect_navigation():
                place.evaluate(SEND)
        else:
            place.evaluate(SEND)
            self.page.locator("#erreurs, .wrong").first.wait_for()

    def door(self) -> Iterator[tuple[str, Page]]:
        yield self.at("door", "/connexion")
        self.page.locator("#email").fill("a@b")
        self.send("form:has(#email)")
        yield "door, wrong", self.page
        self.page.goto("/connexion")
        self.page.locator("#email").fill("quelquun@example.com")
        self.send("form:has(#email)")
        yield "sent", self.page
        yield self.at("link that is none", "/connexion/abc")
        yield self.at("demo", "/dev/connexion")

    def inside(self, cast: Cast, kind: str, paths: tuple[str, ...]) -> Iterator[tuple[str, Page]]:
        self.member = staff(self.app, cast)
        sign_in(self.page, self.member)
        for path in paths:
            yield self.at(f"{kind} {path}", self.member.path(path))

    def wrong(self) -> Iterator[tuple[str, Page]]:
        assert self.member is not None
        for path, (form, typed) in WRONG.items():
            self.page.goto(self.member.path(path))
            for place, value in typed.items():
                self.page.locator(place).first.fill(value)
            with self.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
                self.send(form)
            assert answered.value.status == 422, path
            yield f"wrong {path}", self.page

    def people(self) -> Iterator[tuple[str, Page]]:
        """Records, a colleague who goes, the page of the day."""
        assert self.member is not None
        cast, signer = self.cast, self.app.extensions["bookt_signer"]
        colleague = member(cast, "reception")
        invited = read(members.InviteInput, {"email": "lou@example.com", "role": "reception"})
        by = member(cast, "owner")
        members.invite(cast.business, by, invited, now=MONDAY_8, signer=signer)
        with db.reading(cast.id):
            client: UUID = Client.select().first().id
        booked = cast.book("16:00")
        yield self.at("client", self.member.path(f"/clients/{client}"))
        yield self.at("client, edited", self.member.path(f"/clients/{client}/modifier"))
        yield self.at("dismissal", self.member.path(f"/equipe/acces/{colleague.user_id}/retirer"))
        yield self.at("team, invited", self.member.path("/equipe"))
        yield self.at("admin", "/admin")
        yield self.at("admin, one", f"/admin/bookings/{booked.id}")
        yield self.at("unknown", self.member.path("/clients/00000000-0000-0000-0000-000000000007"))
        sign_in(self.page, browser_of(self.app, cast, colleague))
        yield self.at("not allowed", self.member.path("/reglages"))

    def account(self) -> Iterator[tuple[str, Page]]:
        sign_in(self.page, staff(self.app, self.cast, proved=False))
        yield self.at("account, not proved", "/compte")
        sign_in(self.page, staff(self.app, self.cast))
        yield self.at("account", "/compte")
        yield self.at("workplaces or today", "/pro")
        yield self.at("leaving", f"/pro/{self.cast.slug}/depart")


@pytest.mark.parametrize(("width", "scheme"), DESK_LOOKS)
def test_every_state_can_be_used_by_everyone(visit: Open, app: Flask, tmp_path: Path, width: int, scheme: str) -> None:
    desk = Desk(visit, app, width, scheme)
    saved, faults, seen = Saved(tmp_path), list[Any](), 0
    desk.page.on("response", saved.keep)
    for name, page in desk.all():
        seen += 1
        faults += violations(name, page)
        faults += [(name, each) for each in page.evaluate(SMALL)]
        faults += [(name, "wide", page.evaluate(WIDE))] if page.evaluate(WIDE) > 0 else []
        if width == 375:
            page.evaluate(LARGE)
            faults += [(name, "wide at 200 %")] if page.evaluate(WIDE) > 0 else []
            page.evaluate(USUAL)
    assert not faults, faults
    assert seen == STATES
    if width == 375:
        assert not saved.faults()
