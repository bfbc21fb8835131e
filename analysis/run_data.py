"""What a run reads, as the database knew it at the run's as-of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models.fields.json import KT

from assessments.models import CtcaeTerm
from casebook.extraction import Snapshot, extract
from trial.models import AuditEntry


@dataclass(frozen=True, slots=True)
class RunData:
    """The forms of every patient, and the system organ class of each CTCAE term by its code."""

    snapshot: Snapshot
    organ_classes: Mapping[str, str]


def run_data(as_of: datetime) -> RunData:
    return RunData(extract(as_of=as_of), organ_classes(as_of))


def organ_classes(as_of: datetime) -> dict[str, str]:
    """The catalogue at an instant, from the trail: one loaded later changes nothing that was analysed."""
    entries = AuditEntry.objects.filter(table=CtcaeTerm._meta.db_table, at__lte=as_of)
    latest = entries.order_by("row_id", "-id").distinct("row_id")
    return {code: soc for code, soc in latest.values_list(KT("image__code"), KT("image__soc")) if code}
