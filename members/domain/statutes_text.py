"""What the statutes of an association say, article by article, in our own words.

One text for the screen, the PDF and the Word file: they cannot differ. The order is that of the model
statutes (the guide of Auvergne-Rhône-Alpes, annexe 2); every setting is in it, and what nobody gave yet too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.organisations.models import Cpts
from core.ui.formatting import MONTHS
from members.domain.shares import of_share_words, share_words
from members.domain.statutes_settings import SETTINGS_OF
from members.enums import Body, MajorityBase, QuorumBase
from members.models import StatutesVersion

BLANK = "……"
"""Stands in the text for what nobody has given."""
LOCAL_LAW = frozenset({"57", "67", "68"})
"""Départements whose associations follow the local civil code (domain reference, section 8)."""
_THE = {
    Body.GENERAL_ASSEMBLY: "l’assemblée générale",
    Body.BOARD: "le conseil d’administration",
    Body.BUREAU: "le bureau",
}
_TO_THE = {
    Body.GENERAL_ASSEMBLY: "à l’assemblée générale",
    Body.BOARD: "au conseil d’administration",
    Body.BUREAU: "au bureau",
}
_RENEWED = {2: "par moitié", 3: "par tiers", 4: "par quart", 5: "par cinquième", 6: "par sixième"}


class College(Protocol):
    """A college as the text names it: a row of a version, or one that is not recorded yet."""

    name: str
    seats: int | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, and the list that it introduces; `missing` names what somebody has to give."""

    text: str
    items: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """An article: its number, its title, what it says, the settings it comes from."""

    number: int
    title: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def heading(self) -> str:
        """Number and title, as they are printed."""
        number = "premier" if self.number == 1 else str(self.number)
        return f"Article {number} – {self.title}"

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of the settings that it says in words."""
        return SETTINGS_OF.get(self.number, ())

    @property
    def missing(self) -> tuple[str, ...]:
        """What somebody has to give before it can be signed."""
        return tuple(each.missing for each in self.paragraphs if each.missing)


@dataclass(frozen=True, slots=True)
class _Statutes:
    """All that the text depends on."""

    version: StatutesVersion
    cpts: Cpts
    colleges: Sequence[College]


def articles_of(version: StatutesVersion, cpts: Cpts, colleges: Sequence[College]) -> list[Article]:
    """Return the articles of a version, of the sheet of the association and of the colleges. No query."""
    told = _Statutes(version, cpts, colleges)
    written = [
        Article(number, title, tuple(write(told))) for number, (title, write) in enumerate(_ARTICLES, start=1)
    ]
    return [article for article in written if article.paragraphs]


def missing_from(articles: Sequence[Article]) -> list[str]:
    """Return what has to be given before these statutes can be signed, in the order of the articles."""
    return [missing for article in articles for missing in article.missing]


def follows_local_law(cpts: Cpts) -> bool:
    """Tell whether the association is one of Alsace or Moselle, by its seat."""
    return cpts.departement_code in LOCAL_LAW


# --- Articles 1 to 10: the association and its members ------------------------------------------


def _name(told: _Statutes) -> Iterator[Paragraph]:
    law = (
        "aux articles 21 à 79-III du code civil local"
        if follows_local_law(told.cpts)
        else "à la loi du 1er juillet 1901 et au décret du 16 août 1901"
    )
    yield Paragraph(
        f"Les personnes qui adhèrent aux présents statuts forment une association soumise {law}. "
        f"Elle prend le nom de «\u00a0{told.cpts.name}\u00a0»."
    )
    if told.cpts.rna:
        yield Paragraph(f"Le répertoire national des associations la connaît sous le numéro {told.cpts.rna}.")


def _purpose(told: _Statutes) -> Iterator[Paragraph]:
    lines = [line.strip() for line in told.version.purpose.splitlines() if line.strip()]
    if not lines:
        yield Paragraph(f"L’association poursuit le but suivant\u00a0: {BLANK}", missing="l’objet")
        return
    if len(lines) == 1:
        yield Paragraph(f"L’association poursuit le but suivant\u00a0: {lines[0]}")
        return
    items = tuple(line.lstrip("-•– ") for line in lines)
    yield Paragraph("L’association poursuit les buts suivants\u00a0:", items)


def _seat(told: _Statutes) -> Iterator[Paragraph]:
    cpts = told.cpts
    town = f"{cpts.postal_code} {cpts.city}".strip()
    address = ", ".join(part for part in (cpts.address.strip(), town) if part)
    is_missing = not (cpts.address.strip() and cpts.city.strip())
    stop = "." if address else ""
    yield Paragraph(
        f"Le siège de l’association se trouve à l’adresse suivante\u00a0: {address or BLANK}{stop}",
        missing="l’adresse du siège" if is_missing else "",
    )
    body = _TO_THE[Body(told.version.seat_transfer_body)]
    yield Paragraph(f"Il revient {body} de décider de le déplacer.")


def _duration(told: _Statutes) -> Iterator[Paragraph]:
    years = told.version.duration_years
    if years is None:
        yield Paragraph("L’association est constituée sans limite de durée.")
        return
    yield Paragraph(f"L’association est constituée pour {_count(years, 'an')} à compter de sa déclaration.")


def _composition(told: _Statutes) -> Iterator[Paragraph]:
    version = told.version
    kinds = ["des membres actifs, qui prennent part à ses travaux et paient une cotisation"]
    if version.has_benefactors:
        kinds.append("des membres bienfaiteurs, qui la soutiennent par une contribution plus élevée")
    if version.has_honorary:
        kinds.append("des membres d’honneur, distingués pour ce qu’ils lui ont apporté")
    yield Paragraph("L’association réunit\u00a0:", tuple(kinds))
    if version.has_legal_persons:
        yield Paragraph(
            "Les personnes physiques et les personnes morales peuvent adhérer. "
            "Une personne morale siège et vote par le représentant qu’elle désigne."
        )
    else:
        yield Paragraph("Seules des personnes physiques peuvent adhérer.")
    if told.colleges:
        names = tuple(college.name for college in told.colleges)
        yield Paragraph(f"Les membres se répartissent en {_count(len(names), 'collège')}\u00a0:", names)


def _admission(told: _Statutes) -> Iterator[Paragraph]:
    conditions = " ".join(told.version.admission_conditions.split())
    if conditions:
        yield Paragraph(f"Pour adhérer, il faut remplir ces conditions\u00a0: {conditions}")
    else:
        yield Paragraph("Toute personne qui partage le but de l’association peut adhérer, sans distinction.")
    body = Body(told.version.admission_body)
    if body == Body.NOBODY:
        yield Paragraph("Toute personne qui accepte les présents statuts est membre, sans autre formalité.")
        return
    yield Paragraph(
        f"La demande est soumise {_TO_THE[body]}, à la première réunion qui suit. Un refus dit pourquoi."
    )


def _fees(told: _Statutes) -> Iterator[Paragraph]:
    yield Paragraph(
        "L’assemblée générale ordinaire arrête chaque année ce que paie chaque catégorie de membres, "
        "et le droit d’entrée s’il y en a un."
    )
    if told.version.has_honorary:
        votes = (
            "votent comme les autres membres"
            if told.version.honorary_votes
            else "assistent aux assemblées, mais ne votent pas"
        )
        yield Paragraph(f"Les membres d’honneur ne paient rien. Ils {votes}.")


def _removal(told: _Statutes) -> Iterator[Paragraph]:
    or_gone = ", ou la disparition d’une personne morale" if told.version.has_legal_persons else ""
    body = _THE[Body(told.version.removal_body)]
    removed = f"la radiation, prononcée par {body} si la cotisation reste impayée ou pour un motif grave"
    yield Paragraph(
        "On cesse d’être membre de l’association par\u00a0:",
        ("la démission, donnée par écrit", f"le décès{or_gone}", removed),
    )
    yield Paragraph(
        "Nul n’est radié sans avoir reçu, par lettre recommandée, les faits qui lui sont reprochés et une "
        "invitation à s’en expliquer, devant le bureau ou par écrit."
    )


def _affiliation(told: _Statutes) -> Iterator[Paragraph]:
    federation = told.version.affiliation.strip()
    if federation:
        yield Paragraph(
            f"L’association est affiliée à {federation}, dont elle suit les statuts et les règles."
        )
    yield Paragraph(
        "Le conseil d’administration peut décider que l’association rejoint "
        f"{'une autre' if federation else 'une'} association, union ou fédération."
    )


def _resources(told: _Statutes) -> Iterator[Paragraph]:
    yield Paragraph(
        "L’association vit\u00a0:",
        (
            "des cotisations et des droits d’entrée",
            "des subventions de l’État, des collectivités territoriales et des organismes publics",
            "des financements de l’Assurance Maladie",
            "de toute autre ressource que la loi permet",
        ),
    )
    activities = " ".join(told.version.economic_activities.split())
    if activities:
        yield Paragraph(f"Elle vend des biens ou des services dans ces activités\u00a0: {activities}")


# --- Articles 11 and 12: the assemblies ---------------------------------------------------------


def _ordinary_assembly(told: _Statutes) -> Iterator[Paragraph]:
    version = told.version
    month = MONTHS[version.ordinary_month - 1] if version.ordinary_month else BLANK
    of = "d’" if month[0] in "ao" else "de "
    yield Paragraph(
        "Tous les membres forment l’assemblée générale ordinaire. Elle a lieu une fois par an, au mois "
        f"{of}{month}{'.' if version.ordinary_month else ''}",
        missing="" if version.ordinary_month else "le mois de l’assemblée ordinaire",
    )
    yield Paragraph(
        f"Le secrétaire convoque chaque membre {_count(version.ordinary_notice_days, 'jour')} avant la date "
        "au moins, en donnant l’ordre du jour. Rien d’autre que cet ordre du jour n’est débattu ni voté."
    )
    yield Paragraph(
        "Le président conduit la séance avec le conseil et présente l’activité de l’année. Le trésorier "
        "présente les comptes annuels, que l’assemblée approuve ou non. Elle arrête ensuite les "
        "cotisations, puis pourvoit les sièges du conseil qui arrivent à échéance."
    )
    yield Paragraph(_quorum(version, version.ordinary_quorum))
    yield Paragraph(_proxies(version.proxies_per_holder, "membre"))
    yield Paragraph(_majority(version, version.ordinary_majority))
    if version.votes_by_college:
        yield Paragraph(
            "Le vote a lieu par collège. Chaque collège se prononce à cette majorité et compte pour une "
            "voix\u00a0; la décision est prise quand plus de la moitié des collèges l’approuvent."
        )
    secret = (
        "sauf l’élection des membres du conseil, qui est secrète"
        if version.secret_elections
        else ("élections comprises")
    )
    yield Paragraph(f"On vote à main levée, {secret}. Ce qui est décidé vaut pour tous, absents compris.")


def _extraordinary_assembly(told: _Statutes) -> Iterator[Paragraph]:
    version = told.version
    share = share_words(version.extraordinary_request_share)
    askers = f"{share} des membres plus un" if share == "la moitié" else f"{share} des membres"
    yield Paragraph(
        "Le président convoque une assemblée générale extraordinaire quand c’est nécessaire, ou quand "
        f"{askers} le demandent. Elle seule change les statuts, dissout l’association ou décide d’un acte "
        "sur un immeuble."
    )
    yield Paragraph(
        "Elle est convoquée comme l’assemblée ordinaire, "
        f"{_count(version.extraordinary_notice_days, 'jour')} avant la date au moins, et les mêmes pouvoirs "
        "y valent."
    )
    yield Paragraph(_quorum(version, version.extraordinary_quorum))
    yield Paragraph(_majority(version, version.extraordinary_majority))


def _quorum(version: StatutesVersion, share: Decimal) -> str:
    represented = " ou représentés" if version.quorum_base == QuorumBase.PRESENT_OR_REPRESENTED else ""
    if not share:
        return f"Elle délibère quel que soit le nombre des membres présents{represented}."
    again = (
        "Cette seconde assemblée délibère quel que soit le nombre des présents."
        if version.second_convocation_free
        else "Cette seconde assemblée demande le même quorum."
    )
    return (
        f"Elle ne délibère que si {share_words(share)} au moins des membres sont présents{represented}. "
        f"Sinon, une seconde assemblée est convoquée sur le même ordre du jour. {again}"
    )


def _proxies(count: int, holder: str) -> str:
    if not count:
        return f"Un {holder} absent ne peut pas donner pouvoir à un autre."
    return (
        f"Un {holder} absent peut donner pouvoir à un autre. Une même personne porte "
        f"{_count(count, 'pouvoir')} au plus."
    )


def _majority(version: StatutesVersion, share: Decimal) -> str:
    base = (
        "des voix des membres présents ou représentés"
        if version.majority_base == MajorityBase.PRESENT_OR_REPRESENTED
        else "des suffrages exprimés, abstentions non comptées"
    )
    if share == 1:
        return f"Une décision demande l’unanimité {base}."
    more = "plus " if share == Decimal("0.5") else ""
    at_least = "" if more else " au moins"
    words = of_share_words(share) if more else share_words(share)
    return f"Une décision demande {more}{words}{at_least} {base}."


# --- Articles 13 to 18: who runs it, and how it ends ---------------------------------------------


def _board(told: _Statutes) -> Iterator[Paragraph]:
    version = told.version
    again = (
        "Ils peuvent être réélus"
        if version.board_terms_limit is None
        else f"Nul n’y fait plus de {_count(version.board_terms_limit, 'mandat')} de suite"
    )
    yield Paragraph(
        f"L’association est conduite par un conseil d’administration de {version.board_seats} membres, que "
        f"l’assemblée générale élit pour {_count(version.board_term_years, 'an')}. {again}."
    )
    seats = tuple(
        f"{college.name}\u00a0: {_count(college.seats, 'siège')}"
        for college in told.colleges
        if college.seats
    )
    if seats:
        yield Paragraph("Les sièges se répartissent ainsi entre les collèges\u00a0:", seats)
    yield Paragraph(_renewal(version))
    yield Paragraph(
        "Quand un siège se libère, le conseil peut y nommer quelqu’un en attendant. La première assemblée "
        "générale qui suit élit un remplaçant, pour ce qui reste du mandat."
    )
    yield from _board_meetings(version)


def _renewal(version: StatutesVersion) -> str:
    times, years = version.board_renewal_fractions, version.board_term_years
    if times == 1:
        return "Le conseil est renouvelé en entier à la fin de chaque mandat."
    part = _RENEWED.get(times, f"en {times} fois")
    return (
        f"Le conseil est renouvelé {part}, {_every(years // times, 'an')}. Aux premiers renouvellements, un "
        "tirage au sort désigne qui sort."
    )


def _board_meetings(version: StatutesVersion) -> Iterator[Paragraph]:
    yield Paragraph(
        f"Le conseil se réunit {_every(version.board_meeting_months, 'mois')} au moins, à l’appel du "
        f"président ou à la demande {of_share_words(version.board_request_share)} de ses membres. La "
        f"convocation part {_count(version.board_notice_days, 'jour')} avant."
    )
    quorum = (
        f"Il ne délibère que si {share_words(version.board_quorum)} au moins de ses membres sont présents. "
        if version.board_quorum
        else ""
    )
    yield Paragraph(f"{quorum}{_proxies(version.board_proxies_per_holder, 'membre du conseil')}")
    tie = "celle du président l’emporte" if version.casting_vote else "la proposition est rejetée"
    yield Paragraph(f"Il décide à la majorité des voix\u00a0; à égalité, {tie}.")
    absences = _count(version.absences_before_resignation, "réunion")
    run = " de suite" if version.absences_before_resignation > 1 else ""
    yield Paragraph(
        f"Un membre du conseil absent à {absences}{run} sans s’excuser est tenu pour démissionnaire."
    )


def _bureau(told: _Statutes) -> Iterator[Paragraph]:
    version = told.version
    seats = ["un président ou une présidente"]
    if version.vice_presidents == 1:
        seats.append("un vice-président ou une vice-présidente")
    elif version.vice_presidents:
        seats.append(f"{version.vice_presidents} vice-présidents ou vice-présidentes")
    deputy = ", avec un adjoint ou une adjointe si besoin" if version.has_deputies else ""
    seats += [f"un ou une secrétaire{deputy}", f"un trésorier ou une trésorière{deputy}"]
    how = "au scrutin secret" if version.secret_elections else "à main levée"
    yield Paragraph(f"Le conseil choisit en son sein, {how}, un bureau\u00a0:", tuple(seats))
    yield Paragraph("La même personne ne peut pas tenir la présidence et la trésorerie.")


def _allowances(told: _Statutes) -> Iterator[Paragraph]:
    if told.version.allows_indemnities:
        yield Paragraph(
            "Nul n’est payé pour siéger au conseil ou au bureau. Le temps qu’un membre consacre aux "
            "actions de l’association peut être indemnisé, dans ce que le conseil a fixé et sans dépasser, "
            "pour une personne et une année civile, le plafond annuel de la sécurité sociale (code de la "
            "santé publique, article D. 1434-44)."
        )
    else:
        yield Paragraph(
            "Nul n’est payé pour ce qu’il fait dans l’association, ni pour siéger au conseil ou au bureau."
        )
    yield Paragraph(
        "Ce qu’un mandat a coûté est remboursé sur pièces. Le rapport financier dit à l’assemblée ce qui a "
        "été remboursé, et à qui."
    )


def _internal_rules(_told: _Statutes) -> Iterator[Paragraph]:
    yield Paragraph(
        "Le conseil d’administration peut écrire un règlement intérieur, qui vaut une fois approuvé par "
        "l’assemblée générale. Il précise ce que les statuts laissent ouvert, surtout le fonctionnement de "
        "tous les jours."
    )


def _dissolution(_told: _Statutes) -> Iterator[Paragraph]:
    yield Paragraph(
        "Si l’assemblée générale extraordinaire dissout l’association dans les formes de l’article 12, "
        "elle nomme qui la liquide et choisit à quel organisme sans but lucratif va ce qui reste. Aucun "
        "membre n’en reçoit rien, hors la reprise de ce qu’il avait apporté."
    )


def _gifts(told: _Statutes) -> Iterator[Paragraph]:
    if told.version.accepts_gifts:
        yield Paragraph(
            "Pour recevoir des dons et des legs, l’association envoie chaque année au préfet son rapport "
            "et ses comptes. Elle ouvre ses registres, ses pièces comptables et ses locaux aux autorités "
            "qui le demandent, et leur rend compte de l’emploi de ce qu’elle a reçu."
        )


_ARTICLES: tuple[tuple[str, Callable[[_Statutes], Iterator[Paragraph]]], ...] = (
    ("Nom", _name),
    ("But", _purpose),
    ("Siège", _seat),
    ("Durée", _duration),
    ("Composition", _composition),
    ("Admission", _admission),
    ("Cotisations", _fees),
    ("Fin de l’adhésion", _removal),
    ("Affiliation", _affiliation),
    ("Ressources", _resources),
    ("Assemblée générale ordinaire", _ordinary_assembly),
    ("Assemblée générale extraordinaire", _extraordinary_assembly),
    ("Conseil d’administration", _board),
    ("Bureau", _bureau),
    ("Indemnités", _allowances),
    ("Règlement intérieur", _internal_rules),
    ("Dissolution", _dissolution),
    ("Dons et legs", _gifts),
)


def _count(number: int, word: str) -> str:
    plural = "s" if number > 1 and not word.endswith("s") else ""
    return f"{number}\u00a0{word}{plural}"


def _every(number: int, word: str) -> str:
    unit = word if word.endswith("s") else f"{word}s"
    return f"tous les {number}\u00a0{unit}" if number > 1 else f"tous les {unit}"
