"""Loads the SYNTHETIC trial through the services, day by day, as its people would have entered it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from django.contrib.auth.hashers import make_password

from assessments.models import ReferenceRange
from assessments.services import add_range, load_bundled_catalogue
from casebook.models import Query
from casebook.services import answer_query, close_query, raise_query
from demo.complete import complete
from demo.enter import Casebook
from demo.people import COLLEAGUES, PASSWORD, coordinator_of, investigator_of, monitor_of
from demo.plan import Plan, Question, Step
from demo.ranges import Range, Ranges
from trial.audit import acting, system_person
from trial.models import Person, ProtocolVersion, Site, Trial
from trial.services import (
    PROTOCOLS,
    add_protocol_version,
    approve_protocol_version,
    create_person,
    create_trial,
    grant_role,
    seal_trail,
)

CODE = "sorafenib-beyond-progression"
PROTOCOL = PROTOCOLS / "sorafenib_beyond_progression.toml"
APPROVED = {
    "01": date(2011, 5, 18),
    "02": date(2011, 5, 25),
    "03": date(2011, 6, 1),
    "04": date(2011, 6, 1),
    "05": date(2011, 6, 8),
    "06": date(2011, 6, 15),
    "07": date(2011, 6, 15),
    "08": date(2011, 6, 22),
}
BY_INVESTIGATORS = {"eligibility-decision"}


class NotLoaded(Exception):
    """Why the demonstration trial cannot be loaded here."""


def is_loaded() -> bool:
    """Whether the demonstration trial is here, whole; anything else in its place raises NotLoaded."""
    trial = Trial.objects.first()
    if trial is None:
        return False
    if trial.code != CODE:
        raise NotLoaded("Another trial is here. The demonstration trial goes into an empty database only.")
    auditor = Person.objects.filter(email="auditor@demo.invalid").first()
    if auditor is not None:
        with acting(auditor):
            if Query.objects.filter(text=complete().questions[-1].text).exists():
                return True
    raise NotLoaded(
        "Loading the demonstration trial was interrupted and it is here only in part. "
        "Start from an empty database (on one machine: remove the data folder) and load it again."
    )


def load(plan: Plan | None = None, *, say: Callable[[str], None] = lambda line: None) -> None:
    """Set up the trial and enter every form in date order: a day's work on a patient is one transaction."""
    plan = plan or complete()
    say("SYNTHETIC demonstration trial: protocol, eight sites, people, reference ranges")
    trial, sites = _set_up()
    people = _invite(trial, sites)
    _enter_ranges(Ranges().rows, sites, people)
    casebook = Casebook()
    for year, steps in groupby(plan.steps, key=lambda step: step.on.year):
        say(f"forms of {year}")
        for person, work in _days(list(steps), plan, people):
            with acting(person):
                _enter(work, casebook, sites[plan.sites[work[0].patient]], person)
    say("queries of the monitors")
    for question in plan.questions:
        _ask(question, plan.sites[question.patient], casebook, people)
    seal_trail()


def _enter(work: Sequence[Step], casebook: Casebook, site: Site, person: Person) -> None:
    for step in work:
        try:
            casebook.do(step, site=site, by=person)
        except Exception as error:
            error.add_note(f"{step.patient}, {step.on}: {step.form} {step.key}")
            raise


def _set_up() -> tuple[Trial, dict[str, Site]]:
    with acting(system_person()):
        protocol = ProtocolVersion(definition=PROTOCOL.read_text(encoding="utf-8")).protocol
        trial = create_trial(code=CODE, title=f"{protocol.title} (SYNTHETIC)", is_synthetic=True)
        version = add_protocol_version(trial, PROTOCOL.read_text(encoding="utf-8"))
        sites = {s.code: Site.objects.create(trial=trial, code=s.code, name=s.name) for s in protocol.sites}
        for code, site in sites.items():
            approve_protocol_version(site, version, approved_on=APPROVED[code])
        load_bundled_catalogue()
    return trial, sites


def _invite(trial: Trial, sites: dict[str, Site]) -> dict[str, Person]:
    """Everybody, by e-mail address; the one password is hashed once, which is slow on purpose."""
    hashed = make_password(PASSWORD)
    with acting(system_person()):
        for colleague in COLLEAGUES:
            person = create_person(email=colleague.email, full_name=colleague.full_name, password=None)
            person.password = hashed
            person.save(update_fields=["password"])
            for code in colleague.sites:
                grant_role(person, colleague.role, trial, site=sites[code])
            if not colleague.sites:
                grant_role(person, colleague.role, trial)
    return {person.email: person for person in Person.objects.all()}


def _enter_ranges(rows: Iterable[Range], sites: dict[str, Site], people: dict[str, Person]) -> None:
    for code, of_site in groupby(rows, key=lambda row: row.site):
        coordinator = people[coordinator_of(code)]
        with acting(coordinator):
            for row in of_site:
                reference = ReferenceRange(
                    site=sites[code],
                    analyte=row.analyte,
                    sex=row.sex,
                    unit=row.unit,
                    lln=row.lln,
                    uln=row.uln,
                    valid_from=row.valid_from,
                    valid_to=row.valid_to,
                )
                add_range(reference, by=coordinator)


def _days(
    steps: Sequence[Step], plan: Plan, people: dict[str, Person]
) -> Iterator[tuple[Person, list[Step]]]:
    """Who does what in one go: the work of one person on one patient on one day."""
    for (_, patient, decides), work in groupby(
        steps, key=lambda step: (step.on, step.patient, step.form in BY_INVESTIGATORS)
    ):
        who = investigator_of if decides else coordinator_of
        yield people[who(plan.sites[patient])], list(work)


def _ask(question: Question, site: str, casebook: Casebook, people: dict[str, Person]) -> None:
    crf = casebook.form(question.patient, question.form, question.key)
    monitor, coordinator = people[monitor_of(site)], people[coordinator_of(site)]
    with acting(monitor):
        query = raise_query(
            patient=crf.patient,
            crf=question.form,
            crf_id=crf.pk,
            field=question.field,
            text=question.text,
            by=monitor,
        )
    if question.answer:
        with acting(coordinator):
            query = answer_query(query, answer=question.answer, by=coordinator)
    if question.closing_note:
        with acting(monitor):
            close_query(query, note=question.closing_note, by=monitor)
