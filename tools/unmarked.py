"""Words in a template that no gettext call holds: they would stay French in every language."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

BRANDS = {"Bookt", "B", "Google", "Outlook", "Apple", "OpenStreetMap", "Pro", "Team", "VIP"}
READ = {"title", "alt", "aria-label", "placeholder", "aria-description", "data-two", "data-half", "data-over"}
GETTEXT = {"_", "gettext", "ngettext", "pgettext"}
WORD = re.compile(r"[^\W\d_]+")
HOST = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b")
ATTRIBUTE = re.compile(r"""[\w-]+=(?:"[^"]*"|'[^']*')""")
UNSEEN = nodes.Assign | nodes.Include | nodes.Extends | nodes.FromImport | nodes.Import
SENTENCE = re.compile(r"[à-ÿ’]|^[A-Z][a-z]+ [a-z]+")


def unmarked(source: str) -> list[str]:
    """Texts between tags, in attributes that people read, and sentences in expressions."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    page = _Page("".join(_shown(tree)))
    found = [*page.texts, *(text for text in _constants(tree) if SENTENCE.search(text))]
    return [text for text in dict.fromkeys(found) if set(WORD.findall(HOST.sub("", text))) - BRANDS]


def _shown(node: nodes.Node) -> Iterator[str]:
    """What is sent as it stands, in order; of an expression the strings that it may give."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Const):
        yield node.value if isinstance(node.value, str) else ""
    elif isinstance(node, nodes.AssignBlock):
        text = "".join(part for child in node.body for part in _shown(child))
        yield "" if ATTRIBUTE.match(text.strip()) else text
    elif isinstance(node, nodes.CondExpr):
        yield from (part for child in (node.expr1, node.expr2) if child for part in _shown(child))
    elif isinstance(node, nodes.Output | nodes.Concat | nodes.BinExpr | nodes.Stmt | nodes.Template):
        children = () if isinstance(node, UNSEEN) else node.iter_child_nodes(exclude=("test", "args", "defaults"))
        yield from (part for child in children for part in _shown(child))


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in GETTEXT:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _constants(child)


class _Page(HTMLParser):
    SILENT = ("script", "style", "code")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._silent += tag in self.SILENT
        described = values.get("content") if values.get("name") == "description" else None
        read = [value for name, value in values.items() if name in READ]
        self.texts += [text.strip() for text in [*read, described] if text and WORD.search(text)]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        text = ATTRIBUTE.sub("", data).strip()
        if not self._silent and WORD.search(text):
            self.texts.append(text)
