"""Who works in a business: invited, given another role, dismissed, gone. Only an owner gives or takes the role of
owner, and one owner always stays. Each public function is one transaction."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import db
from actions import audit, login_links
from actions.access import Actor, Role, demand
from actions.inputs import Email, Input, Name, OptionalSlug, refuse
from errors import BooktError, LinkExpired, NotFound, RateLimited
from lib import keys
from lib.ids import uuid7
from lib.tokens import Signer
from models import Invitation, Membership, Resource, User
from queries.business import BusinessCard, by_id


class LastOwner(BooktError):
    status = 409
    code = "LAST_OWNER"
    message = "Un établissement garde au moins un propriétaire. Donnez d’abord ce rôle à quelqu’un d’autre."


class AlreadyMember(BooktError):
    status = 409
    code = "ALREADY_MEMBER"
    message = "Cette personne fait déjà partie de l’équipe."


class AlreadyInvited(BooktError):
    status = 409
    code = "ALREADY_INVITED"
    message = "Une invitation attend déjà à cette adresse. Retirez-la pour en envoyer une autre."


class OtherAddress(BooktError):
    """Whose browser it is has another address than the invitation's."""

    status = 403
    code = "OTHER_ADDRESS"
    message = "Cette invitation est adressée à %(email)s. Déconnectez-vous pour l’accepter."


class RoleInput(Input):
    """`resource`: the slug of the agenda that is theirs; a practitioner sees that one alone."""

    role: Role
    resource: OptionalSlug = None


class InviteInput(RoleInput):
    email: Email


class JoinInput(Input):
    """What is asked of who has no account yet."""

    name: Name


@dataclass(frozen=True, slots=True)
class Joined:
    """`is_new`: the user has been made now, and nobody else can know a way into it."""

    user_id: UUID
    business: BusinessCard
    is_new: bool


def invite(
    business: BusinessCard, by: Actor, data: InviteInput, *, now: int, signer: Signer, capped: bool = True
) -> UUID:  # fmt: skip
    """An invitation by mail, good once, for seven days; returns its id. Raises NotAllowed, AlreadyMember,
    AlreadyInvited, RateLimited, and Invalid for an unknown `resource`."""
    demand(by, "members.write")
    _demand_for_owners(by, data.role)
    if not login_links.may_write_to(data.email, now=now, capped=capped):
        raise RateLimited(login_links.MAILS.seconds)
    invitation_id, moment = uuid7(), _at(now)
    with db.writing(business.id):
        _line_up(business.id)
        if _works_here(data.email):
            raise AlreadyMember
        _withdraw_expired(data.email, moment)
        if Invitation.find(email=data.email, accepted_at=None, revoked_at=None):
            raise AlreadyInvited
        Invitation.insert(
            id=invitation_id, hash=keys.link_hash(signer, "invitation", invitation_id), email=data.email,
            role=data.role, resource_id=_resource(data.resource), invited_by=by.user_id, created_at=moment,
            expires_at=_at(now + keys.INVITATION_LIFE),
        ).execute()  # fmt: skip
        told = {"business": str(business.id), "invitation": str(invitation_id)}
        login_links.tell(
            "account_invitation", data.email, told, key=str(invitation_id), now=now, locale=business.locale
        )
        audit.note(by, "member.invited", invitation_id, now=now, email=data.email, role=data.role)
    return invitation_id


def revoke(business: BusinessCard, by: Actor, invitation_id: UUID, *, now: int) -> None:
    """The invitation's link opens nothing any more. Raises NotFound for one that is not open."""
    demand(by, "members.write")
    with db.writing(business.id):
        found = Invitation.find(id=invitation_id, accepted_at=None, revoked_at=None)
        if found is None:
            raise NotFound
        _demand_for_owners(by, found.role)
        Invitation.update(revoked_at=_at(now)).where(Invitation.id == invitation_id).execute()
        audit.note(by, "invitation.revoked", invitation_id, now=now, email=found.email, role=found.role)


def change_role(business: BusinessCard, by: Actor, user_id: UUID, data: RoleInput, *, now: int) -> None:
    """Raises NotFound, NotAllowed, LastOwner, and Invalid for an unknown `resource`."""
    demand(by, "members.write")
    with db.writing(business.id):
        _line_up(business.id)
        found = _membership(user_id)
        _demand_for_owners(by, found.role, data.role)
        if data.role != "owner":
            _keep_an_owner(found)
        Membership.update(role=data.role, resource_id=_resource(data.resource)).where(
            Membership.user_id == user_id
        ).execute()
        audit.note(by, "member.role_changed", user_id, now=now, **{"from": found.role, "to": data.role})


