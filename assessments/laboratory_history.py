"""The history of a laboratory panel: its saves, and the files its values came from."""

from assessments.models import LabImport, LabPanel
from casebook.models import Crf
from casebook.registry import spec_of
from casebook.selectors import HistoryEntry, changes_in, crf_history
from trial.models import AuditEntry


def laboratory_history(panel: Crf) -> list[HistoryEntry]:
    """Newest first; an import stands after the save it made."""
    imports = AuditEntry.objects.filter(
        table=LabImport._meta.db_table, patient_id=panel.patient_id, image__contains={"panel": panel.pk}
    ).select_related("actor")
    title = str(LabImport._meta.verbose_name).capitalize()
    came = [HistoryEntry(entry, title, changes_in(entry, LabImport)) for entry in imports]
    saves = crf_history(panel, spec_of(LabPanel))
    return sorted([*came, *saves], key=lambda item: item.entry.pk, reverse=True)
