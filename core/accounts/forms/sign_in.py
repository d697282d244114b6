"""Forms of passwords: allauth's own, in our words."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest

_LONGEST_PASSWORD = 1000
_LENGTH = (
    "12 caractères au moins. Une phrase que vous retiendrez vaut mieux qu’un mot compliqué\u00a0; "
    "n’y mettez ni votre nom ni votre adresse."
)


def _word(form: forms.BaseForm, labels: dict[str, str], help_texts: dict[str, str] | None = None) -> None:
    """Give the fields our labels and help texts, without placeholders, which vanish when one types."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.help_text = (help_texts or {}).get(name, "")
        field.widget.attrs.pop("placeholder", None)
        if isinstance(field.widget, forms.PasswordInput):
            # Hashing megabytes would keep a process busy.
            field.validators.append(MaxLengthValidator(_LONGEST_PASSWORD))


class SignInForm(allauth_forms.LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"login": "Adresse électronique", "password": "Mot de passe"})
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class PasswordAgainForm(allauth_forms.ReauthenticateForm):
    """The password, once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"password": "Mot de passe"})


class LostPasswordForm(allauth_forms.ResetPasswordForm):
    """The address to send a link to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"email": "Adresse électronique"}, {"email": "Celle de votre compte."})

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link, or to an address without account the message that says so.

        Both send one message: the delay tells no more than the page. allauth's own for the second case leads
        to a sign-up, which we have not.
        """
        email: str = self.cleaned_data["email"]
        if self.users:
            return str(super().save(request, **kwargs))
        get_adapter().send_mail("account/email/unknown_account", email, {})
        return email


class _TwicePasswordForm(forms.Form):
    """A password typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": "Mot de passe actuel",
            "password1": "Nouveau mot de passe",
            "password2": "Le même, encore une fois",
        }
        _word(self, labels, {"password1": _LENGTH})

    def clean(self) -> dict[str, Any]:
        """Require the same text twice."""
        data = forms.Form.clean(self) or self.cleaned_data
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "Ce n’est pas le même texte que dans le champ précédent.")
        return data


class ChosenPasswordForm(_TwicePasswordForm, allauth_forms.ResetPasswordKeyForm):
    """The password of a person who followed their link."""

    def save(self) -> None:
        """Store the password; attempts that failed with the former one no longer count."""
        super().save()
        ratelimit.clear(context.request, action="login_failed", key=self.user.email.lower())


class ChangedPasswordForm(_TwicePasswordForm, allauth_forms.ChangePasswordForm):
    """The present password and the next one."""


class FirstPasswordForm(_TwicePasswordForm, allauth_forms.SetPasswordForm):
    """The password of a person who signs in without one."""
