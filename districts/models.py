from django.contrib.auth.models import AbstractUser, Group
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from districts.choices import Right, Tool


class State(models.Model):
    """A state or region that districts report to. Its code decides which state-specific objects are offered."""

    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class SchoolYear(models.Model):
    """A school year, named by the year in which it ends: 2024 is 2023-2024."""

    end_year = models.SmallIntegerField(primary_key=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_year__range=(1990, 2100)), name="school_year_is_plausible"
            )
        ]

    def __str__(self) -> str:
        return f"{self.end_year - 1}-{self.end_year}"


class District(models.Model):
    """A district and the way to its database.

    An empty `database_host` means the server that holds the control tables. The credentials are those of a role
    that can only read.
    """

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="districts")
    number = models.CharField(max_length=16, unique=True, validators=[RegexValidator(r"^[0-9A-Za-z-]+$")])
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64, default="America/Chicago")
    database_name = models.CharField(max_length=63, blank=True)
    database_host = models.CharField(max_length=255, blank=True)
    database_port = models.PositiveIntegerField(null=True, blank=True)
    database_user = models.CharField(max_length=63, blank=True)
    database_password = models.CharField(max_length=200, blank=True)
    database_sslmode = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Zone(models.Model):
    """A district's link to the state: the school year it is scoped to, and which neighbours of it may sync too."""

    district = models.OneToOneField(District, on_delete=models.CASCADE, related_name="zone")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT)
    syncs_previous_year = models.BooleanField(default=False)
    syncs_next_year = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.district}: {self.school_year}"


class User(AbstractUser):
    """A person who signs in. Without a district the user belongs to the state."""

    district = models.ForeignKey(
        District, on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    is_demo = models.BooleanField(default=False)

    @property
    def is_state_user(self) -> bool:
        return self.district_id is None


class ToolRight(models.Model):
    """One right (R, W, A or D) on one tool, given to a group. A user has the sum of their groups."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="tool_rights")
    tool = models.CharField(max_length=32, choices=Tool.choices)
    right = models.CharField(max_length=1, choices=Right.choices)
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "tool", "right"], name="tool_right_given_once"),
            models.CheckConstraint(condition=models.Q(tool__in=Tool.values), name="tool_right_known_tool"),
            models.CheckConstraint(condition=models.Q(right__in=Right.values), name="tool_right_known_right"),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.right} on {self.get_tool_display()}"
