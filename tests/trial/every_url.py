"""Who may open what: what a GET and what an empty POST of each address come to.

The columns: somebody signed out; then coordinator, investigator, monitor, data manager, statistician,
administrator, auditor and independent reader on what belongs to their own site; then the first three on what
belongs to another
(empty where a page concerns no site). `in`: sent to sign in. 302: sent elsewhere. 403: a colleague without
the right. 404: nothing a stranger may know of. 200 of a POST: the page shows again what is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

ROLES = ("co", "in", "mo", "dm", "st", "ad", "au", "re")
AT_ONE_SITE = ("co", "in", "mo")

TABLE = """
address                                         method out  co  in  mo  dm  st  ad  au  re    other co in mo
(home)                                          GET   in    302 302 302 302 302 302 302 302
                                                POST  in    302 302 302 302 302 302 302 302
healthz                                         GET   200   200 200 200 200 200 200 200 200
                                                POST  200   200 200 200 200 200 200 200 200
account/email/                                  GET   in    404 404 404 404 404 404 404 404
                                                POST  in    404 404 404 404 404 404 404 404
account/login/                                  GET   200   302 302 302 302 302 302 302 302
                                                POST  200   302 302 302 302 302 302 302 302
account/logout/                                 GET   in    200 200 200 200 200 200 200 200
                                                POST  in    in in in in in in in in
account/inactive/                               GET   200   200 200 200 200 200 200 200 200
                                                POST  405   405 405 405 405 405 405 405 405
account/signup/                                 GET   200   302 302 302 302 302 302 302 302
                                                POST  200   302 302 302 302 302 302 302 302
account/reauthenticate/                         GET   in    200 200 200 200 200 200 200 200
                                                POST  in    200 200 200 200 200 200 200 200
account/confirm-email/                          GET   200   200 200 200 200 200 200 200 200
                                                POST  405   405 405 405 405 405 405 405 405
account/password/change/                        GET   in    200 200 200 200 200 200 200 200
                                                POST  in    200 200 200 200 200 200 200 200
account/password/set/                           GET   in    302 302 302 302 302 302 302 302
                                                POST  in    302 302 302 302 302 302 302 302
account/password/reset/                         GET   200   200 200 200 200 200 200 200 200
                                                POST  200   200 200 200 200 200 200 200 200
account/login/code/confirm/                     GET   in    302 302 302 302 302 302 302 302
                                                POST  in    302 302 302 302 302 302 302 302
account/confirm-email/{key}/                    GET   200   200 200 200 200 200 200 200 200
                                                POST  404   404 404 404 404 404 404 404 404
account/password/reset/key/done/                GET   200   200 200 200 200 200 200 200 200
                                                POST  405   405 405 405 405 405 405 405 405
account/password/reset/key/{uidb36}-{key}/      GET   200   200 200 200 200 200 200 200 200
                                                POST  200   200 200 200 200 200 200 200 200
account/password/reset/done/                    GET   200   200 200 200 200 200 200 200 200
                                                POST  405   405 405 405 405 405 405 405 405
account/2fa/                                    GET   in    200 200 200 200 200 200 200 200
                                                POST  in    405 405 405 405 405 405 405 405
account/2fa/authenticate/                       GET   in    302 302 302 302 302 302 302 302
                                                POST  in    302 302 302 302 302 302 302 302
account/2fa/reauthenticate/                     GET   in    302 302 302 302 302 302 302 302
                                                POST  in    302 302 302 302 302 302 302 302
account/2fa/totp/activate/                      GET   in    302 302 302 302 302 302 302 302
                                                POST  in    302 302 302 302 302 302 302 302
account/2fa/totp/deactivate/                    GET   in    404 404 404 404 404 404 404 404
                                                POST  in    404 404 404 404 404 404 404 404
account/2fa/recovery-codes/                     GET   in    404 404 404 404 404 404 404 404
                                                POST  in    405 405 405 405 405 405 405 405
account/2fa/recovery-codes/generate/            GET   in    302 302 302 302 302 302 302 302
                                                POST  in    302 302 302 302 302 302 302 302
account/2fa/recovery-codes/download/            GET   in    404 404 404 404 404 404 404 404
                                                POST  in    404 404 404 404 404 404 404 404
trial/preferences/                              GET   in    200 200 200 200 200 200 200 200
                                                POST  in    302 302 302 302 302 302 302 302
trial/people/                                   GET   in    403 403 403 403 403 200 403 403
                                                POST  in    403 403 403 403 403 405 403 403
trial/people/new/                               GET   in    403 403 403 403 403 200 403 403
                                                POST  in    403 403 403 403 403 200 403 403
trial/people/{pk}/                              GET   in    403 403 403 403 403 200 403 403   403 403 403
                                                POST  in    403 403 403 403 403 200 403 403   403 403 403
trial/people/{pk}/sign-in/off/                  GET   in    403 403 403 403 403 200 403 403   403 403 403
                                                POST  in    403 403 403 403 403 200 403 403   403 403 403
trial/people/{pk}/sign-in/on/                   GET   in    403 403 403 403 403 200 403 403   403 403 403
                                                POST  in    403 403 403 403 403 200 403 403   403 403 403
