"""What a PDF and a DOCX hold of a document, how accessible they are, and that no text becomes anything else."""

import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import docx
import pdfua
import pikepdf
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader
from pytest_django import Settings

from reports.document import MOST_TABLE_CELLS, Block, Document, KeyList, Section, Table, printable
from reports.docx import render_docx
from reports.exceptions import RenderingFailed
from reports.pdf import render_pdf

HEADER = "275 JEFFERSON COUNTY PUBLIC SCHOOLS District"
GENERATED = "Generated on 01/04/2013 03:07:10 PM"
# Each would do something where a text is taken for markup, code, a formula, a path or a field.
NAMES = [
    "#panic()",
    "*x* _y_ $z^2$ = h <a> @b `c` // d /* e */",
    "]) #panic() [",
    '"}]} #sys.inputs',
    '=HYPERLINK("http://example.com")',
    "+1+1",
    "{{7*7}} {% now %}",
    "<script>alert(1)</script> &amp; <w:t>",
    "'); DROP TABLE reports_report; --",
    "\\u{41} \\n \\",
    "Łódź ʻŌhala ñ é – “x”",
    "A" * 100,
    "word " * 60,
]


def document(
    *blocks: Block, title: str = "Sync Request History", name: str = "Jefferson", intro: str = ""
) -> Document:
    return Document(
        title=title,
        header=HEADER,
        subtitle=name,
        generated=GENERATED,
        intro=intro,
        facts=[("Requested", "04/18/2019 3:07:27 PM"), ("Records", "3/5")],
        sections=[Section("IDs successful", "", blocks)],
    )


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def pdf_text(content: bytes) -> str:
    return " ".join(" ".join(pages_of(content)).split())


def pdf_keys(content: bytes) -> list[int]:
    """The lines that are a number and nothing else, in the order in which they are read."""
    return [int(line) for page in pages_of(content) for line in page.splitlines() if line.strip().isdigit()]


def docx_text(content: bytes) -> str:
    body = docx.Document(io.BytesIO(content)).element.body
    return " ".join("".join(each.text or "" for each in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


def docx_keys(content: bytes) -> list[int]:
    body = docx.Document(io.BytesIO(content)).element.body
    return [int(each.text) for each in body.iter(qn("w:t")) if each.text.isdigit()]


RENDERED = [(render_pdf, pdf_text), (render_docx, docx_text)]
RENDERED_KEYS = [(render_pdf, pdf_keys), (render_docx, docx_keys)]
Render, Read = Callable[[Document], bytes], Callable[[bytes], str]


# ---- What is said --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("render", "read"), RENDERED)
def test_a_document_says_everything_in_its_order(render: Render, read: Read) -> None:
    told = read(
        render(
            Document(
                title="Sync Request History",
                header=HEADER,
                subtitle="Jefferson County",
                generated=GENERATED,
                intro="The sync of 01/03/2013 included:",
                facts=[("Records", "3/5")],
                sections=[
                    Section("IDs that failed", "Identified by personID.", [KeyList([10990, 49158])]),
                    Section("IDs not found", "", [KeyList([], empty="Every ID was found.")]),
                    Section("Counts", "", [Table(["Object", "Errors"], [["School", "1,200"]])]),
                ],
            )
        )
    )
    wanted = ["Sync Request History", "Jefferson County", "The sync of 01/03/2013 included:", "Records: 3/5"]
    wanted += ["IDs that failed", "Identified by personID.", "10990", "49158", "IDs not found"]
    wanted += ["Every ID was found.", "Counts", "Object", "Errors", "School", "1,200"]
    places = [told.index(each) for each in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [1, 9, 300, 2_000, 2_001, 6_000])
@pytest.mark.parametrize(("render", "read"), RENDERED_KEYS)
def test_every_key_is_there_once_and_in_order(
    render: Render, read: Callable[[bytes], list[int]], count: int
) -> None:
    keys = range(1_000_000, 1_000_000 + count)
    assert read(render(document(KeyList(keys)))) == list(keys)


@pytest.mark.parametrize(("render", "read"), RENDERED)
def test_keys_reach_both_ends_of_bigint(render: Render, read: Read) -> None:
    told = read(render(document(KeyList([-(2**63), 2**63 - 1]))))
    assert "-9223372036854775808" in told
    assert "9223372036854775807" in told


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("render", "read"), RENDERED)
def test_a_text_comes_out_as_it_is(render: Render, read: Read, name: str) -> None:
    everywhere = Document(
        title=name,
        header=name,
        subtitle=name,
        generated=name,
        intro=name,
        facts=[(name, name)],
        sections=[Section(name, name, [Table([name], [[name]]), KeyList([], empty=name)])],
    )
    told = read(render(everywhere)).replace(" ", "")
    # title, subtitle, intro, both sides of the fact, heading, its intro, head and cell of the table, no keys
    assert told.count(printable(name).replace(" ", "")) >= 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x07c", "a b c"),
        ("two\nlines\tand\u2028more", "two lines and more"),
        ("turned \u202eback", "turned back"),
        ("half \ud800 of a letter", "half of a letter"),
        ("\ufffe \ue000", ""),
    ],
)
def test_what_no_font_can_show_is_left_out(text: str, shown: str) -> None:
    assert printable(text) == shown
    for render, read in RENDERED:
        assert "Sync Request History" in read(render(document(name=text)))


