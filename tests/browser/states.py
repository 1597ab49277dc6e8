"""Every page in every state that a client can meet, for the tests that look at all of them."""

from collections.abc import Iterator

from flask import Flask
from playwright.sync_api import Page

import db
from lib.links import hold_token, manage_token
from models import Booking
from tests import showcase
from tests.browser.conftest import Open
from tests.cast import MONDAY_8, Cast, Clock, make_business

LONGUE = "Rééducation périnéale-post-opératoire"


def practice() -> Cast:
    """A business whose names and texts are long."""
    return make_business(
        name="Cabinet d’ostéopathie-kinésithérapie Vandenbroucke", headline="Retrouver le mouvement.", sector="physio",
        lead="Trois kinésithérapeutes vous reçoivent près de la place Flagey.", access="Tram 81, arrêt Flagey.",
        services={"libre": {"deposit_bp": 0, "name": LONGUE}, "diag": {"name": "Diagnostic"}},
    )  # fmt: skip


class States:
    """Each page as (name, page): the ways into every state that a client can meet."""

    def __init__(self, visit: Open, app: Flask, clock: Clock, width: int, scheme: str) -> None:
        self.app, self.cast, self.clock = app, practice(), clock
        self.page = visit("/", width=width, scheme=scheme)
        self.root = f"/{self.cast.slug}"

    def all(self) -> Iterator[tuple[str, Page]]:
        yield "front", self.page
        yield from self.presenting()
        yield from self.choosing()
        yield from self.holding()
        yield from self.managing()
        yield from self.errors()

    def at(self, name: str, path: str) -> tuple[str, Page]:
        self.page.goto(self.root + path)
        return name, self.page

    def presenting(self) -> Iterator[tuple[str, Page]]:
        """All that a business can tell of itself, its pictures too."""
        full = showcase.practice(sector="physio").slug
        self.page.goto(f"/{full}")
        for each in self.page.locator("details").all():
            each.locator("summary").click()
        yield "mini-site, full", self.page
        for name, path in (("legal", "/mentions-legales"), ("privacy", "/confidentialite"), ("sheet", "/imprimer")):
            self.page.goto(f"/{full}{path}")
            yield name, self.page
        self.page.goto(f"/{showcase.restaurant(sector='restaurant').slug}?personnes=3")
        yield "restaurant", self.page

    def choosing(self) -> Iterator[tuple[str, Page]]:
        yield self.at("mini-site", "")
        yield self.at("service", "/rdv")
        yield self.at("whom", "/rdv?prestation=libre")
        yield self.at("moment", "/rdv?prestation=libre&avec=r1")
        for each in self.page.locator("details").all():
            each.locator("summary").click()
        yield "moment, open", self.page
        yield self.at("closed day", "/rdv?prestation=libre&avec=r1&jour=2027-01-17")
        yield self.at("past date", "/rdv?prestation=libre&avec=r1&jour=2027-01-01")
        yield self.at("deep link", "/rdv?prestation=libre&avec=r1&debut=2027-01-12T09:00")
        empty = make_business(services={"diag": {"notice_minutes": 100 * 1440}})
        self.page.goto(f"/{empty.slug}/rdv?avec=r1")
        yield "nothing free", self.page

    def holding(self) -> Iterator[tuple[str, Page]]:
        held = self.cast.hold("09:00")
        token = hold_token(self.app.extensions["bookt_signer"], self.cast.id, row_id(self.cast, held.code))
        yield self.at("details", f"/rdv/retenu/{token}")
        yield self.at("moment, held", f"/rdv?prestation=diag&avec=r1&retenu={token}")
        self.page.goto(f"{self.root}/rdv/retenu/{token}")
        self.page.locator("#name").fill(" ")
        self.page.locator("#email").fill("a@b")
        self.page.locator("#coordonnees .btn").click()
        yield "details, wrong", self.page
        self.page.locator("#name").fill("N" * 100)
        self.page.locator("#email").fill("une.adresse.tres.longue.vraiment.tres.longue@sous-domaine.example.be")
        self.page.locator("#coordonnees .btn").click()
        yield "check", self.page
        self.clock.now = MONDAY_8 + 700
        self.page.reload()
        yield "expired", self.page
        self.clock.now = MONDAY_8
        alone = make_business(resources=1, services={"libre": {"deposit_bp": 0}})
        self.page.goto(f"/{alone.slug}/rdv?jour=2027-01-12")
        alone.book("09:00", serviceId="libre")
        self.page.locator("#creneaux .time[value='2027-01-12T09:00']").click()
        yield "lost", self.page

    def managing(self) -> Iterator[tuple[str, Page]]:
        card = self.cast.book("11:00")
        key = manage_token(self.app.extensions["bookt_signer"], self.cast.id, row_id(self.cast, card.code), 1)
        yield self.at("access", "/rdv/acces")
        self.page.locator("#code").fill(card.code)
        self.page.locator("#email").fill("autre@example.com")
        self.page.locator("#acces .btn").click()
        yield "access, wrong", self.page
        yield self.at("link", f"/rdv/{card.code}?cle={key}")
        self.page.locator("#email").fill("jean@example.com")
        self.page.locator("#acces .btn").click()
        yield "confirmed", self.page
        yield self.at("move", f"/rdv/{card.code}/deplacement")
        yield self.at("cancel", f"/rdv/{card.code}/annulation")
        self.page.locator(".btn-bad").click()
        yield "cancelled", self.page
        yield self.at("cancel twice", f"/rdv/{card.code}/annulation")

    def errors(self) -> Iterator[tuple[str, Page]]:
        yield self.at("gone", "/rdv/retenu/abc")
        yield self.at("unknown service", "/rdv?prestation=rien")
        self.page.goto("/nulle-part")
        yield "unknown business", self.page


def row_id(cast: Cast, code: str) -> object:
    with db.reading(cast.id):
        return Booking.find(code=code).id
