import db
from models import Service
from queries.content import load as load_content
from queries.legal import missing, notice, privacy
from tests.cast import make_business
from tests.showcase import practice

FIELD = {
    "key": "zone", "type": "text", "label": {"fr": "Zone", "nl": "Zone", "en": "Area", "de": "Bereich"},
}  # fmt: skip


def test_the_owner_learns_what_is_missing(app: object) -> None:
    card = practice(sector="physio").business
    assert [(each.key, each.required) for each in missing(card)] == [("order", True), ("inami", False)]
    assert all(each.source and each.label for each in missing(card))
    assert "legal_name" in {each.key for each in missing(make_business().business)}


def test_visitors_see_known_facts_alone(app: object) -> None:
    told = notice(
        make_business(identity={"legal_name": "A SRL", "siret": " ", "host": "Hôte", "order": "Ordre"}).business
    )
    assert [key for key, _, _ in told.publisher] == ["legal_name"]
    assert [key for key, _, _ in told.profession] == ["order"]
    assert told.site == (("host", "Hébergement du site", "Hôte"),)


def test_privacy_names_the_questions_of_all_services_once(app: object) -> None:
    cast = make_business(form_fields=[])
    with db.writing(cast.id):
        Service.update(form_fields=[FIELD]).where(Service.slug << ["diag", "urgence"]).execute()
    facts = privacy(cast.offer, load_content(cast.business))
    assert [field.key for field in facts.fields] == ["zone"]
    assert (facts.controller, facts.is_care) == ("Cabinet d’essai", False)
