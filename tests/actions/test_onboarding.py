"""The steps that set a business up."""

import pytest

import db
from actions import business as making
from actions import onboarding
from errors import Invalid, NotAllowed
from models import Audit
from queries.business import by_former_slug
from queries.onboarding import free_slug, is_free, left
from tests.cast import MONDAY_8, Cast, make_business
from tests.staff import member


def actions_of(cast: Cast) -> list[str]:
    with db.reading(cast.id):
        return [row.action for row in Audit.select().order_by(Audit.id)]


def test_a_marked_step_stays(cast: Cast) -> None:
    owner = member(cast)
    assert onboarding.mark(cast.business, owner, 5, now=MONDAY_8) == [5]
    assert onboarding.mark(cast.business, owner, 3, now=MONDAY_8) == [3, 5]
    assert onboarding.mark(cast.business, owner, 5, now=MONDAY_8) == [3, 5]
    assert cast.business.onboarding == [3, 5]
    assert left(cast.business) == [4, 6, 7, 8, 9, 10]
    assert actions_of(cast) == ["onboarding.marked", "onboarding.marked"]


def test_only_who_leads_sets_up(cast: Cast) -> None:
    for role in ("practitioner", "reception", "read_only"):
        with pytest.raises(NotAllowed):
            onboarding.mark(cast.business, member(cast, role), 4, now=MONDAY_8)
        with pytest.raises(NotAllowed):
            making.change_slug(cast.business, member(cast, role), f"{cast.slug}-2", now=MONDAY_8)
    assert cast.business.onboarding == []


def test_another_address_keeps_the_old_one(cast: Cast) -> None:
    owner, old = member(cast), cast.slug
    making.change_slug(cast.business, owner, f" {old.upper()}-x ", now=MONDAY_8)
    assert cast.slug == f"{old}-x"
    assert by_former_slug(old).id == cast.id
    assert not is_free(old)
    making.change_slug(cast.business, owner, old, now=MONDAY_8)  # its own may come back
    assert cast.slug == old
    assert actions_of(cast) == ["business.moved", "business.moved"]


@pytest.mark.parametrize("slug", ["", "-a", "é", "a b", "pro", "api", "x" * 64])
def test_an_address_that_nobody_may_take(cast: Cast, slug: str) -> None:
    before = cast.slug
    with pytest.raises(Invalid) as refused:
        making.change_slug(cast.business, member(cast), slug, now=MONDAY_8)
    assert refused.value.field == "slug"
    assert cast.slug == before


def test_what_somebody_had_is_taken_for_ever(cast: Cast) -> None:
    other = make_business()
    former = other.slug
    making.change_slug(other.business, member(other), f"{former}-2", now=MONDAY_8)
    for taken in (former, other.slug):
        with pytest.raises(Invalid) as refused:
            making.change_slug(cast.business, member(cast), taken, now=MONDAY_8)
        assert refused.value.problems["slug"].message == "Cette adresse est déjà prise. Choisissez-en une autre."
    assert free_slug(former) == f"{former}-3"
    assert actions_of(cast) == []
