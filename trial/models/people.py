"""Who works on the trial, and in which role at which sites."""

from enum import StrEnum

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    MONITOR = "monitor"
    DATA_MANAGER = "data manager"
    STATISTICIAN = "statistician"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    READER = "independent reader"


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Someone who signs in. `is_system` marks the one actor that stands for the software itself."""

    email = models.EmailField("e-mail address", unique=True)
    full_name = models.CharField("name", max_length=120)
    is_active = models.BooleanField("may sign in", default=True)
    is_system = models.BooleanField(default=False, editable=False)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["full_name"]
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint("is_system", condition=models.Q(is_system=True), name="one_system_person")
        ]

    def __str__(self) -> str:
        return self.full_name

    @cached_property
    def roles(self) -> list["Membership"]:
        """This person's memberships, read once per request."""
        return list(self.memberships.select_related("site").order_by("role", "site__code"))


class Membership(models.Model):
    """One role of one person: at one site, or, without a site, at every site of the trial."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="memberships")
    site = models.ForeignKey("trial.Site", models.PROTECT, related_name="memberships", null=True, blank=True)
    role = models.CharField(max_length=20, choices=[(r.value, r.value.capitalize()) for r in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "trial", "site", "role"],
                name="one_membership_per_role",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[r.value for r in Role]), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role} at {self.site or 'all sites'}"


class Preference(models.Model):
    """How one person likes the pages; nobody else sees it. Without a row everything is as it comes."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="preference")
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)

    def __str__(self) -> str:
        return f"preferences of {self.person}"
