import pytest

from funding.engine import EngineError, size_for_population
from tests.funding.engine.builders import ACI_2019, AVENANT_2


@pytest.mark.parametrize("bareme", [ACI_2019, AVENANT_2])
@pytest.mark.parametrize(
    ("population", "size"),
    [
        (1, 1),
        (39_999, 1),
        (40_000, 2),
        (60_200, 2),
        (79_999, 2),
        (80_000, 3),
        (175_000, 3),
        (175_001, 4),
        (100_000_000, 4),
    ],
)
def test_bands_are_half_open(population, size, bareme):
    assert size_for_population(population, bareme) == size


@pytest.mark.parametrize("population", [0, -1])
def test_nobody_has_no_size(population):
    with pytest.raises(EngineError, match="au moins un habitant"):
        size_for_population(population, AVENANT_2)


def test_thresholds_are_the_first_population_of_each_band():
    assert AVENANT_2.thresholds == (40_000, 80_000, 175_001)
    assert AVENANT_2.sizes == (1, 2, 3, 4)
