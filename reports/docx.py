"""Sets a document as a DOCX. Keys become XML at once: an object for each of 100,000 would take minutes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice

from docx import Document as new_docx
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section as Page
from docx.shared import Emu, Inches, Length, Pt
from docx.table import Table as DocxTable
from docx.text.paragraph import Paragraph

from reports.document import Block, Document, KeyList, Section, Table, printable

_KEYS_OF_A_PARAGRAPH = 50
_FONT = "Calibri"


def render_docx(document: Document) -> bytes:
    docx = new_docx()
    _describe(docx, document)
    _dress(docx, document.language)
    _frame(docx.sections[0], document)
    _open(docx, document)
    for section in document.sections:
        _add_section(docx, section)
    written = BytesIO()
    docx.save(written)
    return written.getvalue()


def _describe(docx: Docx, document: Document) -> None:
    core = docx.core_properties
    core.title = printable(document.title)[:255]
    core.language = document.language
    core.author = "Upstate"
    core.comments = ""
    core.created = core.modified = datetime.now(UTC).replace(tzinfo=None)


def _dress(docx: Docx, language: str) -> None:
    normal = docx.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(10)
    normal.paragraph_format.space_after = Pt(6)
    for name, size in (("Heading 1", 18), ("Heading 2", 12)):
        style = docx.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = _FONT, Pt(size), None
        # The template's headings name a theme's font, which would win over ours.
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            style.element.rPr.rFonts.attrib.pop(qn(f"w:{theme}"), None)
    docx.styles["Footer"].paragraph_format.tab_stops.clear_all()
    for each in docx.styles.element.iter(qn("w:lang")):
        each.set(qn("w:val"), language)


def _frame(page: Page, document: Document) -> None:
    """The header and the foot of every page."""
    short, long = Inches(8.5), Inches(11)
    page.page_width, page.page_height = (long, short) if document.is_landscape else (short, long)
    page.orientation = WD_ORIENT.LANDSCAPE if document.is_landscape else WD_ORIENT.PORTRAIT
    page.left_margin = page.right_margin = Inches(0.75)
    page.top_margin = page.bottom_margin = Inches(1)
    header = page.header.paragraphs[0]
    header.add_run(printable(document.header)).bold = True
    foot = page.footer.paragraphs[0]
    foot.paragraph_format.tab_stops.add_tab_stop(_body_width(page), WD_TAB_ALIGNMENT.RIGHT)
    foot.add_run(f"{printable(document.generated)}\tPage ")
    _add_field(foot, "PAGE")
    foot.add_run(" of ")
    _add_field(foot, "NUMPAGES")


def _body_width(page: Page) -> Length:
    return Emu((page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0))


def _add_field(paragraph: Paragraph, code: str) -> None:
    """A number that Word fills in: PAGE, NUMPAGES."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    field.append(_run("1"))
    paragraph._p.append(field)


def _run(text: str) -> BaseOxmlElement:
    run, content = OxmlElement("w:r"), OxmlElement("w:t")
    content.text = text
    run.append(content)
    return run


def _open(docx: Docx, document: Document) -> None:
    docx.add_heading(printable(document.title), level=1)
    for text in (document.subtitle, document.intro):
        if text:
            docx.add_paragraph(printable(text))
    for label, text in document.facts:
        paragraph = docx.add_paragraph()
        paragraph.add_run(f"{printable(label)}: ").bold = True
        paragraph.add_run(printable(text))
        paragraph.paragraph_format.space_after = Pt(0)


def _add_section(docx: Docx, section: Section) -> None:
    docx.add_heading(printable(section.heading), level=2)
    if section.intro:
        docx.add_paragraph(printable(section.intro))
    for block in section.blocks:
        _add_block(docx, block)


def _add_block(docx: Docx, block: Block) -> None:
    if isinstance(block, KeyList) and block.keys:
        _add_keys(docx, block)
    elif isinstance(block, Table) and block.rows:
        _add_table(docx, block)
    else:
        docx.add_paragraph(printable(block.empty))


def _add_keys(docx: Docx, block: KeyList) -> None:
    """Between two changes of the page's columns, which Word makes equally long."""
    _set_columns(docx.add_section(WD_SECTION.CONTINUOUS), block.columns)
    end = docx.element.body.sectPr
    for keys in _in_paragraphs(block.keys):
        end.addprevious(_lines([str(key) for key in keys]))
    _set_columns(docx.add_section(WD_SECTION.CONTINUOUS), 1)


def _in_paragraphs(keys: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(keys)
    while some := list(islice(rest, _KEYS_OF_A_PARAGRAPH)):
        yield some


def _set_columns(page: Page, count: int) -> None:
    (columns,) = page._sectPr.xpath("./w:cols")
    columns.set(qn("w:num"), str(count))
    columns.set(qn("w:space"), "200")


def _lines(texts: Sequence[str]) -> BaseOxmlElement:
    paragraph, run = OxmlElement("w:p"), OxmlElement("w:r")
    for place, text in enumerate(texts):
        if place:
            run.append(OxmlElement("w:br"))
        content = OxmlElement("w:t")
        content.text = text
        run.append(content)
    paragraph.append(_without_space_after())
    paragraph.append(run)
    return paragraph


def _without_space_after() -> BaseOxmlElement:
    properties, spacing = OxmlElement("w:pPr"), OxmlElement("w:spacing")
    spacing.set(qn("w:after"), "0")
    properties.append(spacing)
    return properties


def _add_table(docx: Docx, block: Table) -> None:
    table = docx.add_table(rows=1 + len(block.rows), cols=len(block.head))
    table.style = "Table Grid"
    widths = _column_widths(_body_width(docx.sections[0]), block)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    # One walk over the cells: asking the table for each of them walks over it each time.
    cells = iter(table._cells)
    for row in (block.head, *block.rows):
        for place, text in enumerate(row):
            cell = next(cells)
            cell.width = widths[place]
            _fill(cell.paragraphs[0], text, is_head=row is block.head, is_number=place in block.numeric)
    _repeat_head(table)
    docx.add_paragraph()


def _column_widths(across: int, block: Table) -> list[Length]:
    return [Emu(across * width // sum(block.widths)) for width in block.widths]


def _fill(paragraph: Paragraph, text: str, *, is_head: bool, is_number: bool) -> None:
    paragraph.add_run(printable(text)).bold = True if is_head else None
    paragraph.paragraph_format.space_after = Pt(0)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat_head(table: DocxTable) -> None:
    """The first row is the head for screen readers too, and stands again on each page."""
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
