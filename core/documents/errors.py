"""What can go wrong while making a document."""


class ForbiddenResourceError(Exception):
    """The document asks for a resource outside of itself: a file, or another site."""
