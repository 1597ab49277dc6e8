import pytest

import db
from actions import site
from actions.inputs import read
from actions.site import SpecializationInput
from errors import Invalid, NotAllowed, NotFound, StaleVersion
from lib.ids import uuid7
from models import Audit, Specialization
from queries import content, my_site
from tests.cast import MONDAY_8 as NOW
from tests.cast import Cast, make_business
from tests.staff import member


def said(author: str = "Claire V.", text: str = "À l’heure, et à l’écoute.") -> site.TestimonialInput:
    return read(site.TestimonialInput, {"author": author, "text": text})


def test_a_testimonial_from_its_first_word_to_its_end(cast: Cast) -> None:
    owner = member(cast)
    made = site.add_testimonial(cast.business, owner, said(), now=NOW)
    assert made.shown and [each.author for each in content.load(cast.business).testimonials] == ["Claire V."]
    seen = my_site.version_of(made)
    changed = site.change_testimonial(cast.business, owner, made.id, said("C. V."), now=NOW, expected=seen)
    assert (changed.id, changed.author) == (made.id, "C. V.")
    with pytest.raises(StaleVersion):
        site.change_testimonial(cast.business, owner, made.id, said(), now=NOW, expected=seen)
    with pytest.raises(StaleVersion):
        site.remove_testimonial(cast.business, owner, made.id, now=NOW, expected=seen)
    site.remove_testimonial(cast.business, owner, made.id, now=NOW)
    with pytest.raises(NotFound):
        site.remove_testimonial(cast.business, owner, made.id, now=NOW)
    with db.reading(cast.id):
        told = [(row.action, row.by_user) for row in Audit.select().where(Audit.subject == made.id).order_by(Audit.id)]
    assert told == [(f"testimonial.{word}", owner.user_id) for word in ("added", "changed", "removed")]


def test_what_the_profession_may_not_show_is_kept_and_says_why(app: object) -> None:
    cast = make_business(sector="doctor")
    made = site.add_testimonial(cast.business, member(cast), said(), now=NOW)
    assert not made.shown and "art. 37" in made.source
    assert my_site.testimonials(cast.business) == (made,)
    assert content.load(cast.business).testimonials == ()


def test_a_specialization_that_changes_leaves_its_translations_behind(cast: Cast) -> None:
    key = uuid7()
    with db.writing(cast.id):
        Specialization.insert(id=key, name="Dos", translations={"nl": {"name": "Rug"}}).execute()
    owner = member(cast)
    same = site.change_specialization(cast.business, owner, key, SpecializationInput(name="Dos"), now=NOW)
    assert same.translations == {"nl": {"name": "Rug"}}
    other = site.change_specialization(cast.business, owner, key, SpecializationInput(name="Genou"), now=NOW)
    assert (other.name, other.translations) == ("Genou", {})
    last = site.add_specialization(cast.business, owner, SpecializationInput(name="Épaule"), now=NOW)
    assert [each.id for each in my_site.specializations(cast.business)] == [key, last.id]
    site.remove_specialization(cast.business, owner, key, now=NOW, expected=my_site.version_of(other))
    assert my_site.specializations(cast.business) == (last,)


@pytest.mark.parametrize("role", ["practitioner", "reception", "read_only"])
def test_only_who_leads_changes_the_site(cast: Cast, role: str) -> None:
    made = site.add_testimonial(cast.business, member(cast), said(), now=NOW)
    other = member(cast, role)
    for act in (
        lambda: site.add_testimonial(cast.business, other, said(), now=NOW),
        lambda: site.change_testimonial(cast.business, other, made.id, said(), now=NOW),
        lambda: site.remove_testimonial(cast.business, other, made.id, now=NOW),
        lambda: site.add_specialization(cast.business, other, SpecializationInput(name="x"), now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_foreign_rows_are_not_there_and_texts_have_their_length(cast: Cast) -> None:
    foreign = make_business()
    made = site.add_testimonial(foreign.business, member(foreign), said(), now=NOW)
    with pytest.raises(NotFound):
        site.change_testimonial(cast.business, member(cast), made.id, said(), now=NOW)
    with pytest.raises(Invalid):
        said(text="x" * 2_001)
    with pytest.raises(Invalid):
        said(author="  ")
