"""An incident of Ed-Fi is an incident, an event per behavior, a role per person, and a resolution per
action.
"""

from district_data.edfi import codes
from district_data.edfi.codes import short
from district_data.edfi.dialects import code, code_value, descriptor, every_code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id, Path
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row, Value

_OFFENSE = "StudentDisciplineIncidentBehaviorAssociation"
_PARTICIPATION = "DisciplineIncidentParticipationCode"


@learns("DisciplineIncident", into=("BehaviorType", "BehaviorRole", "Behavior"))
def learn_incident(element: Element, load: Load) -> None:
    behaviors = [each for each in (descriptor(one, "Behavior") for one in element.each("Behavior")) if each]
    load.facts.behaviors.update(behaviors)
    load.facts.incidents[_incident_id(element, load)] = {
        "date": element.text("IncidentDate"),
        "place": short(codes.PLACES, code(element, "IncidentLocation")),
        "behavior": behaviors[0] if behaviors else None,
    }


@maps("DisciplineIncident", to=("BehaviorIncident", "BehaviorEvent"))
def incident(element: Element, load: Load) -> Rows:
    identity = _incident_id(element, load)
    yield Row(
        "BehaviorIncident",
        identity,
        {
            "calendar_id": load.calendar(identity[1]),
            "occurred_on": _moment(element),
            "location": short(codes.PLACES, code(element, "IncidentLocation")),
            "location_description": code(element, "IncidentLocation"),
            "details": element.text("IncidentDescription") or _details(element),
        },
    )
    for each in element.each("Behavior"):
        yield _event(element, identity, descriptor(each, "Behavior"), load)
    outsiders = sum(1 for _ in element.each("DisciplineIncidentExternalParticipant"))
    load.leave_out("a participant from outside, who is no person of the district", outsiders)


def _event(element: Element, incident: Path, behavior: Id, load: Load) -> Row:
    return Row(
        "BehaviorEvent",
        (*incident, behavior),
        {
            "incident_id": load.key("BehaviorIncident", *incident),
            "event_type_id": load.key("BehaviorType", behavior),
            "event_code": short(codes.BEHAVIORS, code_value(behavior)),
            "event_name": code_value(behavior),
            "police_notified": element.text("ReportedToLawEnforcement"),
        },
    )


@learns(_OFFENSE, into=("BehaviorType",))
def learn_offense(element: Element, load: Load) -> None:
    behavior = descriptor(element, "Behavior")
    if behavior:
        load.facts.behaviors.add(behavior)


@maps(_OFFENSE, to=("Behavior", "BehaviorRole", "BehaviorWeapon"))
def offense(element: Element, load: Load) -> Rows:
    incident, behavior = _incident_of(element, load), descriptor(element, "Behavior")
    role = (load.student_id(element), *incident, behavior)
    part = short(codes.ROLES, code(element, _PARTICIPATION))
    weapons = every_code(element, "Weapon")
    yield _role(load, role, incident, behavior, load.student(element), part)
    yield Row(
        "Behavior",
        role,
        {
            "person_id": load.student(element),
            "role_id": load.key("BehaviorRole", *role),
            "role": part,
            "event_name": element.text("BehaviorDetailedDescription") or code_value(behavior),
            "weapon_code": weapons[0] if weapons else None,
            **_event_columns(load, incident, behavior),
            **_first_resolution(role, load),
        },
    )
    for weapon in weapons:
        values: dict[str, Value] = {"role_id": load.key("BehaviorRole", *role), "weapon_code": weapon}
        yield Row("BehaviorWeapon", (*role, weapon), values)


def _event_columns(load: Load, incident: Path, behavior: Id) -> dict[str, Value]:
    facts = load.facts.incidents.get(incident, {})
    return {
        "calendar_id": load.calendar(incident[1]),
        "incident_id": load.key("BehaviorIncident", *incident),
        "incident_date": facts.get("date"),
        "location": facts.get("place"),
        "event_id": load.key("BehaviorEvent", *incident, behavior),
        "event_type_id": load.key("BehaviorType", behavior),
        "event_code": short(codes.BEHAVIORS, code_value(behavior)),
    }