def test_a_script_without_a_font_refuses_no_pdf() -> None:
    told = pdf_text(render_pdf(document(name="学校 of Łódź 😀")))
    assert "\ufffd\ufffd of Łódź \ufffd" in told


def test_what_a_text_says_cannot_read_a_file() -> None:
    told = pdf_text(render_pdf(document(name='#read("document.typ") #include "/etc/passwd"')))
    assert "root:" not in told
    assert "document-data" not in told


# ---- The pages of a PDF --------------------------------------------------------------------------------------


def test_every_page_has_its_head_its_foot_and_its_number() -> None:
    pages = pages_of(render_pdf(document(KeyList(range(10_000, 13_000)))))
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert HEADER in page
        assert GENERATED in page
        assert f"Page {number} of {len(pages)}" in page


def test_a_word_that_is_longer_than_its_line_breaks() -> None:
    table = Table(["Name", "Errors"], [["A" * 100, "7"]])
    lines = pages_of(render_pdf(document(table, title="T" * 100, name="N" * 100)))[0].splitlines()
    for letter in "ANT":
        parts = [line.strip() for line in lines if set(line.strip()) == {letter}]
        assert len(parts) > 1
        assert "".join(parts) == letter * 100


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(4, 1, 4), (10, 1, 10), (11, 2, 10), (81, 8, 11), (240, 8, 30)]
)
def test_what_fits_beside_each_other_stands_in_columns_of_one_length(
    count: int, columns: int, rows: int
) -> None:
    after = Section("What comes after", "", [])
    first = document(KeyList(range(100_000, 100_000 + count)))
    content = render_pdf(replace(first, sections=[*first.sections, after]))
    places = {text: place for text, place in _places(content) if text.isdigit()}
    across, down = {x for x, _ in places.values()}, {y for _, y in places.values()}
    assert (len(places), len(across), len(down)) == (count, columns, rows)
    assert max(across) < 612 - 54 - 30  # the width of the page, its margin, the width of a key
    below = next(y for text, (_, y) in _places(content) if text == "What comes after")
    assert below < min(down)


def _places(content: bytes) -> list[tuple[str, tuple[int, int]]]:
    """Each text of the first page with its distance from the left and from the bottom, in points."""
    found: list[tuple[str, tuple[int, int]]] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            found.append((text.strip(), (round(cm[0] * tm[4] + cm[4]), round(cm[3] * tm[5] + cm[5]))))

    PdfReader(io.BytesIO(content)).pages[0].extract_text(visitor_text=visit)
    return found


def test_a_table_repeats_its_head_on_each_page() -> None:
    rows = [[f"Object {n}", "7"] for n in range(120)]
    pages = pages_of(render_pdf(document(Table(["Object", "Errors"], rows, frozenset({1})))))
    assert len(pages) > 2
    assert all("Errors" in page for page in pages)


COUNTS = Table(
    (
        "Object",
        "Accuracy",
        "Verified",
        "Distinct",
        "At District",
        "At State",
        "Not at State",
        "Not at District",
    ),
    [["EmploymentAssignment", "98.81%", "01/04/2013 03:07:10 PM", *["1,114,609"] * 5]] * 3,
    frozenset({1, 3, 4, 5, 6, 7}),
)


def test_no_cell_of_a_wide_table_runs_into_the_next() -> None:
    placed = [each for each in _places(render_pdf(document(COUNTS))) if each[0] in COUNTS.rows[0]]
    rows = {y: sorted((x, text) for text, (x, at) in placed if at == y) for _, (_, y) in placed}
    assert [len(row) for row in rows.values()] == [8, 8, 8]
    for row in rows.values():
        for (x, text), (following, _) in pairwise(row):
            assert x + 3.9 * len(text) < following  # an average letter is 4.3 points wide


@pytest.mark.parametrize(("columns", "lies"), [(7, False), (8, True)])
def test_a_wide_table_lays_the_page_on_its_long_side(columns: int, lies: bool) -> None:
    made = document(Table([f"Column {n}" for n in range(columns)], [["1"] * columns]))
    page = PdfReader(io.BytesIO(render_pdf(made))).pages[0].mediabox
    opened = docx.Document(io.BytesIO(render_docx(made))).sections[0]
    assert (page.width > page.height, opened.page_width > opened.page_height) == (lies, lies)


# ---- Accessibility -------------------------------------------------------------------------------------------


