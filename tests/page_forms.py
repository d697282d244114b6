"""The forms of a page as a browser would send them untouched, and the names that its links carry."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

# What a person would type where the page asks for something and proposes nothing.
_TYPED = {"email": "nouvelle@example.org", "date": "2024-03-15", "number": "3"}


@dataclass
class PageForm:
    """A form: where it goes, how, what it would send, and the names of its files, buttons and choices."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    chosen: set[str] = field(default_factory=set)


class PageForms(HTMLParser):
    """Reads `forms`, and `names`: those in the queries of the links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.names: set[str] = set()
        self._choices: list[str] = []
        self._required = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, one of its fields or a link."""
        given = {name: value or "" for name, value in attrs}
        for link in ("href", "hx-get"):
            self.names.update(parse_qs(urlsplit(given.get(link, "")).query, keep_blank_values=True))
        if tag == "form":
            self.forms.append(PageForm(given.get("action", ""), given.get("method", "get").lower()))
        elif tag in {"input", "select", "textarea", "button", "option"} and self.forms:
            self._note(tag, given)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "select":
            self._choices, self._required = self._values(name), "required" in given
            self.forms[-1].chosen.add(name)
        elif tag == "option":
            wanted = not self._choices or (self._required and not any(self._choices))
            if wanted or "selected" in given:
                self._choices[:] = [given.get("value", "")]
        elif tag == "button":
            self.forms[-1].buttons += [name] if name else []
        elif given.get("type") == "file":
            self.forms[-1].files.append(name)
        elif name and name != "csrfmiddlewaretoken":
            self._type(self._values(name), given)

    def _values(self, name: str) -> list[str]:
        return self.forms[-1].values.setdefault(name, [])

    def _type(self, values: list[str], given: dict[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in {"hidden", "radio"}:
            self.forms[-1].chosen.add(given["name"])
        if kind == "radio":
            values[:] = [value] if "checked" in given or not values else values
        elif kind == "checkbox":
            values += [value] if "checked" in given else []
        elif not value and "required" in given:
            values.append(_TYPED.get(kind, "Essai"))
        else:
            values.append(value)
