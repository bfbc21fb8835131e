"""Each kind of criterion, judged on the facts: yes, no or not decidable, and the sentence that says why."""

from dataclasses import dataclass
from decimal import Decimal

from casebook.domain.partial_dates import PartialDate, as_partial
from patients.domain.calendar import add_months, completed_years
from patients.domain.eligibility_facts import EligibilityFacts
from trial.domain.criteria import (
    AgeRule,
    DateRule,
    FlagRule,
    LesionRule,
    NumberRule,
    Operator,
    RecentEventRule,
    Rule,
    Sex,
    UlnRule,
)
from trial.domain.data_items import UNITS, DataItem

MISSING = "missing"

_SIGNS = {Operator.AT_LEAST: "≥", Operator.AT_MOST: "≤", Operator.ABOVE: ">", Operator.BELOW: "<"}
_YES_NO = {True: "yes", False: "no", None: MISSING}
_PATIENTS = {Sex.MALE: "men", Sex.FEMALE: "women"}


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether the rule holds (``None``: not decidable), the value it was judged on, and why."""

    holds: bool | None
    value: str
    sentence: str
    applies: bool = True


def judge_rule(facts: EligibilityFacts, rule: Rule) -> Judged:
    """Judge one rule on the facts; a missing value is never taken for a no."""
    match rule:
        case AgeRule():
            return _judge_age(facts, rule)
        case FlagRule():
            return _judge_flag(facts, rule)
        case NumberRule():
            return _judge_number(facts, rule)
        case UlnRule():
            return _judge_uln(facts, rule)
        case LesionRule():
            return _judge_lesion(facts, rule)
        case DateRule():
            return _judge_date(facts, rule)
        case _:
            return _judge_recent_event(facts, rule)


def _judge_age(facts: EligibilityFacts, rule: AgeRule) -> Judged:
    birth, day = _date(facts, rule.item), _date(facts, rule.reference)
    if birth.earliest is None or birth.latest is None:
        return _missing(rule.item)
    if day.earliest is None or day.latest is None:
        return _missing(rule.reference)
    youngest = completed_years(birth.latest, day.earliest)
    oldest = completed_years(birth.earliest, day.latest)
    answers = {rule.operator.holds(Decimal(age), rule.limit) for age in (youngest, oldest)}
    value = f"{youngest} years" if youngest == oldest else f"{youngest} to {oldest} years"
    born = f"born {birth}, judged on {day}; the criterion is {_limit(rule.operator, rule.limit, 'years')}"
    if len(answers) > 1:
        return Judged(None, value, f"Age is {value} ({born}): the day of birth decides.")
    return Judged(answers.pop(), value, f"Age is {value} ({born}).")


def _judge_flag(facts: EligibilityFacts, rule: FlagRule) -> Judged:
    answers = {item: _flag(facts, item) for item in rule.items}
    holds = _any(tuple(answers.values()))
    if not holds and rule.only_for is not None and facts.sex not in (None, rule.only_for):
        return Judged(None, "not applicable", f"Asked of {_PATIENTS[rule.only_for]} only.", applies=False)
    value = "; ".join(_YES_NO[answer] for answer in answers.values())
    parts = [
        _with_detail(facts, item, f"{item.label}: {_YES_NO[answer]}") for item, answer in answers.items()
    ]
    return Judged(holds, value, _sentence("; ".join(parts)))


def _judge_number(facts: EligibilityFacts, rule: NumberRule) -> Judged:
    number = _number(facts, rule.item)
    if number is None:
        return _missing(rule.item, facts.detail(rule.item))
    value = _quantity(number, rule.unit)
    compared = (
        f"{rule.item.label} is {value}; the criterion is {_limit(rule.operator, rule.limit, rule.unit)}"
    )
    return Judged(
        rule.operator.holds(number, rule.limit), value, _sentence(_with_detail(facts, rule.item, compared))
    )


def _judge_uln(facts: EligibilityFacts, rule: UlnRule) -> Judged:
    number, uln = _number(facts, rule.item), _number(facts, rule.uln_item)
    if number is None:
        return _missing(rule.item)
    if uln is None:
        return _missing(rule.uln_item)
    unit = UNITS[rule.item]
    value = f"{_quantity(number, unit)} (ULN {_quantity(uln, unit)})"
    limit = f"{_limit(rule.operator, rule.multiple, '× ULN')} = {_quantity(rule.multiple * uln, unit)}"
    sentence = _sentence(f"{rule.item.label} is {value}; the criterion is {limit}")
    return Judged(rule.operator.holds(number, rule.multiple * uln), value, sentence)


def _judge_lesion(facts: EligibilityFacts, rule: LesionRule) -> Judged:
    size = _number(facts, rule.item)
    modality = getattr(facts, rule.modality_item)
    large_enough = None if size is None else rule.operator.holds(size, rule.limit)
    seen_so = None if modality is None else modality in rule.modalities
    shown = MISSING if size is None else _quantity(size, rule.unit)
    value = f"{shown}, {modality or 'modality missing'}"
    limit = f"{_limit(rule.operator, rule.limit, rule.unit)} on {' or '.join(rule.modalities)}"
    return Judged(
        _all((large_enough, seen_so)),
        value,
        _sentence(f"{rule.item.label}: {value}; the criterion is {limit}"),
    )


def _judge_date(facts: EligibilityFacts, rule: DateRule) -> Judged:
    day, bound = _date(facts, rule.item), _date(facts, rule.not_after)
    for item, known in ((rule.item, day), (rule.not_after, bound)):
        if known.is_unknown:
            return _missing(item)
    sentence = _sentence(f"{rule.item.label} is {day}; {rule.not_after.label} is {bound}")
    return Judged(day.is_on_or_before(bound), str(day), sentence)


def _judge_recent_event(facts: EligibilityFacts, rule: RecentEventRule) -> Judged:
    occurred = _flag(facts, rule.item)
    if occurred is None:
        return _missing(rule.item)
    if not occurred:
        return Judged(False, "no", _sentence(f"{rule.item.label}: no"))
    event, reference = _date(facts, rule.date_item), _date(facts, rule.before)
    value = f"yes, {event}"
    if reference.day is None:
        return Judged(None, value, _missing(rule.before).sentence)
    opens = add_months(reference.day, -rule.months)
    within = _all((event.is_on_or_after(opens), event.is_on_or_before(reference)))
    window = f"the criterion is {opens} to {reference}, {rule.months} month{'s' * (rule.months > 1)}"
    open_question = ": the date is not exact enough to decide" if within is None else ""
    sentence = _sentence(f"{rule.item.label}, date {event}; {window}{open_question}")
    return Judged(within, value, sentence)


def _all(answers: tuple[bool | None, ...]) -> bool | None:
    """Return no if any answer is no, else not decidable if any is missing, else yes."""
    return False if False in answers else None if None in answers else True


def _any(answers: tuple[bool | None, ...]) -> bool | None:
    """Return yes if any answer is yes, else not decidable if any is missing, else no."""
    return True if True in answers else None if None in answers else False


def _flag(facts: EligibilityFacts, item: DataItem) -> bool | None:
    value: bool | None = getattr(facts, item)
    return value


def _number(facts: EligibilityFacts, item: DataItem) -> Decimal | None:
    value: Decimal | int | None = getattr(facts, item)
    return None if value is None else Decimal(value)


def _date(facts: EligibilityFacts, item: DataItem) -> PartialDate:
    value = getattr(facts, item)
    return PartialDate("") if value is None else as_partial(value)


def _missing(item: DataItem, detail: str = "") -> Judged:
    return Judged(None, MISSING, _sentence(f"{item.label} is missing" + (f" ({detail})" if detail else "")))


def _with_detail(facts: EligibilityFacts, item: DataItem, words: str) -> str:
    detail = facts.detail(item)
    return f"{words} ({detail})" if detail else words


def _quantity(number: Decimal, unit: str) -> str:
    return f"{number:f} {unit}".rstrip()


def _limit(operator: Operator, limit: Decimal, unit: str) -> str:
    return f"{_SIGNS[operator]} {_quantity(limit, unit)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
