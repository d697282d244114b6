"""The one refusal of this package."""


class SpreadsheetError(Exception):
    """A file that cannot be read as a table; its message is a French sentence for its sender."""
