"""What a coordinator types about the signed contract."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from aci.domain.contracts import LARGEST_POPULATION, LONGEST_REASON, ContractValues, values_of
from aci.enums import ProrationBasis
from aci.errors import ContractError
from aci.models import Contract
from core.organisations.models import Contact, Cpts, TerritoryVersion
from core.ui.formatting import long_date, number
from funding.domain.baremes import published_baremes, size_of
from funding.domain.contract_terms import ContractOutlook, outlook_of, rates_of, terms_from
from funding.engine import EngineError
from funding.forms.terms import FIELD_OF, POPULATION, TERRITORY, TermsForm

KEPT = "contrat"
PREVIEW_BUTTON = "apercu"
_COMPUTED = ""
_REFERENTS = {"ars": "ars_referent_id", "cpam": "cpam_referent_id", "msa": "msa_referent_id"}

# Names of the texts of a contract on the form, and in `ContractValues`.
_TEXTS = {
    "reference": "reference",
    "ars": "ars_party",
    "cpam": "cpam_party",
    "msa": "msa_party",
    "representant": "representative_name",
    "qualite": "representative_capacity",
    "raison_taille": "size_reason",
}
_UNSEEN_BY_TERMS = frozenset(_TEXTS) | {"source_population", "raison", "revision"}
"""Fields that move neither an amount nor a date."""


class LineField(forms.CharField):
    """A text of one line: blanks in a row, ends of line included, count as one."""

    def to_python(self, value: Any) -> str:
        """Return the text on one line."""
        return " ".join((super().to_python(value) or "").split())


def _line(label: str, name: str, **options: Any) -> LineField:
    longest = Contract._meta.get_field(name).max_length  # type: ignore[union-attr]
    return LineField(label=label, max_length=longest, **options)


@dataclass(frozen=True)
class Preview:
    """What follows from a contract being typed: its values and outlook, or why there is none yet."""

    values: ContractValues | None = None
    outlook: ContractOutlook | None = None
    refusals: tuple[str, ...] = ()


class ContractForm(TermsForm):
    """A contract as it was signed; with `contract`, what it now says and why."""

    field_order = (
        *("revision", "signature", "reference", "ars", "cpam", "msa", "representant", "qualite"),
        *("source", "population", "source_population", "taille", "raison_taille"),
    )
    field_of = FIELD_OF | {
        **{value: name for name, value in _TEXTS.items()},
        "population_source": "source_population",
        "territory": "source",
        "size": "taille",
        "missions": "missions",
        "expected_attainment": "atteinte",
        "ends_on": "signature",
        "reason": "raison",
    }

    revision = forms.IntegerField(min_value=1, max_value=10**9, widget=forms.HiddenInput)
    reference = _line("Référence du contrat", "reference", required=False)
    ars = _line("Agence régionale de santé", "ars_party")
    cpam = _line("Caisse primaire (ou CGSS)", "cpam_party", help_text="Celle du siège de la CPTS.")
    msa = _line("MSA", "msa_party", required=False, help_text="Si elle accompagne le territoire.")
    representant = _line("Représentant de la CPTS à la signature", "representative_name")
    qualite = _line(
        "En qualité de", "representative_capacity", help_text="Par exemple président, présidente."
    )
    source = forms.ChoiceField(label="Population retenue", widget=forms.RadioSelect)
    population = forms.IntegerField(
        label="Nombre d’habitants",
        required=False,
        min_value=1,
        max_value=LARGEST_POPULATION,
        localize=False,
    )
    source_population = _line(
        "D’où vient ce chiffre",
        "population_source",
        required=False,
        help_text="Par exemple\u00a0: chiffre retenu par la CPAM, courrier du 3 mars 2023.",
    )
    taille = forms.TypedChoiceField(
        label="Taille inscrite au contrat", required=False, coerce=int, empty_value=None
    )
    raison_taille = _line(
        "Pourquoi cette taille",
        "size_reason",
        required=False,
        help_text="À remplir si le contrat inscrit une autre taille que celle de la population.",
    )
    raison = LineField(
        label="Ce qui change, et pourquoi",
        max_length=LONGEST_REASON,
        help_text="Gardé dans l’historique et imprimé sur le décompte refait.",
    )

    def __init__(
        self, data: QueryDict | None = None, *, cpts: Cpts, contract: Contract | None = None
    ) -> None:
        """Propose what the platform knows of the CPTS; with `contract`, what it says."""
        initial = _initial_of(contract) if contract else _proposal_for(cpts)
        super().__init__(data, initial=initial)
        self.cpts, self.contract = cpts, contract
        if contract is None:
            del self.fields["revision"], self.fields["raison"]
        self.fields["atteinte"].help_text = "Pour les années dont le taux n’est pas encore enregistré."
        self.offer("source", self._sources())
        sizes = sorted({size for text in published_baremes() for size in text.sizes})
        self.offer(
            "taille", [(_COMPUTED, "Celle de la population"), *((str(s), f"Taille {s}") for s in sizes)]
        )

    def _sources(self) -> list[tuple[str, str]]:
        sources = [
            (TERRITORY, "Celle du territoire en vigueur le jour de la signature"),
            (POPULATION, "Un chiffre inscrit au contrat"),
        ]
        if self.contract:
            kept = f"Celle du contrat aujourd’hui ({number(self.contract.population)} habitants)"
            sources.insert(0, (KEPT, kept))
        return sources

    def clean(self) -> dict[str, Any]:
        """A figure is asked for with its source, when it is what the contract relies on."""
        cleaned = super().clean() or {}
        if cleaned.get("source") == POPULATION:
            if cleaned.get("population") is None:
                self.add_error_once("population", "Indiquez le nombre d’habitants, par exemple 60 200.")
            if not cleaned.get("source_population"):
                self.add_error_once("source_population", "Dites d’où vient ce chiffre.")
        return cleaned

    def checked_values(self) -> ContractValues:
        """Return what the contract says, its schedule computed once to be sure that there is one.

        For a valid form. Raises EngineError or ContractError, for `show_refusals`.
        """
        values = self._values()
        self._outlook(values)
        return values

    def preview(self) -> Preview:
        """Return what follows from what is typed so far, even when the form is not complete. Never raises.

        Before anything is typed, what follows from the contract as it is.
        """
        is_ready = self.errors.keys() <= _UNSEEN_BY_TERMS if self.is_bound else self.contract is not None
        if not is_ready:
            return Preview()
        try:
            values = values_of(self.contract) if self.contract and not self.is_bound else self._values()
            return Preview(values, self._outlook(values))
        except (EngineError, ContractError) as error:
            return Preview(refusals=tuple(error.errors.values()))

    def conflicts(self) -> list[tuple[str, str]]:
        """Return what the contract now says otherwise than what is typed: label, present value in words."""
        return [
            (str(self.fields[name].label), self._in_words(name))
            for name in self.changed_data
            if name not in {"revision", "raison"}
        ]

    def _outlook(self, values: ContractValues) -> ContractOutlook:
        return outlook_of(terms_from(values, rates_of(self.contract) if self.contract else None))

    def _values(self) -> ContractValues:
        cleaned = self.cleaned_data
        territory, population, source = self._extent()
        computed = size_of(population, cleaned["signature"], cleaned["bareme"] or None)
        return ContractValues(
            signed_on=cleaned["signature"],
            **{value: cleaned.get(name, "") for name, value in _TEXTS.items()},
            territory=territory,
            population=population,
            population_source=source,
            computed_size=computed,
            size=cleaned["taille"] or computed,
            missions=self.starts,
            bareme=cleaned["bareme"],
            proration=ProrationBasis(cleaned["proration"]),
            prorate_first_variable=cleaned["prorata_variable"] == "oui",
            supplements=tuple(sorted(cleaned["supplements"])),
            expected_attainment=self.rate,
            crisis_plan_year=cleaned["plan_crise"],
            crisis_years=tuple(sorted(cleaned["crises"])),
        )

    def _extent(self) -> tuple[TerritoryVersion | None, int, str]:
        """The territory, its population and where this one comes from."""
        cleaned = self.cleaned_data
        if cleaned["source"] == KEPT and self.contract:
            return self.contract.territory, self.contract.population, self.contract.population_source
        if cleaned["source"] == POPULATION:
            return None, cleaned["population"], cleaned.get("source_population", "")
        version = self.cpts.territories.in_force(cleaned["signature"]).first()
        if version is None:
            signed_on = long_date(cleaned["signature"])
            sentence = (
                f"Aucun territoire n’est enregistré pour le {signed_on}\u00a0: donnez plutôt un chiffre."
            )
            raise ContractError({"territory": sentence})
        return version, version.population, version.population_source

    def _form_field(self, path: str) -> str | None:
        field = super()._form_field(path)
        # A population that nobody typed is answered where it was chosen.
        is_typed = self.cleaned_data.get("source") == POPULATION
        return "source" if field == "population" and not is_typed else field

    def _in_words(self, name: str) -> str:
        value, field = self.initial.get(name), self.fields[name]
        if isinstance(value, date):
            return long_date(value)
        labels = {str(code): str(label) for code, label in getattr(field, "choices", ())}
        words = [labels.get(str(item), str(item)) for item in (value if isinstance(value, list) else [value])]
        return ", ".join(words) if value not in (None, "", []) else labels.get("", "vide")


def _proposal_for(cpts: Cpts) -> dict[str, Any]:
    """What the sheet, its referents and its territory let us propose."""
    contacts = Contact.objects.in_bulk([pk for name in _REFERENTS.values() if (pk := getattr(cpts, name))])
    parties = {
        field: contacts[pk].institution for field, name in _REFERENTS.items() if (pk := getattr(cpts, name))
    }
    return parties | {
        "representant": cpts.representative_name,
        "qualite": cpts.representative_capacity,
        "source": TERRITORY if cpts.territories.exists() else POPULATION,
    }


def _initial_of(contract: Contract) -> dict[str, Any]:
    """The contract as the form shows it; an unknown population stays where it is."""
    missions = {row.code: row.starts_on for row in contract.missions.all() if row.withdrawn_at is None}
    is_typed = contract.territory_id is None
    return {
        "revision": contract.revision,
        "signature": contract.signed_on,
        **{name: getattr(contract, value) for name, value in _TEXTS.items()},
        "source": KEPT,
        "population": contract.population if is_typed else None,
        "source_population": contract.population_source if is_typed else "",
        "taille": contract.size if contract.size != contract.computed_size else _COMPUTED,
        "missions": list(missions),
        **{f"debut_{code}": starts_on for code, starts_on in missions.items()},
        "atteinte": points(contract.expected_attainment),
        "bareme": contract.bareme,
        "proration": contract.proration,
        "prorata_variable": "oui" if contract.prorate_first_variable else "non",
        "plan_crise": contract.crisis_plan_year,
        "crises": contract.crisis_years,
        "supplements": contract.supplements,
    }


def points(rate: Decimal) -> int | Decimal:
    """Return a rate in percent, as short as it can be written."""
    percent = rate * 100
    return int(percent) if percent == int(percent) else percent.normalize()
