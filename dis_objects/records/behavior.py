"""Behavior holds incident, event, role and resolution in one record; the other objects are its parts."""

from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Exclusion, Record
from dis_objects.records.calendar import IN_EXCLUDED_CALENDAR

EVENT_WITHOUT_STATE_CODE = Exclusion(
    "EVENT_CODE_MISSING",
    "The type of the behavior event has no state event code. Give it one, then resync.",
    "EXISTS (SELECT FROM behavior_type t WHERE t.type_id = r.event_type_id"
    " AND COALESCE(t.state_event_code, '') = '')",
)

RESOLUTION_WITHOUT_STATE_CODE = Exclusion(
    "RESOLUTION_CODE_MISSING",
    "The type of the behavior resolution has no state resolution code. Give it one, then resync.",
    "EXISTS (SELECT FROM behavior_resolution_type t WHERE t.type_id = r.resolution_type_id"
    " AND COALESCE(t.state_resolution_code, '') = '')",
)


class BehaviorType(Record):
    """A kind of event that a school, or the whole district, records."""

    pk = models.CompositePrimaryKey("district_id", "type_id")
    type_id = RecordKey()
    school_id = ParentKey("School", null=True)
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    state_event_code = models.CharField(max_length=15, null=True)
    category = models.CharField(max_length=30, null=True)
    severity = models.SmallIntegerField(null=True)
    active = models.BooleanField(null=True)

    class Meta:
        db_table = "behavior_type"

    class Dis(DisOptions):
        position = 17
        parents = ("School",)


class BehaviorResolutionType(Record):
    """A kind of resolution that a school, or the whole district, records."""

    pk = models.CompositePrimaryKey("district_id", "type_id")
    type_id = RecordKey()
    school_id = ParentKey("School", null=True)
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    state_resolution_code = models.CharField(max_length=15, null=True)
    category = models.CharField(max_length=30, null=True)
    removal = models.BooleanField(null=True)
    active = models.BooleanField(null=True)

    class Meta:
        db_table = "behavior_resolution_type"

    class Dis(DisOptions):
        position = 18
        parents = ("School",)


class BehaviorResponseType(Record):
    """A kind of response that a school, or the whole district, records."""

    pk = models.CompositePrimaryKey("district_id", "type_id")
    type_id = RecordKey()
    school_id = ParentKey("School", null=True)
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    state_response_code = models.CharField(max_length=15, null=True)
    active = models.BooleanField(null=True)

    class Meta:
        db_table = "behavior_response_type"

    class Dis(DisOptions):
        position = 19
        parents = ("School",)


class Behavior(Record):
    """A student's part in an event and what followed."""

    pk = models.CompositePrimaryKey("district_id", "behavior_id")
    behavior_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar")
    end_year = models.SmallIntegerField()
    incident_id = models.BigIntegerField(null=True)
    event_id = models.BigIntegerField(null=True)
    role_id = models.BigIntegerField(null=True)
    resolution_id = models.BigIntegerField(null=True)
    incident_date = models.DateField()
    location = models.CharField(max_length=15, null=True)
    role = models.CharField(max_length=15, null=True)
    event_type_id = models.BigIntegerField(null=True)
    event_code = models.CharField(max_length=15, null=True)
    event_name = models.CharField(max_length=80, null=True)
    resolution_type_id = models.BigIntegerField(null=True)
    resolution_code = models.CharField(max_length=15, null=True)
    resolution_name = models.CharField(max_length=80, null=True)
    resolution_start_date = models.DateField(null=True)
    resolution_end_date = models.DateField(null=True)
    days_removed = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    injury = models.CharField(max_length=5, null=True)
    weapon_code = models.CharField(max_length=15, null=True)
    drug_code = models.CharField(max_length=15, null=True)

    class Meta:
        db_table = "behavior"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
        verify = (
            "person_id",
            "calendar_id",
            "incident_date",
            "role",
            "event_code",
            "resolution_code",
            "days_removed",
        )
        reads = ("BehaviorResolutionType", "BehaviorType", "Calendar")
        exclusions = (EVENT_WITHOUT_STATE_CODE, RESOLUTION_WITHOUT_STATE_CODE, IN_EXCLUDED_CALENDAR)


class BehaviorIncident(Record):
    """Events that belong together by time and place."""

    pk = models.CompositePrimaryKey("district_id", "incident_id")
    incident_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    end_year = models.SmallIntegerField()
    occurred_on = models.DateTimeField()
    title = models.CharField(max_length=80, null=True)
    status = models.CharField(max_length=15, null=True)
    location = models.CharField(max_length=15, null=True)
    location_description = models.CharField(max_length=255, null=True)
    context = models.CharField(max_length=15, null=True)
    alignment = models.CharField(max_length=15, null=True)
    details = models.TextField(null=True)

    class Meta:
        db_table = "behavior_incident"

    class Dis(DisOptions):
        parents = ("Calendar",)
        school_year = "end_year"
        reads = ("Calendar",)
        exclusions = (IN_EXCLUDED_CALENDAR,)


