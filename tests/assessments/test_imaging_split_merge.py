"""Lesions that split, merge or cannot be read, and a reader who differs, on the page of the read."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import ImagingRead, Lesion, LesionReading
from tests.assessments.imaging_cases import Entered, enter_course
from tests.assessments.test_imaging_pages import as_shown, edit, follow_up, line_of, new, rebaseline, seen
from tests.factories import make_patient, signed_in
from trial.audit import acting

pytestmark = pytest.mark.django_db
FIRST = "T1 T2 / N1"
SCANS = "-7 T1=60 T2=40 N1:present\n42 T1=60 T2=30 N1:present"


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def followed(patient) -> Entered:
    return enter_course(patient, SCANS, first=FIRST)


def split(client: Client, patient, day: str = "2012-03-25") -> dict[str, str]:
    """T1 in two parts of 40 and 15 mm, the first of them described in the first blank line."""
    page = client.get(new(patient))
    parent = str(line_of(page, "T1").known.pk)
    typed = as_shown(page) | {"date": day, "modality": "CT SCAN"}
    typed |= seen(page, T1="SPLIT", T2="30", N1="PRESENT") | {f"{line_of(page, 'T1').prefix}-diameter": ""}
    for line, size in ((3, "40"), (4, "15")):
        typed |= {f"lines-{line}-{name}": value for name, value in page_blank(page).items()}
        typed |= {f"lines-{line}-part_of": parent, f"lines-{line}-diameter": size}
    return typed | {"lines-TOTAL_FORMS": "5"}


def page_blank(page) -> dict[str, str]:
    return {"organ": "LUNG", "kind": "LIVER", "is_new": "on", "enhancing": "on", "well_delineated": "on"}


def test_a_target_splits_and_its_parts_count_together_from_then_on(study, patient, coordinator, followed):
    sent = split(coordinator, patient)
    preview = coordinator.post(new(patient) + "preview/", sent)
    assert "T1 has split: 40 mm + 15 mm = 55 mm." in preview.content.decode()
    assert dict(preview.context["result"].figures)["This sum"] == "85 mm"
    assert coordinator.post(new(patient), sent).status_code == 302
    point = followed.course().time_points[-1]
    assert (point.sum_of_diameters, point.new_lesion) == (850, "no")
    with acting(study.coordinator_a):
        parts = list(Lesion.objects.filter(part_of__label="T1").values_list("label", "organ"))
        assert parts == [("T1.1", "LIVER"), ("T1.2", "LIVER")]
        assert not LesionReading.objects.filter(lesion__label="T1.1", is_new=True).exists()

    page = coordinator.get(new(patient))
    assert [line.label for line in page.context["known_lines"]] == ["T1", "T1.1", "T1.2", "T2", "N1"]
    assert line_of(page, "T1")["state"].value() == "SPLIT"
    typed = as_shown(page) | {"date": "2012-05-06", "modality": "CT SCAN"}
    typed |= seen(page, **{"T1.1": "38", "T2": "30", "N1": "PRESENT"})
    refused = coordinator.post(new(patient), typed)
    assert line_of(refused, "T1.2").errors == {"state": ["What was seen of this part?"]}
    typed |= seen(page, **{"T1.2": "12"})
    assert coordinator.post(new(patient), typed).status_code == 302
    assert followed.course().time_points[-1].sum_of_diameters == 800


def test_a_lesion_without_parts_has_not_split(patient, coordinator, followed):
    sent = follow_up(coordinator, patient) | {"lines-0-state": "SPLIT", "lines-0-diameter": ""}
    refused = coordinator.post(new(patient), sent)
    assert "read at least two parts" in line_of(refused, "T1").errors["state"][0]


def test_the_parts_are_chosen_by_themselves_at_the_new_baseline(study, patient, coordinator, followed):
    sent = split(coordinator, patient) | {"lines-1-diameter": "60"}
    response = coordinator.post(new(patient), sent)
    with acting(study.coordinator_a):
        read = ImagingRead.objects.get(date="2012-03-25")
    followed.reads["84"] = read
    assert response.url == rebaseline(followed, "84")
    page = coordinator.get(response.url)
    lines = {line.label: line for line in page.context["lines"]}
    assert list(lines) == ["T2", "N1", "T1.1", "T1.2"]
    sent = {line.add_prefix("role"): "TARGET" for label, line in lines.items() if label in ("T1.1", "T2")}
    sent |= {
        line.add_prefix("role"): "NON-TARGET" for label, line in lines.items() if label in ("T1.2", "N1")
    }
    assert coordinator.post(response.url, sent | {"version": "1", "reason": "PD"}).status_code == 302
    assert followed.course().period2.baseline_sum == 1000
    with acting(study.coordinator_a):
        assert LesionReading.objects.get(read=read, lesion__label="T1").state == "SPLIT"


def test_a_target_merges_into_another_and_stays_so(study, patient, coordinator, followed):
    page = coordinator.get(new(patient))
    line = line_of(page, "T2").prefix
    sent = follow_up(coordinator, patient, T1="85") | {f"{line}-state": "MERGED", f"{line}-diameter": ""}
    refused = coordinator.post(new(patient), sent)
    assert line_of(refused, "T2").errors == {"merged_into": ["With which lesion has it merged?"]}
    sent[f"{line}-merged_into"] = str(followed.lesions["N1"].pk)
    refused = coordinator.post(new(patient), sent)
    assert "name a target lesion" in line_of(refused, "T2").errors["merged_into"][0]
    sent[f"{line}-merged_into"] = str(followed.lesions["T1"].pk)
    assert coordinator.post(new(patient), sent).status_code == 302
    assert (
        followed.course().time_points[-1].explanation[0] == "T2 has merged with T1 and is measured with it."
    )
    page = coordinator.get(new(patient))
    assert line_of(page, "T2")["merged_into"].value() == followed.lesions["T1"].pk
    assert [cell for _, cell in line_of(page, "T2").cells][-1] == "in T1"
    history = reverse("casebook:history", args=[patient.number, "imaging", _last(study).pk])
    assert "merged with" in coordinator.get(history).content.decode()


def _last(study) -> ImagingRead:
    with acting(study.coordinator_a):
        found = ImagingRead.objects.order_by("date").last()
    assert found is not None
    return found


def test_no_other_patients_lesion_is_merged_with(study, patient, coordinator, followed):
    other = enter_course(make_patient(study), SCANS, first=FIRST)
    page = coordinator.get(new(patient))
    line = line_of(page, "T2").prefix
    sent = follow_up(coordinator, patient) | {
        f"{line}-state": "MERGED",
        f"{line}-diameter": "",
        f"{line}-merged_into": str(other.lesions["T1"].pk),
    }
    assert "merged_into" in line_of(coordinator.post(new(patient), sent), "T2").errors


NOT_EVALUABLE = """
    state         | reason      | text         | refused at
    NOT EVALUABLE |             |              | not_evaluable_reason
    NOT EVALUABLE | OTHER       |              | not_evaluable_text
    NOT EVALUABLE | ARTEFACT    | breathing    | not_evaluable_text
    NOT EVALUABLE | ?           |              | not_evaluable_reason
    PRESENT       | ARTEFACT    |              | not_evaluable_reason
    NOT EVALUABLE | OTHER       | ascites      |
    NOT EVALUABLE | NOT IMAGED  |              |
