"""Days and spans: nothing invented, nothing lost."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilateral.errors import BadPeriod
from minilateral.terms import Period, bins
from minilateral.terms.periods import label, parse_day

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "2023-08-18",
        "2023-08",
        "2023",
        "199X",
        "2023-08-18/2023-08-20",
        "2023-12-30/2024-01-02",
        "2023-03/2023-05",
        "1951/1965",
        "2024-02-29",
    ],
)
def test_written_and_read_again(text):
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-30",
        "2025-13-45",
        "2023-2-3",
        "18.8.2023",
        "",
        "yesterday",
        "2023-00",
        "0000",
        "2023-08-20/2023-08-18",
        "2023-08/2023-08-18",
        "2100-02-29",
        "２０２３-08-18x",
        "9999",
    ],
)
def test_what_is_no_date_is_refused_with_the_value_and_the_way_out(text):
    with pytest.raises(BadPeriod) as error:
        Period.parse(text)
    assert error.value.way_out
    assert repr(text.strip()) in str(error.value) or "'" in str(error.value)


@pytest.mark.parametrize("text", ["2023", "2023-08", "2023-02-29", ""])
def test_a_day_is_a_day(text):
    with pytest.raises(BadPeriod):
        parse_day(text)


@given(DAYS, st.integers(0, 800))
def test_several_days_survive_being_written(start, more):
    period = Period(start, start + timedelta(days=more + 1))
    assert Period.parse(str(period)) == period
    assert period.days == more + 1


@given(DAYS, st.integers(1, 4000), st.sampled_from(["year", "quarter", "month"]))
def test_bins_cover_and_do_not_overlap(start, days, every):
    end = start + timedelta(days=days)
    found = list(bins(start, end, every))
    assert found[0].start <= start
    assert found[-1].end >= end
    assert found[-1].start < end
    assert all(a.end == b.start for a, b in itertools.pairwise(found))
    names = [label(b, every) for b in found]
    assert len(set(names)) == len(names)
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("2023-08-18", "18 August 2023", "2023年8月18日"),
        ("2023-08-18/2023-08-20", "18–20 August 2023", "2023年8月18日至20日"),
        ("2023-08-31/2023-09-01", "31 August – 1 September 2023", "2023年8月31日至9月1日"),
        ("2023-12-31/2024-01-01", "31 December 2023 – 1 January 2024", "2023年12月31日至2024年1月1日"),
        ("2023-08", "August 2023", "2023年8月"),
        ("2023-08/2023-10", "August – October 2023", "2023年8月至10月"),
        ("2023-12/2024-01", "December 2023 – January 2024", "2023年12月至2024年1月"),
        ("2023", "2023", "2023年"),
        ("1951/1965", "1951–1965", "1951～1965年"),
        ("199X", "1990s", "1990年代"),
    ],
)
def test_readers_see(text, en, zh):
    assert Period.parse(text).format("en") == en
    assert Period.parse(text).format("zh") == zh


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(BadPeriod, match="ends before it starts"):
        Period(date(2024, 1, 2), date(2024, 1, 2))