trial/roles/{pk}/withdraw/                      GET   in    403 403 403 403 403 200 403 403   403 403 403
                                                POST  in    403 403 403 403 403 200 403 403   403 403 403
trial/sites/                                    GET   in    403 403 403 403 403 200 403 403
                                                POST  in    403 403 403 403 403 405 403 403
trial/protocol-versions/                        GET   in    403 403 403 403 403 200 403 403
                                                POST  in    403 403 403 403 403 405 403 403
trial/protocol-versions/{pk}/                   GET   in    403 403 403 403 403 200 403 403   403 403 403
                                                POST  in    403 403 403 403 403 405 403 403   403 403 403
trial/trail/                                    GET   in    403 403 403 200 403 200 200 403
                                                POST  in    403 403 403 405 403 405 405 403
trial/trail/check/                              GET   in    403 403 403 200 403 200 200 403
                                                POST  in    403 403 403 405 403 405 405 403
trial/trail/receipt/                            GET   in    403 403 403 200 403 200 200 403
                                                POST  in    403 403 403 405 403 405 405 403
casebook/new/                                   GET   in    200 200 403 403 403 403 403 403
                                                POST  in    200 200 403 403 403 403 403 403
casebook/{number}/                              GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
casebook/{number}/next/                         GET   in    302 302 302 302 302 403 302 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
casebook/{number}/previous/                     GET   in    302 302 302 302 302 403 302 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
casebook/{number}/{slug}/new/draft/             GET   in    405 405 405 405 405 403 405 403   404 404 404
                                                POST  in    204 204 403 403 403 403 403 403   404 404 404
casebook/{number}/{slug}/{pk}/draft/            GET   in    405 405 405 405 405 403 405 403   404 404 404
                                                POST  in    204 204 403 403 403 403 403 403   404 404 404
casebook/{number}/{slug}/new/                   GET   in    200 200 403 403 403 403 403 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
casebook/{number}/{slug}/{pk}/                  GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
casebook/{number}/{slug}/{pk}/history/          GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 403 405 403   404 404 404
casebook/{number}/{slug}/{pk}/remove/           GET   in    200 200 403 403 403 403 403 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/ranges/                             GET   in    200 200 200 200 200 403 200 403
                                                POST  in    200 403 403 200 403 403 403 403
assessments/ranges/{pk}/close/                  GET   in    200 403 403 200 403 403 403 403   404 404 404
                                                POST  in    200 403 403 200 403 403 403 403   404 404 404
assessments/laboratory/import/                  GET   in    200 200 403 200 403 403 403 403
                                                POST  in    200 200 403 200 403 403 403 403
assessments/laboratory/import/template/         GET   in    200 200 403 200 403 403 403 403
                                                POST  in    405 405 405 405 405 405 405 405
assessments/ctcae/                              GET   in    200 200 200 200 200 403 200 403
                                                POST  in    405 405 405 405 405 405 405 405
assessments/ctcae/criteria/                     GET   in    405 405 405 405 405 405 405 405
                                                POST  in    200 200 200 200 200 403 200 403
assessments/reading/                            GET   in    403 403 403 403 403 403 403 200
                                                POST  in    405 405 405 405 405 405 405 405
assessments/{number}/eligibility/               GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/{number}/laboratory/                GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/{number}/laboratory/judge/          GET   in    405 405 405 405 405 405 405 405   405 405 405
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/{number}/laboratory/trend/{analyte}/ GET  in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/{number}/dosing/                    GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/{number}/schedule/                  GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/{number}/next-due/                  GET   in    302 302 302 302 302 403 302 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/{number}/schedule.ics               GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/schedule/{pk}.ics                   GET   in    200 200 403 403 403 403 403 403   404 404 403
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
assessments/{number}/imaging/new/               GET   in    200 200 403 403 403 403 403 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/{number}/imaging/new/preview/       GET   in    302 302 302 302 302 403 302 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/{number}/imaging/{pk}/              GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/{number}/imaging/{pk}/preview/      GET   in    302 302 302 302 302 403 302 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/{number}/imaging/{pk}/new-baseline/ GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/{number}/imaging/{pk}/images/       GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
assessments/{number}/images/{pk}/               GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 403 405 403   404 404 404
assessments/{number}/images/{pk}/thumbnail/     GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 403 405 403   404 404 404
assessments/{number}/images/{pk}/remove/        GET   in    200 200 403 403 403 403 403 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
monitoring/agreement/                           GET   in    403 403 200 200 200 403 200 403
                                                POST  in    405 405 405 405 405 405 405 405
monitoring/work/                                GET   in    200 200 403 403 403 403 403 403
                                                POST  in    405 405 405 405 405 405 405 405
monitoring/patients/                            GET   in    200 200 200 200 200 403 200 403
                                                POST  in    405 405 405 405 405 405 405 405
monitoring/patients/{number}/status/            GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
monitoring/patients/{number}/timeline/          GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    405 405 405 405 405 405 405 405   405 405 405
monitoring/patients/{number}/query/             GET   in    403 403 200 200 403 403 403 403   404 404 404
                                                POST  in    403 403 200 200 403 403 403 403   404 404 404
