from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.core.validators import RegexValidator
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.functional import cached_property

from districts.actions import Details
from districts.groups import GroupFacts, assignable_groups
from districts.models import USER_NAME_TAKEN, District, User
from districts.queries import EVERY_RIGHT, districts_of


def _dress(form: forms.BaseForm) -> None:
    """Gives the fields the classes of USWDS."""
    for field in form.fields.values():
        kind = "usa-select" if isinstance(field.widget, forms.Select) else "usa-input"
        field.widget.attrs["class"] = kind


class ListFilter(forms.Form):
    """Which rows of a list are shown. What makes no sense in it is left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.full_clean()


def moment(day: date, clock: time) -> datetime:
    """The beginning or the end of a day, as the clocks in force tell it."""
    return timezone.make_aware(datetime.combine(day, clock))


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": (
            "The user name and the password do not belong together. Check both; capital letters count."
        ),
        "inactive": "This account is switched off. Ask your district system administrator.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)
        self.fields["username"].label = "User name"
        self.fields["username"].widget.attrs |= {"autocorrect": "off", "spellcheck": "false"}


class _SavesOnlyThePassword:
    """Django saves the whole user, as it was when the page was asked for: an account disabled since would be back."""

    def set_password_and_save(
        self, user: User, password_field_name: str = "password1", commit: bool = True
    ) -> User:
        user.set_password(self.cleaned_data[password_field_name])  # type: ignore[attr-defined]
        user.save(update_fields=["password"])
        return user


_MISMATCH = {"password_mismatch": "The two new passwords are not the same. Enter both again."}


class ChoosePasswordForm(_SavesOnlyThePassword, SetPasswordForm):
    error_messages = {**SetPasswordForm.error_messages, **_MISMATCH}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_passwords(self)


class ChangePasswordForm(_SavesOnlyThePassword, PasswordChangeForm):
    error_messages = {
        **PasswordChangeForm.error_messages,
        **_MISMATCH,
        "password_incorrect": "This is not your present password. Enter it again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_passwords(self)
        self.fields["old_password"].label = "Present password"


def _word_passwords(form: forms.BaseForm) -> None:
    form.fields["new_password1"].label = "New password"
    form.fields[
        "new_password1"
    ].help_text = "At least 8 characters. Not a common password, not like your name, not numbers alone."
    form.fields["new_password2"].label = "New password again"
    form.fields["new_password2"].help_text = ""
    _dress(form)


class GroupNameForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=100,
        # The slash stands between a district and the name of its group.
        validators=[RegexValidator("/", "Leave out the slash.", inverse_match=True)],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)


class NewGroupForm(GroupNameForm):
    """`owners` are those that the group may belong to: districts, and None for the state."""

    owner = forms.ChoiceField(label="Belongs to")

    def __init__(self, *args: Any, owners: Sequence[District | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owners = {each.number if each else "state": each for each in owners}
        choices = [(key, str(each or "The state")) for key, each in self._owners.items()]
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = choices
        if len(choices) == 1:
            owner.widget = forms.HiddenInput()
            owner.initial = choices[0][0]

    @property
    def district(self) -> District | None:
        return self._owners[self.cleaned_data["owner"]]


class GroupForm(GroupNameForm):
    """A group's name and rights; a right is written as `batch:R`. A ready-made group is posted without a name."""

    rights = forms.MultipleChoiceField(
        required=False, choices=[(f"{tool}:{right}",) * 2 for tool, right in sorted(EVERY_RIGHT)]
    )

    def __init__(self, *args: Any, keeps_name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keeps_name = keeps_name
        self.fields["name"].required = not keeps_name

    def clean_name(self) -> str:
        return self._keeps_name or str(self.cleaned_data["name"])

    def clean_rights(self) -> set[tuple[str, str]]:
        return {(tool, right) for tool, right in (each.split(":") for each in self.cleaned_data["rights"])}


class UserForm(forms.ModelForm):
    """A user's details and groups, as far as `by` may give them. It stores nothing: actions do."""

    groups = forms.TypedMultipleChoiceField(required=False, coerce=int)

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "district"]
        labels = {"username": "User name", "email": "E-mail"}
        help_texts = {"username": "For signing in. Letters, digits and @ . + - _"}
        error_messages = {"username": {"unique": USER_NAME_TAKEN}}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.former_district = self.instance.district
        self._offer_districts()
        groups = self.fields["groups"]
        assert isinstance(groups, forms.ChoiceField)
        # A form may still tick groups of the former district: they are known, and left out (clean_groups).
        known = {
            each.pk: each for each in [*self.offered_groups, *assignable_groups(by, self.former_district)]
        }
        groups.choices = [(pk, each.name) for pk, each in known.items()]
        self.fields["username"].widget.attrs |= {
            "autocomplete": "off",
            "autocorrect": "off",
            "spellcheck": "false",
        }
        _dress(self)

    def _offer_districts(self) -> None:
        if not self.by.is_state_user:
            del self.fields["district"]
            return
        district = self.fields["district"]
        assert isinstance(district, forms.ModelChoiceField)
        district.queryset = districts_of(self.by)
        district.empty_label = "The state"

    @cached_property
    def district(self) -> District | None:
        """The district that the form speaks of: as posted or asked for, else the user's."""
        if not self.by.is_state_user:
            return self.by.district
        chosen = str(self["district"].value() or "")
        return districts_of(self.by).filter(pk=chosen).first() if chosen.isdecimal() else None

    @cached_property
    def offered_groups(self) -> list[GroupFacts]:
        return assignable_groups(self.by, self.district)

    @property
    def ticked_groups(self) -> set[int]:
        return {int(each) for each in self["groups"].value() or () if str(each).isdecimal()}

    def clean_groups(self) -> list[int]:
        offered = {each.pk for each in self.offered_groups}
        return [each for each in self.cleaned_data["groups"] if each in offered]

    @property
    def details(self) -> Details:
        entered = {name: self.cleaned_data[name] for name in ("username", "first_name", "last_name", "email")}
        return Details(**entered, district=self.district)


class UserState(TextChoices):
    """Which users a list shows; nothing said: those who can sign in."""

    ACTIVE = "", "Active"
    DISABLED = "disabled", "Disabled"
    ALL = "all", "Active and disabled"


class UserHome(TextChoices):
    """Whose users the list of a state user shows."""

    ALL = "", "The state and all districts"
    STATE = "state", "The state"
    DISTRICTS = "districts", "All districts"


class UserFilterForm(forms.Form):
    """Which users are listed. A part that makes no sense filters nothing."""

    state = forms.ChoiceField(label="Account", required=False, choices=UserState.choices)
    home = forms.ChoiceField(label="Belongs to", required=False, choices=UserHome.choices)
    group = forms.TypedChoiceField(label="Group", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, groups: Sequence[GroupFacts], has_homes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group = self.fields["group"]
        assert isinstance(group, forms.ChoiceField)
        group.choices = [("", "Any group"), *((each.pk, each.name) for each in groups)]
        if not has_homes:
            del self.fields["home"]
        _dress(self)
        self.full_clean()

    @property
    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in ("state", "home", "group")}


class UserSearchForm(forms.Form):
    """Apart from the filter: what is found is mostly a person's name, which has no place in an address."""

    find = forms.CharField(required=False, max_length=100)
