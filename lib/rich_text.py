"""Long texts of a business: a little Markdown (CommonMark 0.31) becomes a few HTML elements, and nothing else does.

Known marks: `**strong**`, `*emphasis*`, `[link](https://…)`, lists by `-` or `1.`, headings by `#`. Everything else,
HTML above all, is text. A text without marks comes out as it was typed: a line's end stays one, where the page keeps them
(`white-space: pre-line`)."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "h3"}
SCHEMES = {"http", "https", "mailto", "tel"}

_marks = MarkdownIt("zero").enable(["heading", "list", "emphasis", "link", "escape", "newline"])
_marks.validateLink = lambda url: url.lower().partition(":")[0] in SCHEMES  # type: ignore[method-assign]


@lru_cache(maxsize=1_024)
def html(text: str) -> str:
    """Sanitised by nh3 whatever the marks gave: TAGS alone, of attributes `href` and a class of ours."""
    made = _marks.renderer.render(_parsed(text), _marks.options, {})
    return nh3.clean(
        _without_gaps(made).strip(), tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES,
        set_tag_attribute_values={"ul": {"class": "next-steps"}},
    )  # fmt: skip


def plain(text: str) -> str:
    """The words without the marks, paragraph by paragraph."""
    blocks = (token for token in _parsed(text) if token.type == "inline")
    return "\n\n".join("".join(_said(child) for child in block.children or ()) for block in blocks)


def _parsed(text: str) -> list[Token]:
    tokens = _marks.parse(text)
    lists: list[int] = []  # the number of the next line of each open list, 0 in one without numbers
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"  # below the heading of its section
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if token.tag == "ol" else 0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            token.meta["number"] = lists[-1]
            lists[-1] += bool(lists[-1])
    _number(tokens)
    return tokens


def _number(tokens: list[Token]) -> None:
    """The page's style shows no numbers before the lines of a list, so they stand in the text."""
    number = 0
    for token in tokens:
        if token.type == "list_item_open":
            number = token.meta["number"]
        elif token.type == "inline" and number:
            mark = Token("text", "", 0, content=f"{number}. ")
            token.children, number = [mark, *(token.children or [])], 0


def _said(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


_GAP = re.compile(r"\n*(</?(?:ul|ol|li)>)\n*|(</h3>)\n")


def _without_gaps(made: str) -> str:
    """Between paragraphs one line's end stays: shown as kept, it is the blank line between them. In and around lists
    and under headings it would be one too many."""
    return _GAP.sub(r"\1\2", made)