def dismiss(business: BusinessCard, by: Actor, user_id: UUID, *, now: int) -> None:
    """It bites at the next request: the role is read from the membership each time. Raises NotFound, NotAllowed,
    LastOwner."""
    demand(by, "members.write")
    with db.writing(business.id):
        _line_up(business.id)
        found = _membership(user_id)
        _demand_for_owners(by, found.role)
        _remove(found)
        audit.note(by, "member.dismissed", user_id, now=now, role=found.role)


def leave(business: BusinessCard, by: Actor, *, now: int) -> None:
    """Out of one's own wish. Raises LastOwner."""
    with db.writing(business.id):
        _line_up(business.id)
        found = _membership(by.user_id)
        _remove(found)
        audit.note(by, "member.left", by.user_id, now=now, role=found.role)


# --- the invited -----------------------------------------------------------------------------------------------------


def invitation_of(token: str, *, now: int, signer: Signer) -> Invitation:
    """The open invitation of a link, unchanged. Raises LinkExpired."""
    try:
        key = keys.read_invitation(signer, token)
    except ValueError:
        raise LinkExpired from None
    with db.reading(key.business_id):
        row = Invitation.find(id=key.id, hash=key.hash)
    if row is None or row.accepted_at or row.revoked_at or row.expires_at <= _at(now):
        raise LinkExpired
    return row


def accept(
    token: str, *, now: int, signer: Signer, locale: str, signed_in_as: str | None, data: JoinInput | None
) -> Joined:  # fmt: skip
    """The mailed link proves the address: who has a proved account there gets the part and nothing else of it is
    touched; who has none gets one, already proved (`data` names them; Invalid without it). `signed_in_as`: the address
    of whose browser it is. Raises LinkExpired, OtherAddress."""
    found = invitation_of(token, now=now, signer=signer)
    if signed_in_as not in (None, found.email):
        raise OtherAddress(email=found.email)
    business = by_id(found.business_id)
    with db.writing(business.id):
        _line_up(business.id)
        open_still = (Invitation.id == found.id) & Invitation.accepted_at.is_null() & Invitation.revoked_at.is_null()
        if not Invitation.update(accepted_at=_at(now)).where(open_still).execute():
            raise LinkExpired
        user = User.get_or_none(User.email == found.email, User.verified_at.is_null(False))
        user_id = user.id if user else _new_user(found.email, data, locale, now)
        if Membership.find(user_id=user_id) is None:
            Membership.insert(
                user_id=user_id, role=found.role, resource_id=found.resource_id, created_at=_at(now)
            ).execute()
        name = user.name if user else data.name if data else ""
        actor = Actor(business.id, user_id, name, cast(Role, found.role), found.resource_id)
        audit.note(actor, "member.joined", user_id, now=now, role=found.role)
    return Joined(user_id, business, is_new=user is None)


def _new_user(email: str, data: JoinInput | None, locale: str, now: int) -> UUID:
    if data is None:
        raise refuse("name", "missing")
    user_id = uuid7()
    User.insert(
        id=user_id, email=email, name=data.name, locale=locale, verified_at=_at(now), created_at=_at(now)
    ).execute()
    return user_id


# --- steps inside `db.writing` ----------------------------------------------------------------------------------------


def _line_up(business_id: UUID) -> None:
    """One after the other: two owners who dismiss each other at once would leave none."""
    db.handle.lock([business_id])


def _membership(user_id: UUID | None) -> Membership:
    found = Membership.find(user_id=user_id) if user_id else None
    if found is None:
        raise NotFound
    return found


def _demand_for_owners(by: Actor, *roles: str) -> None:
    if "owner" in roles:
        demand(by, "owner.write")


def _remove(found: Any) -> None:
    _keep_an_owner(found)
    Membership.delete().where(Membership.user_id == found.user_id).execute()


def _keep_an_owner(found: Any) -> None:
    if found.role == "owner" and Membership.select().where(Membership.role == "owner").count() == 1:
        raise LastOwner


def _works_here(email: str) -> bool:
    members = Membership.select(Membership.user_id)
    return User.select().where(User.email == email, User.verified_at.is_null(False), User.id.in_(members)).exists()


def _withdraw_expired(email: str, moment: dt.datetime) -> None:
    """The one open place per address is free again when an invitation has had its time."""
    old = (Invitation.email == email) & Invitation.accepted_at.is_null() & Invitation.revoked_at.is_null()
    Invitation.update(revoked_at=moment).where(old & (Invitation.expires_at <= moment)).execute()


def _resource(slug: str | None) -> UUID | None:
    if slug is None:
        return None
    found = Resource.find(slug=slug)
    if found is None:
        raise refuse("resource", "slug")
    key: UUID = found.id
    return key


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
