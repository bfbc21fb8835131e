"""Two people at the same form at the same moment, each on a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections

from assessments.models import ReferenceRange, VitalSigns
from assessments.services import add_range
from casebook.models import Patient
from casebook.services import EditConflict, create_crf, edit_crf, register_patient
from patients.models import Consent
from tests.factories import enter, make_patient, unsaved
from trial.audit import acting, row_history
from trial.models import Person


def at_once(person: Person, *works: Callable[[], Any]) -> list[Any]:
    """Run the works at the same moment, a connection and a transaction each; their results or refusals."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            with acting(person):
                start.wait(timeout=30)
                return work()
        except (EditConflict, ValidationError) as refusal:
            return refusal
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_of_several_edits_of_one_version_exactly_one_is_saved(committed):
    signs = enter(VitalSigns, make_patient(committed))

    def edit(systolic: int) -> Callable[[], Any]:
        def work() -> Any:
            mine = VitalSigns.objects.select_related("patient").get(pk=signs.pk)
            mine.systolic = systolic
            return edit_crf(mine, version=1, by=committed.coordinator_a, reason=f"reads {systolic}")

        return work

    results = at_once(committed.coordinator_a, *(edit(n) for n in (131, 132, 133, 134)))
    [saved] = [r for r in results if isinstance(r, VitalSigns)]
    conflicts = [r for r in results if isinstance(r, EditConflict)]
    assert len(conflicts) == 3
    assert {c.current.systolic for c in conflicts} == {saved.systolic}
    with acting(committed.coordinator_a):
        assert VitalSigns.objects.get().systolic == saved.systolic
        assert [e.operation for e in row_history("assessments_vitalsigns", signs.pk)] == ["I", "U"]


def test_a_form_sent_twice_at_once_is_saved_once_and_refused_in_words(committed):
    patient = make_patient(committed)

    def send() -> Any:
        return create_crf(unsaved(Consent, patient), by=committed.coordinator_a)

    results = at_once(committed.coordinator_a, send, send, send)
    assert sorted(type(r).__name__ for r in results) == ["Consent", "ValidationError", "ValidationError"]
    with acting(committed.coordinator_a):
        assert Consent.objects.count() == 1


def test_a_patient_number_given_out_twice_at_once_is_registered_once(committed):
    def register() -> Any:
        return register_patient(site=committed.site_a, number="T-TWICE", by=committed.coordinator_a)

    results = at_once(committed.coordinator_a, register, register)
    assert sorted(type(r).__name__ for r in results) == ["Patient", "ValidationError"]
    with acting(committed.coordinator_a):
        assert Patient.objects.filter(number="T-TWICE").count() == 1


def test_ranges_of_the_same_days_entered_at_once_are_refused_in_words(committed):
    def enter_range() -> Any:
        limits = {"lln": 5, "uln": 40, "valid_from": date(2011, 1, 1)}
        found = ReferenceRange(site=committed.site_a, analyte="alt", unit="U/L", **limits)
        return add_range(found, by=committed.coordinator_a)

    results = at_once(committed.coordinator_a, enter_range, enter_range)
    [refusal] = [r for r in results if isinstance(r, ValidationError)]
    assert refusal.message_dict["valid_from"][0].startswith("Another range of this analyte is in force")
    with acting(committed.coordinator_a):
        assert ReferenceRange.objects.count() == 1
