"""Is this patient eligible? Every criterion of the protocol, judged on the value it names."""

from dataclasses import dataclass
from enum import StrEnum

from patients.domain.eligibility_facts import EligibilityFacts
from patients.domain.eligibility_rules import Judged, judge_rule
from trial.domain.criteria import Criterion, CriterionKind

__all__ = [
    "CriterionResult",
    "CriterionVerdict",
    "Eligibility",
    "EligibilityFacts",
    "EligibilityJudgement",
    "check_eligibility",
]


class CriterionVerdict(StrEnum):
    """Whether what the criterion's own words say is so.

    An exclusion criterion that is MET keeps the patient out; ask ``CriterionResult.satisfied`` for what
    the verdict means for enrolment.
    """

    MET = "MET"
    NOT_MET = "NOT MET"
    NOT_EVALUABLE = "NOT YET EVALUABLE"
    NOT_APPLICABLE = "NOT APPLICABLE"


class Eligibility(StrEnum):
    """The outcome over all criteria."""

    ELIGIBLE = "ELIGIBLE"
    NOT_ELIGIBLE = "NOT ELIGIBLE"
    NOT_YET_EVALUABLE = "NOT YET EVALUABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One criterion beside the value it was judged on; ``sentence`` says why, in words for the site."""

    id: str
    kind: CriterionKind
    text: str
    value: str
    verdict: CriterionVerdict
    sentence: str

    @property
    def satisfied(self) -> bool | None:
        """Tell whether the criterion lets the patient in; None while it cannot be judged.

        An inclusion criterion lets in when met, an exclusion criterion when not met, and either when it
        does not apply to the patient.
        """
        if self.verdict is CriterionVerdict.NOT_EVALUABLE:
            return None
        if self.verdict is CriterionVerdict.NOT_APPLICABLE:
            return True
        return (self.verdict is CriterionVerdict.MET) == (self.kind is CriterionKind.INCLUSION)


@dataclass(frozen=True, slots=True)
class EligibilityJudgement:
    """The results of all criteria, in the protocol's order, and what they come to."""

    results: tuple[CriterionResult, ...]

    @property
    def violated(self) -> tuple[CriterionResult, ...]:
        """Return the criteria that keep the patient out."""
        return tuple(result for result in self.results if result.satisfied is False)

    @property
    def missing(self) -> tuple[CriterionResult, ...]:
        """Return the criteria that cannot be judged yet."""
        return tuple(result for result in self.results if result.satisfied is None)

    @property
    def verdict(self) -> Eligibility:
        """Return not eligible for any violation, else eligible only if nothing is missing."""
        if self.violated:
            return Eligibility.NOT_ELIGIBLE
        return Eligibility.NOT_YET_EVALUABLE if self.missing else Eligibility.ELIGIBLE

    @property
    def is_eligible(self) -> bool:
        """Tell whether every criterion is judged and lets the patient in."""
        return self.verdict is Eligibility.ELIGIBLE

    def changed_since(self, earlier: "EligibilityJudgement") -> tuple[CriterionResult, ...]:
        """Return the results whose verdict was another, or was not given, in an earlier judgement."""
        before = {result.id: result.verdict for result in earlier.results}
        return tuple(result for result in self.results if before.get(result.id) is not result.verdict)


def check_eligibility(facts: EligibilityFacts, criteria: tuple[Criterion, ...]) -> EligibilityJudgement:
    """Judge every criterion on the facts known so far.

    A missing value, and a partial date that allows both answers, make a criterion not yet evaluable; such
    a patient is never eligible. Months are calendar months and both boundary days count.
    """
    return EligibilityJudgement(tuple(_result(facts, criterion) for criterion in criteria))


def _result(facts: EligibilityFacts, criterion: Criterion) -> CriterionResult:
    judged = judge_rule(facts, criterion.rule)
    return CriterionResult(
        id=criterion.id,
        kind=criterion.kind,
        text=criterion.text,
        value=judged.value,
        verdict=_verdict(judged),
        sentence=judged.sentence,
    )


def _verdict(judged: Judged) -> CriterionVerdict:
    if not judged.applies:
        return CriterionVerdict.NOT_APPLICABLE
    if judged.holds is None:
        return CriterionVerdict.NOT_EVALUABLE
    return CriterionVerdict.MET if judged.holds else CriterionVerdict.NOT_MET