def tags_of(content: bytes) -> list[str]:
    """The structure elements of a PDF, in their order."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return list(_tags(pdf.Root.StructTreeRoot))


def _tags(element: pikepdf.Object) -> Sequence[str]:
    found = [str(element.S)] if "/S" in element else []
    children = element.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary):
            found += _tags(child)
    return found


WHOLE = document(
    KeyList(range(1, 200)),
    KeyList(range(1, 3_000)),
    Table(["Object", "Errors"], [["School", "1"], ["Calendar", "2"]], frozenset({1})),
    intro="What was asked for.",
)


def test_a_pdf_has_nothing_that_the_checker_of_pdf_ua_finds() -> None:
    assert pdfua.validate(io.BytesIO(render_pdf(WHOLE))).findings == ()


def test_a_pdf_says_that_it_is_pdf_ua_and_in_which_language() -> None:
    with pikepdf.open(io.BytesIO(render_pdf(WHOLE))) as pdf:
        assert str(pdf.Root.Lang) == "en-US"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Sync Request History"


def test_headings_lists_and_tables_are_tagged_as_such() -> None:
    tags = tags_of(render_pdf(WHOLE))
    assert [tag for tag in tags if tag.startswith("/H")] == ["/H1", "/H2"]
    assert tags.count("/LI") >= 199
    assert (tags.count("/TH"), tags.count("/TD"), tags.count("/TR")) == (2, 4, 3)


def test_a_document_without_a_title_is_refused_as_inaccessible() -> None:
    with pytest.raises(RenderingFailed, match="The PDF could not be set"):
        render_pdf(document(title=""))


def test_without_the_fonts_there_is_a_sentence_and_no_other_font(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    with pytest.raises(RenderingFailed, match="fonts of the U.S. Web Design System are missing"):
        render_pdf(WHOLE)


def test_only_the_fonts_of_the_pages_are_used() -> None:
    with pikepdf.open(io.BytesIO(render_pdf(WHOLE))) as pdf:
        fonts = {
            str(each.BaseFont).split("+")[-1] for page in pdf.pages for each in page.Resources.Font.values()
        }
    assert fonts == {"SourceSansPro-Regular", "SourceSansPro-Bold"}


# ---- DOCX ----------------------------------------------------------------------------------------------------


def test_a_docx_has_title_language_headings_and_page_numbers() -> None:
    opened = docx.Document(io.BytesIO(render_docx(WHOLE)))
    assert opened.core_properties.title == "Sync Request History"
    assert opened.core_properties.language == "en-US"
    headings = [(p.style.name, p.text) for p in opened.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [("Heading 1", "Sync Request History"), ("Heading 2", "IDs successful")]
    assert {each.get(qn("w:val")) for each in opened.styles.element.iter(qn("w:lang"))} == {"en-US"}
    page = opened.sections[0]
    assert page.header.paragraphs[0].text == HEADER
    fields = [each.get(qn("w:instr")) for each in page.footer._element.iter(qn("w:fldSimple"))]
    assert (fields, GENERATED in page.footer.paragraphs[0].text) == (["PAGE", "NUMPAGES"], True)


def test_a_docx_marks_the_head_of_a_table_and_sets_keys_in_columns() -> None:
    opened = docx.Document(io.BytesIO(render_docx(WHOLE)))
    marked = [
        row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None
        for row in opened.tables[0].rows
    ]
    assert marked == [True, False, False]
    columns = [each.get(qn("w:num")) for each in opened.element.body.iter(qn("w:cols"))]
    assert columns == [None, "8", "1", "8", "1"]
    assert all(section.footer.is_linked_to_previous for section in list(opened.sections)[1:])


# ---- What is too much ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "columns"), [([], 8), ([1, 22], 8), ([10**9], 8), ([10**12], 6), ([10**18], 4), ([-(2**63)], 4)]
)
def test_there_are_as_many_columns_as_the_longest_key_leaves_room_for(keys: list[int], columns: int) -> None:
    assert KeyList(keys).columns == columns


@pytest.mark.parametrize("rows", [[["only one"]], [["a", "b"]] * (MOST_TABLE_CELLS // 2 + 1)])
def test_a_table_that_cannot_be_set_is_refused_when_it_is_made(rows: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="table"):
        Table(["Object", "Errors"], rows)


_MEASURE = """
import resource, sys, time
import django
django.setup()
from reports.document import Document, KeyList, Section
from reports.docx import render_docx
from reports.pdf import render_pdf
keys = range(10**6, 10**6 + 100_000)
document = Document("Keys", "275", "Jefferson", "now", sections=[Section("All", "", [KeyList(keys)])])
began = time.monotonic()
content = {"pdf": render_pdf, "docx": render_docx}[sys.argv[1]](document)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.monotonic() - began, peak / 1024, len(content) / 1e6)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pdf", "docx"])
def test_a_hundred_thousand_ids_take_less_than_20_seconds_and_600_megabytes(name: str) -> None:
    ended = subprocess.run([sys.executable, "-c", _MEASURE, name], capture_output=True, text=True, check=True)
    seconds, peak, size = map(float, ended.stdout.split())
    print(f"{name}: {seconds:.1f} s, {peak:.0f} MB at its peak, {size:.1f} MB long")
    assert seconds < 20
    assert peak < 600
