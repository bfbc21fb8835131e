"""What went with disease control in Treatment 2: each factor alone, then together those that a screen lets
through.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log10

from analysis.domain.descriptive import format_fixed, format_p
from analysis.domain.regression import LogisticModel, LogisticTerm, logistic_regression
from analysis.facts import PERIODS, StudyFacts, Subject, ref
from analysis.outputs import Cell, Column, Row, Table
from analysis.tables.baseline import age_at_consent
from analysis.tables.cells import either, value_cell
from analysis.tables.exposure import steps_behind
from analysis.tables.responses import CONTROLLED, best_response, scans_behind
from assessments.domain.dosing import DoseChange
from assessments.domain.mrecist import Response

SCREEN_P = 0.05
MODELS = (("uni", "alone"), ("multi", "together"))
STATISTICS = (
    ("or", "OR ({confidence:f} % CI)"),
    ("wald", "Wald P"),
    ("lr", "LR P"),
    ("firth", "Firth P"),
)
SEPARATED = "separates the outcome: its Wald test means nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A covariate of one patient, None where it is not known."""

    id: str
    label: str
    value: Callable[[Subject], float | None]
    reasons: Callable[[Subject], list[str]]


def dose_increased(subject: Subject) -> bool:
    exposures = [subject.exposure(period) for period in PERIODS]
    return any(exposure is not None and exposure.has(DoseChange.INCREASED) for exposure in exposures)


def _increases(subject: Subject) -> list[str]:
    return [line for period in PERIODS for line in steps_behind(subject, period, DoseChange.INCREASED)]


def _of_disease(id: str, label: str, value: Callable[[object], object]) -> Factor:
    """A factor of the baseline disease form; `value` sees the form's answer."""
    name = id.partition("__")[0]

    def read(subject: Subject) -> float | None:
        answer = getattr(subject.course.baseline, name, None)
        found = None if answer in (None, "") else value(answer)
        return None if found is None else float(found)  # type: ignore[arg-type]

    return Factor(
        id=id.replace("__", "_"),
        label=label,
        value=read,
        reasons=lambda s: [ref(s.course.baseline)] if s.course.baseline else [],
    )


def _log10(value: object) -> float | None:
    return log10(value) if isinstance(value, Decimal) and value > 0 else None


def _consent(subject: Subject) -> list[str]:
    return [ref(subject.course.consent)] if subject.course.consent else []


