"""Forms of second factors: allauth's own, in our words, deaf to malformed credentials."""

from typing import Any

from allauth.mfa.base import forms as code_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as app_forms
from allauth.mfa.webauthn import forms as key_forms
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

_LONGEST_NAME = 60
_REFUSED_KEY = "Cette clé n’a pas été reconnue. Recommencez, ou entrez autrement."
# The wrong key, then what allauth and fido2 raise on a credential that no browser makes.
_REFUSALS = (ValidationError, AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError)


def _ask_code(form: forms.BaseForm, help_text: str) -> None:
    field = form.fields["code"]
    field.label, field.help_text = "Code", help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "20"}


class CredentialField(forms.JSONField):
    """What a device answered. Django's own field fails on a number or a nesting too long for JSON to read."""

    widget = forms.HiddenInput
    default_error_messages = {"required": _REFUSED_KEY, "invalid": _REFUSED_KEY}

    def to_python(self, value: Any) -> Any:
        """Return it parsed."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(_REFUSED_KEY, code="invalid") from None


class CodeForm(code_forms.AuthenticateForm):
    """The second factor at sign-in: a code of the application, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_code(self, "Les six chiffres de votre application, ou l’un de vos codes de secours.")


class CodeAgainForm(code_forms.ReauthenticateForm):
    """The same, to prove again who one is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_code(self, "Les six chiffres de votre application, ou l’un de vos codes de secours.")


class AppForm(app_forms.ActivateTOTPForm):
    """The first code of an application: it shows that the secret was read well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_code(self, "Les six chiffres que l’application affiche maintenant.")


class NewKeyForm(key_forms.AddWebAuthnForm):
    """A new passkey: it may replace the password wherever the device allows it."""

    credential = CredentialField(label="Clé d’accès")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label = "Nom de la clé"
        name.help_text = "Pour la reconnaître\u00a0: «\u00a0téléphone\u00a0», «\u00a0clé du bureau\u00a0»…"
        name.validators.append(MaxLengthValidator(_LONGEST_NAME))
        alone.label = "Me connecter avec cette clé seule, sans mot de passe"
        alone.help_text = "L’appareil vérifie alors votre empreinte, votre visage ou son code."
        alone.initial = True

    def clean(self) -> dict[str, Any]:
        """Check what the device answered."""
        try:
            return super().clean()
        except _REFUSALS:
            raise ValidationError(_REFUSED_KEY) from None


class KeyNameForm(key_forms.EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label = "Nom de la clé"
        name.validators.append(MaxLengthValidator(_LONGEST_NAME))


class KeyForm(key_forms.AuthenticateWebAuthnForm):
    """A passkey as second factor."""

    credential = CredentialField(label="Clé d’accès")

    def clean_credential(self) -> Authenticator:
        """Return the passkey that signed the challenge."""
        try:
            return super().clean_credential()
        except _REFUSALS:
            raise ValidationError(_REFUSED_KEY) from None


class KeyAgainForm(KeyForm):
    """A passkey, to prove again who one is."""

    reauthenticated = True


class KeyAloneForm(KeyForm):
    """A passkey instead of a password."""

    passwordless = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=None, **kwargs)
