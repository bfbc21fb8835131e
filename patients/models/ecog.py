from django.db import models


class Ecog(models.IntegerChoices):
    """Performance status of the Eastern Cooperative Oncology Group."""

    ACTIVE = 0, "0 – fully active"
    RESTRICTED = 1, "1 – restricted in strenuous activity"
    SELF_CARE = 2, "2 – up and about more than half of the day, unable to work"
    LIMITED_SELF_CARE = 3, "3 – in bed or chair more than half of the day"
    DISABLED = 4, "4 – completely in bed or chair"
    DEAD = 5, "5 – dead"
