"""The queries of edit checks: asked with their cause, kept in its words, closed once it is gone."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import F, QuerySet

from casebook.domain.findings import Finding
from casebook.models import Crf, Patient, Query, QueryState
from casebook.registry import Located, spec_of
from trial.audit import set_reason

CAUSE_GONE = "The edit check found its cause gone."
CAUSE_CHANGED = "The edit check found its cause changed."
CLOSED_BY_CHECK = "Closed by the edit check: its cause is gone."


class Cause(NamedTuple):
    """What one query asks about: one rule at one field of a form, or of the patient."""

    patient_id: int
    crf: str
    crf_id: int | None
    rule_id: str
    field: str


@dataclass
class AtOnce:
    """Answers given with a save to what the checks ask of it; `asked` are the queries it raised.

    An answer stands under the query's `place`.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    asked: list[Query] = field(default_factory=list)


def place(query: Query, saved: Crf) -> str:
    """What a query asks about, said alike before and after the form that raised it is saved."""
    is_own = (query.crf, query.crf_id) == (spec_of(type(saved)).slug, saved.pk)
    return f"{query.rule_id}@{query.crf}:{'this' if is_own else query.crf_id or ''}:{query.field}"


def causes_of(patient: Patient, found: Iterable[Located]) -> dict[Cause, str]:
    """The sentence of each soft finding, under what its query asks about; two of one rule stand together."""
    said: dict[Cause, list[str]] = {}
    for located in found:
        if not located.finding.is_hard:
            sentences = said.setdefault(_cause(patient, located.crf, located.finding), [])
            if located.finding.message not in sentences:
                sentences.append(located.finding.message)
    return {cause: " ".join(sentences) for cause, sentences in said.items()}


def _cause(patient: Patient, crf: Crf | None, finding: Finding) -> Cause:
    slug, pk = ("", None) if crf is None else (spec_of(type(crf)).slug, crf.pk)
    return Cause(patient.pk, slug, pk, finding.rule_id, finding.field)


def keep_queries(
    patients: Collection[Patient],
    causes: Mapping[Cause, str],
    *,
    judged: Callable[[Query], bool],
    because: str = "",
    at_once: AtOnce | None = None,
    saved: Crf | None = None,
) -> None:
    """Ask about every cause that is not asked about yet, and bring the queries there are into line with it.

    A query whose cause is now said otherwise takes the new sentence and keeps its state and answer. One whose
    cause is gone closes, if `judged` says that its rule was looked at. `because` is what brought this about,
    for the trail, where it was no save of a form. `at_once` answers what the save of the form `saved` asks.
    """
    live = _live(patients)
    asked = [
        Query(
            patient_id=cause.patient_id,
            crf=cause.crf,
            crf_id=cause.crf_id,
            field=cause.field,
            rule_id=cause.rule_id,
            text=text,
        )
        for cause, text in causes.items()
        if cause not in live
    ]
    if at_once is not None and saved is not None:
        _answer(asked, at_once, saved)
    Query.objects.bulk_create(asked)
    reworded = {q.pk: causes[c] for c, q in live.items() if c in causes and causes[c] != q.text}
    gone = [query.pk for cause, query in live.items() if cause not in causes and judged(query)]
    _reword(reworded, because)
    _close(gone, because)


def _answer(asked: list[Query], at_once: AtOnce, saved: Crf) -> None:
    """What is answered already need not wait for anybody at the site."""
    at_once.asked = asked
    for query in asked:
        if answer := at_once.answers.get(place(query, saved), "").strip():
            query.answer, query.state = answer, QueryState.ANSWERED


def _live(patients: Collection[Patient]) -> dict[Cause, Query]:
    """Every save asks for these, so they are read without the cost of building a statement anew."""
    sql = f"""
        SELECT * FROM "{Query._meta.db_table}"
        WHERE patient_id = ANY(%s) AND state <> %s AND rule_id <> ''
    """
    found = Query.objects.raw(sql, [[patient.pk for patient in patients], QueryState.CLOSED.value])
    return {Cause(q.patient_id, q.crf, q.crf_id, q.rule_id, q.field): q for q in found}


def _reword(texts: Mapping[int, str], because: str) -> None:
    if texts:
        set_reason(f"{CAUSE_CHANGED} {because}".strip())
    for key, text in texts.items():
        _still_live([key]).update(text=text, version=F("version") + 1)


def _close(keys: Collection[int], because: str) -> None:
    if keys:
        set_reason(f"{CAUSE_GONE} {because}".strip())
        _still_live(keys).update(
            state=QueryState.CLOSED, closing_note=CLOSED_BY_CHECK, version=F("version") + 1
        )


def _still_live(keys: Collection[int]) -> QuerySet[Query]:
    """Only the columns that change are written: somebody may answer or close a query at this moment."""
    return Query.objects.filter(pk__in=keys).exclude(state=QueryState.CLOSED)
