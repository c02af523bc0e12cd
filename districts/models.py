from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser, Group
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, Now

from districts.choices import MEANINGS, Right, Tool

# Names are unique in the whole installation. Nothing may tell whose a taken one is.
USER_NAME_TAKEN = "This user name cannot be given. Choose another one."
# A number stands in addresses, beside words like "history": with a digit in it, it is none of them. PostgreSQL reads
# the expression as Python does.
_NUMBER = r"\A[0-9A-Za-z-]*[0-9][0-9A-Za-z-]*\Z"
_NUMBER_REFUSED = (
    "A district's number has letters, digits and hyphens only, and at least one digit. Choose another one."
)


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
    number = models.CharField(
        max_length=16, unique=True, validators=[RegexValidator(_NUMBER, _NUMBER_REFUSED)]
    )
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64, default="America/Chicago")
    database_name = models.CharField(max_length=63, blank=True)
    database_host = models.CharField(max_length=255, blank=True)
    database_port = models.PositiveIntegerField(null=True, blank=True)
    database_user = models.CharField(max_length=63, blank=True)
    database_password = models.CharField(max_length=200, blank=True)
    database_sslmode = models.CharField(max_length=16, blank=True)
    # The one role that may write at the district, and only in the schema of attendance (attendance/).
    aggregation_user = models.CharField(max_length=63, blank=True)
    aggregation_password = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__regex=_NUMBER),
                name="district_number_has_a_digit",
                violation_error_message=_NUMBER_REFUSED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Zone(models.Model):
    """A district's link to the state: the school year it is scoped to, which neighbours of it may sync too, and whether
    the weekly resync of attendance takes the district along."""

    district = models.OneToOneField(District, on_delete=models.CASCADE, related_name="zone")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT)
    syncs_previous_year = models.BooleanField(default=False)
    syncs_next_year = models.BooleanField(default=False)
    resyncs_attendance_weekly = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.district}: {self.school_year}"


class ZoneSwitch(models.Model):
    """A zone's move to the next school year. Kept for ever.

    `confirmed_without_resync` tells that the mandatory end-of-year resync was missing, and that the person typed a
    confirmation all the same (seed 000, Resync Scenarios).
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="zone_switches")
    from_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    to_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    switched_by = models.ForeignKey("User", on_delete=models.PROTECT, related_name="+")
    switched_at = models.DateTimeField(db_default=Now())
    confirmed_without_resync = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "to_year"], name="zone_switched_once_to_a_year"),
            models.CheckConstraint(
                condition=models.Q(to_year=models.F("from_year") + 1), name="zone_switches_to_the_next_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district}: {self.from_year_id} to {self.to_year_id}"


class User(AbstractUser):
    """A person who signs in. Without a district the user belongs to the state."""

    district = models.ForeignKey(
        District, on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    is_demo = models.BooleanField(default=False)
    # Counted up when the account is disabled: sign-ins that were opened before then hold an older number.
    sign_ins_ended = models.PositiveIntegerField(default=0)

    class Meta(AbstractUser.Meta):
        constraints = [
            # Two names that differ by capital letters only would be taken for each other.
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_is_unique_in_any_case",
                violation_error_message=USER_NAME_TAKEN,
            ),
            models.CheckConstraint(
                condition=models.Q(is_demo=False) | models.Q(is_superuser=False),
                name="demo_account_is_no_superuser",
            ),
        ]

    @property
    def is_state_user(self) -> bool:
        return self.district_id is None

    # Every open sign-in holds this hash, and ends as soon as it is another one.
    def get_session_auth_hash(self) -> str:
        return self._counting_ends(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._counting_ends(each) for each in super().get_session_auth_fallback_hash())

    def _counting_ends(self, of_password: str) -> str:
        return f"{of_password} {self.sign_ins_ended}"


class DistrictGroup(models.Model):
    """A group that a district made for its own users. A group without one is the state's: the state alone changes it,
    and everybody may be in it."""

    group = models.OneToOneField(
        Group, on_delete=models.CASCADE, primary_key=True, related_name="district_group"
    )
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="groups")

    def __str__(self) -> str:
        return f"{self.group} of {self.district}"


def _given_rights_mean_something() -> models.Q:
    condition = models.Q()
    for tool, rights in MEANINGS.items():
        condition |= models.Q(tool=tool.value, right__in=[right.value for right in rights])
    return condition


class ToolRight(models.Model):
    """One right (R, W, A or D) on one tool, given to a group. A user has the sum of their groups."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="tool_rights")
    tool = models.CharField(max_length=32, choices=Tool.choices)
    right = models.CharField(max_length=1, choices=Right.choices)
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "tool", "right"], name="tool_right_given_once"),
            models.CheckConstraint(
                condition=_given_rights_mean_something(), name="tool_right_means_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.right} on {self.get_tool_display()}"
