"""The draft of a site: what has been changed and nobody sees yet. It holds the differences alone, by field, by row and
by picture, so that publishing writes what was changed here and leaves what others changed meanwhile.

`data`: `fields` (columns of the business), `translations` (by language, then field; an empty text takes one away),
`lists` (by name: `items` by id, None for one taken away, `new` for one of the draft's own; `held` are edits of what was
taken away; `order` of ids), `pictures` (by place: `id` and `alt`, None for none)."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

import db
from actions import audit
from actions.access import Actor, demand
from actions.pictures import of_resource, remove_rows
from errors import Invalid, NotFound
from lib.ids import uuid7
from lib.pictures import Kind
from models import Business, Picture, SiteDraft
from queries import my_site, site
from queries.business import BusinessCard, by_id
from queries.my_site import LISTS, OwnSite

MOST = 60  # rows of a list
FULL = "Cette liste est pleine : soixante lignes au plus. Retirez-en une d’abord."
Data = dict[str, Any]


def change_fields(business: BusinessCard, by: Actor, values: dict[str, Any], *, now: int) -> None:
    """`values`: columns of the business, of those that a site shows."""

    def change(own: OwnSite, data: Data) -> None:
        for name, value in values.items():
            _set(data, "fields", name, value, getattr(own.live, name))

    _edit(business, by, change, now)


def change_texts(
    business: BusinessCard, by: Actor, texts: dict[str, str], translations: dict[str, dict[str, str]], *, now: int
) -> None:  # fmt: skip
    """`texts` by column in the business's language, `translations` of the same by language."""

    def change(own: OwnSite, data: Data) -> None:
        for name, text in texts.items():
            _set(data, "fields", name, text, getattr(own.live, name))
        for language, said in translations.items():
            kept, live = data.setdefault("translations", {}).setdefault(language, {}), own.live.translations
            for name, text in said.items():
                _put(kept, name, text, live.get(language, {}).get(name, ""))

    _edit(business, by, change, now)


def put_item(
    business: BusinessCard, by: Actor, kind: str, key: UUID | None, values: Data, *, now: int
) -> UUID:  # fmt: skip
    """A row of a list as it shall be, `translations` among its values; without `key` one more. Raises NotFound."""
    made = key or uuid7()

    def change(own: OwnSite, data: Data) -> None:
        items = data.setdefault("lists", {}).setdefault(kind, {}).setdefault("items", {})
        if key is None:
            if len(getattr(own.content, kind)) >= MOST:
                raise Invalid(message=FULL)
            items[str(made)] = values | {"new": True}
            return
        _there(own, kind, key)
        live = next((card for card in getattr(own.live_content, kind) if card.id == key), None)
        if live is None:
            items[str(key)] = values | {"new": True}
            return
        changed = {name: value for name, value in values.items() if getattr(live, name) != value}
        items.pop(str(key), None)
        if changed:
            items[str(key)] = changed

    _edit(business, by, change, now)
    return made


def remove_item(business: BusinessCard, by: Actor, kind: str, key: UUID, *, now: int) -> None:
    """`restore_item` brings it back until the draft is published. Raises NotFound."""

    def change(own: OwnSite, data: Data) -> None:
        _there(own, kind, key)
        kept = data.setdefault("lists", {}).setdefault(kind, {})
        items = kept.setdefault("items", {})
        if str(key) in items:
            kept.setdefault("held", {})[str(key)] = items.pop(str(key))
        if any(card.id == key for card in getattr(own.live_content, kind)):
            items[str(key)] = None

    _edit(business, by, change, now)


def restore_item(business: BusinessCard, by: Actor, kind: str, key: UUID, *, now: int) -> None:
    """As it was when it was taken away. Raises NotFound for what was not."""

    def change(_: OwnSite, data: Data) -> None:
        kept = data.get("lists", {}).get(kind, {})
        items, held = kept.get("items", {}), kept.get("held", {})
        if str(key) not in held and items.get(str(key), {}) is not None:
            raise NotFound
        items.pop(str(key), None)
        if str(key) in held:
            kept.setdefault("items", {})[str(key)] = held.pop(str(key))

    _edit(business, by, change, now)


def move_item(business: BusinessCard, by: Actor, kind: str, key: UUID, step: Literal[-1, 1], *, now: int) -> None:
    """Up or down by one; at the end it stays. Raises NotFound."""

    def change(own: OwnSite, data: Data) -> None:
        _there(own, kind, key)
        order = moved([str(card.id) for card in getattr(own.content, kind)], str(key), step)
        kept = data.setdefault("lists", {}).setdefault(kind, {})
        kept["order"] = order
        live = [str(card.id) for card in getattr(own.live_content, kind)]
        if not kept.get("items") and order == live:
            kept.clear()

    _edit(business, by, change, now)


def change_section(
    business: BusinessCard, by: Actor, key: str, *, now: int, on: bool | None = None, step: Literal[-1, 0, 1] = 0
) -> None:  # fmt: skip
    """Show or hide a section of the page, or move it. Raises NotFound."""

    def change(own: OwnSite, data: Data) -> None:
        shown = {each.id: each.on for each in site.sections(own.business)}
        if key not in shown:
            raise NotFound
        if on is not None:
            shown[key] = on
        chosen = [{"id": each, "on": shown[each]} for each in moved([*shown], key, step)]
        live = [{"id": each.id, "on": each.on} for each in site.sections(own.live)]
        _set(data, "fields", "sections", chosen, live)

    _edit(business, by, change, now)


