"""The sample of the geographic code, for every test of this folder."""

from tests.factories.territories import geographic_code_file, granville

__all__ = ["geographic_code_file", "granville"]
