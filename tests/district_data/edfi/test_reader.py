from collections.abc import Callable
from pathlib import Path

import pytest

from district_data.edfi.exceptions import EdFiError, FileUnreadable, FolderUnusable, NotEdFi
from district_data.edfi.reader import open_folder, read_file

GOOD = '<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student/></InterchangeStudent>'


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_file(content: str | bytes, name: str = "Student.xml") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def read(path: Path) -> list[str]:
    return [record.kind for record in read_file(path)]


def test_records_know_their_place(write: Callable[..., Path]) -> None:
    path = write(
        '<?xml version="1.0"?>\n<InterchangeStudent xmlns="http://ed-fi.org/0200">\n\n<Student/>\n</InterchangeStudent>'
    )
    (record,) = read_file(path)
    assert (record.kind, record.place, record.dialect.name) == ("Student", "Student.xml, line 4", "2.0")


def test_text_that_crosses_blocks_stays_whole(write: Callable[..., Path]) -> None:
    name = "é" * 100_000
    path = write(GOOD.replace("<Student/>", f"<Student><N>{name}</N></Student>" * 2))
    assert [record.element.text("N") for record in read_file(path)] == [name, name]


def test_comments_and_cdata(write: Callable[..., Path]) -> None:
    path = write(
        GOOD.replace("<Student/>", "<!-- <Student/> --><Student><N>a<![CDATA[<&]]><!-- b -->c</N></Student>")
    )
    assert [record.element.text("N") for record in read_file(path)] == ["a<&c"]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8"])
def test_encodings(write: Callable[..., Path], encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + GOOD.replace(
        "<Student/>", "<Student><N>Zoë</N></Student>"
    )
    (record,) = read_file(write(text.encode(encoding)))
    assert record.element.text("N") == "Zoë"


def test_an_extension_keeps_its_full_name(write: Callable[..., Path]) -> None:
    path = write(GOOD.replace("<Student/>", '<Student><Name xmlns="http://own.example">x</Name></Student>'))
    (record,) = read_file(path)
    assert record.element.text("Name") is None


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 1),
        (GOOD.replace("</InterchangeStudent>", ""), 1),
        (GOOD.replace("<Student/>", "<Student>\n\n</Studen>"), 3),
        (GOOD.replace("<Student/>", "\n&secret;"), 2),
        (GOOD.replace("<Student/>", "\n<Student>\x01</Student>"), 2),
        (GOOD + "\n" + GOOD, 2),
        ('<?xml version="1.0" encoding="made-up"?>' + GOOD, 1),
        (b"\xff\xfe\x00", 1),
        ("This is no XML at all", 1),
    ],
)
def test_what_is_not_well_formed(write: Callable[..., Path], content: str | bytes, line: int) -> None:
    with pytest.raises(
        FileUnreadable, match=rf"^Student\.xml, line {line}: this is not well-formed XML"
    ) as raised:
        read(write(content))
    assert "secret" not in str(raised.value)


BOMB = """<!DOCTYPE InterchangeStudent [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student><N>&b;</N></Student></InterchangeStudent>"""


@pytest.mark.parametrize(
    "content",
    [BOMB, f"<!DOCTYPE InterchangeStudent>{GOOD}", f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{GOOD}'],
)
def test_a_doctype_is_refused(write: Callable[..., Path], content: str) -> None:
    with pytest.raises(FileUnreadable, match=r"^Student\.xml, line 1: a DOCTYPE is not allowed"):
        read(write(content))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("<html/>", "the root element is not in an Ed-Fi namespace"),
        ('<InterchangeStudent xmlns="http://example.org"/>', "the root element is not in an Ed-Fi namespace"),
        ('\n<InterchangeStudent xmlns="http://ed-fi.org/4.0.0"/>', "this dialect of Ed-Fi is not known here"),
        ('<Students xmlns="http://ed-fi.org/5.2.0"/>', "the root element Students is no Ed-Fi interchange"),
    ],
)
def test_what_is_not_ed_fi(write: Callable[..., Path], content: str, problem: str) -> None:
    with pytest.raises(NotEdFi, match=rf"^Student\.xml, line [12]: {problem}"):
        read(write(content))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "Student.xml").symlink_to(tmp_path / "gone")
    with pytest.raises(FileUnreadable, match=r"^Student\.xml cannot be read: no such file or directory\.$"):
        list(open_folder(tmp_path).records())


def test_a_folder_named_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "Student.xml").mkdir()
    with pytest.raises(FileUnreadable, match="cannot be read: is a directory"):
        list(open_folder(tmp_path).records())


def test_a_folder_tells_apart_what_it_reads(write: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("b.XML", "a.xml", "LICENSE", ".hidden.xml"):
        write(GOOD, name)
    (tmp_path / "more").mkdir()
    folder = open_folder(tmp_path)
    assert [each.name for each in folder.files] == ["a.xml", "b.XML"]
    assert folder.others == ("LICENSE", "more")


@pytest.mark.parametrize(
    ("name", "reason"), [("gone", "no such file or directory"), ("file", "not a directory")]
)
def test_a_wrong_folder(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnusable, match=f"cannot be read: {reason}"):
        open_folder(tmp_path / name)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match="holds no XML file"):
        open_folder(tmp_path)


def test_every_failure_is_one_that_the_command_catches() -> None:
    assert all(issubclass(each, EdFiError) for each in (FileUnreadable, FolderUnusable, NotEdFi))
