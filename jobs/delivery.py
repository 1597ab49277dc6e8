"""From the outbox to the reader: take one message, write it, send it outside any transaction, note what came of it."""

import random
from collections.abc import Callable
from email.utils import parseaddr

from flask import Flask
from flask_babel import force_locale

from actions import delivery
from actions.delivery import Leased
from errors import Unavailable
from lib.links import Links
from providers.mail import Deferred, Mail, Mailer, Refused, Unreachable
from queries import account_letter, letter

BATCH = 100  # messages per run at most, so that other jobs get their turn


def run(
    app: Flask, mailer: Mailer, *, clock: Callable[[], float], jitter: Callable[[], float] = random.random,
    stopping: Callable[[], bool] = lambda: False,
) -> int:  # fmt: skip
    """Deliver what is due; returns how many were accepted. Ends early when the server is away: one try per run is
    enough to see it come back."""
    accepted = 0
    with app.app_context():
        delivery.give_up(now=clock())
        for _ in range(BATCH):
            message = None if stopping() else delivery.lease(now=clock())
            if message is None:
                break
            try:
                accepted += _deliver(app, mailer, message, clock, jitter)
            except Unreachable as error:
                delivery.failed(message, why=str(error), now=clock(), jitter=jitter(), nobody=True)
                break
    return accepted


def _deliver(
    app: Flask, mailer: Mailer, message: Leased, clock: Callable[[], float], jitter: Callable[[], float]
) -> bool:
    """True when the mail was accepted and nobody else has sent it since. Raises Unreachable."""
    try:
        mailer.send(write(app, message, now=clock()))
    except letter.Silent as silent:
        delivery.dropped(message, why=str(silent))
    except Refused as error:
        delivery.dead(message, why=str(error))
    except (Unreachable, Unavailable):
        raise
    except Exception as error:
        # One mail that cannot be written or is put off must not stop the others.
        if not isinstance(error, Deferred):
            app.logger.exception("message %s of %s", message.id, message.business_id)
        delivery.failed(message, why=f"{type(error).__name__}: {error}"[:500], now=clock(), jitter=jitter())
    else:
        return delivery.sent(message, now=clock())
    return False


def write(app: Flask, message: Leased, *, now: float) -> Mail:
    """The mail as it would leave at this moment. Raises letter.Silent. Wants an application context."""
    settings, links = app.extensions["bookt_settings"], _links(app)
    with force_locale(message.locale):
        if message.business_id is None:
            return _about_an_account(app, message, links, now, settings.mail_from)
        if message.booking_id is None:
            raise letter.Silent("about no booking")
        written = letter.write(
            app.jinja_env, links, business_id=message.business_id, booking_id=message.booking_id,
            template=message.template, locale=message.locale, data=message.data, now=now,
        )  # fmt: skip
    return Mail(
        sender=parseaddr(settings.mail_from)[1], sender_name=written.sender_name, reply_to=written.reply_to,
        recipient=message.recipient, subject=written.subject, text=written.text, html=written.html,
        key=f"{message.business_id}:{message.dedupe_key}", calendar=written.calendar,
        calendar_method=written.calendar_method,
    )  # fmt: skip


def _about_an_account(app: Flask, message: Leased, links: Links, now: float, mail_from: str) -> Mail:
    written = account_letter.write(
        app.jinja_env, links, template=message.template, recipient=message.recipient, locale=message.locale,
        data=message.data, now=now,
    )  # fmt: skip
    name, sender = parseaddr(mail_from)
    return Mail(
        sender=sender, sender_name=name or "Bookt", reply_to=sender, recipient=message.recipient,
        subject=written.subject, text=written.text, html=written.html, key=f"account:{message.dedupe_key}",
    )  # fmt: skip


def _links(app: Flask) -> Links:
    return Links(app.extensions["bookt_settings"].base_url, app.extensions["bookt_signer"])
