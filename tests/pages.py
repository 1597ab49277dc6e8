"""Pages as a browser without script sees them: their forms, links and text, with plain spaces where French has others."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def plain(text: str) -> str:
    """With ordinary spaces where French and amounts have no-break ones."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


class Form:
    def __init__(self, attributes: dict[str, str]) -> None:
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get")
        self.id = attributes.get("id", "")
        self.values: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.required: list[str] = []


class Page(HTMLParser):
    """`forms` in order, `links` by id and in order, `text` without tags."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.status = response.status_code
        self.response = response
        self.html = response.get_data(as_text=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self._title = ""
        self._text: list[str] = []
        self._open: list[str] = []
        self._area: str | None = None
        self._select = ""
        self.feed(self.html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._text).split())

    @property
    def title(self) -> str:
        return " ".join(self._title.split())

    def form(self, ending: str) -> Form:
        """The form whose action ends so, or whose id it is."""
        return next(each for each in self.forms if ending == each.id or each.action.endswith(ending))

    @property
    def starts(self) -> list[str]:
        """The values of the picker's buttons."""
        return [value for name, value in self.form("creneaux").buttons if name == "debut"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "form":
            self.forms.append(Form(attributes))
            self._open.append("form")
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        if tag == "select":
            self._select = attributes.get("name", "")
        if tag == "option" and "selected" in attributes:
            self.forms[-1].values[self._select] = attributes.get("value", "")
        if "required" in attributes and self.forms:
            self.forms[-1].required.append(attributes.get("name", ""))
        if attributes.get("type") in ("radio", "checkbox") and "checked" not in attributes:
            return  # sends nothing
        if tag in ("input", "textarea") and self.forms and attributes.get("name"):
            self.forms[-1].values[attributes["name"]] = attributes.get("value", "")
            self._area = attributes["name"] if tag == "textarea" else None
        if tag == "button" and self.forms and attributes.get("name"):
            self.forms[-1].buttons.append((attributes["name"], attributes.get("value", "")))
        if tag in ("title", "textarea"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[-1]:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self._title += data
        elif self._open and self._open[-1] == "textarea" and self._area:
            self.forms[-1].values[self._area] += data
        else:
            self._text.append(data)


class Visitor:
    """One browser: follows links, sends forms, keeps its cookies."""

    def __init__(self, client: FlaskClient, slug: str, **headers: str) -> None:
        self.client, self.root, self.headers = client, f"/{slug}", headers

    def get(self, path: str, **headers: str) -> Page:
        return Page(self.client.get(self._path(path), headers=self.headers | headers))

    def post(self, path: str, data: dict[str, Any], **headers: str) -> Page:
        return Page(self.client.post(self._path(path), data=data, headers=self.headers | headers))

    def send(self, form: Form, **values: str) -> Page:
        return self.post(form.action, form.values | values)

    def follow(self, page: Page) -> Page:
        assert page.status == 303, (page.status, page.text[:300])
        target = urlsplit(page.response.headers["Location"])
        return self.get(target.path + (f"?{target.query}" if target.query else ""))

    def hold(self, start: str, service: str = "diag", whom: str = "peu-importe") -> Page:
        """The details page of a time just held."""
        page = self.get(f"/rdv?prestation={service}&avec={whom}&jour={start[:10]}")
        return self.follow(self.send(page.form("creneaux"), debut=start))

    def book(self, start: str, service: str = "libre", **details: str) -> Page:
        """The page of a booking just made."""
        page = self.hold(start, service)
        return self.follow(
            self.send(page.form("coordonnees"), **{"name": "Zoé Lambert", "email": "zoe@example.be"} | details)
        )

    def _path(self, path: str) -> str:
        return path if path.startswith(self.root) else self.root + path