monitoring/patients/{number}/{slug}/{pk}/query/ GET   in    403 403 200 200 403 403 403 403   404 404 404
                                                POST  in    403 403 200 200 403 403 403 403   404 404 404
monitoring/dashboard/                           GET   in    200 200 200 200 200 403 200 403
                                                POST  in    405 405 405 405 405 405 405 405
monitoring/deviations/                          GET   in    200 200 200 200 200 403 200 403
                                                POST  in    405 405 405 405 405 405 405 405
monitoring/queries/                             GET   in    200 200 200 200 200 403 200 403
                                                POST  in    405 405 405 405 405 405 405 405
monitoring/queries/{pk}/                        GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    200 200 403 403 403 403 403 403   404 404 404
documents/patients/{number}/                    GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    200 200 200 200 200 403 200 403   404 404 404
documents/sites/{pk}/                           GET   in    200 200 200 200 200 403 200 403   404 404 404
                                                POST  in    200 200 200 200 200 403 200 403   404 404 404
documents/prints/                               GET   in    200 200 200 200 200 403 200 403
                                                POST  in    405 405 405 405 405 405 405 405
documents/prints/{pk}/                          GET   in    200 404 404 404 404 403 404 403   404 404 404
                                                POST  in    405 404 404 404 404 403 404 403   404 404 404
documents/prints/{pk}/progress/                 GET   in    200 404 404 404 404 403 404 403   404 404 404
                                                POST  in    405 404 404 404 404 403 404 403   404 404 404
documents/prints/{pk}/restart/                  GET   in    405 404 404 404 404 403 404 403   404 404 404
                                                POST  in    302 404 404 404 404 403 404 403   404 404 404
documents/prints/{pk}/file/                     GET   in    200 404 404 404 404 403 404 403   404 404 404
                                                POST  in    405 404 404 404 404 403 404 403   404 404 404
documents/forms/                                GET   in    200 200 200 200 200 200 200 200
                                                POST  in    405 405 405 405 405 405 405 405
documents/forms/{language}.pdf                  GET   in    200 200 200 200 200 200 200 200
                                                POST  in    405 405 405 405 405 405 405 405
analysis/runs/                                  GET   in    403 403 403 200 200 403 200 403
                                                POST  in    403 403 403 405 405 403 405 403
analysis/runs/new/                              GET   in    403 403 403 403 200 403 403 403
                                                POST  in    403 403 403 403 200 403 403 403
analysis/runs/{pk}/                             GET   in    403 403 403 200 200 403 200 403   403 403 403
                                                POST  in    403 403 403 405 405 403 405 403   403 403 403
analysis/runs/{pk}/progress/                    GET   in    403 403 403 200 200 403 200 403   403 403 403
                                                POST  in    403 403 403 405 405 403 405 403   403 403 403
analysis/runs/{pk}/published/                   GET   in    403 403 403 200 200 403 200 403   403 403 403
                                                POST  in    403 403 403 405 405 403 405 403   403 403 403
analysis/runs/{pk}/tables.xlsx                  GET   in    403 403 403 403 200 403 403 403   403 403 403
                                                POST  in    403 403 403 403 405 403 403 403   403 403 403
analysis/runs/{pk}/{name}/                      GET   in    403 403 403 200 200 403 200 403   403 403 403
                                                POST  in    403 403 403 405 405 403 405 403   403 403 403
analysis/runs/{pk}/{name}.{file_format}         GET   in    403 403 403 403 200 403 403 403   403 403 403
                                                POST  in    403 403 403 403 405 403 403 403   403 403 403
analysis/runs/{pk}/{name}/cell/{row}/{column}/  GET   in    403 403 403 200 200 403 200 403   403 403 403
                                                POST  in    403 403 403 405 405 403 405 403   403 403 403
analysis/runs/{pk}/{name}/point/{point}/        GET   in    403 403 403 200 200 403 200 403   403 403 403
                                                POST  in    403 403 403 405 405 403 405 403   403 403 403
analysis/runs/{pk}/restart/                     GET   in    403 403 403 403 405 403 403 403   403 403 403
                                                POST  in    403 403 403 403 302 403 403 403   403 403 403
analysis/source/{slug}/{pk}/                    GET   in    403 403 403 302 302 403 302 403   403 403 403
                                                POST  in    403 403 403 405 405 403 405 403   403 403 403
"""


@dataclass(frozen=True)
class Expected:
    """What one method of one address comes to, by who asks."""

    address: str
    method: str
    signed_out: str
    own_site: dict[str, str]
    other_site: dict[str, str]


def expectations(table: str = TABLE) -> Iterator[Expected]:
    address = ""
    for line in table.strip().splitlines()[1:]:
        words = line.split()
        if not line.startswith(" "):
            address = words.pop(0).replace("(home)", "")
        method, signed_out, *answers = words
        own, other = answers[: len(ROLES)], answers[len(ROLES) :]
        yield Expected(
            address,
            method,
            signed_out,
            dict(zip(ROLES, own, strict=True)),
            dict(zip(AT_ONE_SITE, other, strict=True)) if other else {},
        )
