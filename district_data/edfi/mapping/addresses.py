from district_data.edfi.dialects import code
from district_data.edfi.elements import Element

_PREFERRED = ("Home", "Physical")


def address(element: Element) -> dict[str, str | None]:
    """The address where somebody lives or a building stands, else the first one."""
    all_of_them = sorted(element.each("Address"), key=_place)
    if not all_of_them:
        return {}
    chosen = all_of_them[0]
    return {
        "address": chosen.text("StreetNumberName"),
        "city": chosen.text("City"),
        "state": code(chosen, "StateAbbreviation"),
        "zip": chosen.text("PostalCode"),
    }


def _place(each: Element) -> int:
    kind = code(each, "AddressType")
    return _PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED)


def telephone(element: Element, kind: str) -> str | None:
    """The first telephone number of a kind, of a person or of an institution."""
    for name in ("Telephone", "InstitutionTelephone"):
        for each in element.each(name):
            if code(each, f"{name}NumberType") == kind:
                return each.text("TelephoneNumber")
    return None
