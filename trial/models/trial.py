"""The trial, its centres, and the versions of its protocol."""

import hashlib
from functools import lru_cache

from django.db import models

from trial.domain.protocol import Protocol, parse_protocol


@lru_cache(maxsize=32)
def _parsed(definition: str) -> Protocol:
    return parse_protocol(definition)


class Trial(models.Model):
    code = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    is_synthetic = models.BooleanField("all data are synthetic", default=False)

    def __str__(self) -> str:
        return self.title


class Site(models.Model):
    """A centre that treats the trial's patients."""

    trial = models.ForeignKey(Trial, models.PROTECT, related_name="sites")
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["trial", "code"], name="one_code_per_site")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ProtocolVersion(models.Model):
    """One version of the protocol definition, kept as the exact text that was approved."""

    trial = models.ForeignKey(Trial, models.PROTECT, related_name="protocol_versions")
    version = models.CharField(max_length=20)
    definition = models.TextField(help_text="the TOML text")
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["trial", "version"], name="one_text_per_version")]

    def __str__(self) -> str:
        return f"version {self.version}"

    @property
    def protocol(self) -> Protocol:
        return _parsed(self.definition)

    @staticmethod
    def fingerprint(definition: str) -> str:
        return hashlib.sha256(definition.encode()).hexdigest()


class SiteApproval(models.Model):
    """From this day on the protocol version is in force at the site."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="approvals")
    protocol_version = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="approvals")
    approved_on = models.DateField()

    class Meta:
        ordering = ["approved_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "protocol_version"], name="one_approval_per_site_and_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.site}: {self.protocol_version} from {self.approved_on}"
