"""The tables and their constraints: fields only, no rules.

Keys are UUID version 7; every tenant table begins its key and its indexes with `business_id`, and every foreign key
between tenant tables carries it. Instants are UTC, money is in cents, rates in basis points, wall-clock minutes count
from 00:00 local time. `translations` holds a row's own texts in other languages: `{"nl": {"name": "…"}}`.
Engine-specific guards (claims, policies, revision) stand in `migrations/`.
"""

import datetime as dt
import json
from typing import Any, Self
from uuid import uuid4

import peewee
from peewee import BlobField, BooleanField, CompositeKey, DateField, IntegerField, SmallIntegerField, TextField

import db
from db import InstantField, UuidField
from lib.ids import uuid7


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def JsonField(**options: Any) -> peewee.JSONField:  # noqa: N802 - reads as a field type
    return peewee.JSONField(dumps=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")), **options)


class Base(peewee.Model):
    class Meta:
        database = db.handle
        legacy_table_names = False
        without_rowid = True


class TenantModel(Base):
    """Every query begins with the tenant of the open scope; outside a scope it raises `db.Unscoped`."""

    business_id = UuidField(default=db.tenant)

    @classmethod
    def select(cls, *fields: Any) -> Any:
        return super().select(*fields).where(cls.business_id == db.tenant())

    @classmethod
    def update(cls, *args: Any, **values: Any) -> Any:
        return super().update(*args, **values).where(cls.business_id == db.tenant())

    @classmethod
    def delete(cls) -> Any:
        return super().delete().where(cls.business_id == db.tenant())

    @classmethod
    def everywhere(cls) -> "_Bare":
        """Queries without the tenant, for the doors of `db.DOORS`; anywhere else the guard refuses them."""
        return _Bare(cls)

    @classmethod
    def find(cls, **values: Any) -> Self | None:
        """The one row of this business with these values, or None."""
        found: Self | None = cls.get_or_none(**values)
        return found


class _Bare:
    """Queries on a tenant model without its tenant."""

    def __init__(self, model: type[TenantModel]) -> None:
        self.model = model

    def select(self, *fields: Any) -> Any:
        return super(TenantModel, self.model).select(*fields)

    def update(self, **values: Any) -> Any:
        return super(TenantModel, self.model).update(**values)

    def delete(self) -> Any:
        return super(TenantModel, self.model).delete()


class Business(Base):
    id = UuidField(primary_key=True, default=uuid7)
    slug = TextField(unique=True)
    domain = TextField(null=True, unique=True)
    name = TextField()
    sector = TextField()
    headline = TextField(default="")
    lead = TextField(default="")
    bio = TextField(default="")
    seo_title = TextField(default="")
    seo_description = TextField(default="")
    timezone = TextField()
    locale = TextField(default="fr")
    country = TextField(default="BE")
    currency = TextField(default="EUR")
    plan = TextField(default="starter")
    accent = TextField(default="petrole")
    email = TextField()
    phone = TextField(null=True)
    street = TextField(default="")
    postcode = TextField(default="")
    town = TextField(default="")
    access = TextField(default="")
    step_minutes = SmallIntegerField(default=30)
    tight_packing = BooleanField(default=False)
    notice_minutes = IntegerField(default=120)
    horizon_days = SmallIntegerField(default=90)
    approves_by_hand = BooleanField(default=False)
    cancellation = JsonField(default=dict)
    client_limits = JsonField(default=dict)
    identity = JsonField(default=dict)
    form_fields = JsonField(null=True)
    frame_ancestors = JsonField(default=list)
    public = BooleanField(default=True)
    onboarding = JsonField(default=list)
    sections = JsonField(default=list)
    motif = TextField(default="")
    languages = JsonField(default=list)
    shows_phone = BooleanField(default=True)
    calendar_home = TextField(default="")
    translations = JsonField(default=dict)
    revision = IntegerField(default=1)
    created_at = InstantField(default=_now)


class Resource(TenantModel):
    id = UuidField(default=uuid7)
    slug = TextField()
    name = TextField()
    kind = TextField(default="practitioner")
    title = TextField(default="")
    bio = TextField(default="")
    position = SmallIntegerField(default=0)
    units = SmallIntegerField(default=1)
    min_seats = SmallIntegerField(default=1)
    seats = SmallIntegerField(null=True)
    join_group = TextField(null=True)
    limits = JsonField(default=dict)
    languages = JsonField(default=list)
    translations = JsonField(default=dict)
    active = BooleanField(default=True)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = ((("business_id", "slug"), True),)


class Service(TenantModel):
    id = UuidField(default=uuid7)
    slug = TextField()
    name = TextField()
    description = TextField(default="")
    duration_minutes = SmallIntegerField()
    price_cents = IntegerField()
    deposit_bp = SmallIntegerField(default=3_000)
    step_minutes = SmallIntegerField(null=True)
    buffer_before = SmallIntegerField(default=0)
    buffer_after = SmallIntegerField(default=0)
    notice_minutes = IntegerField(null=True)
    horizon_days = SmallIntegerField(null=True)
    capacity = SmallIntegerField(default=1)
    turn_minutes = JsonField(default=list)
    limits = JsonField(default=dict)
    place = TextField(default="on_site")
    form_fields = JsonField(default=list)
    cancellation = JsonField(null=True)
    translations = JsonField(default=dict)
    position = SmallIntegerField(default=0)
    active = BooleanField(default=True)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = ((("business_id", "slug"), True),)


class ServiceResource(TenantModel):
    service_id = UuidField()
    resource_id = UuidField()

    class Meta:
        primary_key = CompositeKey("business_id", "service_id", "resource_id")


class WeeklyRule(TenantModel):
    """`resource_id` null: the rule of the whole business. `day_of_week` 0 is Sunday (S3); an end may pass 1440. It
    holds every `every_weeks` weeks (S1 `recurrence`), counted from the week of `first_week`, a Monday."""

    id = UuidField(default=uuid7)
    resource_id = UuidField(null=True)
    day_of_week = SmallIntegerField()
    start_minutes = SmallIntegerField()
    end_minutes = SmallIntegerField()
    every_weeks = SmallIntegerField(default=1)
    first_week = DateField(null=True)


class OpeningRule(WeeklyRule):
    class Meta:
        primary_key = CompositeKey("business_id", "id")


class BreakRule(WeeklyRule):
    class Meta:
        primary_key = CompositeKey("business_id", "id")


class ScheduleException(TenantModel):
    """One local date that differs: `closure`, `override` or `holiday`; `ranges` are [start, end] minutes."""

    id = UuidField(default=uuid7)
    resource_id = UuidField(null=True)
    date = DateField()
    kind = TextField()
    ranges = JsonField(default=list)
    label = TextField(default="")

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = ((("business_id", "date"), False),)


class Specialization(TenantModel):
    id = UuidField(default=uuid7)
    name = TextField()
    position = SmallIntegerField(default=0)
    translations = JsonField(default=dict)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


class BusinessValue(TenantModel):
    """What the business stands for (S0 `values`)."""

    id = UuidField(default=uuid7)
    title = TextField()
    text = TextField(default="")
    position = SmallIntegerField(default=0)
    translations = JsonField(default=dict)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


class Testimonial(TenantModel):
    """Kept in every sector, shown where the profession's rules allow it (`sectors/`, `testimonials`)."""

    id = UuidField(default=uuid7)
    author = TextField()
    text = TextField()
    position = SmallIntegerField(default=0)
    translations = JsonField(default=dict)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


class Question(TenantModel):
    """One line of the FAQ."""

    id = UuidField(default=uuid7)
    question = TextField()
    answer = TextField()
    position = SmallIntegerField(default=0)
    translations = JsonField(default=dict)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


class MenuItem(TenantModel):
    """A dish of a restaurant's menu, under the heading `section`."""

    id = UuidField(default=uuid7)
    section = TextField()
    name = TextField()
    description = TextField(default="")
    price_cents = IntegerField(null=True)
    position = SmallIntegerField(default=0)
    translations = JsonField(default=dict)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


class Picture(TenantModel):
    """`kind` is `logo`, `photo`, or `portrait` of a resource; `data` has been encoded by us. A `waiting` one belongs to
    the draft and is shown to nobody else."""

    id = UuidField(default=uuid7)
    kind = TextField()
    resource_id = UuidField(null=True)
    media_type = TextField()
    width = IntegerField()
    height = IntegerField()
    alt = TextField(default="")
    data = BlobField()
    waiting = BooleanField(default=False)
    translations = JsonField(default=dict)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


class Client(TenantModel):
    """`email` is empty for who has given none. `sought` is what the search looks into (`lib.search`)."""

    id = UuidField(default=uuid7)
    email = TextField()
    name = TextField()
    phone = TextField(null=True)
    notes = TextField(default="")
    vip = BooleanField(default=False)
    sought = TextField(default="")
    created_at = InstantField(default=_now)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = ((("business_id", "sought", "id"), False),)


Client.add_index(
    Client.index(Client.business_id, Client.email, name="client_email", unique=True).where(peewee.SQL("email <> ''"))
)


class Booking(TenantModel):
    """A booking from its hold on. `name`, `email`, `phone` are what was typed for it, price and deposit what the
    service asked on the day; `message` is the client's, `note` the business's own. `sequence` rises with each move
    (RFC 5545, 3.8.7.4); `link_version` voids old links."""

    id = UuidField(default=uuid7)
    code = TextField()
    service_id = UuidField()
    client_id = UuidField(null=True)
    status = TextField()
    starts_at = InstantField()
    ends_at = InstantField()
    party_size = SmallIntegerField(default=1)
    any_resource = BooleanField(default=True)
    source = TextField(default="website")
    name = TextField(default="")
    email = TextField(default="")
    phone = TextField(null=True)
    notify_email = BooleanField(default=True)
    notify_sms = BooleanField(default=False)
    message = TextField(default="")
    note = TextField(default="")
    answers = JsonField(null=True)
    locale = TextField(default="fr")
    price_cents = IntegerField()
    deposit_cents = IntegerField(default=0)
    deposit_bp = SmallIntegerField(default=0)
    payment_status = TextField(default="pending")
    refund_cents = IntegerField(null=True)
    cancel_reason = TextField(null=True)
    sequence = SmallIntegerField(default=0)
    link_version = SmallIntegerField(default=1)
    held_until = InstantField(null=True)
    held_by = TextField(null=True)
    extended = BooleanField(default=False)
    created_at = InstantField(default=_now)
    updated_at = InstantField(default=_now)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = (
            (("business_id", "code"), True),
            (("business_id", "starts_at"), False),
            (("business_id", "email", "starts_at"), False),
            (("business_id", "client_id", "starts_at"), False),
        )


Booking.add_index(
    Booking.index(Booking.business_id, Booking.starts_at, name="booking_pending").where(
        peewee.SQL("status = 'pending'")
    )
)


class BusyBlock(TenantModel):
    """Time taken for another reason than a booking; `provider` is `bookt` when it was blocked by hand."""

    id = UuidField(default=uuid7)
    resource_id = UuidField()
    starts_at = InstantField()
    ends_at = InstantField()
    provider = TextField()
    summary = TextField(default="")
    uid = TextField(null=True)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = ((("business_id", "resource_id", "starts_at"), False),)


class Claim(TenantModel):
    """One resource unit, taken from `starts_at` until `ends_at` (visit and buffers). No two rows of a unit overlap:
    the database refuses the second (`migrations/0001`). This table is the promise that no slot is sold twice."""

    resource_id = UuidField()
    unit = SmallIntegerField(default=0)
    starts_at = InstantField()
    ends_at = InstantField()
    booking_id = UuidField(null=True)
    block_id = UuidField(null=True)

    class Meta:
        primary_key = CompositeKey("business_id", "resource_id", "unit", "starts_at")
        indexes = ((("business_id", "booking_id"), False),)


class Message(TenantModel):
    """The outbox: written in the transaction of its event, delivered outside it, at most once per `dedupe_key`."""

    id = UuidField(default=uuid7)
    booking_id = UuidField(null=True)
    channel = TextField(default="mail")
    template = TextField()
    recipient = TextField()
    locale = TextField(default="fr")
    data = JsonField(default=dict)
    dedupe_key = TextField()
    state = TextField(default="due")
    due_at = InstantField()
    attempts = SmallIntegerField(default=0)
    claimed_until = InstantField(null=True)
    lease = UuidField(null=True)
    sent_at = InstantField(null=True)
    error = TextField(null=True)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = (
            (("business_id", "dedupe_key"), True),
            (("business_id", "booking_id"), False),
        )


Message.add_index(Message.index(Message.due_at, name="message_due").where(peewee.SQL("state = 'due'")))
Message.add_index(
    Message.index(Message.business_id, Message.due_at, name="message_news").where(
        peewee.SQL("substr(template, 1, 13) = 'professional_'")
    )
)


class Idempotency(TenantModel):
    """The first answer to a key, written in the transaction of its effect; hashes are hex SHA-256, cut to 32."""

    key_hash = TextField()
    body_hash = TextField()
    status = SmallIntegerField()
    answer = TextField()
    created_at = InstantField(default=_now)

    class Meta:
        primary_key = CompositeKey("business_id", "key_hash")


class User(Base):
    """A person who signs in. Proved (`verified_at`) by a link or a code sent to the address: of the proved, an address
    has one; before that, whoever types it has a user of their own."""

    id = UuidField(primary_key=True, default=uuid7)
    email = TextField(index=True)
    name = TextField()
    password_hash = TextField(null=True)
    locale = TextField(default="fr")
    verified_at = InstantField(null=True)
    created_at = InstantField(default=_now)


User.add_index(
    User.index(User.email, name="user_proved_email", unique=True).where(peewee.SQL("verified_at IS NOT NULL"))
)


class Session(Base):
    """Signed in, in a browser or by an API token (`kind`); a token is bound to one business. `agent` and `network` tell
    its owner which device it is."""

    id = UuidField(primary_key=True, default=uuid4)
    user_id = UuidField(index=True)
    kind = TextField(default="browser")
    business_id = UuidField(null=True)
    agent = TextField(default="")
    network = TextField(default="")
    created_at = InstantField(default=_now)
    expires_at = InstantField()
    ended_at = InstantField(null=True)


class LoginLink(Base):
    """One link with its code, sent to `email`. `hash` is that of the nonce inside the link; `browser` that of the mark
    of the browser which asked, empty for the API. `user_id` null: nobody has this address."""

    id = UuidField(primary_key=True, default=uuid4)
    hash = TextField(unique=True)
    purpose = TextField()
    email = TextField()
    user_id = UuidField(null=True)
    browser = TextField(default="")
    tries = SmallIntegerField(default=0)
    created_at = InstantField(default=_now)
    expires_at = InstantField()
    used_at = InstantField(null=True)

    class Meta:
        indexes = ((("email", "created_at"), False),)


class AccountMessage(Base):
    """The outbox of what concerns people and no business; the same columns as `Message`."""

    id = UuidField(primary_key=True, default=uuid7)
    template = TextField()
    recipient = TextField()
    locale = TextField(default="fr")
    data = JsonField(default=dict)
    dedupe_key = TextField(unique=True)
    state = TextField(default="due")
    due_at = InstantField()
    attempts = SmallIntegerField(default=0)
    claimed_until = InstantField(null=True)
    lease = UuidField(null=True)
    sent_at = InstantField(null=True)
    error = TextField(null=True)


AccountMessage.add_index(
    AccountMessage.index(AccountMessage.due_at, name="account_message_due").where(peewee.SQL("state = 'due'"))
)


class KeptSlug(Base):
    """Every slug that a business has or had; triggers write it (`migrations/0004`), and nobody else may take one."""

    slug = TextField(primary_key=True)
    business_id = UuidField(index=True)


ROLES = ("owner", "admin", "practitioner", "reception", "read_only")


class Membership(TenantModel):
    """What a user may do in a business. `resource_id`: the agenda that is theirs."""

    user_id = UuidField(index=True)
    role = TextField()
    resource_id = UuidField(null=True)
    news_seen_at = InstantField(null=True)
    created_at = InstantField(default=_now)

    class Meta:
        primary_key = CompositeKey("business_id", "user_id")


class Invitation(TenantModel):
    """A role offered to an address; `hash` is that of the nonce inside the link. One is open per address."""

    id = UuidField(default=uuid7)
    hash = TextField()
    email = TextField()
    role = TextField()
    resource_id = UuidField(null=True)
    invited_by = UuidField(null=True)
    created_at = InstantField(default=_now)
    expires_at = InstantField()
    accepted_at = InstantField(null=True)
    revoked_at = InstantField(null=True)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


Invitation.add_index(
    Invitation.index(Invitation.business_id, Invitation.email, name="invitation_open", unique=True).where(
        peewee.SQL("accepted_at IS NULL AND revoked_at IS NULL")
    )
)


class Audit(TenantModel):
    """Who changed what; `subject` is the key of a row that may be gone since. `by_user` null: a client, or the product
    itself; `actor` says which."""

    id = UuidField(default=uuid7)
    by_user = UuidField(null=True)
    actor = TextField()
    action = TextField()
    subject = UuidField(null=True)
    data = JsonField(default=dict)
    created_at = InstantField(default=_now)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = ((("business_id", "subject", "id"), False),)


class SiteDraft(TenantModel):
    """What has been changed of the site and is not published yet, by part."""

    business_id = UuidField(primary_key=True, default=db.tenant)
    data = JsonField(default=dict)
    updated_by = UuidField(null=True)
    updated_at = InstantField(default=_now)


class RateCounter(Base):
    """How often a key was used in its window; shared by all processes."""

    key = TextField(primary_key=True)
    used = IntegerField()
    ends_at = InstantField()


class Lease(Base):
    """Who runs a job. `epoch` rises when the holder changes."""

    name = TextField(primary_key=True)
    holder = TextField()
    until = InstantField()
    epoch = IntegerField()


TENANT_MODELS: tuple[type[TenantModel], ...] = (
    Resource, Service, ServiceResource, OpeningRule, BreakRule, ScheduleException,
    Specialization, BusinessValue, Testimonial, Question, MenuItem, Picture,
    Client, Booking, BusyBlock, Claim, Message, Idempotency, Membership, Invitation, Audit, SiteDraft,
)  # fmt: skip
MODELS: tuple[type[Base], ...] = (
    Business, KeptSlug, User, Session, LoginLink, AccountMessage, *TENANT_MODELS, RateCounter, Lease,
)  # fmt: skip

db.tenant_tables.update(model._meta.table_name for model in TENANT_MODELS)
