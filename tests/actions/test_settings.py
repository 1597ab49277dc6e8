"""How a business works: one action for the page and the API."""

from typing import Any

import pytest

import db
import sectors
from actions import settings
from actions.access import Actor
from actions.inputs import read
from actions.settings import BusinessInput
from errors import Invalid, NotAllowed, StaleVersion
from models import Audit, Service
from queries import settings as queries
from queries.asked import general, told
from queries.business import BusinessCard
from tests.cast import MONDAY_8, Cast
from tests.staff import member


@pytest.fixture
def owner(cast: Cast) -> Actor:
    return member(cast)


def change(cast: Cast, by: Actor, *, expected: str | None = None, **given: Any) -> BusinessCard:
    return settings.change(cast.business, by, read(BusinessInput, given), now=MONDAY_8, expected=expected)


def last(cast: Cast) -> Any:
    with db.reading(cast.id):
        return Audit.select().order_by(Audit.id.desc()).first()


def test_only_what_is_given_changes_and_the_history_tells_it(cast: Cast, owner: Actor) -> None:
    card = change(cast, owner, name="Cabinet Nord", phone="0470 12 34 56", slotStepMinutes=15, approvesByHand=True)
    assert (card.name, card.phone, card.step_minutes, card.approves_by_hand) == (
        "Cabinet Nord", "+32470123456", 15, True,
    )  # fmt: skip
    assert (card.town, card.horizon_days) == ("Bruxelles", 90)
    found = last(cast)
    assert found.action == "business.changed"
    assert found.data["changed"]["name"] == ["Cabinet d’essai", "Cabinet Nord"]
    assert change(cast, owner, name="Cabinet Nord").revision == card.revision, "what is so already changes nothing"
    assert cast.book().status == "pending"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"timezone": "Mars/Olympus"}, "INVALID_TIMEZONE"),
        ({"phone": "12"}, "INVALID_PHONE"),
        ({"email": "nobody"}, "INVALID_EMAIL"),
        ({"country": "XX"}, "INVALID_COUNTRY"),
        ({"slotStepMinutes": 0}, "INVALID_SLOT_STEP_MINUTES"),
        ({"horizonDays": 0}, "INVALID_HORIZON_DAYS"),
        ({"cancellationPolicy": {"fullRefundHours": 12, "partialRefundHours": 24}}, "INVALID_CANCELLATION_POLICY"),
        ({"cancellationPolicy": {"partialRefundRate": float("nan")}}, "INVALID_PARTIAL_REFUND_RATE"),
        ({"clientLimits": {"perDay": 0}}, "INVALID_PER_DAY"),
        ({"accent": "#ff0000"}, "INVALID_ACCENT"),
        ({"public": "yes"}, "INVALID_PUBLIC"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(cast: Cast, owner: Actor, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(cast, owner, **given)
    assert refused.value.code == code


def test_null_empties_what_may_be_empty_and_keeps_the_rest(cast: Cast, owner: Actor) -> None:
    card = change(cast, owner, phone=None, street=None, name=None, timezone=None)
    assert (card.phone, card.street) == (None, "")
    assert (card.name, card.timezone) == ("Cabinet d’essai", "Europe/Brussels")


def test_the_policy_holds_for_services_without_their_own(cast: Cast, owner: Actor) -> None:
    policy = {"fullRefundHours": 24, "partialRefundHours": 12, "partialRefundRate": 0.3}
    change(cast, owner, cancellationPolicy=policy)
    found = cast.offer.service("diag").policy
    assert (found.full_hours, found.partial_hours, found.partial_bp) == (24, 12, 3000)


def test_a_stale_version_changes_nothing_and_hours_are_no_part_of_it(cast: Cast, owner: Actor) -> None:
    version = queries.version(cast.business)
    change(cast, owner, expected=version, town="Liège")
    assert queries.version(cast.business) != version
    with pytest.raises(StaleVersion):
        change(cast, owner, expected=version, town="Namur")
    assert cast.business.town == "Liège"


def test_a_question_that_was_answered_keeps_its_words(cast: Cast, owner: Actor) -> None:
    fields = [
        {"type": "text", "label": "Où avez-vous mal ?"},
        {"type": "radio", "label": {"fr": "Première fois", "nl": "Eerste keer"},
         "options": [{"label": "Oui, 1re"}, {"label": "Non"}]},
    ]  # fmt: skip
    card = change(cast, owner, formFields=fields)
    assert [field.key for field in general(card)] == ["ou_avez_vous_mal", "premiere_fois"]
    assert [option.value for option in general(card)[1].options] == ["oui_1re", "non"]
    assert (general(card)[1].label.nl, general(card)[1].label.de) == ("Eerste keer", "Première fois")
    answers = {"ou_avez_vous_mal": "au dos", "premiere_fois": "non"}
    kept = [{"key": "premiere_fois", "type": "radio", "label": "Première fois", "options": [{"label": "Peut-être"}]}]
    later = change(cast, owner, formFields=kept)
    assert [option.value for option in general(later)[0].options] == ["peut_etre"]
    lines = told(later, cast.offer.service("diag"), answers, language="fr")
    assert [(each.label, each.value) for each in lines] == [
        ("Première fois", "Non"), ("Où avez-vous mal\u202f?", "au dos"),
    ]  # fmt: skip
    back = change(cast, owner, formFields=None)
    assert general(back) == sectors.get("other").fields
    assert told(back, cast.offer.service("diag"), answers, language="fr")[0].label in (
        "Première fois",
        "Où avez-vous mal\u202f?",
    )


@pytest.mark.parametrize("role", ["practitioner", "reception", "read_only"])
def test_who_does_not_lead_changes_nothing(cast: Cast, role: str) -> None:
    with pytest.raises(NotAllowed):
        change(cast, member(cast, role), name="Autre")


def test_who_writes_in_another_language_finds_the_translations_in_place(cast: Cast, owner: Actor) -> None:
    with db.writing(cast.id):
        Service.update(translations={"nl": {"name": "Onderzoek"}}).where(Service.slug == "diag").execute()
    change(cast, owner, locale="nl")
    diag, urgence = cast.offer.service("diag"), cast.offer.service("urgence")
    assert (diag.name, diag.translations) == ("Onderzoek", {"fr": {"name": "Prestation diag"}})
    assert (urgence.name, urgence.translations) == ("Prestation urgence", {"fr": {"name": "Prestation urgence"}})
    change(cast, owner, locale="fr")
    diag, urgence = cast.offer.service("diag"), cast.offer.service("urgence")
    assert (diag.name, diag.translations) == ("Prestation diag", {"nl": {"name": "Onderzoek"}})
    assert (urgence.name, urgence.translations) == ("Prestation urgence", {})
