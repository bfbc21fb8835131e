from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments import crfs, edit_checks
        from casebook.registry import add_cross_check

        crfs.register_all()
        add_cross_check(edit_checks.check_patient, rules=edit_checks.RULES)
