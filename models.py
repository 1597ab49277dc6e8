"""The tables and their constraints: fields only, no rules.

Keys are UUID version 7; every tenant table begins its key and its indexes with `business_id`, and every foreign key
between tenant tables carries it. Instants are UTC, money is in cents, rates in basis points, wall-clock minutes count
from 00:00 local time. `translations` holds a row's own texts in other languages: `{"nl": {"name": "…"}}`.
Engine-specific guards (claims, policies, revision) stand in `migrations/`.
"""

import datetime as dt
import json
from typing import Any, Self

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
    """`resource_id` null: the rule of the whole business. `day_of_week` 0 is Sunday (S3); an end may pass 1440."""

    id = UuidField(default=uuid7)
    resource_id = UuidField(null=True)
    day_of_week = SmallIntegerField()
    start_minutes = SmallIntegerField()
    end_minutes = SmallIntegerField()


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
    """`kind` is `logo`, `photo`, or `portrait` of a resource; `data` has been encoded by us."""

    id = UuidField(default=uuid7)
    kind = TextField()
    resource_id = UuidField(null=True)
    media_type = TextField()
    width = IntegerField()
    height = IntegerField()
    alt = TextField(default="")
    data = BlobField()
    translations = JsonField(default=dict)

    class Meta:
        primary_key = CompositeKey("business_id", "id")


class Client(TenantModel):
    id = UuidField(default=uuid7)
    email = TextField()
    name = TextField()
    phone = TextField(null=True)
    notes = TextField(default="")
    vip = BooleanField(default=False)
    created_at = InstantField(default=_now)

    class Meta:
        primary_key = CompositeKey("business_id", "id")
        indexes = ((("business_id", "email"), True),)


class Booking(TenantModel):
    """A booking from its hold on. `name`, `email`, `phone` are what was typed for it, price and deposit what the
    service asked on the day. `sequence` rises with each move (RFC 5545, 3.8.7.4); `link_version` voids old links."""

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


class Idempotency(TenantModel):
    """The first answer to a key, written in the transaction of its effect; hashes are hex SHA-256, cut to 32."""

    key_hash = TextField()
    body_hash = TextField()
    status = SmallIntegerField()
    answer = TextField()
    created_at = InstantField(default=_now)

    class Meta:
        primary_key = CompositeKey("business_id", "key_hash")


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
    Client, Booking, BusyBlock, Claim, Message, Idempotency,
)  # fmt: skip
MODELS: tuple[type[Base], ...] = (Business, *TENANT_MODELS, RateCounter, Lease)

db.tenant_tables.update(model._meta.table_name for model in TENANT_MODELS)
