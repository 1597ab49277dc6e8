"""Invitations, roles, dismissal: who may, and that an owner always stays."""

import re
import threading
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

import db
from actions import members
from actions.access import NotProved
from actions.inputs import read
from actions.members import AlreadyInvited, AlreadyMember, InviteInput, JoinInput, LastOwner, OtherAddress, RoleInput
from errors import Invalid, LinkExpired, NotAllowed, NotFound
from lib import keys
from lib.tokens import Signer
from models import AccountMessage, Audit, Invitation, Membership, User
from queries import accounts
from tests.cast import MONDAY_8, Cast, make_business
from tests.staff import member

DAY = 86_400


@pytest.fixture
def signer(app: Flask) -> Signer:
    found: Signer = app.extensions["bookt_signer"]
    return found


def invite(cast: Cast, by: Any, signer: Signer, email: str, role: str = "reception", *, now: int = MONDAY_8) -> UUID:
    return members.invite(cast.business, by, read(InviteInput, {"email": email, "role": role}), now=now, signer=signer)


def accept(cast: Cast, key: UUID, signer: Signer, *, now: int = MONDAY_8, **more: Any) -> members.Joined:
    values = {"signed_in_as": None, "data": read(JoinInput, {"name": "Lena"}), "locale": "fr"} | more
    return members.accept(keys.invitation_token(signer, cast.id, key), now=now, signer=signer, **values)


def address(cast: Cast, name: str) -> str:
    return f"{name}.{cast.slug}@example.com"


def test_who_is_invited_joins_once_with_the_role_offered(cast: Cast, signer: Signer) -> None:
    owner, email = member(cast), address(cast, "lena")
    key = invite(cast, owner, signer, email, "practitioner")
    asked = accounts.team(cast.business, now=MONDAY_8)
    assert [(each.email, each.role) for each in asked.invitations] == [(email, "practitioner")]
    joined = accept(cast, key, signer)
    team = accounts.team(cast.business, now=MONDAY_8)
    assert [(each.name, each.role) for each in team.members] == [("Personne owner", "owner"), ("Lena", "practitioner")]
    assert not team.invitations
    assert joined.is_new
    assert User.get_by_id(joined.user_id).verified_at
    with pytest.raises(LinkExpired):
        accept(cast, key, signer)
    with db.reading(cast.id):
        notes = [(row.action, row.actor) for row in Audit.select().order_by(Audit.id)]
    assert notes == [("member.invited", "Personne owner"), ("member.joined", "Lena")]


def test_the_mail_of_an_invitation_keeps_no_key(cast: Cast, signer: Signer) -> None:
    key = invite(cast, member(cast), signer, address(cast, "mail"))
    row = AccountMessage.get(AccountMessage.recipient == address(cast, "mail"))
    assert row.template == "account_invitation"
    assert row.data == {"business": str(cast.id), "invitation": str(key)}
    with db.reading(cast.id):
        assert re.fullmatch("[0-9a-f]{64}", Invitation.find(id=key).hash)


def test_an_invitation_ends_by_time_and_by_revocation(cast: Cast, signer: Signer) -> None:
    owner = member(cast)
    old, taken = invite(cast, owner, signer, address(cast, "a")), invite(cast, owner, signer, address(cast, "b"))
    members.revoke(cast.business, owner, taken, now=MONDAY_8)
    for key, now in ((old, MONDAY_8 + 7 * DAY), (taken, MONDAY_8)):
        with pytest.raises(LinkExpired):
            accept(cast, key, signer, now=now)
    with pytest.raises(NotFound):
        members.revoke(cast.business, owner, taken, now=MONDAY_8)
    with pytest.raises(AlreadyInvited):
        invite(cast, owner, signer, address(cast, "a"))
    assert invite(cast, owner, signer, address(cast, "a"), now=MONDAY_8 + 7 * DAY) != old


def test_another_signer_or_business_opens_nothing(cast: Cast, signer: Signer) -> None:
    key, other = invite(cast, member(cast), signer, address(cast, "x")), make_business()
    for token in (
        keys.invitation_token(Signer("another" * 8), cast.id, key),
        keys.invitation_token(signer, other.id, key),
        keys.token(signer, "login", key), "x", "",
    ):  # fmt: skip
        with pytest.raises(LinkExpired):
            members.invitation_of(token, now=MONDAY_8, signer=signer)


def test_an_account_that_exists_gets_the_part_and_is_otherwise_left_alone(cast: Cast, signer: Signer) -> None:
    known = member(make_business())
    before = User.get_by_id(known.user_id)
    key = invite(cast, member(cast), signer, before.email)
    with pytest.raises(OtherAddress):
        accept(cast, key, signer, signed_in_as="somebody@example.com")
    joined = accept(cast, key, signer)
    after = User.get_by_id(known.user_id)
    assert (joined.user_id, joined.is_new) == (known.user_id, False)
    assert (after.name, after.password_hash, after.email) == (before.name, before.password_hash, before.email)
    with pytest.raises(AlreadyMember):
        invite(cast, member(cast), signer, before.email)


