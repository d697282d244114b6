"""People come in: by a link received, a password, a code of their phone, a passkey."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.e2e.pages import Account, follow

PASSWORD, OTHER = "trois infirmières à vélo", "une sage-femme en tandem"


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def phone(page: Page) -> None:
    """Give the browser a device that keeps passkeys and recognises its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_first_then_a_lost_password_by_the_link_received(account: Account) -> None:
    page = account.page
    account.expect_signed_out()
    account.ask_for_link()
    used = account.follow_link()
    account.choose_password(PASSWORD)
    account.follow("Se connecter")
    account.sign_in("autre chose que cela")
    expect(page.get_by_role("alert").filter(has_text="à corriger")).to_contain_text("n’est pas le bon")
    expect(page.get_by_label("Adresse électronique")).to_have_value(account.email)
    account.sign_in(PASSWORD)
    account.expect_signed_in()
    account.leave()
    account.expect_signed_out()

    account.ask_for_link()
    assert account.follow_link() != used
    account.choose_password(OTHER)
    account.sign_in(PASSWORD)
    expect(page.get_by_role("alert").filter(has_text="à corriger")).to_be_visible()
    account.sign_in(OTHER)
    account.expect_signed_in()
    subjects = [subject for subject, _ in account.messages()]
    assert subjects == ["Choisir votre mot de passe", "Votre mot de passe a été changé"] * 2

    account.leave()
    page.goto(used)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne sert plus")


def test_an_application_of_codes_at_the_first_visit_then_its_code_each_time(account: Account) -> None:
    page = account.page
    account.enter(PASSWORD)
    account.follow("Gérer la sécurité du compte")
    account.follow("Ajouter une application")
    account.confirm(PASSWORD)
    secret = page.locator("#cle-secrete").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    account.follow("Activer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(set(codes)) == 10
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger les codes").click()
    assert codes[0] in waiting.value.path().read_text()
    account.leave()

    account.sign_in(PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Encore une vérification")
    page.get_by_label("Code").fill("000000")
    follow(page.get_by_role("main").get_by_role("button", name="Se connecter"))
    expect(page.get_by_role("alert").filter(has_text="à corriger")).to_contain_text(
        "Ce code n’est pas le bon"
    )
    page.get_by_label("Code").fill(code_of(secret))
    follow(page.get_by_role("main").get_by_role("button", name="Se connecter"))
    account.expect_signed_in()
    account.leave()

    account.sign_in(PASSWORD)
    page.get_by_label("Code").fill(codes[4])
    follow(page.get_by_role("main").get_by_role("button", name="Se connecter"))
    account.expect_signed_in()
    expect(page.get_by_role("main")).to_contain_text("9 encore valables")


def add_key(account: Account, name: str, *, alone: bool) -> None:
    account.open("securite/")
    account.follow("Ajouter une clé d’accès")
    if "/confirmation/" in account.page.url:
        account.confirm(PASSWORD)
    account.page.get_by_label("Nom de la clé").fill(name)
    account.page.get_by_label("Me connecter avec cette clé seule").set_checked(alone)
    account.use_passkey("Créer la clé")
    expect(account.page.get_by_role("status").filter(has_text="La clé d’accès est ajoutée")).to_be_visible()


def test_a_passkey_opens_the_account_without_a_password(account: Account, phone: None) -> None:
    page = account.page
    account.enter(PASSWORD)
    add_key(account, "Mon téléphone", alone=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    account.leave()
    account.expect_signed_out()
    account.use_passkey("Se connecter avec une clé d’accès")
    expect(page).to_have_url(re.compile(r"/compte/$"))
    expect(page.get_by_role("main")).to_contain_text("Mon téléphone")

    account.follow("Gérer la sécurité du compte")
    account.follow("Retirer Mon téléphone")
    account.follow("Avec une clé d’accès")
    account.use_passkey("Confirmer avec une clé d’accès")
    expect(account.control("Retirer la clé")).to_be_visible()
    account.follow("Retirer la clé")
    expect(page.get_by_role("status")).to_contain_text("La clé d’accès est retirée")
    account.leave()
    account.sign_in(PASSWORD)
    account.expect_signed_in()


def test_a_passkey_may_only_follow_the_password(account: Account, phone: None) -> None:
    page = account.page
    account.enter(PASSWORD)
    add_key(account, "Clé du bureau", alone=False)
    account.leave()
    account.sign_in(PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Encore une vérification")
    account.use_passkey("Utiliser une clé d’accès")
    account.expect_signed_in()


def test_a_passkey_that_fails_says_why_in_the_page(account: Account, page: Page) -> None:
    page.context.new_cdp_session(page).send("WebAuthn.enable")
    account.open("connexion/")
    page.evaluate(
        "() => { navigator.credentials.get = async () => { throw new DOMException('', 'NotAllowedError') } }"
    )
    account.use_passkey("Se connecter avec une clé d’accès")
    expect(page.locator("#cle-probleme")).to_contain_text("La demande a été annulée")
    expect(page.get_by_label("Mot de passe")).to_be_editable()


def test_at_an_address_of_numbers_the_page_gives_the_one_where_passkeys_work(page: Page, site: str) -> None:
    page.goto(f"{site}/compte/connexion/")
    expect(page.get_by_role("button", name="Se connecter avec une clé d’accès")).to_have_count(0)
    follow(page.get_by_role("link", name=f"{site.replace('127.0.0.1', 'localhost')}/compte/connexion/"))
    expect(page.get_by_role("button", name="Se connecter avec une clé d’accès")).to_be_enabled()


def test_one_signs_in_with_the_keyboard_alone_and_without_scripts(account: Account, browser) -> None:
    account.enter(PASSWORD)
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{account.site}/compte/connexion/")
    page.get_by_label("Adresse électronique").focus()
    page.keyboard.type(account.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{account.site}/")
    page.goto(f"{account.site}/compte/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    context.close()
