"""Components: what they say, how they are tied together, and that nothing is lost from a form."""

import re

import pytest
from django import forms

from core.ui.views.catalogue import SAMPLE_ANSWERS, SampleForm


class Tickets(forms.Form):
    """A form with a rule on the whole, a hidden field and an optional one."""

    token = forms.CharField(widget=forms.HiddenInput)
    count = forms.IntegerField(label="Nombre", required=False, help_text="Entier.", min_value=1)

    def clean(self):
        raise forms.ValidationError("Le guichet est fermé.")


@pytest.fixture
def form():
    return SampleForm(SAMPLE_ANSWERS)


def ids(html):
    return set(re.findall(r'\bid="([^"]+)"', html))


def test_the_summary_counts_the_errors_and_takes_the_focus(render, form):
    html = render('<c-error-summary :form="form" />', form=form)
    assert "7 erreurs sont à corriger" in html
    assert re.search(r'<div class="error-summary"[^>]*role="alert"[^>]*tabindex="-1"[^>]*autofocus', html)


def test_a_quiet_summary_leaves_the_focus_where_one_types(render, form):
    html = render('<c-error-summary :form="form" quiet="1" />', form=form)
    assert "7 erreurs sont à corriger" in html
    assert not {"autofocus", "alert"} & set(re.findall(r"\w+", html))


def test_the_summary_speaks_of_one_error_in_the_singular(render):
    html = render('<c-error-summary :form="form" />', form=Tickets({"token": "x"}))
    assert "Une erreur est à corriger" in html


def test_every_line_of_the_summary_links_to_a_control_of_the_form(render, form):
    summary = render('<c-error-summary :form="form" />', form=form)
    fields = render('{% for field in form %}<c-field :field="field" />{% endfor %}', form=form)
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == [
        "id_name",
        "id_population",
        "id_signed_on",
        "id_size",
        "id_proration_0",
        "id_communes",
        "id_accepted",
    ]
    for target in targets:
        assert re.search(rf'<(input|select|textarea)[^>]* id="{target}"', fields), target


def test_errors_of_the_whole_form_and_of_hidden_fields_have_no_link(render):
    html = render('<c-error-summary :form="form" />', form=Tickets({}))
    assert "href" not in html
    assert re.findall(r"<li>\s*(.*?)\s*</li>", html) == [
        "Le guichet est fermé.",
        "Token\u00a0: Ce champ est obligatoire.",
    ]


def test_a_form_without_error_has_no_summary(render):
    assert render('<c-error-summary :form="form" />', form=SampleForm()).strip() == ""


def test_the_summary_reads_formsets(render):
    formset = forms.formset_factory(SampleForm, min_num=1, max_num=1, extra=0, absolute_max=1)
    html = render(
        '<c-error-summary :form="form" />',
        form=formset({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": "Sud"}),
    )
    assert 'href="#id_form-0-population"' in html
    assert 'href="#id_form-0-name"' not in html


def test_descriptions_point_to_what_is_on_the_page(render, form):
    html = render('{% for field in form %}<c-field :field="field" />{% endfor %}', form=form)
    described = [one for value in re.findall(r'aria-describedby="([^"]*)"', html) for one in value.split()]
    assert {"id_name_helptext", "id_name_error", "id_communes_helptext", "id_proration_error"} <= set(
        described
    )
    assert set(described) <= ids(html)


def test_wrong_fields_are_said_invalid_and_right_ones_are_not(render, form):
    html = render('<c-field :field="form.name" /><c-field :field="form.notes" />', form=form)
    name, notes = re.search(r"<input[^>]*>", html)[0], re.search(r"<textarea[^>]*>", html)[0]
    assert 'aria-invalid="true"' in name
    assert 'class="form-control is-invalid"' in name
    assert "aria-invalid" not in notes


def test_what_was_typed_stays(render, form):
    html = render('{% for field in form %}<c-field :field="field" />{% endfor %}', form=form)
    assert 'value="-3"' in html
    assert 'value="2026-02-30"' in html
    assert "Ce texte reste." in html


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("name", '<input type="text" name="name"'),
        ("population", '<input type="number" name="population"'),
        ("signed_on", '<input type="date" name="signed_on"'),
        ("size", '<select name="size" class="form-select'),
        ("communes", '<input type="file" name="communes"'),
        ("notes", '<textarea name="notes"'),
        ("accepted", '<input type="checkbox" name="accepted" class="form-check-input'),
    ],
)
def test_each_kind_of_control_has_its_label(render, form, name, control):
    html = render('<c-field :field="field" />', field=form[name])
    assert control in html
    assert f'for="id_{name}"' in html
    assert form[name].label in html


