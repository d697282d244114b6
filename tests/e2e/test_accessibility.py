"""axe-core finds nothing serious, at both widths and in both themes; nothing overflows on a phone."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.e2e.community import Community
from tests.e2e.pages import Simulator, follow

SIMULATION = (
    "epci=200042604,200043354&signature=2023-03-15&atteinte=80"
    "&missions=acces_soins&missions=parcours&missions=prevention&missions=crise_sanitaire"
)
PAGES = {
    "home": "/",
    "simulator blank": "/simulateur/",
    "simulator with a result": f"/simulateur/?{SIMULATION}",
    "simulator with mistakes": f"/simulateur/?{SIMULATION}&debut_parcours=2020-01-01",
    "simulator with places found": f"/simulateur/?{SIMULATION}&recherche=saint",
    "lines of a due date": f"/simulateur/echeance/2024-03-15/?{SIMULATION}",
    "incomplete download": "/simulateur/echeancier.csv",
    "territory": "/territoires/?epci=200042604,200043354",
    "empty territory": "/territoires/",
    "territory of seven groups": (
        "/territoires/?epci=200042604,200043354,200072452&communes=35238,75101,69381,13201&ouvert=hors-epci"
    ),
    "territory refused": "/territoires/carte/?communes=99999",
    "territory without a map": "/territoires/carte/?epci=200042604",
    "download of a mistake": f"/simulateur/echeancier.csv?{SIMULATION}&debut_parcours=2020-01-01",
    "import of communes": "/territoires/import/?retour=/simulateur/",
    "verify": "/documents/verifier/",
    "unknown document": f"/documents/verifier/{'0' * 64}/",
    "not found": "/nulle-part/",
    "sign-in": "/compte/connexion/",
    "lost password": "/compte/mot-de-passe/oublie/",
    "link sent": "/compte/mot-de-passe/oublie/envoye/",
    "dead link": "/compte/mot-de-passe/choisir/1-mort/",
}
MAIN = "/cpts/cpts-des-marees-et-du-bocage-fictive/"
# What each person of the demonstration opens, then the links they follow; a kind of page is checked once.
SIGNED_IN: dict[str, tuple[tuple[str, ...], ...]] = {
    "coordination": (
        ("/",),
        ("/compte/",),
        (MAIN, "Modifier la fiche"),
        (f"{MAIN}territoire/", "Modifier le territoire"),
        (f"{MAIN}contrat/", "Corriger ou modifier"),
        (f"{MAIN}echeancier/?etat=en-retard",),
        (f"{MAIN}echeancier/2026-03-15/",),
        (f"{MAIN}decomptes/", "Décompte n°"),
        (f"{MAIN}annuaire/?recherche=urps", "Ajouter un contact"),
        (f"{MAIN}personnes/", "Inviter une personne"),
        (f"{MAIN}historique/",),
    ),
    "tresorerie": (
        ("/messages/", "établi après un changement"),
        (f"{MAIN}echeancier/", "Enregistrer un versement"),
        (f"{MAIN}versements/", "Annuler"),
    ),
    "presidence": (("/",), (f"{MAIN}contrat/",)),
    "adherent": (("/",), (MAIN,), (f"{MAIN}personnes/",)),
    "ars": (("/",), ("/instruction/?etape=phase_1",), ("/cpts/cpts-de-la-pointe-fictive/",)),
    "admin": (
        ("/",),
        ("/administration/cpts/", "Ouvrir une CPTS"),
        ("/administration/institutions/", "ARS Normandie (démonstration)"),
        ("/annuaire/",),
    ),
}
SCREENS = {"desktop": (1280, 900), "phone": (390, 800)}
SERIOUS = {"serious", "critical"}
EVERY_RULE = {"resultTypes": ["violations"]}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}


@pytest.fixture(params=["light", "dark"])
def theme(request) -> str:
    return request.param


@pytest.fixture(params=SCREENS)
def page(request, theme: str, browser: Browser):
    width, height = SCREENS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    yield context.new_page()
    context.close()


def serious_violations(page, options: dict[str, object] = EVERY_RULE) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def check(page, name: str) -> None:
    assert serious_violations(page) == [], name
    assert overflow(page) <= 0, name


def test_no_serious_violation_and_no_sideways_scroll(page, site):
    for name, path in PAGES.items():
        page.goto(f"{site}{path}")
        check(page, name)


def test_the_pages_of_a_work_in_hand_too(page, site):
    simulator = Simulator(page, site)
    simulator.open(signature="2023-03-15", missions="parcours")
    simulator.read_spreadsheet("communes.csv", b"Commune\nGranville\nSaint-Aubin\nXyzzyville\n")
    check(page, "report of an import")

    simulator.open(source="population", population="40000", signature="2024-01-01", missions="parcours")
    simulator.open_due_date("1er janvier 2024")
    check(page, "unfolded due date")
    link = simulator.ask_for_pdf()
    check(page, "job done")
    document = page.request.get(f"{site}{link.get_attribute('href')}").body()

    page.goto(f"{site}/documents/verifier/")
    follow(page.get_by_role("button", name="Vérifier"))
    check(page, "verification refused")
    sent = {"name": "echeancier.pdf", "mimeType": "application/pdf", "buffer": document}
    page.get_by_label("Ou le fichier PDF lui-même").set_input_files(sent)
    follow(page.get_by_role("button", name="Vérifier"))
    check(page, "document verified")
    assert page.title().startswith("Document authentique")


def test_the_pages_of_an_account_too(page, account):
    password = "trois infirmières à vélo"
    account.page = page
    account.sign_in("faux")
    check(page, "sign-in refused")
    account.enter(password)
    for path in ("", "nom/", "mot-de-passe/", "deconnexion/", "securite/"):
        account.open(path)
        check(page, path)
    account.open("securite/application/ajouter/")
    check(page, "prove again who one is")
    account.confirm(password)
    check(page, "add an application")
    account.open("securite/cles/ajouter/")
    check(page, "add a passkey")
    page.goto(f"{page.url.replace('localhost', '127.0.0.1').split('/compte/')[0]}/compte/connexion/")
    check(page, "sign-in at an address of numbers")


@pytest.fixture(params=SIGNED_IN)
def visitor(request, site: str, browser: Browser):
    """Each person of the demonstration, signed in; colours change at once, not in a fading."""
    context = browser.new_context(reduced_motion="reduce")
    person = Community(context.new_page(), site, Path())
    person.sign_in(f"{request.param}@demo.test")
    yield person, SIGNED_IN[request.param]
    context.close()


def check_every_way(page, name: str) -> None:
    """Check a page without loading it again: each width, and the colours of the other theme."""
    for screen, theme, other in (("desktop", "light", "dark"), ("phone", "dark", "light")):
        width, height = SCREENS[screen]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        check(page, f"{name}, {screen}, {theme}")
        page.emulate_media(color_scheme=other)
        assert serious_violations(page, COLOURS) == [], f"{name}, {screen}, {other}"


def test_the_pages_of_each_role_too(visitor):
    person, paths = visitor
    for path, *links in paths:
        person.page.goto(f"{person.site}{path}")
        check_every_way(person.page, path)
        for link in links:
            follow(person.page.get_by_role("main").get_by_role("link", name=link).first)
            check_every_way(person.page, f"{path}, then {link}")
