"""The terms adverse events are named by, as a CTCAE version states them."""

from django.db import models

from assessments.domain import ctcae_catalogue
from casebook.models.backstop import backed_up


@backed_up
class CtcaeTerm(models.Model):
    """One term of one CTCAE version.

    `code` is both in one text, so that the trail of an event reads by itself.
    `criteria` holds the wording of each grade that exists, by grade ("1" to "5").
    """

    code = models.CharField(max_length=220, unique=True, editable=False)
    version = models.CharField(max_length=10)
    term = models.CharField(max_length=200)
    soc = models.CharField("system organ class", max_length=120)
    criteria = models.JSONField(default=dict)
    synonyms = models.JSONField(default=list, blank=True)
    meddra_code = models.CharField("MedDRA code", max_length=20, blank=True)

    class Meta:
        ordering = ["version", "soc", "term"]
        verbose_name = "CTCAE term"
        constraints = [
            models.UniqueConstraint(fields=["version", "term"], name="one_row_per_ctcae_term"),
        ]

    def __str__(self) -> str:
        return self.term

    @staticmethod
    def code_of(version: str, term: str) -> str:
        return f"{version} {term}"

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades that exist for the term, mildest first."""
        return tuple(sorted(int(grade) for grade in self.criteria))

    @property
    def facts(self) -> ctcae_catalogue.CtcaeTerm:
        """The term as the rules read it."""
        return ctcae_catalogue.CtcaeTerm(
            term=self.term,
            soc=self.soc,
            version=self.version,
            criteria={int(grade): text for grade, text in sorted(self.criteria.items())},
            synonyms=tuple(self.synonyms),
            meddra_code=self.meddra_code or None,
        )