"""


@pytest.mark.parametrize("row", NOT_EVALUABLE.strip().splitlines()[1:], ids=str.strip)
def test_a_lesion_that_is_not_evaluable_has_a_reason(patient, coordinator, followed, row):
    state, reason, text, field = (cell.strip() for cell in row.split("|"))
    sent = follow_up(coordinator, patient)
    sent |= {
        "lines-2-state": state,
        "lines-2-not_evaluable_reason": reason,
        "lines-2-not_evaluable_text": text,
    }
    answer = coordinator.post(new(patient), sent)
    if not field:
        assert answer.status_code == 302
    else:
        assert list(line_of(answer, "N1").errors) == [field]


def test_a_reader_who_differs_says_why(study, patient, coordinator, followed):
    sent = follow_up(coordinator, patient) | {"reader_overall": "PR"}
    refused = coordinator.post(new(patient), sent)
    assert refused.context["form"].errors == {
        "comment": [
            "The reader differs from what is computed (reader: overall response: PR, computed SD). Say why."
        ]
    }
    assert coordinator.post(new(patient), sent | {"comment": "perfusion"}).status_code == 302


SIZES = {-7: 60, 42: 40, 84: 70, 126: 60, 168: 65}


def test_the_scans_are_marked_and_those_of_treatment_1_can_be_folded(patient, coordinator):
    entered = enter_course(
        patient,
        "\n".join(f"{day} T1={size} N1:present" for day, size in SIZES.items()),
        first="T1 / N1",
        second="T1 / N1",
        chosen_on="84",
    )
    page = coordinator.get(edit(entered, "126"))
    columns = [(c.title, c.is_of_earlier_period) for c in page.context["columns"]]
    assert columns == [
        ("baseline", True),
        ("Treatment 1", True),
        ("first progression, new baseline, nadir", False),
    ]
    assert [c.title for c in page.context["later"]] == ["Treatment 2"]
    assert "data-toggle-earlier" in page.content.decode()
    first = coordinator.get(edit(entered, "84"))
    assert [c.title for c in first.context["columns"]] == ["baseline", "Treatment 1, nadir"]
    assert "data-toggle-earlier" not in first.content.decode()
