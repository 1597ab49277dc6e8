"""The editor of what is asked of the clients: for one service, or whatever the service. Each act is a form of its own:
nothing is lost between two of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext
from pydantic import TypeAdapter

from actions.inputs import refuse
from actions.questions import QuestionInput, shown
from blueprints import context, typed
from blueprints.answers import page
from blueprints.forms import Form, see_other
from errors import Invalid, NotFound
from lib.languages import LANGUAGES
from sectors import FormField

Row = dict[str, Any]
_FIELD = TypeAdapter(FormField)
TYPES = ("text", "textarea", "radio", "select", "boolean", "number", "date")


@dataclass(frozen=True)
class Editor:
    """`rows` as they are kept, archived ones too; `save` takes what shall be asked, in the JSON of `QuestionInput`, and
    archives what it no longer names. `of` is the service; None: whatever the service. `reset` asks the profession's
    questions again, where that can be."""

    rows: list[Row]
    save: Callable[[list[Row]], None]
    here: str
    back: str
    of: str | None = None
    reset: Callable[[], None] | None = None
    is_professions: bool = False

    def page(self, form: typed.Typed | None = None, *, status: int = 200) -> Response:
        """`?question=` opens one of them."""
        live, key = self._live(), request.args.get("question") or request.form.get("question") or ""
        opened = next((row for row in live if row["key"] == key), None)
        return page(
            "dashboard/service_questions.html", status=status, editor=self, opened=opened, types=TYPES,
            fields=[_FIELD.validate_python(_without_old(row)) for row in live],
            form=form or typed.Typed(_values(opened) if opened else dict.fromkeys(_names(), "") | {"type": "text"}),
            languages=_other_languages(), blank=Form(),
        )  # fmt: skip

    def act(self) -> Response:
        acts = {
            "enregistrer": self._keep, "monter": self._up, "descendre": self._down, "retirer": self._remove,
            "remettre": self._put_back, "metier": self._reset,
        }  # fmt: skip
        act = acts.get(request.form.get("acte", ""))
        if act is None:
            raise NotFound
        return act(request.form.get("question", ""))

    def _keep(self, key: str) -> Response:
        live = self._live()
        before = next((row for row in live if row["key"] == key), None)
        form = typed.Typed({name: request.form.get(name, "") for name in _names()})
        question = _question(form, before)
        try:
            if question.get("options") == []:
                raise refuse("options", "no_options")
            form.take(QuestionInput, question)
            self._save([question if row is before else row for row in live] + ([] if before else [question]))
        except Invalid as error:
            form.note(error)
            return self.page(form, status=422)
        flash(gettext("Question enregistrée."))
        return see_other(self.here)

    def _up(self, key: str) -> Response:
        return self._move(key, -1)

    def _down(self, key: str) -> Response:
        return self._move(key, 1)

    def _move(self, key: str, by: int) -> Response:
        live = self._live()
        at = self._index(live, key)
        if 0 <= at + by < len(live):
            live[at], live[at + by] = live[at + by], live[at]
            self._save(live)
        return see_other(f"{self.here}#q-{key}")

    def _remove(self, key: str) -> Response:
        live = self._live()
        gone = live.pop(self._index(live, key))
        self._save(live)
        undo = {"href": self.here, "fields": {"acte": "remettre", "question": key}}
        text = gettext("Question « %(label)s » retirée. Les réponses déjà données restent lisibles.", label=_own(gone))
        flash({"text": text, "undo": undo})  # type: ignore[arg-type]  # told by _toasts.html
        return see_other(self.here)

    def _put_back(self, key: str) -> Response:
        found = next((row for row in self.rows if row["key"] == key), None)
        if found is None:
            raise NotFound
        if found.get("archived"):
            self._save([*self._live(), _without_old(found) | {"archived": False}])
            flash(gettext("Question « %(label)s » rétablie, en fin de liste.", label=_own(found)))
        return see_other(self.here)

    def _reset(self, _: str) -> Response:
        if self.reset is None:
            raise NotFound
        self.reset()
        flash(gettext("Les questions de votre métier sont de nouveau posées."))
        return see_other(self.here)

    def _live(self) -> list[Row]:
        return [row for row in self.rows if not row.get("archived")]

    def _save(self, live: list[Row]) -> None:
        """What is archived keeps itself; of an option that is no more, too."""
        self.save([_json(row) for row in live])

    @staticmethod
    def _index(live: list[Row], key: str) -> int:
        at = next((n for n, row in enumerate(live) if row["key"] == key), None)
        if at is None:
            raise NotFound
        return at


def _json(row: Row) -> Row:
    return shown([_without_old(row)])[0]


def _without_old(row: Row) -> Row:
    options = [each for each in row.get("options", []) if not each.get("archived")]
    return row | {"options": options} if "options" in row else row


def _names() -> list[str]:
    """Inputs of one question in the order of the page."""
    others = [f"{part}.{each}" for each in _other_languages() for part in ("label", "help", "options")]
    return ["label", "type", "options", "help", "required", "min", "max", *others]


def _other_languages() -> list[str]:
    return [each for each in LANGUAGES if each != context.business().locale]


def _question(form: typed.Typed, before: Row | None) -> Row:
    """What was typed, in the JSON of `QuestionInput`."""
    values, source = form.values, context.business().locale
    made: Row = {
        "type": values["type"], "required": bool(values["required"]), "help": _texts(values, "help", source),
        "label": _texts(values, "label", source),
    }  # fmt: skip
    if before:
        made |= {"key": before["key"], "maxLength": before.get("max_length", 300)}
    if made["type"] in ("select", "radio"):
        made["options"] = _options(values, (before or {}).get("options", []), source)
    if made["type"] == "number":
        made |= {each: typed.number(values[each]) for each in ("min", "max") if values[each].strip()}
    return made if any(made["help"].values()) else made | {"help": None}


def _texts(values: Any, part: str, source: str) -> dict[str, str]:
    others = {each: values[f"{part}.{each}"].strip() for each in _other_languages()}
    return {source: values[part].strip()} | {each: text for each, text in others.items() if text}


def _options(values: Any, before: list[Row], source: str) -> list[Row]:
    """One line is one choice. A known line keeps its value, so that answers keep their choice; a line that is new where
    an old one stood is that one, said otherwise."""
    lines = _lines(values["options"])
    old = [each for each in before if not each.get("archived")]
    by_label = {each["label"][source]: each["value"] for each in old}
    kept = {by_label[line] for line in lines if line in by_label}
    same_length = len(lines) == len(old)
    others = {each: _lines(values[f"options.{each}"]) for each in _other_languages()}
    made: list[Row] = []
    for n, line in enumerate(lines):
        renamed = old[n]["value"] if same_length and old[n]["value"] not in kept else None
        label = {source: line} | {each: told[n] for each, told in others.items() if n < len(told)}
        made.append({"value": by_label.get(line, renamed), "label": label})
    return made


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _values(row: Row) -> dict[str, str]:
    """The inputs that show a question. A translation that only repeats the own words is none."""
    source, options = context.business().locale, _without_old(row).get("options", [])
    values = dict.fromkeys(_names(), "") | {
        "label": row["label"][source], "type": row["type"], "required": "oui" if row.get("required") else "",
        "help": row["help"][source] if row.get("help") else "",
        "options": "\n".join(each["label"][source] for each in options),
    }  # fmt: skip
    values |= {each: str(row[each]) for each in ("min", "max") if row.get(each) is not None}
    for language in _other_languages():
        told = [each["label"][language] for each in options]
        own = [each["label"][source] for each in options]
        values |= {
            f"label.{language}": _other(row["label"], language, source),
            f"help.{language}": _other(row["help"], language, source) if row.get("help") else "",
            f"options.{language}": "" if told == own else "\n".join(told),
        }
    return values


def _other(said: dict[str, str], language: str, source: str) -> str:
    return "" if said[language] == said[source] else said[language]


def _own(row: Row) -> str:
    return str(row["label"][context.business().locale])
