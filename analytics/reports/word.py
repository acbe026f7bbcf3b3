"""A Word document with the look of a report: what python-docx has no call for is here, and nothing of what is reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

from analytics.reports.sentences import Piece, Sentence
from core.domain.language import Language

AUTHOR: Final = "Otklik"
LOCALES: Final[dict[Language, str]] = {"ru": "ru-RU", "en": "en-GB"}
FONT: Final = "Calibri"
BLUE, GREY = RGBColor(0x1F, 0x4E, 0x79), RGBColor(0x59, 0x59, 0x59)
TABLE_STYLE: Final = "Report Table"
WIDTH: Final = 17.0
"""Centimetres of text on an A4 page."""

_TABLE_STYLE_XML: Final = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="ReportTable">
  <w:name w:val="{TABLE_STYLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
  <w:tblPr>
    <w:tblBorders>
      <w:top w:val="single" w:sz="8" w:color="1F4E79"/><w:bottom w:val="single" w:sz="4" w:color="BFBFBF"/>
      <w:insideH w:val="single" w:sz="4" w:color="D9D9D9"/>
    </w:tblBorders>
    <w:tblCellMar>
      <w:top w:w="20" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>
      <w:bottom w:w="20" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>
    </w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:b/></w:rPr><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="EAF1F8"/></w:tcPr>
  </w:tblStylePr>
</w:style>"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    width: float
    """Its part of the table's, beside the other columns'."""
    is_number: bool = False
    """Then it stands to the right."""


Cell = Sentence | str


class Pages:
    """A document that grows from its beginning."""

    def __init__(self, title: str, language: Language, made_at: datetime) -> None:
        self._document: DocumentObject = Document()
        self._language = language
        _set_page(self._document)
        _set_styles(self._document, LOCALES[language])
        _set_properties(self._document, title, LOCALES[language], made_at)

    def title(self, title: str, below: str) -> None:
        """The head of the first page."""
        self._document.add_paragraph(title, style="Title")
        self._document.add_paragraph(below, style="Subtitle")

    def heading(self, text: str, level: int = 1) -> None:
        """Begin a section."""
        self._document.add_heading(text, level)

    def paragraph(self, sentence: Cell, style: str = "Normal", *, leads: bool = False) -> None:
        """A paragraph of its own. `leads`: what comes next is on the same page."""
        paragraph = self._document.add_paragraph(style=style)
        paragraph.paragraph_format.keep_with_next = leads or None
        _write(paragraph, sentence)

    def picture(self, content: bytes, title: str, alt: str) -> None:
        """A picture under its title, in one paragraph: no page can come between them. `alt`: what it shows, in words."""
        run = self._document.add_paragraph(f"{title}\n", style="Caption").add_run()
        shape = run.add_picture(BytesIO(content), width=Cm(WIDTH))._inline  # noqa: SLF001 - no call for what follows
        for side in "LR":
            shape.set(f"dist{side}", "0")  # unsaid it is an eighth of an inch to LibreOffice
        shape.docPr.set("descr", alt)
        shape.docPr.set("title", title)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        """A table of at most a dozen rows, which no page tears apart."""
        table = self._document.add_table(1, len(columns), TABLE_STYLE)
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _fill(table, 0, [column.title for column in columns], columns)
        _mark(table, 0, "w:tblHeader")
        for number, row in enumerate(rows, start=1):
            table.add_row()
            _fill(table, number, row, columns)
        parts = sum(column.width for column in columns)
        for place, column in enumerate(columns):
            width = Cm(WIDTH * column.width / parts)
            table.columns[place].width = width  # LibreOffice reads this one, Word the cells'
            for cell in table.columns[place].cells:
                cell.width = width
                cell.paragraphs[0].paragraph_format.keep_with_next = True
        self._document.add_paragraph(style="After Table")

    def footer(self, text: str, page: str) -> None:
        """Below each page. `page`: as "page {page} of {pages}"."""
        paragraph = self._document.sections[0].footer.paragraphs[0]
        paragraph.style = self._document.styles["Footer"]
        paragraph.add_run(f"{text} · ")
        before, _, rest = page.partition("{page}")
        between, _, after = rest.partition("{pages}")
        for words, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, None)):
            paragraph.add_run(words)
            if field is not None:
                _add_field(paragraph, field)

    def content(self) -> bytes:
        """The file."""
        written = BytesIO()
        self._document.save(written)
        return written.getvalue()


def _write(paragraph: Paragraph, sentence: Cell) -> None:
    for piece in [Piece(sentence)] if isinstance(sentence, str) else sentence:
        if piece.link is None:
            paragraph.add_run(piece.text).bold = piece.bold or None
        else:
            _add_link(paragraph, piece.text, piece.link)


def _add_link(paragraph: Paragraph, text: str, address: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = paragraph.add_run(text, style="Hyperlink")
    link.append(run._r)  # noqa: SLF001 - python-docx reads links and writes none
    paragraph._p.append(link)  # noqa: SLF001


def _add_field(paragraph: Paragraph, name: str) -> None:
    """What Word counts by itself: PAGE, NUMPAGES."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    field.append(run._r)  # noqa: SLF001
    paragraph._p.append(field)  # noqa: SLF001


