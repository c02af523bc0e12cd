from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class AdHocFilter(Record):
    """A saved ad hoc filter that a user shares with the state.

    Syncs only on save: it is a user's work, not a state's data, and its owner publishes it by saving it.
    """

    pk = models.CompositePrimaryKey("district_id", "filter_id")
    filter_id = RecordKey()
    name = models.CharField(max_length=80)
    data_type = models.CharField(max_length=20)
    filter_type = models.CharField(max_length=20, null=True)
    folder = models.CharField(max_length=80, null=True)
    owner_person_id = models.BigIntegerField(null=True)
    definition = models.TextField(null=True)
    modified_date = models.DateTimeField(null=True)

    class Meta:
        db_table = "ad_hoc_filter"

    class Dis(DisOptions):
        in_batch = False


class AttributeMapping(Record):
    """How a district's own code of an attribute maps to the state's code.

    Syncs only on save: mappings are set up one by one in an editor, and every change is saved there.
    """

    pk = models.CompositePrimaryKey("district_id", "attribute_mapping_id")
    attribute_mapping_id = RecordKey()
    object_name = models.CharField(max_length=63)
    attribute_name = models.CharField(max_length=63)
    local_code = models.CharField(max_length=20)
    state_code = models.CharField(max_length=20, null=True)
    local_description = models.CharField(max_length=100, null=True)
    active = models.BooleanField(null=True)
    modified_date = models.DateTimeField(null=True)

    class Meta:
        db_table = "attribute_mapping"

    class Dis(DisOptions):
        in_batch = False


class CalendarToolPublishedTab(Record):
    """A tab that is published into the calendar tool, and the calendar type that shows it.

    Syncs only on save: publishing the tab is the save.
    """

    pk = models.CompositePrimaryKey("district_id", "published_tab_id")
    published_tab_id = RecordKey()
    name = models.CharField(max_length=50)
    tool_code = models.CharField(max_length=50, null=True)
    calendar_type = models.CharField(max_length=5, null=True)
    sequence = models.SmallIntegerField(null=True)
    published = models.BooleanField(null=True)
    published_date = models.DateTimeField(null=True)

    class Meta:
        db_table = "calendar_tool_published_tab"

    class Dis(DisOptions):
        in_batch = False


class DataCertificationObjectMember(Record):
    """An object that a data certification event asks the district to certify, and how far that is.

    Syncs only on save: certifying is a deliberate act of one person, and a batch must not repeat it.
    """

    pk = models.CompositePrimaryKey("district_id", "certification_object_member_id")
    certification_object_member_id = RecordKey()
    certification_event_id = models.BigIntegerField()
    end_year = models.SmallIntegerField()
    object_name = models.CharField(max_length=63)
    status = models.CharField(max_length=5, null=True)
    certified_by = models.CharField(max_length=80, null=True)
    certified_date = models.DateTimeField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "data_certification_object_member"

    class Dis(DisOptions):
        school_year = "end_year"
        in_batch = False


class DataCertificationTypeMember(Record):
    """A person who reviews or certifies data for one type of data certification.

    Syncs only on save, like the certifications themselves.
    """

    pk = models.CompositePrimaryKey("district_id", "certification_type_member_id")
    certification_type_member_id = RecordKey()
    certification_type_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    member_role = models.CharField(max_length=20)
    school_id = models.BigIntegerField(null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "data_certification_type_member"

    class Dis(DisOptions):
        in_batch = False


class DatasetSnapshot(Record):
    """A dataset that was frozen on a date for a report, and how many rows it has.

    Syncs only on save: it says what was true at one moment, and sending it later would say something else.
    """

    pk = models.CompositePrimaryKey("district_id", "snapshot_id")
    snapshot_id = RecordKey()
    end_year = models.SmallIntegerField()
    name = models.CharField(max_length=80)
    snapshot_type = models.CharField(max_length=20, null=True)
    effective_date = models.DateField()
    created_date = models.DateTimeField(null=True)
    row_count = models.IntegerField(null=True)
    locked = models.BooleanField(null=True)

    class Meta:
        db_table = "dataset_snapshot"

    class Dis(DisOptions):
        school_year = "end_year"
        in_batch = False


class DataValidationDef(Record):
    """The definition of a data validation rule or report.

    Syncs only on save: it is a definition that its author publishes by saving it.
    """

    pk = models.CompositePrimaryKey("district_id", "validation_id")
    validation_id = RecordKey()
    name = models.CharField(max_length=80)
    code = models.CharField(max_length=20, null=True)
    severity = models.CharField(max_length=10, null=True)
    description = models.CharField(max_length=500, null=True)
    definition = models.TextField(null=True)
    active = models.BooleanField(null=True)
    modified_date = models.DateTimeField(null=True)

    class Meta:
        db_table = "data_validation_def"

    class Dis(DisOptions):
        in_batch = False


class DISVerificationResult(Record):
    """The counts of one comparison of district and state for one object.

    Syncs only on save: a verification writes it once, when it ends.
    """

    pk = models.CompositePrimaryKey("district_id", "verification_result_id")
    verification_result_id = RecordKey()
    end_year = models.SmallIntegerField()
    object_name = models.CharField(max_length=63)
    verified_at = models.DateTimeField()
    distinct_records = models.IntegerField()
    at_district = models.IntegerField()
    at_state = models.IntegerField()
    not_at_district = models.IntegerField(null=True)
    not_at_state = models.IntegerField(null=True)
    differences = models.IntegerField(null=True)

    class Meta:
        db_table = "dis_verification_result"

    class Dis(DisOptions):
        school_year = "end_year"
        in_batch = False


class ProcessMessage(Record):
    """A message in a person's process inbox that the state should have too."""

    pk = models.CompositePrimaryKey("district_id", "process_message_id")
    process_message_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    process = models.CharField(max_length=50)
    name = models.CharField(max_length=120)
    body = models.TextField(null=True)
    posted_date = models.DateTimeField()
    due_date = models.DateField(null=True)
    link = models.CharField(max_length=200, null=True)
    completed = models.BooleanField(null=True)

    class Meta:
        db_table = "process_message"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
