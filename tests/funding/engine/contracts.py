"""Any contract the engine accepts, for the tests of what holds whatever its dates, sizes and attainments."""

from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from funding.domain.baremes import published_baremes
from funding.engine import ContractTerms, PaymentSchedule, Proration, compute_schedule
from tests.funding.engine.builders import ACI_2019, AVENANT_2

COMMON_MISSIONS = tuple(mission.code for mission in ACI_2019.missions)
ALL_MISSIONS = tuple(mission.code for mission in AVENANT_2.missions)
SUPPLEMENTS = tuple(supplement.code for supplement in ACI_2019.supplements)
LEAP_DAYS = [date(2020, 2, 29), date(2024, 2, 29), date(2028, 2, 29)]

# How long an example takes says more about the machine than about the engine: benchmarks measure that.
steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

rates = st.decimals(0, 1, places=4)
contract_years = st.integers(1, 5)
signatures = st.dates(date(2019, 8, 25), date(2040, 12, 31)) | st.sampled_from(LEAP_DAYS)


@st.composite
def contracts(draw: st.DrawFn, signed: st.SearchStrategy[date] = signatures) -> ContractTerms:
    """Any contract the engine accepts; the crisis mission only under the text that knows it all along."""
    signed_on = draw(signed)
    known = ALL_MISSIONS if signed_on >= AVENANT_2.effective_from else COMMON_MISSIONS
    codes = draw(st.sets(st.sampled_from(known)))
    starts = st.integers(0, 5 * 365 - 1).map(lambda days: signed_on + timedelta(days=days))
    return ContractTerms(
        signed_on=signed_on,
        size=draw(st.integers(1, 4)),
        missions={code: draw(starts) for code in sorted(codes)},
        proration=draw(st.sampled_from(Proration)),
        prorate_first_variable=draw(st.booleans()),
        attainment=draw(
            st.dictionaries(st.sampled_from(known), st.dictionaries(contract_years, rates), max_size=3)
        ),
        default_attainment=draw(rates),
        crisis_plan_year=draw(st.none() | contract_years),
        crisis_years=frozenset(draw(st.sets(contract_years))),
        supplements=frozenset(draw(st.sets(st.sampled_from(SUPPLEMENTS)))),
    )


def computed(terms: ContractTerms) -> PaymentSchedule:
    return compute_schedule(terms, published_baremes())