def _fill(table: Table, number: int, cells: Sequence[Cell], columns: Sequence[Column]) -> None:
    for place, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        paragraph: Paragraph = table.cell(number, place).paragraphs[0]
        paragraph.style = "Table Text"
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if column.is_number else WD_ALIGN_PARAGRAPH.LEFT
        _write(paragraph, cell)
    _mark(table, number, "w:cantSplit")


def _mark(table: Table, number: int, mark: str) -> None:
    table.rows[number]._tr.get_or_add_trPr().append(OxmlElement(mark))  # noqa: SLF001


def _set_page(document: DocumentObject) -> None:
    """A4."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.6)
    section.footer_distance = Cm(0.8)


def _set_styles(document: DocumentObject, locale: str) -> None:
    styles = document.styles
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), locale)
    styles.element.append(parse_xml(_TABLE_STYLE_XML))
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = BLUE, True
    _paragraphs(styles["Normal"], 10.5, after=4)
    _paragraphs(styles["Title"], 22, color=BLUE, after=2)
    _paragraphs(styles["Subtitle"], 10.5, color=GREY, after=6)
    _paragraphs(styles["Heading 1"], 14, color=BLUE, before=12, after=4)
    _paragraphs(styles["Heading 2"], 11, color=BLUE, before=8, after=2)
    _paragraphs(styles["List Bullet"], 11, after=5)
    _paragraphs(styles["Caption"], 9.5, color=GREY, before=6, after=2)
    _paragraphs(styles["Quote"], 10, after=3)
    _paragraphs(styles["Footer"], 8.5, color=GREY, after=0)
    _paragraphs(styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH), 9, color=GREY, after=0)
    _paragraphs(styles.add_style("Table Text", WD_STYLE_TYPE.PARAGRAPH), 9.5, before=1, after=1)
    _paragraphs(styles.add_style("After Table", WD_STYLE_TYPE.PARAGRAPH), 4, after=0)
    styles["Subtitle"].font.italic = False
    for spacing in styles["Subtitle"].element.findall(f"{qn('w:rPr')}/{qn('w:spacing')}"):
        spacing.getparent().remove(spacing)  # the template spreads its letters


def _paragraphs(
    style: ParagraphStyle, size: float, *, color: RGBColor | None = None, before: float = 0, after: float
) -> None:
    style.font.name, style.font.size = FONT, Pt(size)
    if color is not None:
        style.font.color.rgb = color
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.08


def _set_properties(document: DocumentObject, title: str, locale: str, made_at: datetime) -> None:
    """Who made it, and when; and away with the picture of the template's own first page."""
    properties = document.core_properties
    properties.title, properties.language, properties.comments = title, locale, ""
    properties.author = properties.last_modified_by = AUTHOR
    properties.created = properties.modified = made_at.astimezone(UTC)
    relations = document.part.package.rels
    for key in [key for key, one in relations.items() if one.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del relations[key]
