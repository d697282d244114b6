"""A stored statement in words: where it comes from, what it was computed with.

Read from the rows alone, so that an old statement says the same whatever became of the files and rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aci.models import Contract
from core.organisations.models import Cpts
from core.ui.formatting import long_date, number, percent
from funding.domain.assumptions import PRORATIONS
from funding.domain.baremes import published_texts
from funding.engine import Proration
from funding.enums import Occasion
from funding.models import Statement


@dataclass(frozen=True)
class AppliedText:
    """A conventional text as a statement applied it: is the file of today the same, byte for byte?

    `title` is that of the file of today, the code when there is none any more.
    """

    code: str
    title: str
    sha256: str
    is_unchanged: bool


def applied_texts(statement: Statement) -> list[AppliedText]:
    """Return the texts that a statement applied, in the order of their codes."""
    published = {text.bareme.code: text for text in published_texts()}
    return [
        AppliedText(
            code=code,
            title=published[code].bareme.title if code in published else code,
            sha256=sha256,
            is_unchanged=code in published and published[code].sha256 == sha256,
        )
        for code, sha256 in sorted(statement.texts.items())
    ]


def occasion_words(statement: Statement) -> str:
    """Return why a statement was established: « Anniversaire (année 2) », « Changement »."""
    label = Occasion(statement.occasion).label
    if statement.occasion == Occasion.ANNIVERSARY:
        return f"{label} (année {statement.contract_year})"
    return label


def provenance(statement: Statement, *, cpts: Cpts, contract: Contract) -> list[tuple[str, str]]:
    """Return (label, value) pairs: whose schedule it is, its version, the texts and engine that made it."""
    return [
        ("CPTS", cpts.name),
        ("Contrat signé le", long_date(contract.signed_on)),
        *([("Référence du contrat", contract.reference)] if contract.reference else []),
        ("Décompte", f"version {statement.version}"),
        ("Occasion", occasion_words(statement)),
        *([("Raison", statement.reason)] if statement.reason else []),
        ("Arrêté au", long_date(statement.as_of)),
        ("Établi le", long_date(statement.established_at.date())),
        *((f"Texte appliqué\u00a0: {text.title}", text.sha256) for text in applied_texts(statement)),
        ("Version du moteur de calcul", statement.engine_version),
        ("Empreinte du décompte", statement.fingerprint),
    ]


def inputs_in_words(inputs: Mapping[str, Any], mission_labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the terms that a statement stored, as (label, value) pairs; `mission_labels` by code."""

    def name(code: str) -> str:
        return mission_labels.get(code, code)

    return [
        ("Signature du contrat", long_date(date.fromisoformat(inputs["signed_on"]))),
        ("Taille", str(inputs["size"])),
        ("Texte fixé par le contrat", inputs.get("bareme") or "celui en vigueur au début de chaque année"),
        *(
            (f"Mission «\u00a0{name(code)}\u00a0»", f"démarre le {long_date(date.fromisoformat(start))}")
            for code, start in inputs["missions"].items()
        ),
        *(_rate_words(name(code), years) for code, years in inputs["attainment"].items()),
        ("Atteinte prévue, quand aucune n’est enregistrée", _percent(inputs["default_attainment"])),
        (
            "Prorata de la première année d’une mission",
            PRORATIONS[Proration(inputs.get("proration", "days"))],
        ),
        (
            "Volet variable de la première année",
            "au prorata" if inputs.get("prorate_first_variable", True) else "en totalité",
        ),
        *_crisis_words(inputs),
        *((("Suppléments demandés", ", ".join(inputs["supplements"])),) if inputs.get("supplements") else ()),
    ]


def parties_in_words(parties: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return who signed and for how many people, as a statement stored them."""
    contract = parties["contract"]
    named = [
        ("CPTS", parties["cpts"]["name"]),
        ("Agence régionale de santé", contract["ars_party"]),
        ("Caisse primaire", contract["cpam_party"]),
        ("MSA associée", contract["msa_party"]),
        ("Représentée par", f"{contract['representative_name']}, {contract['representative_capacity']}"),
        ("Référence du contrat", contract["reference"]),
        ("Population", f"{number(contract['population'])} habitants ({contract['population_source']})"),
        ("Raison de la taille", contract["size_reason"]),
    ]
    return [(label, value) for label, value in named if value]


def _rate_words(mission: str, years: Mapping[str, str]) -> tuple[str, str]:
    rates = (f"année {year}\u00a0: {_percent(rate)}" for year, rate in sorted(years.items()))
    return f"Atteinte enregistrée, «\u00a0{mission}\u00a0»", ", ".join(rates)


def _crisis_words(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if inputs.get("crisis_plan_year") is not None:
        yield "Année de première rédaction du plan de crise", str(inputs["crisis_plan_year"])
    if inputs.get("crisis_years"):
        yield "Années de crise sanitaire grave", ", ".join(map(str, inputs["crisis_years"]))


def _percent(rate: str) -> str:
    return percent(Decimal(rate))
