import codecs
from zlib import crc32

from django import forms
from django.core.files.uploadedfile import UploadedFile

from selective_sync.exceptions import SelectiveSyncRefused
from selective_sync.ids import LARGEST_ID, MOST_DIGITS, ParsedIDs, parse_ids
from selective_sync.queries import OFFERED_OBJECTS

# 100,000 IDs of 19 digits with two separators each are 2.1 MB.
MOST_BYTES = 3 * 1024 * 1024
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNREADABLE = "The form could not be read. Load the page again, then enter the IDs once more."
_TOO_MUCH = (
    "The IDs are too long a text. Split them up, or resync the whole object with Resync State Data - Batch."
)
_TOO_LARGE = (
    "The file is larger than 3 MB. Split it up, or resync the whole object with Resync State Data - Batch."
)
_NOT_TEXT = "The file is not a text file. Save it as CSV or plain text, then choose it again."


class IDsField(forms.TypedMultipleChoiceField):
    """IDs that were ticked among those that were found."""

    def __init__(self) -> None:
        super().__init__(required=False, coerce=int)

    def valid_value(self, value: str) -> bool:
        return len(value) <= MOST_DIGITS and value.isascii() and value.isdigit() and int(value) <= LARGEST_ID


class SyncForm(forms.Form):
    """What a person wants to sync. The IDs are those in the box, in the file, and those ticked among the found.

    `leave_out` is the mark of the entries that are no IDs and that the person agreed to leave out; `token` makes two
    clicks on one page one request.
    """

    object = forms.ChoiceField(choices=[(name, name) for name in OFFERED_OBJECTS])
    ids = forms.CharField(required=False, strip=False, max_length=MOST_BYTES)
    id_file = forms.FileField(required=False, allow_empty_file=True)
    add_PersonIdentity = IDsField()
    add_Enrollment = IDsField()
    with_children = forms.BooleanField(required=False)
    school_year = forms.IntegerField(required=False)
    words = forms.CharField(required=False, max_length=200)
    leave_out = forms.CharField(required=False, max_length=8)
    token = forms.UUIDField(required=False)

    @property
    def chosen(self) -> str:
        """The object, the first that is offered where the form names none."""
        name = self.data.get("object")
        return name if name in OFFERED_OBJECTS else OFFERED_OBJECTS[0]

    @property
    def ticked(self) -> list[int]:
        return list(self.cleaned_data.get(f"add_{self.chosen}") or [])

    @property
    def typed(self) -> str:
        """What is in the box, with what was ticked: one that is in it already is not repeated."""
        typed = str(self.cleaned_data.get("ids") or "").rstrip()
        known = set(parse_ids(typed).ids)
        ticked = ", ".join(str(each) for each in self.ticked if each not in known)
        return "\n".join(part for part in (typed, ticked) if part)

    def text(self) -> str:
        """All that was entered. Raises SelectiveSyncRefused for a file that cannot be read."""
        file = self.cleaned_data.get("id_file")
        from_file = _text_of(file).strip() if file else ""
        return "\n".join(part for part in (self.typed, from_file) if part)

    def check(self) -> None:
        """Raises SelectiveSyncRefused for a form that does not come from the page."""
        if not self.is_valid():
            raise SelectiveSyncRefused(_TOO_MUCH if "ids" in self.errors else _UNREADABLE)

    def leaves_out(self, read: ParsedIDs) -> bool:
        """Whether the person was asked about just these entries, and agreed."""
        return bool(read.rejected) and self.cleaned_data["leave_out"] == mark_of(read)


def mark_of(read: ParsedIDs) -> str:
    """Another one for other entries: so that nobody agrees to leave out what they have not seen."""
    return f"{crc32(repr((read.rejected, read.rejected_tokens)).encode()):08x}"


def _text_of(file: UploadedFile) -> str:
    if file.size is None or file.size > MOST_BYTES:
        raise SelectiveSyncRefused(_TOO_LARGE)
    content: bytes = file.read()
    if content.startswith(_UTF_16):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content or content.startswith((b"PK\x03\x04", b"%PDF")):
        raise SelectiveSyncRefused(_NOT_TEXT)
    return content.decode("utf-8-sig", errors="replace")


class AgainForm(forms.Form):
    """Syncs what failed once more, with the parents that the state lacks if the person wants them."""

    with_missing_parents = forms.BooleanField(required=False)
    token = forms.UUIDField()
