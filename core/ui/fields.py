"""Form fields that read what people type, or paste, the French way."""

from decimal import Decimal
from typing import Any

from django import forms

_TYPED = str.maketrans({",": ".", "\u2212": "-", " ": "", "\u00a0": "", "\u202f": "", "€": ""})


class AmountField(forms.DecimalField):
    """Euros as a bank statement prints them: « 39 159,84 » or « 39159.84 »."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs inherit from int
        """Raises ValidationError for what is not an amount."""
        if isinstance(value, str):
            value = value.translate(_TYPED)
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Show a proposed amount as people write it, and what was typed as it was typed."""
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value


def amount_field(label: str, **options: Any) -> AmountField:
    """Return the field of an amount in euros, to the cent, typed."""
    messages = {
        "required": "Donnez un montant en euros.",
        "invalid": "Tapez un montant en euros, comme 39\u202f159,84.",
        "max_decimal_places": "Un montant s’arrête aux centimes.",
    }
    return AmountField(
        **{
            "label": label,
            "max_digits": 9,
            "decimal_places": 2,
            "widget": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            "error_messages": messages | options.pop("error_messages", {}),
        }
        | options
    )


def day_field(label: str, **options: Any) -> forms.DateField:
    """Return the field of a day, picked or typed."""
    messages = {
        "required": "Donnez cette date.",
        "invalid": "Cette date n’existe pas\u00a0: tapez par exemple 15/03/2024.",
    }
    return forms.DateField(
        **{
            "label": label,
            "input_formats": ["%Y-%m-%d", "%d/%m/%Y"],
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "error_messages": messages | options.pop("error_messages", {}),
        }
        | options
    )
