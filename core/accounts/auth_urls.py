"""Addresses of sign-in, passwords and second factors, under the names that allauth looks up.

Only those that our flows use: no sign-up, no list of addresses.
"""

from django.urls import path, register_converter

from core.accounts.views import my_account, second_factor, sign_in


class Base36Converter:
    """The number of a person as allauth writes it in links, without the hyphen that ends it."""

    regex = "[0-9A-Za-z]+"

    def to_python(self, value: str) -> str:
        """Return the text as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return the text as it is."""
        return value


register_converter(Base36Converter, "base36")

urlpatterns = [
    path("", my_account.account, name="account"),
    path("nom/", my_account.rename, name="account_rename"),
    path("connexion/", sign_in.sign_in, name="account_login"),
    path("connexion/verification/", second_factor.second_step, name="mfa_authenticate"),
    path("connexion/cle/", second_factor.sign_in_by_key, name="mfa_login_webauthn"),
    path("deconnexion/", sign_in.sign_out, name="account_logout"),
    path("ferme/", sign_in.closed_account, name="account_inactive"),
    path("confirmation/", sign_in.prove_again, name="account_reauthenticate"),
    path("confirmation/code/", second_factor.prove_again_by_code, name="mfa_reauthenticate"),
    path("confirmation/cle/", second_factor.prove_again_by_key, name="mfa_reauthenticate_webauthn"),
    path("mot-de-passe/", sign_in.change_password, name="account_change_password"),
    path("mot-de-passe/premier/", sign_in.first_password, name="account_set_password"),
    path("mot-de-passe/oublie/", sign_in.lost_password, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", sign_in.link_sent, name="account_reset_password_done"),
    path(
        "mot-de-passe/choisir/<base36:uidb36>-<str:key>/",
        sign_in.choose_password,
        name="account_reset_password_from_key",
    ),
    path("mot-de-passe/choisi/", sign_in.password_chosen, name="account_reset_password_from_key_done"),
    path("securite/", second_factor.security, name="mfa_index"),
    path("securite/application/ajouter/", second_factor.add_app, name="mfa_activate_totp"),
    path("securite/application/retirer/", second_factor.remove_app, name="mfa_deactivate_totp"),
    path("securite/codes-de-secours/", second_factor.show_codes, name="mfa_view_recovery_codes"),
    path(
        "securite/codes-de-secours/nouveaux/", second_factor.renew_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        "securite/codes-de-secours/fichier/", second_factor.download_codes, name="mfa_download_recovery_codes"
    ),
    path("securite/cles/ajouter/", second_factor.add_key, name="mfa_add_webauthn"),
    path("securite/cles/<int:pk>/renommer/", second_factor.rename_key, name="mfa_edit_webauthn"),
    path("securite/cles/<int:pk>/retirer/", second_factor.remove_key, name="mfa_remove_webauthn"),
]