@maps("StudentDisciplineIncidentNonOffenderAssociation", to=("BehaviorRole",))
def bystander(element: Element, load: Load) -> Rows:
    yield from _roles(element, load, load.student_id(element), load.student(element))


@maps("StaffDisciplineIncidentAssociation", to=("BehaviorRole",))
def staff_role(element: Element, load: Load) -> Rows:
    yield from _roles(element, load, load.staff_id(element), load.staff(element))


def _roles(element: Element, load: Load, person_id: Id, person: int | None) -> Rows:
    """One role for each part that the person had. Whoever saw an incident saw its first event."""
    incident = _incident_of(element, load)
    behavior = load.facts.incidents.get(incident, {}).get("behavior")
    for part in every_code(element, _PARTICIPATION):
        identity = (load.kind, person_id, *incident, part)
        yield _role(load, identity, incident, behavior, person, short(codes.ROLES, part))


def _role(load: Load, identity: Path, incident: Path, behavior: Id, person: int | None, part: Id) -> Row:
    event = load.key("BehaviorEvent", *incident, behavior)
    return Row("BehaviorRole", identity, {"event_id": event, "person_id": person, "role": part})


@learns("DisciplineAction", into=("Behavior", "BehaviorResolutionType"))
def learn_action(element: Element, load: Load) -> None:
    """Of several actions for a role, the earliest stands in the Behavior record."""
    disciplines = [each for each in (descriptor(one, "") for one in element.each("Discipline")) if each]
    load.facts.disciplines.update(disciplines)
    facts = {
        "id": element.identifier("DisciplineActionIdentifier"),
        "date": element.identifier("DisciplineDate"),
        "days": element.text("ActualDisciplineActionLength"),
        "discipline": disciplines[0] if disciplines else None,
    }
    for role in _roles_of_action(element, load):
        known = load.facts.actions.get(role, facts)
        load.facts.actions[role] = min(known, facts, key=lambda each: (each["date"] or "", each["id"] or ""))


@maps("DisciplineAction", to=("BehaviorResolution",))
def action(element: Element, load: Load) -> Rows:
    number = element.identifier("DisciplineActionIdentifier")
    for role in _roles_of_action(element, load):
        for each in element.each("Discipline"):
            discipline = descriptor(each, "")
            yield Row(
                "BehaviorResolution",
                (number, *role, discipline),
                {
                    "role_id": load.key("BehaviorRole", *role),
                    "resolution_type_id": load.key("BehaviorResolutionType", discipline),
                    "start_date": element.text("DisciplineDate"),
                    "school_days": element.text("ActualDisciplineActionLength"),
                },
            )


def _first_resolution(role: Path, load: Load) -> dict[str, Value]:
    action = load.facts.actions.get(role)
    if action is None:
        return {}
    discipline = action["discipline"]
    return {
        "resolution_id": load.key("BehaviorResolution", action["id"], *role, discipline),
        "resolution_type_id": load.key("BehaviorResolutionType", discipline),
        "resolution_code": short(codes.DISCIPLINES, code_value(discipline)),
        "resolution_name": code_value(discipline),
        "resolution_start_date": action["date"],
        "days_removed": action["days"],
    }


def _roles_of_action(element: Element, load: Load) -> list[Path]:
    return [
        (load.student_id(each), *_incident_of(each, load), descriptor(each, "Behavior"))
        for each in element.each(f"{_OFFENSE}Reference/{_OFFENSE}Identity")
    ]


def _incident_id(element: Element, load: Load) -> Path:
    return element.identifier("IncidentIdentifier"), load.school(element)


def _incident_of(element: Element, load: Load) -> Path:
    identity = "DisciplineIncidentIdentity"
    school = f"{identity}/SchoolReference/SchoolIdentity/SchoolId"
    return load.referred(element, "DisciplineIncidentReference", f"{identity}/IncidentIdentifier", school)


def _moment(element: Element) -> Id:
    day, time = element.identifier("IncidentDate"), element.identifier("IncidentTime")
    return f"{day}T{time}" if day and time else day


def _details(element: Element) -> Id:
    found = [each.text("BehaviorDetailedDescription") for each in element.each("Behavior")]
    return ", ".join(each for each in found if each) or None
