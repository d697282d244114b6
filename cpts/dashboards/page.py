"""What a home page is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from core.ui.charts import StackedBars


class Urgency(IntEnum):
    """How soon something is to be done: the order of the list, and the look of each line."""

    LATE = 0
    SOON = 1
    NEXT = 2

    @property
    def kind(self) -> str:
        """The kind of status that shows it (`c-status`)."""
        return {Urgency.LATE: "danger", Urgency.SOON: "warning", Urgency.NEXT: "info"}[self]

    @property
    def label(self) -> str:
        """In French."""
        return {Urgency.LATE: "En retard", Urgency.SOON: "Bientôt", Urgency.NEXT: "À faire"}[self]


@dataclass(frozen=True)
class Todo:
    """Something to do, why, and the button that leads there."""

    urgency: Urgency
    title: str
    detail: str
    url: str
    action: str


@dataclass(frozen=True)
class Stat:
    """A figure in sight: already written in French."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Link:
    """A page people of this role often open."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True)
class Dashboard:
    """The home page of a role."""

    intro: str
    todos: Sequence[Todo] = ()
    stats: Sequence[Stat] = ()
    chart: StackedBars | None = None
    links: Sequence[Link] = field(default=())

    @property
    def sorted_todos(self) -> list[Todo]:
        """The most urgent first, in the order given among equals."""
        return sorted(self.todos, key=lambda todo: todo.urgency)
