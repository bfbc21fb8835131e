"""How the forms of the assessments are filled in, beside each form."""

from django.utils.translation import gettext_lazy as _

from casebook.registry import Guide

GUIDES = {
    "vital-signs": Guide(
        (_("All from one measurement, seated after five minutes of rest."),),
        {
            "systolic": _("If measured more than once, the last reading."),
            "temperature": _("In degrees Celsius, one decimal."),
            "weight": _("In kilograms, one decimal, in light clothing."),
            "ecog": _("As the investigator judged it on this day, not copied from the last visit."),
        },
    ),
    "laboratory": Guide(
        (
            _("Enter each value as the laboratory reported it. What was not measured stays empty."),
            _("Range, flag and CTCAE grade appear beside the value; they are computed, never entered."),
        ),
        {"date": _("The day the sample was taken, not the day of the report.")},
    ),
    "dosing": Guide(
        (
            _("One line for each stretch of days at one dose. A day without drug is a line with dose 0."),
            _("Lines do not overlap. A change of dose ends one line and begins the next."),
        ),
        {
            "end": _("Stays empty while the dose goes on."),
            "dose_reason": _("Why this line differs from the one before it."),
            "adverse_event": _("The event that led to it; enter the event first."),
        },
    ),
    "adverse-event": Guide(
        (
            _("One form for each event. A change of grade is a new line, not a new form."),
            _("An event that ended and came back is a new form."),
        ),
        {
            "term": _("Type part of the word and choose the CTCAE term; say it in your own words below."),
            "onset": _("First day of any grade. 2012 or 2012-03 where the day is not known."),
            "serious": _("If yes, tick each criterion that was met, and report it as the protocol demands."),
            "causality": _("The investigator's judgement."),
            "outcome": _("Leave empty while the event goes on; it then shows among what is open."),
        },
    ),
    "concomitant-medication": Guide(
        (
            _("One form for each drug and way of taking it, from four weeks before the first dose on."),
            _("Strong CYP3A4 inducers are recognised by their names; the protocol excludes them."),
        ),
        {
            "drug": _("The international name where it is known, else the trade name."),
            "start": _("2012 or 2012-03 where the day is not known; UNK if nothing is."),
            "end": _("The last day on which it was taken. Stays empty while it is still taken."),
        },
    ),
    "medical-history": Guide(
        (_("One form for each condition that began before consent, whether it is still present or not."),),
        {"start": _("2012 or 2012-03 where the day is not known; UNK if nothing is.")},
    ),
    "hcc-treatment": Guide(
        (
            _("One form for each previous treatment; the sessions of one course are one form."),
            _("Baseline disease asks which kinds there were: the two must agree."),
        ),
        {"response": _("The best response to this treatment, as the source states it.")},
    ),
    "imaging": Guide(
        (
            _("One read for each scan. Lesions keep their label from the first scan to the last."),
            _("Of each target the longest diameter of the enhancing part, in millimetres."),
            _("Sums and responses are computed; the reader's own response stands beside them."),
        ),
    ),
    "independent-read": Guide(
        (_("Read from the images alone, without having looked at the first read of the scan."),),
        {
            "date": _("The date of the scan, as in the first read."),
            "overall": _("By the criteria of the first read, from your own target and non-target responses."),
        },
    ),
    "adjudication": Guide(
        (_("Where two readers differ on a scan, a third person decides between them."),),
        {"grounds": _("Why this response, in a few words: what was seen, and where.")},
    ),
}
