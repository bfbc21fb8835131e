"""Adverse events and how their grade went."""

from django.core.validators import MaxLengthValidator
from django.db import models

from casebook.models import ClinicalRow, Crf, PartialDateField
from casebook.models.backstop import UniqueOnceWritten, backed_up
from trial.domain.analysis_plan import Causality


class Outcome(models.TextChoices):
    """CDISC outcome of event."""

    RECOVERED = "RECOVERED/RESOLVED", "recovered or resolved"
    RECOVERED_WITH_SEQUELAE = "RECOVERED/RESOLVED WITH SEQUELAE", "recovered or resolved with sequelae"
    RECOVERING = "RECOVERING/RESOLVING", "recovering or resolving"
    NOT_RECOVERED = "NOT RECOVERED/NOT RESOLVED", "not recovered, not resolved"
    FATAL = "FATAL", "fatal"
    UNKNOWN = "UNKNOWN", "unknown"


class ActionTaken(models.TextChoices):
    """CDISC action taken with study treatment; the codelist takes no further value."""

    DOSE_NOT_CHANGED = "DOSE NOT CHANGED", "dose not changed"
    DOSE_REDUCED = "DOSE REDUCED", "dose reduced"
    DRUG_INTERRUPTED = "DRUG INTERRUPTED", "drug interrupted"
    DRUG_WITHDRAWN = "DRUG WITHDRAWN", "drug withdrawn"
    DOSE_INCREASED = "DOSE INCREASED", "dose increased"
    DOSE_RATE_REDUCED = "DOSE RATE REDUCED", "dose rate reduced"
    NOT_APPLICABLE = "NOT APPLICABLE", "not applicable"
    UNKNOWN = "UNKNOWN", "unknown"


class Grade(models.IntegerChoices):
    MILD = 1, "1 – mild"
    MODERATE = 2, "2 – moderate"
    SEVERE = 3, "3 – severe"
    LIFE_THREATENING = 4, "4 – life-threatening"
    DEATH = 5, "5 – death"


SERIOUSNESS_CRITERIA = (
    "death",
    "life_threatening",
    "hospitalisation",
    "disability",
    "congenital_anomaly",
    "other_serious",
)


@backed_up
class AdverseEvent(Crf):
    """One event of one CTCAE term; its grades over time are lines of their own."""

    term = models.ForeignKey(
        "assessments.CtcaeTerm", models.PROTECT, to_field="code", related_name="+", verbose_name="CTCAE term"
    )
    description = models.TextField(
        "as the site describes it", blank=True, validators=[MaxLengthValidator(2000)]
    )
    onset = PartialDateField("onset")
    ongoing = models.BooleanField("still going on")
    end = PartialDateField("end", null=True, blank=True)
    outcome = models.CharField(max_length=40, choices=Outcome, blank=True)
    causality = models.CharField(
        "caused by the study drug",
        max_length=10,
        choices=[(level.value, level.value.lower()) for level in Causality],
        blank=True,
    )
    action_taken = models.CharField(
        "action taken with the study drug", max_length=20, choices=ActionTaken, blank=True
    )
    serious = models.BooleanField("serious")
    death = models.BooleanField("led to death", default=False)
    life_threatening = models.BooleanField("was life-threatening", default=False)
    hospitalisation = models.BooleanField("needed or prolonged a stay in hospital", default=False)
    disability = models.BooleanField("led to lasting disability or incapacity", default=False)
    congenital_anomaly = models.BooleanField("was a congenital anomaly or birth defect", default=False)
    other_serious = models.BooleanField("was otherwise medically important", default=False)

    class Meta:
        ordering = ["onset", "id"]
        verbose_name = "adverse event"

    def __str__(self) -> str:
        return f"{self.ctcae_term} from {self.onset}"

    @property
    def ctcae_term(self) -> str:
        """The term by its CTCAE name, read off the key without a query."""
        return self.term_id.partition(" ")[2]

    @property
    def ctcae_version(self) -> str:
        return self.term_id.partition(" ")[0]

    @property
    def worst_grade(self) -> int | None:
        """The highest grade entered so far; None while there is none."""
        return max((line.grade for line in self.grades.all()), default=None)


@backed_up
class AdverseEventGrade(ClinicalRow):
    """From this date on the event had this grade."""

    adverse_event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="grades")
    date = PartialDateField("from")
    grade = models.PositiveSmallIntegerField(choices=Grade)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "grade of an adverse event"
        constraints = [
            UniqueOnceWritten(
                fields=["adverse_event", "date"],
                name="one_grade_a_day",
                violation_error_message="Another grade from this date on is entered.",
            ),
        ]

    def __str__(self) -> str:
        return f"grade {self.grade} from {self.date}"
