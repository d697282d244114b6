"""The rows of the list of members, drawn here: fifty of them by a template cost more than all the rest."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from members.domain.list_columns import Cell, Row

register = template.Library()

_TICK = '<td><input type="checkbox" name="membre" value="{}" aria-label="{} {}"></td>'
_NAME = '<th scope="row"><a href="{}/"><b>{}</b> {}</a>{}</th>'
_STATUS = '<span class="status status-{}"><svg><use href="#s-{}"/></svg>{}</span>'
_EMPTY = SafeString("<td></td>")
_TO_CONFIRM = SafeString(f" {_STATUS.format('warning', 'warning', 'à confirmer')}")


@register.simple_tag
def member_row(row: Row, ticked: bool) -> SafeString:
    """Draw a member: a box to tick if asked, the name, the cells. Icons are the page's symbols."""
    tick = format_html(_TICK, row.pk, row.first_name, row.last_name) if ticked else ""
    beside = _TO_CONFIRM if row.to_confirm else ""
    name = format_html(_NAME, row.pk, row.last_name, row.first_name, beside)
    cells = format_html_join("", "{}", ((_cell(cell),) for cell in row.cells))
    return format_html("<tr>{}{}{}</tr>", tick, name, cells)


def _cell(cell: Cell) -> SafeString:
    # Nothing at all in an empty cell: a phone leaves it out.
    if not cell.text:
        return _EMPTY
    if not cell.label:
        return format_html("<td>{}</td>", _content(cell))
    return format_html('<td data-label="{}">{}</td>', cell.label, _content(cell))


def _content(cell: Cell) -> str:
    if cell.kind:
        return format_html(_STATUS, cell.kind, cell.kind, cell.text)
    if cell.href:
        return format_html('<a href="{}">{}</a>', cell.href, cell.text)
    if cell.note:
        return format_html("<span>{} <small>{}</small></span>", cell.text, cell.note)
    return cell.text
