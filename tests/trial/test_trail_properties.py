"""Whatever is done, in whatever order, the trail is the table and can give back every instant."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import VitalSigns
from casebook.extraction import begin_as_of, extract
from casebook.models import ClinicalRow, Crf, Patient
from casebook.registry import clinical_models
from patients.models import Consent, SurvivalFollowUp, Visit
from tests.factories import change, enter, make_patient, remove
from trial.audit import acting
from trial.services import verify_trail

EVERY_STEP = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

DAYS = st.integers(0, 4).map(lambda n: date(2012, 1, 20) + timedelta(days=n))
CHANGES: dict[type[Crf], st.SearchStrategy[dict[str, Any]]] = {
    Visit: st.fixed_dictionaries(
        {"date": DAYS}, optional={"kind": st.sampled_from(["SCHEDULED", "UNSCHEDULED"])}
    ),
    VitalSigns: st.fixed_dictionaries(
        {"date": DAYS},
        optional={
            "systolic": st.none() | st.integers(100, 190),
            "weight": st.none() | st.decimals(30, 120, places=1),
        },
    ),
    Consent: st.fixed_dictionaries({"birth_date": st.sampled_from(["1944", "1944-05", "1944-05-17"])}),
    SurvivalFollowUp: st.fixed_dictionaries(
        {"contact_date": DAYS}, optional={"subsequent_therapy": st.text("ünìcode '\"\\%–薬", max_size=8)}
    ),
}
STEPS = st.lists(
    st.sampled_from(list(CHANGES)).flatmap(
        lambda model: st.tuples(
            st.sampled_from(["create", "create", "change", "remove", "bulk change", "bulk remove"]),
            st.just(model),
            CHANGES[model],
            st.integers(0, 3),
        )
    ),
    min_size=1,
    max_size=10,
)


def take(step: str, model: type[Crf], patient: Patient, values: dict[str, Any], which: int, by: Any) -> None:
    """One step through a service, or past every service; what the rules refuse changes nothing."""
    with acting(by, reason="a bulk correction"):
        rows = list(model._default_manager.filter(patient=patient).select_related("patient").order_by("pk"))
        chosen = rows[which] if which < len(rows) else None
        if step == "bulk change" and "date" not in values and "contact_date" not in values:
            model._default_manager.filter(patient=patient).update(**values)
        elif step == "bulk remove" and which == 0:
            model._default_manager.filter(patient=patient).delete()
    try:
        if step == "create":
            enter(model, patient, by=by, **values)
        elif step == "change" and chosen is not None:
            change(chosen, by=by, **values)
        elif step == "remove" and chosen is not None:
            remove(chosen, by=by)
    except ValidationError:
        pass


def everything(patient: Patient, **when: Any) -> dict[type[ClinicalRow], list[dict[str, Any]]]:
    snapshot = extract([patient], **when)
    return {
        model: [
            {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields}
            for row in snapshot.rows(patient, model)
        ]
        for model in clinical_models()
    }


@EVERY_STEP
@given(steps=STEPS)
def test_the_trail_equals_the_tables_at_every_step(study, steps):
    patient = make_patient(study)
    for step, model, values, which in steps:
        take(step, model, patient, values, which, study.coordinator_a)
        assert verify_trail() == []


@EVERY_STEP
@given(steps=STEPS)
def test_every_past_instant_is_given_back_as_it_was(study, steps):
    patient = make_patient(study)
    seen = []
    for step, model, values, which in steps:
        take(step, model, patient, values, which, study.coordinator_a)
        with acting(study.statistician):
            seen.append((begin_as_of(), everything(patient)))
    with acting(study.statistician):
        for instant, then in seen:
            assert everything(patient, as_of=instant) == then


@EVERY_STEP
@given(steps=STEPS)
def test_the_entries_of_a_row_are_a_chain(study, steps):
    """Each entry's old values are the ones the entry before it left behind."""
    from trial.models import AuditEntry

    patient = make_patient(study)
    for step, model, values, which in steps:
        take(step, model, patient, values, which, study.coordinator_a)
    with acting(study.auditor):
        images: dict[tuple[str, int], dict | None] = {}
        for entry in AuditEntry.objects.filter(patient_id=patient.pk).order_by("id"):
            previous = images.get((entry.table, entry.row_id))
            if entry.operation == "I":
                assert previous is None
            elif entry.operation == "U":
                assert previous | entry.image == entry.image
                assert entry.before == {k: v for k, v in previous.items() if v != entry.image[k]}
                assert entry.reason
            else:
                assert entry.before == previous
                assert entry.image is None
                assert entry.reason
            images[entry.table, entry.row_id] = entry.image
            assert (entry.actor_id, entry.site_id) == (study.coordinator_a.pk, study.site_a.pk)
