"""Rules that hold over the whole tree, so that nobody has to remember them."""

import ast
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from inspect import isfunction, unwrap
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.staticfiles.finders import get_finders
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parent.parent
APPS = ("cpts", "funding", "aci", "projects", "indicators", "members", "core")
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 8
# What such names gather has no subject: name the module after what it is about.
VAGUE_NAMES = {"utils.py", "helpers.py", "services.py", "mixins.py", "common.py", "misc.py", "managers.py"}


def _sources() -> list[Path]:
    return [
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
    ]


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of the body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def _views(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _views(entry)
        else:
            yield entry


# --- Code ----------------------------------------------------------------------------------------


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name} {_length(function)}"
        for path in _sources()
        for function in _functions(path)
        if _length(function) > LONGEST_FUNCTION
    ]
    assert long == []


def test_the_median_function_is_short() -> None:
    lengths = [_length(function) for path in _sources() for function in _functions(path)]

    assert statistics.median(lengths) < MEDIAN_FUNCTION


def test_modules_are_named_after_their_subject() -> None:
    assert [path for path in _sources() if path.name in VAGUE_NAMES] == []


def test_public_functions_and_classes_of_the_domain_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in _sources()
        if {"domain", "engine"} & set(path.parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_model_signal() -> None:
    named = re.compile(r"\b(pre|post)_(save|delete|init)\b|m2m_changed")

    assert [path for path in _sources() if named.search(path.read_text(encoding="utf-8"))] == []


def test_engine_knows_the_standard_library_only() -> None:
    foreign = {
        f"{path.name}: {name}"
        for path in sorted((ROOT / "funding" / "engine").rglob("*.py"))
        for name in _imported(path)
        if not name.startswith("funding.engine") and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()


def test_engine_reads_no_clock() -> None:
    clock = re.compile(r"\.(today|now|utcnow)\(|\bimport time\b|\btime\.time\(")
    engine = sorted((ROOT / "funding" / "engine").rglob("*.py"))

    assert engine
    assert [path.name for path in engine if clock.search(path.read_text(encoding="utf-8"))] == []


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "funding.engine" if node.level else str(node.module)


# --- Addresses -----------------------------------------------------------------------------------


def test_every_address_is_a_named_function_view() -> None:
    patterns = list(_views(get_resolver()))

    assert patterns
    assert [str(p.pattern) for p in patterns if not isfunction(unwrap(p.callback))] == []
    assert [str(p.pattern) for p in patterns if not p.name] == []


def test_addresses_are_french_lower_case_words() -> None:
    routes = [str(pattern.pattern) for pattern in _views(get_resolver())]
    words = [re.sub(r"<[^>]+>", "", route) for route in routes]

    assert [word for word in words if not re.fullmatch(r"[a-z0-9./-]*", word)] == []


# --- Templates -----------------------------------------------------------------------------------


def _found(pattern: str, text: Callable[[Path], str]) -> list[str]:
    return [
        f"{page.relative_to(ROOT)}: {match[0]}"
        for page in _templates()
        for match in re.finditer(pattern, text(page), re.IGNORECASE)
    ]


def _html(page: Path) -> str:
    """Return a page's HTML, Django's tags left out."""
    return re.sub(r"\{%.*?%\}", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize(
    "forbidden",
    [
        r"\sstyle\s*=",
        r"\son[a-z]+\s*=",
        r"hx-on",
        r"<script(?![^>]*(\bsrc=|nonce=|type=\"application/json\"))",
        r"<style(?![^>]*nonce=)",
    ],
    ids=["style", "onclick", "hx-on", "script", "style-element"],
)
def test_templates_hold_nothing_that_the_browser_would_refuse(forbidden: str) -> None:
    assert _found(forbidden, _html) == []


def test_templates_escape_what_they_show() -> None:
    # Help texts are ours, written in forms.
    unescaped = r"\{%\s*autoescape off|(?<!help_text)\|\s*safe\b"

    assert _found(unescaped, lambda page: page.read_text(encoding="utf-8")) == []


def test_plain_attributes_of_components_hold_characters_and_no_entity() -> None:
    # A component escapes what it is given: the reader would see « &nbsp; ».
    entity = r"""<c-[^<>]*\s[\w-]+="[^"{]*&(?:[a-z]+|#\d+);[^"{]*\""""

    assert _found(entity, lambda page: page.read_text(encoding="utf-8")) == []


def test_templates_load_nothing_from_elsewhere() -> None:
    loaded = re.compile(
        r"""(?:\bsrc|<link[^>]*\bhref|\baction|@import|url\()\s*[=(]?\s*["']?(?:https?:)?//"""
    )
    files = [
        *_templates(),
        *sorted((ROOT / "static").rglob("*.css")),
        *sorted((ROOT / "static").rglob("*.js")),
    ]

    assert [path.name for path in files if loaded.search(path.read_text(encoding="utf-8"))] == []


def test_templates_speak_to_the_reader_with_typographic_apostrophes() -> None:
    text = re.compile(r">[^<>{}]*\b[cdjlmnstCDJLMNST]'[a-zéèêàâîôœh][^<>{}]*<")
    found = [
        f"{page.relative_to(ROOT)}: {match[0].strip()}"
        for page in _templates()
        for match in text.finditer(page.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_file_that_templates_load_is_collected() -> None:
    ignored = apps.get_app_config("staticfiles").ignore_patterns
    collected = {path for finder in get_finders() for path, _ in finder.list(ignored)}
    tags = re.compile(r"""\{%\s*static\s+["']([^"']+)["']""")
    loaded = {path for page in _templates() for path in tags.findall(page.read_text(encoding="utf-8"))}

    assert "css/bootstrap.min.css" in loaded
    assert loaded <= collected


# --- Models --------------------------------------------------------------------------------------


def _our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in APPS]


def test_nothing_disappears_in_cascade() -> None:
    cascades = [
        f"{model.__name__}.{field.name}"
        for model in _our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
    ]
    assert cascades == []


def test_constraints_speak_french_and_carry_their_table_in_their_name() -> None:
    for model in _our_models():
        for constraint in model._meta.constraints:
            assert constraint.name.startswith(model._meta.app_label), constraint.name
            message = str(constraint.violation_error_message)
            assert message != str(constraint.default_violation_error_message), constraint.name
            # Django formats it: a per cent sign of its own is written twice.
            assert constraint.get_violation_error_message(), constraint.name


def test_models_and_fields_have_french_names() -> None:
    unnamed = [
        f"{model.__name__}.{field.name}"
        for model in _our_models()
        for field in model._meta.local_fields
        if not field.primary_key and field._verbose_name is None
    ]
    assert unnamed == []


# --- Words ---------------------------------------------------------------------------------------


def test_glossary_holds_each_model_and_list_of_values_once() -> None:
    words = re.findall(
        r"^\| `(\w+)`", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    closed_lists = {
        node.name
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and {"StrEnum", "TextChoices"} & set(map(_base_name, node.bases))
    }

    assert len(words) == len(set(words))
    assert {model.__name__ for model in _our_models()} | closed_lists <= set(words)


def _french_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a module, docstrings left out: those of commands are written for their users too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_signs_of_two_parts_are_never_parted_from_their_word() -> None:
    breakable = re.compile(r"(?:^|[\w»)}’]) [:;!?»](?: |$)|« ")
    scripts = [*sorted((ROOT / "scripts").glob("*.py")), ROOT / "manage.py"]

    assert breakable.search("Trois champs : un")
    assert [
        f"{path.relative_to(ROOT)}: {text}"
        for path in [*_sources(), *scripts]
        for text in _french_texts(path)
        if breakable.search(text)
    ] == []


def _base_name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def test_identifiers_are_ascii() -> None:
    accented = [
        f"{path.relative_to(ROOT)}: {node.id if isinstance(node, ast.Name) else node.name}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name | ast.FunctionDef | ast.ClassDef)
        if not (node.id if isinstance(node, ast.Name) else node.name).isascii()
    ]
    assert accented == []
