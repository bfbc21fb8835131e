from django.apps import AppConfig
from django.core.checks import Tags, register


class TrialConfig(AppConfig):
    name = "trial"
    verbose_name = "Trial"

    def ready(self) -> None:
        from trial.checks import mail_reaches_people
        from trial.paths import register_converters

        register(mail_reaches_people, Tags.security)
        register_converters()
