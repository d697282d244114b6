"""Our quick drawing of controls is Django's, to the letter."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from core.ui.renderers import QuickRenderer

CHOICES = [("", "Aucun"), ("a", "À < b"), ("Groupe « é »", [("1", "Un & deux"), (2, "Trois")])]
WIDGETS = [
    (forms.TextInput(attrs={"class": "x", "required": True, "hidden": False}), 'a"<b>&'),
    (forms.TextInput(), None),
    (forms.NumberInput(attrs={"min": 1, "max": 100_000}), 60_200),
    (forms.EmailInput(), "a@b.fr"),
    (forms.URLInput(), "https://example.org/?a=1&b=2"),
    (forms.PasswordInput(), "secret"),
    (forms.HiddenInput(), "200042604,200043354"),
    (forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), "2024-02-29"),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(attrs={"id": "c"}), "oui"),
    (forms.Select(choices=CHOICES), "a"),
    (forms.Select(choices=CHOICES, attrs={"class": "form-select"}), 2),
    (forms.SelectMultiple(choices=CHOICES), ["a", "1"]),
    (forms.CheckboxSelectMultiple(choices=CHOICES[:2]), ["a"]),
    (forms.RadioSelect(choices=CHOICES[:2]), "a"),
    (forms.Textarea(), "deux\n  lignes"),
    (forms.ClearableFileInput(), None),
]


def squeezed(html: str) -> str:
    return re.sub(r">\s+<", "><", html.strip())


@pytest.mark.parametrize(("widget", "value"), WIDGETS, ids=lambda part: type(part).__name__)
def test_a_widget_is_drawn_as_django_does(widget, value):
    drawn = widget.render("champ", value, renderer=QuickRenderer())
    assert squeezed(drawn) == squeezed(widget.render("champ", value, renderer=DjangoTemplates()))


@pytest.mark.parametrize("widget", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_each_choice_of_a_group_is_drawn_as_django_does(widget):
    def drawn(renderer: DjangoTemplates) -> list[str]:
        class Group(forms.Form):
            default_renderer = renderer
            field = forms.ChoiceField(choices=CHOICES[:2], widget=widget)

        return [squeezed(choice.tag()) for choice in Group({"field": "a"})["field"]]

    assert drawn(QuickRenderer()) == drawn(DjangoTemplates())


def test_the_site_uses_it(settings):
    assert settings.FORM_RENDERER == "core.ui.renderers.QuickRenderer"


def test_a_choice_that_wraps_its_label_is_left_to_django():
    """What draws a group outside of our templates, the admin for one, keeps the label Django gives it."""

    class Group(forms.Form):
        default_renderer = QuickRenderer()
        field = forms.ChoiceField(choices=[("a", "À cocher")], widget=forms.RadioSelect)

    assert "À cocher" in str(Group()["field"])


def test_the_template_of_a_whole_form_is_left_to_django():
    class One(forms.Form):
        field = forms.CharField(label="Nom")

    assert One(renderer=QuickRenderer()).as_p() == One(renderer=DjangoTemplates()).as_p()