@pytest.mark.parametrize(("name", "kind"), [("proration", "radio"), ("options", "checkbox")])
def test_a_group_is_a_fieldset_with_a_legend_and_a_label_by_choice(render, form, name, kind):
    html = render('<c-field :field="field" />', field=form[name])
    assert re.search(r"<fieldset.*<legend>", html, re.S)
    assert html.count(f'<input type="{kind}" name="{name}"') == 2
    assert html.count('class="form-check-input"') == 2
    assert {f"id_{name}_0", f"id_{name}_1"} == set(re.findall(r'for="([^"]+)"', html))


def test_an_optional_field_says_so_and_a_hidden_one_stays_hidden(render):
    html = render('<c-field :field="form.count" /><c-field :field="form.token" />', form=Tickets())
    assert html.count("(facultatif)") == 1
    assert '<input type="hidden" name="token"' in html
    assert "Token" not in html


def test_a_page_may_say_itself_what_may_be_left_out(render):
    html = render('<c-field :field="form.count" mark_optional="" />', form=Tickets())
    assert "facultatif" not in html


def test_a_suffix_is_shown_beside_the_control(render):
    html = render('<c-field :field="form.count" suffix="%" />', form=Tickets())
    assert '<span class="field-suffix" aria-hidden="true">%</span>' in html


def test_the_place_of_an_error_is_there_before_the_error(render):
    html = render('<c-field :field="form.count" />', form=Tickets())
    assert re.search(r'<div class="field-error" id="id_count_error">\s*</div>', html)


@pytest.mark.parametrize("kind", ["success", "info", "warning", "danger", "neutral"])
def test_a_status_is_an_icon_and_a_word(render, kind):
    html = render('<c-status kind="{{ kind }}">versé</c-status>', kind=kind)
    assert f"status-{kind}" in html
    assert re.search(r'<svg[^>]*aria-hidden="true".*</svg>\s*versé', html, re.S)


def test_an_unknown_kind_fails_loudly(render):
    with pytest.raises(KeyError, match="urgent"):
        render('<c-status kind="urgent">versé</c-status>')


def test_a_notice_has_a_role_only_when_asked(render):
    assert 'role="status"' in render('<c-notice role="status">Vu.</c-notice>')
    assert "role=" not in render('<c-notice title="À lire">Vu.</c-notice>').replace('role="img"', "")


def test_slots_land_in_their_place(render):
    html = render(
        '<c-empty-state title="Rien encore">Cherchez.'
        '<c-slot name="actions"><a href="#">Chercher</a></c-slot></c-empty-state>'
    )
    assert re.search(r'Cherchez\.\s*<div class="empty-state-actions"><a href="#">Chercher</a></div>', html)


def test_a_table_keeps_its_caption_hidden_or_not(render):
    assert "<caption>Versements</caption>" in render('<c-table caption="Versements"></c-table>')
    hidden = render('<c-table caption="Versements" caption_hidden="1"></c-table>')
    assert '<caption class="visually-hidden">Versements</caption>' in hidden


def test_progress_is_said_in_words_and_may_be_unknown(render):
    known = render('<c-progress :value="40" label="Mise en page" />')
    assert '<progress value="40" max="100" aria-label="Mise en page">' in known
    assert "40&nbsp;%" in known
    assert "value=" not in render('<c-progress label="En attente" />')


def test_a_component_escapes_what_it_is_given(render):
    html = render(
        '<c-stat label="{{ bad }}" :value="bad">{{ bad }}</c-stat><c-card :title="bad">x</c-card>',
        bad="<script>",
    )
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 4


def test_messages_use_the_kinds_of_notices(render):
    html = render(
        "{% for level in levels %}{{ level|message_kind }} {% endfor %}", levels=["error", "debug", "info"]
    )
    assert html == "danger neutral info "


def test_forms_that_a_page_sends_together_are_summed_up_together(render):
    rows = forms.formset_factory(Tickets)({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1"})
    html = render('<c-error-summary :form="parts" />', parts=[SampleForm(SAMPLE_ANSWERS), rows])

    assert "9 erreurs sont à corriger" in html
    assert html.count("<h2") == 1
    assert html.index("id_name") < html.index("Le guichet est fermé.")