def test_who_has_only_typed_the_address_gets_nothing(cast: Cast, signer: Signer) -> None:
    """A user who has not proved the address may be anybody's."""
    squatter = member(make_business(), proved=False)
    email = User.get_by_id(squatter.user_id).email
    joined = accept(cast, invite(cast, member(cast), signer, email), signer)
    assert joined.is_new
    assert joined.user_id != squatter.user_id


def test_a_new_account_needs_a_name(cast: Cast, signer: Signer) -> None:
    key = invite(cast, member(cast), signer, address(cast, "noname"))
    with pytest.raises(Invalid):
        accept(cast, key, signer, data=None)
    assert accept(cast, key, signer).is_new


def test_only_an_owner_gives_or_takes_the_role_of_owner(cast: Cast, signer: Signer) -> None:
    owner, admin, other = member(cast), member(cast, "admin"), member(cast, "reception")
    assert owner.user_id
    assert other.user_id
    promote = read(RoleInput, {"role": "owner"})
    with pytest.raises(NotAllowed):
        invite(cast, admin, signer, address(cast, "o"), "owner")
    with pytest.raises(NotAllowed):
        members.change_role(cast.business, admin, other.user_id, promote, now=MONDAY_8)
    with pytest.raises(NotAllowed):
        members.change_role(cast.business, admin, owner.user_id, read(RoleInput, {"role": "admin"}), now=MONDAY_8)
    with pytest.raises(NotAllowed):
        members.dismiss(cast.business, admin, owner.user_id, now=MONDAY_8)
    members.change_role(cast.business, owner, other.user_id, promote, now=MONDAY_8)
    assert role(cast, other.user_id) == "owner"


@pytest.mark.parametrize("who", ["practitioner", "reception", "read_only"])
def test_others_manage_nobody(cast: Cast, signer: Signer, who: str) -> None:
    actor, other = member(cast, who), member(cast, "read_only")
    assert other.user_id
    with pytest.raises(NotAllowed):
        invite(cast, actor, signer, address(cast, "n"))
    with pytest.raises(NotAllowed):
        members.dismiss(cast.business, actor, other.user_id, now=MONDAY_8)


def test_inviting_waits_until_the_own_address_is_proved(cast: Cast, signer: Signer) -> None:
    with pytest.raises(NotProved):
        invite(cast, member(cast, proved=False), signer, address(cast, "w"))


def test_the_last_owner_stays(cast: Cast) -> None:
    owner = member(cast)
    assert owner.user_id
    for act in (
        lambda: members.leave(cast.business, owner, now=MONDAY_8),
        lambda: members.dismiss(cast.business, owner, owner.user_id, now=MONDAY_8),
        lambda: members.change_role(
            cast.business, owner, owner.user_id, read(RoleInput, {"role": "admin"}), now=MONDAY_8
        ),
    ):  # fmt: skip
        with pytest.raises(LastOwner):
            act()
    member(cast)
    members.leave(cast.business, owner, now=MONDAY_8)
    assert accounts.membership(cast.id, owner.user_id) is None


def test_two_owners_who_dismiss_each_other_at_once_leave_one(cast: Cast) -> None:
    first, second = member(cast), member(cast)
    start, refused = threading.Barrier(2), []

    def go(by: Any, whom: Any) -> None:
        start.wait()
        try:
            members.dismiss(cast.business, by, whom.user_id, now=MONDAY_8)
        except LastOwner:
            refused.append(whom)
        finally:
            db.release()

    threads = [threading.Thread(target=go, args=pair) for pair in ((first, second), (second, first))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with db.reading(cast.id):
        assert Membership.select().where(Membership.role == "owner").count() == 1
    assert len(refused) == 1


def test_a_member_of_another_business_is_not_found(cast: Cast) -> None:
    stranger, owner = member(make_business()), member(cast)
    assert stranger.user_id
    with pytest.raises(NotFound):
        members.dismiss(cast.business, owner, stranger.user_id, now=MONDAY_8)
    with pytest.raises(Invalid):
        members.change_role(
            cast.business, owner, member(cast, "admin").user_id or owner.user_id,  # type: ignore[arg-type]  # it has one
            read(RoleInput, {"role": "practitioner", "resource": "nobody"}), now=MONDAY_8,
        )  # fmt: skip


def role(cast: Cast, user_id: UUID) -> str:
    found = accounts.membership(cast.id, user_id)
    return found.role if found else ""
