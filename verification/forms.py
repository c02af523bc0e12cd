from typing import Any

from django import forms
from django.db.models import TextChoices

from interchange.choices import DifferenceKind
from resync.forms import NamesField
from verification.models import VerificationSettings

# Of a key: a bigint has 19 digits, and perhaps a sign.
_LONGEST_KEY = 20


class VerifyForm(forms.Form):
    """What is to be verified. `districts` are numbers, in as many fields as the browser likes: a page of questions
    passes 1,200 of them on in one, with commas. `token` makes two clicks on one page one verification."""

    school_year = forms.IntegerField(required=False)
    objects = NamesField(required=False)
    districts = NamesField(required=False)
    every = forms.BooleanField(required=False)
    token = forms.UUIDField(required=False)

    def clean_districts(self) -> list[str]:
        numbers = ",".join(self.cleaned_data["districts"]).split(",")
        return list(dict.fromkeys(number for number in numbers if number))


class KeysField(forms.TypedMultipleChoiceField):
    """Any keys: whether they are differences of the result is decided by the action. Passed on by a page of questions
    they stand in one field, with commas."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def valid_value(self, value: str) -> bool:
        return all(is_key(each) for each in value.split(","))

    def clean(self, value: Any) -> list[int]:
        texts = ",".join(super().clean(value)).split(",")
        return list(dict.fromkeys(int(text) for text in texts if text))


def is_key(text: str) -> bool:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(text) <= _LONGEST_KEY):
        return False
    return -(2**63) <= int(text) < 2**63


class KeyField(forms.Field):
    """One key."""

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        if not is_key(text):
            raise forms.ValidationError("This is not a key.")
        return int(text)


_KINDS = [(each.value, each.value) for each in DifferenceKind]


class Explained(TextChoices):
    """Which differences are shown: an expected one is explained by what the last attempt told."""

    ALL = "", "All"
    NO = "no", "Not expected"
    YES = "yes", "Expected"


EXPECTED = {Explained.YES.value: True, Explained.NO.value: False}


class DifferencesForm(forms.Form):
    """Some differences of a result: those with these keys, or, with `every`, all of the kind that the list shows.
    `key` is one of them, to look at; `confirmation` is compared to the letter."""

    result = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    kind = forms.ChoiceField(choices=_KINDS, required=False)
    expected = forms.ChoiceField(choices=Explained.choices, required=False)
    keys = KeysField()
    key = KeyField(required=False)
    every = forms.BooleanField(required=False)
    confirmation = forms.CharField(required=False, strip=False, max_length=100)
    token = forms.UUIDField(required=False)

    @property
    def kind_value(self) -> str:
        return str(self.cleaned_data["kind"])

    @property
    def chosen_kind(self) -> DifferenceKind | None:
        return DifferenceKind(self.kind_value) if self.kind_value else None

    @property
    def only_expected(self) -> bool | None:
        return EXPECTED.get(self.cleaned_data["expected"])

    @property
    def chosen(self) -> list[int] | None:
        """None for all of the kind."""
        return None if self.cleaned_data["every"] else self.cleaned_data["keys"]


class ListForm(forms.Form):
    """Which differences are shown, and after which key. What makes no sense is left out."""

    kind = forms.ChoiceField(choices=_KINDS, required=False)
    expected = forms.ChoiceField(choices=Explained.choices, required=False)
    after = KeyField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.full_clean()

    @property
    def only_expected(self) -> bool | None:
        return EXPECTED.get(self.cleaned_data.get("expected", ""))


class SettingsForm(forms.Form):
    """Who may start verifications, and what spares the databases."""

    state_may_verify = forms.BooleanField(required=False, label="Enable verification by the state")
    districts_may_verify = forms.BooleanField(required=False, label="Enable verification by districts")
    nightly = forms.BooleanField(required=False, label="Verify every night")
    nightly_hour = forms.TypedChoiceField(
        label="Begins at",
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text="In each district's own time.",
    )
    side_by_side = forms.IntegerField(
        min_value=1,
        max_value=64,
        label="Comparisons at once",
        help_text="Of all districts together. A district's own database answers one at a time.",
    )
    chunk_records = forms.IntegerField(
        min_value=1_000,
        max_value=2_000_000,
        label="Records of a chunk",
        help_text="What one step compares. Smaller chunks spare the databases and take longer in all.",
    )
    kept_differences = forms.IntegerField(
        min_value=1_000,
        max_value=1_000_000,
        label="Differences kept of an object",
        help_text="By key, of the latest verification. The counts are exact in any case.",
    )

    def __init__(self, data: Any = None, *, stored: VerificationSettings) -> None:
        super().__init__(data, initial={name: getattr(stored, name) for name in self.base_fields})
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "usa-select" if name == "nightly_hour" else "usa-input key-box"
