"""The files of a folder as a stream of elements.

Python's expat parser, directly: it tells the line of every element, and it can be stopped at a DOCTYPE
before an entity is defined. Only the record that is being read is in memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from district_data.edfi.dialects import INTERCHANGES, Dialect, dialect_of
from district_data.edfi.elements import Element
from district_data.edfi.exceptions import FileUnreadable, FolderUnusable, NotEdFi

_BLOCK = 1 << 16


@dataclass(frozen=True)
class Record:
    """A child of an interchange's root, and where it stands."""

    file: str
    dialect: Dialect
    element: Element

    @property
    def kind(self) -> str:
        return self.element.name

    @property
    def place(self) -> str:
        return f"{self.file}, line {self.element.line}"


@dataclass(frozen=True)
class Folder:
    """The XML files of a folder, by name, and what else lies there. Subfolders are not read."""

    files: tuple[Path, ...]
    others: tuple[str, ...]

    def records(self) -> Iterator[Record]:
        for file in self.files:
            yield from read_file(file)


def open_folder(path: Path) -> Folder:
    """Raises FolderUnusable."""
    try:
        found = sorted(each for each in path.iterdir() if not each.name.startswith("."))
    except OSError as error:
        raise FolderUnusable(f"The folder {path} cannot be read: {_reason(error)}.") from error
    files = tuple(each for each in found if each.suffix.lower() == ".xml")
    if not files:
        raise FolderUnusable(
            f"The folder {path} holds no XML file. Name the folder that holds the Ed-Fi files."
        )
    return Folder(files, tuple(each.name for each in found if each not in files))


def read_file(path: Path) -> Iterator[Record]:
    """Raises FileUnreadable, NotEdFi."""
    parser = _InterchangeParser(path.name)
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield from parser.feed(block)
            yield from parser.feed(b"", last=True)
    except OSError as error:
        raise FileUnreadable(f"{path.name} cannot be read: {_reason(error)}.") from error


class _InterchangeParser:
    """Builds one record after the other from the parser's events."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._dialect: Dialect | None = None
        self._namespace = ""
        self._open: list[Element] = []
        self._done: list[Record] = []
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._refuse_doctype
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text

    def feed(self, block: bytes, *, last: bool = False) -> list[Record]:
        """The records that the block completes."""
        try:
            self._expat.Parse(block, last)
        except (expat.ExpatError, LookupError, ValueError) as error:
            self._fail(FileUnreadable, f"this is not well-formed XML ({_xml_reason(error)})", error)
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._dialect is None:
            self._dialect = self._check_root(name)
            return
        element = Element(self._local(name), attributes, self._expat.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, name: str) -> None:
        if not self._open:
            return
        element = self._open.pop()
        if not self._open and self._dialect:
            self._done.append(Record(self._file, self._dialect, element))

    def _text(self, data: str) -> None:
        if self._open:
            self._open[-1].content += data

    def _check_root(self, name: str) -> Dialect:
        self._namespace, _, local = name.rpartition(" ")
        dialect = dialect_of(self._namespace)
        if not self._namespace.startswith("http://ed-fi.org/"):
            self._fail(NotEdFi, "the root element is not in an Ed-Fi namespace")
        if dialect is None:
            self._fail(NotEdFi, "this dialect of Ed-Fi is not known here; 5.2 and 2.0 are")
        if local not in INTERCHANGES:
            self._fail(NotEdFi, f"the root element {local} is no Ed-Fi interchange")
        return dialect

    def _local(self, name: str) -> str:
        # An element of another namespace, an extension, keeps its full name: no path of the mapping leads
        # to it.
        namespace, _, local = name.rpartition(" ")
        return local if namespace == self._namespace else name

    def _refuse_doctype(self, *declared: object) -> NoReturn:
        self._fail(FileUnreadable, "a DOCTYPE is not allowed, because it can define entities")

    def _fail(
        self, kind: Callable[[str], Exception], problem: str, cause: Exception | None = None
    ) -> NoReturn:
        line = cause.lineno if isinstance(cause, expat.ExpatError) else self._expat.CurrentLineNumber
        raise kind(f"{self._file}, line {line}: {problem}.") from cause


def _xml_reason(error: Exception) -> str:
    # expat's own text of the error code: the exception's text could quote what it found.
    if isinstance(error, expat.ExpatError):
        return expat.ErrorString(error.code) or "no reason given"
    return "unknown encoding"


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
