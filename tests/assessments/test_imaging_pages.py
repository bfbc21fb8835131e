"""The imaging read on its page: the grid, the preview, the new baseline, and what is refused where."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole
from casebook.models import Query
from tests.assessments.imaging_cases import Entered, enter_course
from tests.factories import make_patient, signed_in
from trial.audit import acting

pytestmark = pytest.mark.django_db
CT = "CONTRAST ENHANCED CT SCAN"
BASELINE = "-7 T1=60 T2=40 N1:present"
FIRST = "T1 T2 / N1"


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def followed(patient) -> Entered:
    """A baseline and a first scan with stable disease."""
    return enter_course(patient, BASELINE + "\n42 T1=60 T2=30 N1:present", first=FIRST)


def new(patient) -> str:
    return reverse("assessments:imaging-new", args=[patient.number])


def edit(entered: Entered, name: str) -> str:
    return reverse("assessments:imaging-edit", args=[entered.patient.number, entered.reads[name].pk])


def rebaseline(entered: Entered, name: str) -> str:
    return reverse("assessments:imaging-baseline", args=[entered.patient.number, entered.reads[name].pk])


def as_shown(response) -> dict[str, str]:
    """What the browser would send if nothing were typed."""
    page = response.context
    bound = [*page["form"], *page["lines"].management_form]
    for line in page["lines"]:
        bound += list(line)
    sent = {}
    for field in bound:
        value = field.value()
        if field.widget_type != "checkbox":
            sent[field.html_name] = "" if value is None else str(value)
        elif value:
            sent[field.html_name] = "on"
    return sent


def line_of(response, label: str):
    lines = (line for line in response.context["lines"] if line.known and line.known.label == label)
    return next(lines)


def seen(response, **words: str) -> dict[str, str]:
    """The fields of known lesions filled in: T1="45", N1="PRESENT"."""
    fields = {
        label: "state" if word.replace(" ", "").isalpha() else "diameter" for label, word in words.items()
    }
    return {f"{line_of(response, label).prefix}-{fields[label]}": word for label, word in words.items()}


def follow_up(client: Client, patient, day: str = "2012-03-25", **words: str) -> dict[str, str]:
    page = client.get(new(patient))
    typed = as_shown(page) | {"date": day, "modality": CT}
    return typed | seen(page, **({"T1": "60", "T2": "30", "N1": "PRESENT"} | words))


def reads_of(study) -> int:
    with acting(study.coordinator_a):
        return ImagingRead.objects.count()


def test_a_baseline_is_entered_and_its_lesions_get_labels(study, patient, coordinator):
    page = coordinator.get(new(patient))
    assert "reader_overall" not in page.context["form"].fields
    typed = as_shown(page) | {
        "date": "2012-01-03",
        "modality": CT,
        "lines-0-role": "TARGET",
        "lines-0-diameter": "60",
        "lines-0-place": "segment 8",
        "lines-1-role": "TARGET",
        "lines-1-diameter": "40.5",
        "lines-2-organ": "PORTAL VEIN",
        "lines-2-kind": "PORTAL VEIN THROMBOSIS",
        "lines-2-role": "NON-TARGET",
        "lines-2-state": "PRESENT",
    }
    response = coordinator.post(new(patient), typed, follow=True)
    assert "Imaging read saved." in response.content.decode()
    with acting(study.coordinator_a):
        assert [lesion.label for lesion in Lesion.objects.all()] == ["NT01", "T01", "T02"]
        assert set(LesionRole.objects.values_list("lesion__label", "period", "role")) == {
            ("T01", 1, "TARGET"),
            ("T02", 1, "TARGET"),
            ("NT01", 1, "NON-TARGET"),
        }
        assert set(LesionReading.objects.values_list("lesion__label", "state", "is_new")) == {
            ("T01", "MEASURED", False),
            ("T02", "MEASURED", False),
            ("NT01", "PRESENT", False),
        }


def test_targets_that_cannot_be_are_refused_in_their_cells_and_nothing_typed_is_lost(
    study, patient, coordinator
):
    typed = as_shown(coordinator.get(new(patient))) | {
        "date": "2012-01-03",
        "modality": CT,
        "lines-0-role": "TARGET",
        "lines-0-diameter": "9.9",
        "lines-0-place": "segment 8",
        "lines-2-kind": "EFFUSION",
        "lines-2-role": "TARGET",
        "lines-2-diameter": "30",
    }
    response = coordinator.post(new(patient), typed)
    assert response.status_code == 200
    errors = [line.errors for line in response.context["lines"]]
    assert errors[0] == {
        "diameter": ["T01 is 9.9 mm at this baseline; a target lesion needs at least 10 mm."]
    }
    assert list(errors[2]) == ["kind"]
    page = response.content.decode()
    assert all(f'value="{value}"' in page for value in ("9.9", "segment 8", "30", "2012-01-03"))
    assert reads_of(study) == 0


def test_a_follow_up_shows_the_scans_before_and_what_is_computed(study, patient, coordinator):
    entered = enter_course(patient, BASELINE, first=FIRST)
    page = coordinator.get(new(patient))
    (column,) = page.context["columns"]
    assert (str(column.read.date), column.total, column.response) == ("2011-12-25", "100 mm", "baseline")
    assert [cell for _, cell in line_of(page, "T1").cells] == ["60"]
    typed = follow_up(coordinator, patient, "2012-02-12", T1="35", T2="35") | {
        "reader_overall": "SD",
        "comment": "by eye",
    }
    checked = coordinator.post(new(patient), typed | {"action": "check"})
    result = checked.context["result"]
    assert result.title == "Treatment 1: overall response PR"
    assert dict(result.figures) == {
        "Baseline sum": "100 mm",
        "Nadir": "100 mm on 2011-12-25",
        "This sum": "70 mm",
        "Change from baseline": "-30 mm (-30 %)",
        "Change from nadir": "-30 mm (-30 %)",
    }
    assert result.sentences[0] == "-30 % from the baseline of 100 mm: PR."
    assert reads_of(study) == 1
    coordinator.post(new(patient), typed)
    assert entered.course().time_points[0].overall == "PR"
    with acting(study.coordinator_a):
        assert Query.objects.get(rule_id="imaging.reader_differs").field == "reader_overall"


def test_the_preview_computes_what_stands_in_the_form_and_saves_nothing(
    study, patient, coordinator, followed
):
    typed = follow_up(coordinator, patient, T1="80", T2="40") | {
        "lines-3-diameter": "14",
        "lines-3-typical": "on",
    }
    answer = coordinator.post(new(patient) + "preview/", typed)
    assert answer.context["result"].title == "Treatment 1: overall response PD, the first progression"
    text = answer.content.decode()
    assert '<output id="computed-reader_target" hx-swap-oob="true">PD</output>' in text
    assert '<output id="computed-sum" hx-swap-oob="true">120 mm</output>' in text
    assert "New lesion new lesion 1 of 14 mm shows the typical pattern." in text
    assert reads_of(study) == 2
    half = coordinator.post(new(patient) + "preview/", typed | {"lines-0-diameter": "about 60", "date": ""})
    assert half.context["result"].title.startswith("Enter the date")
    assert coordinator.get(new(patient) + "preview/").url == new(patient)


def test_of_half_a_sum_no_change_is_shown(patient, coordinator, followed):
    typed = follow_up(coordinator, patient, T1="20", T2="NOT EVALUABLE")
    figures = dict(coordinator.post(new(patient) + "preview/", typed).context["result"].figures)
    assert (figures["This sum"], figures["Change from baseline"]) == ("20 mm (incomplete)", "–")


def test_the_preview_of_a_baseline_gives_its_sum_and_what_speaks_against_it(patient, coordinator):
    typed = as_shown(coordinator.get(new(patient))) | {"date": "2012-01-03", "lines-0-diameter": "60"}
    answer = coordinator.post(new(patient) + "preview/", typed)
    assert answer.context["result"].title.startswith("Choose the target")
    typed |= {"lines-0-role": "TARGET", "lines-1-role": "TARGET", "lines-1-diameter": "8"}
    answer = coordinator.post(new(patient) + "preview/", typed)
    assert answer.context["result"].title == "Baseline"
    assert answer.context["result"].figures == (("Sum of targets", "68 mm"),)
    assert len(answer.context["result"].findings) == 1


def test_first_progression_leads_to_the_new_baseline_and_on_to_the_second(
    study, patient, coordinator, followed
):
    typed = follow_up(coordinator, patient, T1="80", T2="40")
    typed |= {
        "lines-3-organ": "LIVER",
        "lines-3-diameter": "14",
        "lines-3-typical": "on",
        "lines-3-is_new": "on",
    }
    response = coordinator.post(new(patient), typed)
    with acting(study.coordinator_a):
        read = ImagingRead.objects.get(date="2012-03-25")
    address = reverse("assessments:imaging-baseline", args=[patient.number, read.pk])
    assert response.url == address
    page = coordinator.get(address)
    labels = [line.saved.lesion.label for line in page.context["lines"]]
    assert labels == ["T1", "T2", "N1", "NEW01"]
    chosen = {
        line.add_prefix("role"): "TARGET"
        for line in page.context["lines"]
        if line.saved.lesion.label in ("T1", "NEW01")
    }
    sent = {"version": "1", "reason": "first progression"} | chosen
    refused = coordinator.post(address, sent)
    assert [line.errors.get("role") for line in refused.context["lines"]][1] == ["This field is required."]
    chosen |= {
        line.add_prefix("role"): "NON-TARGET"
        for line in page.context["lines"]
        if line.add_prefix("role") not in chosen
    }
    saved = coordinator.post(address, sent | chosen, follow=True)
    assert "New baseline saved" in saved.content.decode()
    course = followed.course()
    assert course.period2.baseline_sum == 940
    with acting(study.coordinator_a):
        new_lesion = Lesion.objects.get(label="NEW01")
    assert new_lesion.pk in course.period2.target_ids

    page = coordinator.get(new(patient))
    assert line_of(page, "NEW01").period_role == "TARGET"
    assert line_of(page, "T2").period_role == "NON-TARGET"
    typed = as_shown(page) | {"date": "2012-05-06", "modality": CT}
    typed |= seen(page, T1="100", NEW01="14", T2="PRESENT", N1="PRESENT")
    coordinator.post(new(patient), typed)
    assert str(followed.course().pd2.date) == "2012-05-06"


def test_a_non_target_is_measured_when_it_becomes_a_target(study, patient, coordinator):
    entered = enter_course(patient, BASELINE + "\n42 T1=80 T2=40 N1:present", first=FIRST)
    page = coordinator.get(rebaseline(entered, "42"))
    lines = {line.saved.lesion.label: line for line in page.context["lines"]}
    sent = {"version": "1", "reason": "measurable now"}
    sent |= {
        line.add_prefix("role"): "TARGET" if label != "T2" else "NON-TARGET" for label, line in lines.items()
    }
    refused = coordinator.post(rebaseline(entered, "42"), sent)
    errors = {line.saved.lesion.label: line.errors for line in refused.context["lines"]}
    assert "not measured" in errors["N1"]["diameter"][0]
    sent[lines["N1"].add_prefix("diameter")] = "11.5"
    assert coordinator.post(rebaseline(entered, "42"), sent).status_code == 302
    assert entered.course().period2.baseline_sum == 915


def test_a_scan_that_is_no_first_progression_has_no_new_baseline(coordinator, followed):
    page = coordinator.get(rebaseline(followed, "42"))
    assert "no new baseline begins on it" in page.content.decode()
    answer = coordinator.post(rebaseline(followed, "42"), {"version": "1", "reason": "x"})
    assert answer.status_code == 200
    assert followed.course().period2 is None


def test_a_new_baseline_somebody_else_got_at_first_is_not_overwritten(patient, coordinator):
    entered = enter_course(patient, BASELINE + "\n42 T1=80 T2=40 N1:present", first=FIRST)
    page = coordinator.get(rebaseline(entered, "42"))
    sent = {line.add_prefix("role"): "NON-TARGET" for line in page.context["lines"]}
    entered.rebaseline("42", "T1 / T2 N1")
    answer = coordinator.post(rebaseline(entered, "42"), sent | {"version": "1", "reason": "x"})
    assert answer.status_code == 409
    assert entered.course().period2.baseline_sum == 800


def test_an_edit_asks_why_and_what_was_typed_stays(study, coordinator, followed):
    page = coordinator.get(edit(followed, "42"))
    typed = as_shown(page) | seen(page, T1="61.5")
    refused = coordinator.post(edit(followed, "42"), typed)
    assert list(refused.context["form"].errors) == ["reason"]
    assert 'value="61.5"' in refused.content.decode()
    assert coordinator.post(edit(followed, "42"), typed | {"reason": "misread"}).status_code == 302
    assert followed.course().time_points[0].sum_of_diameters == 915
    history = coordinator.get(
        reverse("casebook:history", args=[followed.patient.number, "imaging", followed.reads["42"].pk])
    )
    text = history.content.decode()
    assert "reading of T1" in text
    assert "misread" in text
    assert "lesion N1" in text


def test_the_lesions_of_a_baseline_are_described_and_chosen_where_they_were_first_seen(
    study, coordinator, followed
):
    page = coordinator.get(edit(followed, "-7"))
    line = line_of(page, "T2")
    assert page.context["known_lines"] == []
    typed = as_shown(page) | {
        "reason": "seen again by two readers",
        f"{line.prefix}-place": "segment 6",
        f"{line.prefix}-role": "NON-TARGET",
    }
    assert coordinator.post(edit(followed, "-7"), typed).status_code == 302
    with acting(study.coordinator_a):
        assert Lesion.objects.get(label="T2").place == "segment 6"
        assert LesionRole.objects.get(lesion__label="T2").role == "NON-TARGET"
    assert followed.course().period1.baseline_sum == 600
    page = coordinator.get(edit(followed, "42"))
    assert "place" not in line_of(page, "T2").fields


def test_a_lesion_entered_by_mistake_is_cleared_away(study, patient, coordinator, followed):
    entered = followed
    entered.enter("84 T1=60 T2=30 N1:present +X1=8")
    page = coordinator.get(edit(entered, "84"))
    line = line_of(page, "X1")
    typed = as_shown(page) | {"reason": "a vessel", f"{line.prefix}-diameter": "", f"{line.prefix}-state": ""}
    assert coordinator.post(edit(entered, "84"), typed).status_code == 302
    with acting(study.coordinator_a):
        assert not Lesion.objects.filter(label="X1").exists()


def test_a_new_lesion_seen_before_is_new_again_until_the_next_baseline(patient, coordinator, followed):
    followed.enter("84 T1=60 T2=30 N1:present +X1=8")
    page = coordinator.get(new(patient))
    line = line_of(page, "X1")
    assert not line.is_described_here
    assert line["is_new"].value() is True
    assert line_of(page, "T1").flags == []


def test_two_people_at_one_read_see_both_versions(study, coordinator, followed):
    page = coordinator.get(edit(followed, "42"))
    mine = as_shown(page) | seen(page, T1="61") | {"reason": "mine", "comment": "by me"}
    other = signed_in(study.investigator_a)
    other_page = other.get(edit(followed, "42"))
    theirs = as_shown(other_page) | seen(other_page, T1="62") | {"reason": "theirs"}
    assert other.post(edit(followed, "42"), theirs).status_code == 302
    answer = coordinator.post(edit(followed, "42"), mine)
    assert answer.status_code == 409
    differing = {(str(label), str(yours)) for label, yours, _ in answer.context["conflict"]}
    assert differing == {("T1: Viable diameter, mm", "61"), ("Comment", "by me")}
    again = as_shown(answer)
    assert again["version"] == "2"
    assert coordinator.post(edit(followed, "42"), again).status_code == 302
    assert followed.course().time_points[0].sum_of_diameters == 910


@pytest.mark.parametrize(
    ("field", "typed"),
    [("T1-diameter", "about 60"), ("T1-diameter", "401"), ("T1-diameter", "6.05"), ("T1-state", "HUGE")],
)
def test_what_is_wrong_is_said_in_its_cell(study, patient, coordinator, followed, field, typed):
    page = coordinator.get(new(patient))
    label, name = field.split("-")
    sent = follow_up(coordinator, patient) | {f"{line_of(page, label).prefix}-{name}": typed}
    answer = coordinator.post(new(patient), sent)
    assert name in line_of(answer, label).errors
    assert reads_of(study) == 2
    if name == "diameter":
        assert f'value="{typed}"' in answer.content.decode()


def test_every_lesion_that_is_followed_must_be_said_something_of(study, patient, coordinator, followed):
    sent = follow_up(coordinator, patient, N1="")
    answer = coordinator.post(new(patient), sent | {"lines-2-state": "", "lines-2-diameter": ""})
    assert list(line_of(answer, "N1").errors) == ["state"]
    sent = follow_up(coordinator, patient, N1="NOT EVALUABLE")
    sent[f"{line_of(answer, 'N1').prefix}-not_evaluable_reason"] = "NOT IMAGED"
    assert coordinator.post(new(patient), sent).status_code == 302


def test_a_scan_before_the_baseline_is_refused_at_its_date(study, patient, coordinator, followed):
    answer = coordinator.post(new(patient), follow_up(coordinator, patient, "2011-11-01"))
    assert list(answer.context["form"].errors) == ["date"]


def test_the_casebooks_links_lead_to_the_imaging_page(study, patient, coordinator, followed):
    assert coordinator.get(f"/casebook/{patient.number}/imaging/new/").url == new(patient)
    pk = followed.reads["42"].pk
    assert coordinator.get(f"/casebook/{patient.number}/imaging/{pk}/").url == edit(followed, "42")
    assert coordinator.post(f"/casebook/{patient.number}/imaging/{pk}/", {}).status_code == 302
    page = coordinator.get(reverse("casebook:patient", args=[patient.number])).content.decode()
    assert edit(followed, "42") in page
    assert new(patient) in page


def test_a_read_is_removed_on_the_casebooks_page(study, patient, coordinator, followed):
    address = reverse("casebook:remove", args=[patient.number, "imaging", followed.reads["42"].pk])
    assert coordinator.get(address).status_code == 200
    assert coordinator.post(address, {"version": "1", "reason": "wrong patient"}).status_code == 302
    assert reads_of(study) == 1


def test_other_sites_see_nothing_and_readers_change_nothing(study, patient, coordinator, followed):
    pages = [
        new(patient),
        edit(followed, "42"),
        rebaseline(followed, "42"),
        edit(followed, "42") + "preview/",
    ]
    stranger = signed_in(study.coordinator_b)
    for page in pages:
        assert stranger.get(page).status_code == 404
        assert stranger.post(page, {}).status_code == 404
    for person in (study.monitor_a, study.data_manager, study.statistician, study.auditor):
        reader = signed_in(person)
        assert reader.get(new(patient)).status_code == 403
        for page in pages:
            assert reader.post(page, {}).status_code == 403
        shown = reader.get(edit(followed, "42")).content.decode()
        assert "<input" not in shown.split("<main")[1].split("</main")[0]
        assert "Treatment 1: overall response SD" in shown
        assert reader.get(rebaseline(followed, "42")).status_code == 200
    assert signed_in(study.administrator).get(edit(followed, "42")).status_code == 403
    assert (
        coordinator.get(edit(followed, "42").replace(str(followed.reads["42"].pk), "999999")).status_code
        == 404
    )
    other = make_patient(study)
    address = reverse("assessments:imaging-edit", args=[other.number, followed.reads["42"].pk])
    assert coordinator.get(address).status_code == 404


def test_a_line_cannot_name_another_patients_lesion(study, patient, coordinator, followed):
    other = enter_course(make_patient(study), BASELINE, first=FIRST)
    sent = follow_up(coordinator, patient) | {"lines-0-lesion": str(other.lesions["T1"].pk)}
    answer = coordinator.post(new(patient), sent)
    assert answer.status_code == 200
    assert "not one of this patient" in answer.content.decode()
    assert reads_of(study) == 3


def test_the_pages_stay_within_their_queries(study, patient, coordinator, followed):
    followed.enter("84 T1=80 T2=60 N1:present +X1=12")
    coordinator.get(new(patient))  # the first page of a session also writes that it is in use
    for address in (new(patient), edit(followed, "84"), rebaseline(followed, "84")):
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get(address).status_code == 200
        assert len(queries) <= 12, "\n".join(q["sql"][:200] for q in queries)
    sent = follow_up(coordinator, patient, "2012-05-06")
    with CaptureQueriesContext(connection) as queries:
        assert coordinator.post(new(patient) + "preview/", sent).status_code == 200
    assert len(queries) <= 12


TYPED = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e999",
            "NaN",
            "60",
            "9" * 40,
            "\x00",
            "TARGET",
            "MEASURED",
            "on",
            "９",
            "2012-02-30",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        *(
            "date",
            "modality",
            "version",
            "reason",
            "reader_overall",
            "new_lesions_evaluated",
            "action",
            "comment",
        ),
        *(f"lines-{part}_FORMS" for part in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")),
        *(
            f"lines-{line}-{name}"
            for line in (0, 1, 3, 59)
            for name in (
                "lesion",
                "organ",
                "kind",
                "role",
                "diameter",
                "state",
                "is_new",
                "malignancy_proven",
            )
        ),
    ]
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(typed=st.dictionaries(NAMES, TYPED, max_size=8), new_read=st.booleans())
def test_whatever_is_posted_a_page_answers(patient, coordinator, followed, typed, new_read):
    address = new(patient) if new_read else edit(followed, "42")
    sent = as_shown(coordinator.get(address)) | typed
    for place, posted in ((address, sent), (address + "preview/", sent), (address, typed)):
        assert coordinator.post(place, posted).status_code in (200, 302, 409)
    assert coordinator.post(rebaseline(followed, "42"), typed).status_code in (200, 302, 409)
