"""How the patient's forms are filled in, beside each form. The protocol decides what is done."""

from django.utils.translation import gettext_lazy as _

from casebook.registry import Guide

SOURCE = _("Copy from the source document, not from memory. What is not known stays empty.")

GUIDES = {
    "consent": Guide(
        (
            _("Entered first: nothing about a patient is collected before written consent."),
            _("Only the number identifies the patient here. Never enter a name or initials."),
        ),
        {
            "consent_date": _("The day on which the patient signed, as written beside the signature."),
            "birth_date": _("As much as the site may pass on: 1948, 1948-02 or 1948-02-17. Age is computed."),
            "protocol_version": _("The version the signed consent form names."),
        },
    ),
    "screening": Guide(
        (
            _("Answer what is known. A criterion whose item is empty is not yet evaluable, never met."),
            _("Eligibility is worked out from these items and shown on the page “Eligibility”."),
        ),
        {
            "date": _("The day on which the items were assessed; events of the history lie on or before it."),
            "enhancing_lesion_mm": _("Longest diameter of the enhancing part, in millimetres, one decimal."),
            "investigator_exclusion_reason": _("Only if the investigator finds the patient unsuitable."),
        },
    ),
    "baseline-disease": Guide(
        (
            _("The last values before enrolment, all from one assessment where possible."),
            _("Child-Pugh class and BCLC stage are computed from them and shown beside what you enter."),
        ),
        {
            "bclc_stage": _("As the investigator staged it. If the data give another stage, a query asks."),
            "ascites": _("As seen on examination or imaging at this assessment, treated or not."),
            "largest_nodule_mm": _("The largest nodule of the liver, in millimetres."),
            "pretreated": _("If yes, answer each treatment below with yes or no."),
        },
    ),
    "eligibility-decision": Guide(
        (_("The investigator decides after looking at every criterion on the page “Eligibility”."),),
        {"comment": _("Needed by whoever reads it later if the decision differs from the criteria.")},
    ),
    "enrolment": Guide(
        (_("After the decision. What the criteria said at this moment is kept with the enrolment."),),
        {"registration_number": _("As the registration office gave it.")},
    ),
    "visit": Guide(
        (SOURCE, _("One visit a day. What was measured goes into the forms of that day.")),
        {"kind": _("Scheduled: one the protocol plans, also if it came early or late.")},
    ),
    "missed-visit": Guide(
        (_("A visit, laboratory panel or scan that was planned and did not take place, and will not."),),
        {
            "planned_date": _("The day the page “Schedule” shows as due, not the day it was found missing."),
            "missed_reason": _("What kept the patient or the site from it, as far as it is known."),
        },
    ),
    "progression-decision": Guide(
        (_("What was decided when the first progression was found. The new baseline is chosen in imaging."),),
        {
            "continued": _("Yes: Treatment 2 begins, measured against the scan of the first progression."),
            "not_continued_reason": _("Only if treatment was not continued."),
        },
    ),
    "discontinuation": Guide(
        (_("When treatment by the protocol ended for good. An interruption goes into the dosing log."),),
        {
            "date": _("The day on which it was decided; the last dose is in the dosing log."),
            "detail": _("The adverse event by its term, or the other reason in a few words."),
        },
    ),
    "survival-follow-up": Guide(
        (_("One entry for each contact. A death is entered on its own form."),),
        {
            "contact_date": _("The last day the patient was known to be alive, not the day you asked."),
            "subsequent_therapy": _("Name and start of every later treatment of the cancer."),
        },
    ),
    "death": Guide(
        (_("Enter what is known now; a partial date can be completed later."),),
        {
            "date": _("2012, 2012-07 or 2012-07-17. Every rule takes the days into account it can be."),
            "cause": _("The investigator's judgement of the main cause."),
        },
    ),
}