class BehaviorEvent(Record):
    """Something that happened within an incident."""

    pk = models.CompositePrimaryKey("district_id", "event_id")
    event_id = RecordKey()
    incident_id = ParentKey("BehaviorIncident")
    event_type_id = ParentKey("BehaviorType")
    end_year = models.SmallIntegerField()
    event_code = models.CharField(max_length=15, null=True)
    event_name = models.CharField(max_length=80, null=True)
    violent = models.BooleanField(null=True)
    police_notified = models.BooleanField(null=True)

    class Meta:
        db_table = "behavior_event"

    class Dis(DisOptions):
        parents = ("BehaviorIncident", "BehaviorType")
        school_year = "end_year"
        reads = ("BehaviorType",)
        exclusions = (EVENT_WITHOUT_STATE_CODE,)


class BehaviorRole(Record):
    """A person's part in an event."""

    pk = models.CompositePrimaryKey("district_id", "role_id")
    role_id = RecordKey()
    event_id = ParentKey("BehaviorEvent")
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    role = models.CharField(max_length=15)
    injury = models.CharField(max_length=5, null=True)
    injury_description = models.CharField(max_length=255, null=True)
    demerits = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "behavior_role"

    class Dis(DisOptions):
        parents = ("PersonIdentity", "BehaviorEvent")
        school_year = "end_year"


class BehaviorResolution(Record):
    """What the school decided about a person's part in an event."""

    pk = models.CompositePrimaryKey("district_id", "resolution_id")
    resolution_id = RecordKey()
    role_id = ParentKey("BehaviorRole")
    resolution_type_id = ParentKey("BehaviorResolutionType")
    end_year = models.SmallIntegerField()
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    school_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    shortened = models.BooleanField(null=True)
    educational_services = models.BooleanField(null=True)

    class Meta:
        db_table = "behavior_resolution"

    class Dis(DisOptions):
        parents = ("BehaviorResolutionType", "BehaviorRole")
        school_year = "end_year"
        reads = ("BehaviorResolutionType",)
        exclusions = (RESOLUTION_WITHOUT_STATE_CODE,)


class BehaviorResponse(Record):
    """What staff did about a person's part in an event."""

    pk = models.CompositePrimaryKey("district_id", "response_id")
    response_id = RecordKey()
    role_id = ParentKey("BehaviorRole")
    response_type_id = ParentKey("BehaviorResponseType")
    end_year = models.SmallIntegerField()
    responded_on = models.DateTimeField(null=True)
    staff_person_id = models.BigIntegerField(null=True)
    details = models.TextField(null=True)

    class Meta:
        db_table = "behavior_response"

    class Dis(DisOptions):
        parents = ("BehaviorResponseType", "BehaviorRole")
        school_year = "end_year"


class BehaviorHarassment(Record):
    """What an event of harassment or bullying was based on."""

    pk = models.CompositePrimaryKey("district_id", "harassment_id")
    harassment_id = RecordKey()
    event_id = ParentKey("BehaviorEvent")
    end_year = models.SmallIntegerField()
    harassment_code = models.CharField(max_length=15)
    basis = models.CharField(max_length=15, null=True)
    substantiated = models.BooleanField(null=True)

    class Meta:
        db_table = "behavior_harassment"

    class Dis(DisOptions):
        parents = ("BehaviorEvent",)
        school_year = "end_year"


class BehaviorDrug(Record):
    """A drug that came with a person's part in an event."""

    pk = models.CompositePrimaryKey("district_id", "drug_id")
    drug_id = RecordKey()
    role_id = ParentKey("BehaviorRole")
    end_year = models.SmallIntegerField()
    drug_code = models.CharField(max_length=15)
    description = models.CharField(max_length=255, null=True)

    class Meta:
        db_table = "behavior_drug"

    class Dis(DisOptions):
        parents = ("BehaviorRole",)
        school_year = "end_year"


class BehaviorWeapon(Record):
    """A weapon that came with a person's part in an event."""

    pk = models.CompositePrimaryKey("district_id", "weapon_id")
    weapon_id = RecordKey()
    role_id = ParentKey("BehaviorRole")
    end_year = models.SmallIntegerField()
    weapon_code = models.CharField(max_length=15)
    description = models.CharField(max_length=255, null=True)
    count = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "behavior_weapon"

    class Dis(DisOptions):
        parents = ("BehaviorRole",)
        school_year = "end_year"