def put_picture(
    business: BusinessCard, by: Actor, kind: Kind, picture: UUID | None, *, now: int, alt: str = "",
    resource_slug: str | None = None,
) -> None:  # fmt: skip
    """Which picture shall stand in this place, and its description; None for none. Raises NotFound."""

    def change(own: OwnSite, data: Data) -> None:
        resource_id = of_resource(kind, resource_slug)
        place = f"{kind}:{resource_id}" if resource_id else kind
        if picture and picture not in {card.id for card in (*own.content.pictures, *_waiting())}:
            raise NotFound
        live = own.live_content.picture(kind, resource_id)
        wanted = {"id": str(picture), "alt": alt} if picture else None
        _set(data, "pictures", place, wanted, {"id": str(live.id), "alt": live.alt} if live else None)

    _edit(business, by, change, now)


def publish(business: BusinessCard, by: Actor, *, now: int) -> tuple[str, ...]:
    """All of the draft, or nothing of it. Returns the parts that changed (`my_site.parts`)."""
    demand(by, "site.write")
    with db.writing(business.id):
        own = _locked(business)
        if own.parts:
            _publish_fields(own)
            for kind in own.draft.get("lists", {}):
                _publish_list(own, kind)
            for place, wanted in own.draft.get("pictures", {}).items():
                _publish_picture(place, wanted)
            audit.note(by, "site.published", now=now, parts=[*own.parts])
        _forget(own)
    return own.parts


def discard(business: BusinessCard, by: Actor, *, now: int) -> tuple[str, ...]:
    """Back to what visitors see. Returns the parts that were changed."""
    demand(by, "site.write")
    with db.writing(business.id):
        own = _locked(business)
        if own.parts:
            audit.note(by, "site.discarded", now=now, parts=[*own.parts])
        _forget(own)
    return own.parts


def moved(keys: list[str], key: str, step: int) -> list[str]:
    place = keys.index(key)
    target = min(max(place + step, 0), len(keys) - 1)
    keys = [each for each in keys if each != key]
    return [*keys[:target], key, *keys[target:]]


# --- the draft's row -----------------------------------------------------------------------------------------------


def _edit(business: BusinessCard, by: Actor, change: Callable[[OwnSite, Data], None], now: int) -> None:
    """Two people who write at once come one after the other, each on what the other left."""
    demand(by, "site.write")
    with db.writing(business.id):
        own = _locked(business)
        data = copy.deepcopy(own.draft)
        change(own, data)
        _store(_without_empty(data), by, now)
        _drop_unused(data)


def _locked(business: BusinessCard) -> OwnSite:
    db.handle.lock([business.id])
    return my_site.own_site(by_id(business.id))


def _store(data: Data, by: Actor, now: int) -> None:
    values = {"data": data, "updated_by": by.user_id, "updated_at": dt.datetime.fromtimestamp(now, dt.UTC)}
    if not data:
        SiteDraft.delete().execute()
    elif not SiteDraft.update(**values).execute():
        SiteDraft.insert(**values).execute()


def _forget(own: OwnSite) -> None:
    SiteDraft.delete().execute()
    Picture.delete().where(Picture.waiting).execute()


def _drop_unused(data: Data) -> None:
    """Pictures sent to the draft that another has replaced since."""
    used = [UUID(each["id"]) for each in data.get("pictures", {}).values() if each]
    gone = [card.id for card in _waiting() if card.id not in used]
    if gone:
        Picture.delete().where(Picture.waiting, Picture.id.in_(gone)).execute()


def _waiting() -> Any:
    return Picture.select(Picture.id).where(Picture.waiting)


def _set(data: Data, part: str, name: str, value: Any, live: Any) -> None:
    _put(data.setdefault(part, {}), name, value, live)


def _put(kept: Data, name: str, value: Any, live: Any) -> None:
    """What is again as visitors see it is no change."""
    if value == live:
        kept.pop(name, None)
    else:
        kept[name] = value


def _without_empty(data: Data, levels: int = 4) -> Data:
    """Down to the items of the lists, whose own values stay as they are. A None says that something goes."""
    deeper = levels > 1
    found = {
        name: _without_empty(value, levels - 1) if deeper and isinstance(value, dict) else value
        for name, value in data.items()
    }
    return {name: value for name, value in found.items() if value not in ({}, [])}


def _there(own: OwnSite, kind: str, key: UUID) -> None:
    if all(card.id != key for card in getattr(own.content, kind)):
        raise NotFound


# --- publishing ----------------------------------------------------------------------------------------------------


def _publish_fields(own: OwnSite) -> None:
    values: Data = dict(own.draft.get("fields", {}))
    if own.draft.get("translations"):
        values["translations"] = {language: dict(texts) for language, texts in own.business.translations.items()}
    if values:
        Business.update(**values).where(Business.id == own.live.id).execute()


def _publish_list(own: OwnSite, kind: str) -> None:
    kept, change = LISTS[kind], own.draft["lists"][kind]
    live = {card.id for card in getattr(own.live_content, kind)}
    for key, item in change.get("items", {}).items():
        if item is None:
            kept.model.delete().where(kept.model.id == UUID(key)).execute()
        elif UUID(key) in live:
            values = {name: value for name, value in item.items() if name != "new"}
            kept.model.update(**values).where(kept.model.id == UUID(key)).execute()
    for position, card in enumerate(getattr(own.content, kind)):
        if card.id in live:
            kept.model.update(position=position).where(kept.model.id == card.id).execute()
        else:
            values = {name: getattr(card, name) for name in (*kept.names, "translations")}
            kept.model.insert(id=card.id, position=position, **values).execute()


def _publish_picture(place: str, wanted: Data | None) -> None:
    kind, _, resource = place.partition(":")
    kept = UUID(wanted["id"]) if wanted else None
    if kept is None or Picture.find(id=kept, waiting=True):
        remove_rows(kind, UUID(resource) if resource else None)
    if wanted:
        Picture.update(waiting=False, alt=wanted["alt"]).where(Picture.id == kept).execute()
