"""Sets a document as a tagged PDF by typst, which refuses what is not accessible (PDF/UA-1).

What is said goes to typst as JSON, never into its source: no text can become markup or code. reports/typst/document.typ
decides about the looks.
"""

import json
import re
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from reports.document import Block, Document, KeyList, Section, printable
from reports.exceptions import RenderingFailed

_TEMPLATE = Path(__file__).parent / "typst" / "document.typ"
_FONTS = Path("node_modules", "@uswds", "uswds", "dist", "fonts", "source-sans-pro")
_FONT_FILES = ("sourcesanspro-regular-webfont.ttf", "sourcesanspro-bold-webfont.ttf")
# What Source Sans and the fonts inside typst have: Latin, Greek, Cyrillic, Hebrew, punctuation.
_BEYOND_THE_FONTS = re.compile("[^\n -\u05ff\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")
_INSTEAD = "\ufffd"


def render_pdf(document: Document) -> bytes:
    """Raises RenderingFailed where the fonts are missing or typst refuses the document."""
    fonts = _font_folder()
    data = json.dumps(_plain(document), ensure_ascii=False)
    try:
        return _compile(data, fonts)
    except typst.TypstError as error:
        # A PDF/UA may not show an empty box. A name in a script without a font is no reason to refuse the report.
        if "could not be displayed" in error.message:
            return _compile_last(_BEYOND_THE_FONTS.sub(_INSTEAD, data), fonts)
        raise _refusal() from error


def _compile_last(data: str, fonts: Path) -> bytes:
    try:
        return _compile(data, fonts)
    except typst.TypstError as error:
        raise _refusal() from error


def _refusal() -> RenderingFailed:
    """Without typst's own words: they may quote the document."""
    return RenderingFailed("The PDF could not be set. Tell the operator of Upstate, or choose DOCX.")


def _compile(data: str, fonts: Path) -> bytes:
    compiled = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        font_paths=[fonts],
        ignore_system_fonts=True,
        sys_inputs={"document": data},
        format="pdf",
        pdf_standards=["ua-1"],
    )
    if not isinstance(compiled, bytes):
        raise TypeError("typst gave no single file.")
    return compiled


def _font_folder() -> Path:
    folder: Path = settings.BASE_DIR / _FONTS
    if not all((folder / name).exists() for name in _FONT_FILES):
        raise RenderingFailed(
            "The fonts of the U.S. Web Design System are missing on the server, without which there is no PDF. Tell "
            "the operator of Upstate, or choose DOCX."
        )
    return folder


def _plain(document: Document) -> dict[str, Any]:
    return {
        "title": printable(document.title),
        "header": printable(document.header),
        "subtitle": printable(document.subtitle),
        "generated": printable(document.generated),
        "intro": printable(document.intro),
        "language": document.language.split("-")[0],
        "region": document.language.split("-")[-1],
        "landscape": document.is_landscape,
        "facts": [[printable(label), printable(text)] for label, text in document.facts],
        "sections": [_plain_section(section) for section in document.sections],
    }


def _plain_section(section: Section) -> dict[str, Any]:
    return {
        "heading": printable(section.heading),
        "intro": printable(section.intro),
        "blocks": [_plain_block(block) for block in section.blocks],
    }


def _plain_block(block: Block) -> dict[str, Any]:
    """Keys go as text: typst would set another minus, and read what is beyond 64 bits as a fraction."""
    if isinstance(block, KeyList):
        keys = [str(key) for key in block.keys]
        return {"kind": "keys", "keys": keys, "columns": block.columns, "empty": printable(block.empty)}
    return {
        "kind": "table",
        "head": [printable(cell) for cell in block.head],
        "widths": block.widths,
        "rows": [[printable(cell) for cell in row] for row in block.rows],
        "numeric": sorted(block.numeric),
        "empty": printable(block.empty),
    }
