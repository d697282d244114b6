"""The catalogue of components: each one live, with the lines that make it."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Engine
from django.views.decorators.http import require_safe

from core.ui.charts import Bar, Series, StackedBars


@dataclass(frozen=True)
class Example:
    """One component: its anchor, its French title, when to use it."""

    slug: str
    title: str
    purpose: str

    @property
    def template(self) -> str:
        """Return the template shown, both rendered and as code."""
        return f"ui/catalogue/{self.slug}.html"

    @property
    def code(self) -> str:
        """Return the lines of the template as they are written."""
        return (
            Path(Engine.get_default().get_template(self.template).origin.name)
            .read_text(encoding="utf-8")
            .strip()
        )


EXAMPLES = (
    Example("actions", "Boutons et liens", "Une seule action principale par page, les autres en retrait."),
    Example("status", "État", "Icône, mot et couleur\u00a0: jamais la couleur seule."),
    Example("notice", "Avis", "Ce qui doit être lu avant de continuer."),
    Example("stat", "Chiffres clés", "Deux à quatre chiffres en tête de page."),
    Example("card", "Encadré", "Un sujet, un titre."),
    Example("table", "Tableau", "En cartes sous 600\u00a0px\u00a0; chaque cellule porte son data-label."),
    Example("facts", "Faits", "Un nom, ce que l’on en sait\u00a0; l’un sous l’autre au téléphone."),
    Example("chips", "Filtres en cours", "Sous les filtres d’une liste\u00a0: chacun se retire d’un clic."),
    Example("pages", "Pages d’une liste", "Sous la liste\u00a0; les filtres de l’adresse sont gardés."),
    Example("up", "Chemin du retour", "Au-dessus du titre, sur toute page qui appartient à une autre."),
    Example("empty_state", "Liste vide", "Dit comment commencer."),
    Example(
        "form", "Formulaire et erreurs", "Erreurs résumées en tête et près du champ\u00a0; la saisie reste."
    ),
    Example("stacked_bars", "Barres empilées", "Un total par période, découpé en parts."),
    Example("proportion_bar", "Proportion", "Une part d’un maximum, à côté de son chiffre."),
    Example(
        "progress", "Progression", "Un travail en cours\u00a0: toujours un texte, jamais un disque seul."
    ),
    Example("download", "Téléchargement", "Le format se lit avant le clic."),
)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Nom de la CPTS", help_text="Comme dans les statuts.")
    population = forms.IntegerField(label="Population", min_value=1)
    signed_on = forms.DateField(label="Date de signature", widget=forms.DateInput(attrs={"type": "date"}))
    size = forms.ChoiceField(label="Taille", choices=[("", "À choisir"), ("1", "Taille 1")])
    proration = forms.ChoiceField(
        label="Prorata", choices=[("days", "En jours"), ("months", "En mois")], widget=forms.RadioSelect
    )
    options = forms.MultipleChoiceField(
        label="Missions optionnelles",
        required=False,
        choices=[("quality", "Qualité et pertinence"), ("support", "Accompagnement")],
        widget=forms.CheckboxSelectMultiple,
    )
    communes = forms.FileField(label="Liste des communes", help_text="XLSX, ODS ou CSV.")
    notes = forms.CharField(label="Remarques", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    accepted = forms.BooleanField(label="J’ai relu les dates")


SAMPLE_ANSWERS = {"name": "", "population": "-3", "signed_on": "2026-02-30", "notes": "Ce texte reste."}

SAMPLE_CHART = StackedBars(
    title="Montants par année de contrat",
    description="Trois années\u00a0; le volet variable arrive avec la deuxième.",
    series=[
        Series("operating", "Fonctionnement"),
        Series("fixed", "Volet fixe"),
        Series("variable", "Volet variable"),
    ],
    bars=[
        Bar("Année 1", {"operating": Decimal("60000.00"), "fixed": Decimal("41250.33")}),
        Bar("Année 2", {"operating": 60000, "fixed": 92500, "variable": Decimal("70000.50")}),
        Bar("Année 3", {"operating": 60000, "fixed": 92500, "variable": 87500}),
    ],
)


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show every component of the site."""
    context = {
        "examples": EXAMPLES,
        "form": SampleForm(SAMPLE_ANSWERS),
        "chart": SAMPLE_CHART,
        "page": Paginator(range(60), 20).page(2),
    }
    return render(request, "ui/catalogue.html", context)
