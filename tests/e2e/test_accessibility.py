"""axe-core finds nothing serious, at both widths and in both themes; nothing overflows on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

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
    "import of communes": "/territoires/import/?retour=/simulateur/",
    "verify": "/documents/verifier/",
    "not found": "/nulle-part/",
}
SCREENS = {"desktop": (1280, 900), "phone": (390, 800)}
SERIOUS = {"serious", "critical"}


@pytest.fixture(params=["light", "dark"])
def theme(request) -> str:
    return request.param


@pytest.fixture(params=SCREENS)
def page(request, theme: str, browser: Browser):
    width, height = SCREENS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    yield context.new_page()
    context.close()


def serious_violations(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_no_serious_violation_and_no_sideways_scroll(page, site):
    for name, path in PAGES.items():
        page.goto(f"{site}{path}")
        assert serious_violations(page) == [], name
        assert overflow(page) <= 0, name
