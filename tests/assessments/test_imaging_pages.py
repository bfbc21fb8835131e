"""The imaging read on its page: the grid, the preview, the new baseline, and what is refused where."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Lesion, LesionReading, LesionRole
from tests.assessments.imaging_cases import enter_course
from tests.factories import signed_in
from trial.audit import acting

pytestmark = pytest.mark.django_db
CT = "CONTRAST ENHANCED CT SCAN"
BASELINE = "-7 T1=60 T2=40 N1:present"
FIRST = "T1 T2 / N1"


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


def new(patient) -> str:
    return reverse("assessments:imaging-new", args=[patient.number])


def edit(read) -> str:
    return reverse("assessments:imaging-edit", args=[read.patient.number, read.pk])


def as_shown(response) -> dict[str, str]:
    """What the browser would send if nothing were typed."""
    page = response.context
    bound = [*page["form"], *page["lines"].management_form]
    for line in page["lines"]:
        bound += list(line)
    sent = {}
    for field in bound:
        value = field.value()
        if value is True and field.widget_type == "checkbox":
            sent[field.html_name] = "on"
        elif value not in (None, "", False) or field.widget_type != "checkbox":
            sent[field.html_name] = "" if value is None else str(value)
    return sent


def line_of(response, label: str) -> str:
    """The prefix of a lesion's line."""
    return next(line.prefix for line in response.context["lines"] if line.known and line.known.label == label)


def seen(response, **words: str) -> dict[str, str]:
    """The fields of known lesions filled in: T1="45", N1="PRESENT"."""
    typed = {}
    for label, word in words.items():
        field = "diameter" if word.replace(".", "").isdigit() else "state"
        typed[f"{line_of(response, label)}-{field}"] = word
    return typed


def test_a_baseline_is_entered_and_its_lesions_get_labels(study, patient, coordinator):
    page = coordinator.get(new(patient))
    assert page.status_code == 200
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


def test_a_follow_up_shows_the_scans_before_and_what_is_computed(patient, coordinator):
    entered = enter_course(patient, BASELINE, first=FIRST)
    page = coordinator.get(new(patient))
    grid = page.content.decode()
    assert "2011-12-25" in grid
    assert "100 mm" in grid
    typed = as_shown(page) | {"date": "2012-02-12", "modality": CT, "reader_overall": "SD"}
    typed |= seen(page, T1="35", T2="35", N1="PRESENT")
    checked = coordinator.post(new(patient), typed | {"action": "check"})
    result = checked.context["result"]
    assert result.title == "Treatment 1: overall response PR"
    assert dict(result.figures) == {
        "Baseline sum": "100 mm",
        "Nadir": "100 mm on 2011-12-25",
        "This sum": "70 mm",
        "Change from baseline": "-30 %",
        "Change from nadir": "-30 %",
    }
    assert result.sentences[0] == "-30 % from the baseline of 100 mm: PR."
    assert len(entered.course().time_points) == 0
    coordinator.post(new(patient), typed)
    assert entered.course().time_points[0].overall == "PR"