FACTORS = (
    Factor(
        id="response_1",
        label="Best response to Treatment 1 not PD",
        value=lambda s: best_response(s, 1) is not Response.PD,
        reasons=lambda s: scans_behind(s, 1),
    ),
    Factor(
        id="dose_increase",
        label="Dose increased in Treatment 1 or 2",
        value=dose_increased,
        reasons=_increases,
    ),
    Factor(id="age", label="Age, per year", value=age_at_consent, reasons=_consent),
    Factor(
        id="male",
        label="Male",
        value=lambda s: s.course.consent.sex == "M" if s.course.consent else None,
        reasons=_consent,
    ),
    _of_disease("etiology__hcv", "Hepatitis C", lambda etiology: etiology == "HCV"),
    _of_disease("etiology__hbv", "Hepatitis B", lambda etiology: etiology == "HBV"),
    _of_disease("ecog", "ECOG performance status, per grade", lambda grade: grade),
    _of_disease("child_pugh_score", "Child-Pugh score, per point", lambda score: score),
    _of_disease("vascular_invasion", "Vascular invasion", bool),
    _of_disease("extrahepatic_spread", "Extrahepatic spread", bool),
    _of_disease("bclc_stage", "BCLC stage C", lambda stage: stage == "C"),
    _of_disease("afp", "AFP, per tenfold", _log10),
    _of_disease("dcp", "DCP, per tenfold", _log10),
    _of_disease("pretreated", "Pretreated", bool),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model with the patients in it; no model where it could not be fitted."""

    subjects: Sequence[Subject]
    model: LogisticModel | None

    def term(self, factor: Factor) -> LogisticTerm | None:
        return self.model.term(factor.id) if self.model else None


def logistic_table(facts: StudyFacts) -> Table:
    alone = {factor.id: _fit(facts, [factor]) for factor in FACTORS}
    chosen = [f for f in FACTORS if (term := alone[f.id].term(f)) is not None and term.lr_p < SCREEN_P]
    together = _fit(facts, chosen)
    confidence = facts.protocol.statistics.confidence_percent
    return Table(
        title="Factors of disease control in Treatment 2: logistic regression",
        population=facts.protocol.analysis_set("treatment_2").label,
        columns=[
            *(
                Column(id=f"{model}_{statistic}", label=f"{called}: {label.format(confidence=confidence)}")
                for model, called in MODELS
                for statistic, label in STATISTICS
            ),
            Column(id="remark", label="Remark"),
        ],
        rows=[
            _row(facts, factor, alone[factor.id], together if factor in chosen else None)
            for factor in FACTORS
        ],
        footnotes=[
            f"Outcome: disease control in Treatment 2, {_events(facts)} of {len(facts.treatment_2)} "
            "patients.",
            "OR: odds ratio. P by Wald's test, the likelihood ratio (LR), Firth's penalised likelihood.",
            f"Together: the factors with a likelihood-ratio P below {SCREEN_P} alone, "
            f"{len(together.subjects)} patients "
            "with all of them known.",
            "Where a factor separates the patients with the outcome from those without, its odds ratio is "
            "infinite; "
            "the likelihood-ratio test and Firth's penalised likelihood still hold.",
        ],
    )


def controlled(subject: Subject) -> bool:
    return best_response(subject, 2) in CONTROLLED


def _events(facts: StudyFacts) -> int:
    return sum(map(controlled, facts.treatment_2))


def _fit(facts: StudyFacts, factors: Sequence[Factor]) -> Fit:
    subjects = [s for s in facts.treatment_2 if all(factor.value(s) is not None for factor in factors)]
    covariates = {factor.id: [float(factor.value(s) or 0) for s in subjects] for factor in factors}
    outcomes = [controlled(s) for s in subjects]
    if not factors or len(set(outcomes)) < 2:
        return Fit(subjects, None)
    try:
        return Fit(subjects, logistic_regression(outcomes, covariates))
    except (ValueError, ArithmeticError):
        return Fit(subjects, None)


def _row(facts: StudyFacts, factor: Factor, alone: Fit, together: Fit | None) -> Row:
    cells = _cells(facts, "uni", factor, alone) | _cells(facts, "multi", factor, together)
    terms = [fit.term(factor) for fit in (alone, together) if fit is not None]
    remark = SEPARATED if any(term is not None and term.separated for term in terms) else ""
    if alone.model is None:
        remark = "cannot be estimated: too few patients, or all alike"
    return Row(id=factor.id, label=factor.label, cells=cells | {"remark": Cell(text=remark)})


def _cells(facts: StudyFacts, prefix: str, factor: Factor, fit: Fit | None) -> dict[str, Cell]:
    term = fit.term(factor) if fit is not None else None
    if fit is None or term is None:
        return {f"{prefix}_{statistic}": Cell(text="" if fit is None else "–") for statistic, _ in STATISTICS}
    forms = either(lambda s: [*factor.reasons(s), *scans_behind(s, 2)], facts.membership("treatment_2"))
    texts = {
        "or": _odds_ratio(term, facts.protocol.statistics.confidence_percent),
        "wald": format_p(term.wald_p),
        "lr": format_p(term.lr_p),
        "firth": format_p(term.firth_p),
    }
    return {
        f"{prefix}_{name}": value_cell(text, fit.subjects, forms, among=facts.treatment_2)
        for name, text in texts.items()
    }


def _odds_ratio(term: LogisticTerm, percent: Decimal) -> str:
    limits = term.odds_ratio_limits(float(percent) / 100)
    if term.odds_ratio is None or limits is None:
        return "not finite"
    low, high = (format_fixed(limit, 2) if limit < 1e6 else "∞" for limit in limits)
    return f"{format_fixed(term.odds_ratio, 2)} ({low}-{high})"
