"""Reference ranges: one a day for site, analyte and sex; who may keep them; which one holds on a day."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from assessments.models import LabPanel, ReferenceRange
from assessments.selectors import ReferenceRanges, range_for
from assessments.services import add_range, close_range, remove_range
from tests.assessments.conftest import make_range
from tests.factories import signed_in
from trial.audit import acting, row_history

RANGES = """
    sex  | from       | to         | uln
    both | 2011-01-01 | 2011-12-31 | 40
    both | 2012-01-01 | -          | 42
    F    | 2012-06-01 | -          | 35
"""
ASKED = """
    on         | sex | uln
    2010-12-31 | M   | -         before the first range
    2011-01-01 | M   | 40
    2011-12-31 |     | 40        the last day is part of it
    2012-01-01 | M   | 42
    2012-05-31 | F   | 42
    2012-06-01 | F   | 35        a range for her sex goes first
    2012-06-01 |     | 42        sex not known
    2099-01-01 | M   | 42
"""


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


def day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


@pytest.fixture
def known(study):
    for sex, start, end, uln in cells(RANGES):
        sex = "" if sex == "both" else sex
        make_range(study, sex=sex, valid_from=day(start), valid_to=day(end), uln=Decimal(uln))


def test_the_range_of_a_day(study, known):
    with acting(study.monitor_a):
        ranges = ReferenceRanges.of_sites(study.site_a.pk)
        for on, sex, rest in cells(ASKED):
            expected = rest.split()[0]
            for found in (
                range_for(study.site_a.pk, "alt", day(on), sex),
                ranges.find(study.site_a.pk, "alt", day(on), sex),
            ):
                assert (f"{found.uln:.0f}" if found else "-") == expected, (on, sex)
        assert range_for(study.site_b.pk, "alt", date(2012, 1, 1)) is None
        assert range_for(study.site_a.pk, "ast", date(2012, 1, 1)) is None


def test_many_values_need_one_query(study, known, django_assert_num_queries):
    with acting(study.monitor_a), django_assert_num_queries(1):
        ranges = ReferenceRanges.of_sites(study.site_a.pk)
        for number in range(1, 29):
            assert ranges.find(study.site_a.pk, "alt", date(2012, 2, number), "M")


def test_ranges_do_not_overlap(study, known):
    with pytest.raises(ValidationError) as refused:
        make_range(study, valid_from=date(2011, 6, 1), valid_to=date(2011, 6, 2))
    assert list(refused.value.message_dict) == ["valid_from"]
    make_range(study, analyte="ast", valid_from=date(2011, 6, 1))


def test_the_database_itself_refuses_an_overlap(study, known):
    copy = (
        "INSERT INTO assessments_referencerange (site_id, analyte, sex, unit, lln, uln, valid_from) "
        "SELECT site_id, analyte, sex, unit, lln, uln, valid_from + 1 FROM assessments_referencerange LIMIT 1"
    )
    with acting(study.coordinator_a), connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="one_range_a_day"), transaction.atomic():
            cursor.execute(copy)
        with pytest.raises(IntegrityError, match="range_has_limits_in_order"), transaction.atomic():
            cursor.execute(copy.replace("lln, uln, valid_from + 1", "uln, lln, DATE '1999-01-01'"))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"lln": Decimal(41)}, "__all__"),
        ({"lln": Decimal(40)}, "__all__"),
        ({"lln": None, "uln": None}, "__all__"),
        ({"unit": "g/dL"}, "unit"),
        ({"unit": ""}, "unit"),
        ({"analyte": "unobtainium"}, "analyte"),
        ({"valid_to": date(2010, 1, 1)}, "valid_to"),
        ({"uln": Decimal("1e30")}, "uln"),
        ({"uln": Decimal("NaN")}, "uln"),
        ({"lln": Decimal(-1)}, "lln"),
        ({"valid_from": None}, "valid_from"),
    ],
)
def test_an_impossible_range_is_refused_at_its_field(study, values, field):
    with pytest.raises(ValidationError) as refused:
        make_range(study, **values)
    assert field in refused.value.message_dict


@pytest.mark.parametrize(
    ("lln", "uln", "shown"), [("5", "40", "5–40"), (None, "40.5", "≤40.5"), ("1500", None, "≥1500")]
)
def test_limits_as_laboratories_print_them(study, lln, uln, shown):
    limits = (None if text is None else Decimal(text) for text in (lln, uln))
    assert ReferenceRange(**dict(zip(("lln", "uln"), limits, strict=True))).limits == shown


def test_a_range_is_closed_once_and_the_next_begins(study):
    first = make_range(study)
    with acting(study.data_manager):
        close_range(first.pk, valid_to=date(2012, 6, 30), by=study.data_manager, reason="new analyser")
        with pytest.raises(ValidationError, match="closed already"):
            close_range(first.pk, valid_to=date(2012, 7, 31), by=study.data_manager, reason="again")
        entries = row_history("assessments_referencerange", first.pk)
    assert [(e.operation, e.reason, e.site_id) for e in entries] == [
        ("I", "test", study.site_a.pk),
        ("U", "new analyser", study.site_a.pk),
    ]
    make_range(study, valid_from=date(2012, 7, 1))


def test_a_range_entered_by_mistake_is_removed_with_a_reason(study):
    first = make_range(study)
    with acting(study.coordinator_a):
        with pytest.raises(ValidationError, match="Say why"):
            remove_range(first.pk, by=study.coordinator_a, reason=" ")
        remove_range(first.pk, by=study.coordinator_a, reason="wrong unit")
        assert not ReferenceRange.objects.exists()
        with pytest.raises(ValidationError, match="removed meanwhile"):
            remove_range(first.pk, by=study.coordinator_a, reason="wrong unit")


def test_who_keeps_ranges(study):
    values = {"analyte": "ast", "unit": "U/L", "uln": Decimal(40), "valid_from": date(2011, 1, 1)}
    for name, person in study.people.items():
        allowed = name in ("coordinator_a", "data_manager")
        with acting(person), transaction.atomic():
            if allowed:
                reference = add_range(ReferenceRange(site=study.site_a, **values), by=person)
                remove_range(reference.pk, by=person, reason="test")
            else:
                with pytest.raises(PermissionDenied):
                    add_range(ReferenceRange(site=study.site_a, **values), by=person)


def test_the_database_keeps_strangers_out_too(study):
    make_range(study)
    with acting(study.coordinator_b, reason="test"):
        assert not ReferenceRange.objects.exists()
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ReferenceRange.objects.create(
                site=study.site_a, analyte="ast", unit="U/L", uln=1, valid_from=date(2011, 1, 1)
            )
    with acting(study.monitor_a, reason="test"):
        assert ReferenceRange.objects.count() == 1
        assert ReferenceRange.objects.update(uln=Decimal(99)) == 0


TYPED = {
    "analyte": "alt",
    "sex": "",
    "unit": "U/L",
    "lln": "5",
    "uln": "40",
    "valid_from": "2011-01-01",
    "valid_to": "",
}


def test_the_page_lists_adds_and_closes(study):
    client = signed_in(study.coordinator_a)
    typed = TYPED | {"site": study.site_a.pk}
    assert client.post("/assessments/ranges/", typed).status_code == 302
    again = client.post("/assessments/ranges/", typed)
    assert again.status_code == 200
    assert "Another range" in again.context["form"].errors["valid_from"][0]
    page = client.get("/assessments/ranges/").content.decode()
    assert "5–40" in page
    with acting(study.coordinator_a):
        pk = ReferenceRange.objects.get().pk
    url = f"/assessments/ranges/{pk}/close/"
    assert client.get(url).status_code == 200
    neither = client.post(url, {"reason": "new analyser"})
    assert "Give the last day" in neither.context["form"].errors["valid_to"][0]
    early = client.post(url, {"reason": "new analyser", "valid_to": "2010-01-01"})
    assert "before the start" in early.context["form"].errors["valid_to"][0]
    assert client.post(url, {"reason": "new analyser", "valid_to": "2012-01-01"}).status_code == 302
    twice = client.post(url, {"reason": "new analyser", "valid_to": "2012-01-01"})
    assert "closed already" in twice.context["form"].errors["valid_to"][0]
    assert client.post(url, {"reason": "mistake", "remove": "on"}).status_code == 302
    assert client.get(url).status_code == 404


def test_others_read_the_page(study):
    pk = make_range(study).pk
    for name, person in study.people.items():
        client = signed_in(person)
        page = client.get("/assessments/ranges/")
        close = client.get(f"/assessments/ranges/{pk}/close/")
        if name in ("administrator", "reader"):
            assert (page.status_code, close.status_code) == (403, 403)
            continue
        keeps = name in ("coordinator_a", "coordinator_b", "data_manager")
        assert ("Add a range" in page.content.decode()) == keeps
        assert ("5–40" in page.content.decode()) == (name != "coordinator_b")
        expected = {"coordinator_a": 200, "data_manager": 200, "coordinator_b": 404}.get(name, 403)
        assert close.status_code == expected, name
        if not keeps:
            posted = client.post("/assessments/ranges/", TYPED | {"site": study.site_a.pk})
            assert posted.status_code == 403


def test_a_coordinator_cannot_add_to_another_site(study):
    response = signed_in(study.coordinator_a).post("/assessments/ranges/", TYPED | {"site": study.site_b.pk})
    assert response.status_code == 200
    assert "site" in response.context["form"].errors


DAYS = st.dates(date(2012, 1, 1), date(2012, 1, 12))
SPANS = st.builds(
    lambda sex, start, end: ReferenceRange(
        site_id=1, analyte="alt", sex=sex, unit="U/L", uln=40, valid_from=start, valid_to=end
    ),
    st.sampled_from(["", "F", "M"]),
    DAYS,
    st.none() | DAYS,
)
PANELS = st.builds(lambda day, alt: LabPanel(date=day, alt=alt), DAYS, st.none() | st.just(Decimal(30)))


@given(spans=st.lists(SPANS, max_size=4), panels=st.lists(PANELS, max_size=4))
def test_the_values_without_a_range_are_those_for_which_none_is_found(spans, panels):
    ranges = ReferenceRanges(spans)
    expected = [
        (panel, ["Alanine aminotransferase"])
        for panel in panels
        if panel.alt is not None and ranges.find(1, "alt", panel.date, "F") is None
    ]
    assert [(id(panel), names) for panel, names in ranges.missing_for(panels, 1, "F")] == [
        (id(panel), names) for panel, names in expected
    ]
