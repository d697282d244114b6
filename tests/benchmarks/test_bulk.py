"""Work on many rows: the national load, a large workbook, a large territory, the start of the site."""

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.spreadsheets.writing import Column, Sheet, write_xlsx
from core.territories.domain.geographic_code import load_geographic_code, packaged_file
from core.territories.domain.selection import resolve_selection
from core.territories.models import Commune, Epci
from tests.benchmarks.measure import report, timed

pytestmark = pytest.mark.benchmark


def test_workbook_of_ten_thousand_rows():
    kinds = ["text"] * 9 + ["date", "date", "euros", "integer", "percent", "text"]
    columns = [Column(f"Colonne {number}", kind=kind) for number, kind in enumerate(kinds)]
    values = {"date": date(2024, 2, 29), "euros": Decimal("1250.50"), "integer": 7, "percent": Decimal("0.8")}
    row = [values.get(kind, "Établissement d’hébergement") for kind in kinds]
    sheet = Sheet("Lignes", columns, [row] * 10_000)
    created = datetime(2026, 1, 1, tzinfo=UTC)
    timing = timed(lambda: write_xlsx([sheet], created=created), runs=3, warm_up=1, clock=time.process_time)
    report("XLSX of 10 000 rows × 15 columns, processor", timing.median, 3, "s")


@pytest.mark.django_db
def test_national_geographic_code_again():
    """The base holds it already (conftest): loading the same file is what each deployment does."""
    timing = timed(lambda: load_geographic_code(packaged_file()), runs=3, warm_up=0)
    report("loading the same geographic code again", timing.median, 2, "s")
    assert Commune.objects.count() == 34_969 + 45


@pytest.mark.django_db
def test_largest_territory():
    codes = list(Epci.objects.order_by("-commune_count").values_list("code", flat=True)[:8])
    timing = timed(lambda: resolve_selection(epci=codes, communes=[]), runs=10)
    count = len(resolve_selection(epci=codes, communes=[]).communes)
    report(f"reading a territory of {count} communes", timing.median * 1000, 120, "ms")


def test_start_of_the_web_process():
    command = [sys.executable, "-c", "import cpts.wsgi"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "cpts.settings"}
    timing = timed(lambda: subprocess.run(command, env=environment, check=True), runs=5, warm_up=1)
    report("start of the web process", timing.median, 3, "s")
