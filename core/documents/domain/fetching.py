"""What a document may load: only what it carries itself."""

from typing import Any

from weasyprint.urls import URLFetcher, URLFetcherResponse

from core.documents.errors import ForbiddenResourceError


class DataOnlyFetcher(URLFetcher):
    """Gives the content of `data:` addresses and refuses all others, remembering them.

    WeasyPrint leaves out a resource that it cannot load and goes on: `refused` lets the caller know.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, Any] | None = None) -> URLFetcherResponse:
        """Return the content of a `data:` address; raises ForbiddenResourceError for any other, unopened."""
        if not url.lower().startswith("data:"):
            self.refused.append(url)
            raise ForbiddenResourceError(f"A document may not load {url[:200]}")
        return super().fetch(url, headers)
