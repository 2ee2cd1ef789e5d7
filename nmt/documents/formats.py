"""Ending of a file name -> the class that reads such documents."""

from pathlib import Path

from nmt.documents.document import Document
from nmt.documents.html import Html
from nmt.documents.markdown import Markdown
from nmt.documents.plain import Plain
from nmt.documents.po import Po
from nmt.documents.srt import SubRip
from nmt.documents.xliff import Xliff
from nmt.errors import DataError
from nmt.registry import Registry

_FORMATS: dict[str, type[Document]] = {
    ".po": Po, ".pot": Po, ".xlf": Xliff, ".xliff": Xliff, ".srt": SubRip, ".html": Html, ".htm": Html, ".xhtml": Html,
    ".md": Markdown, ".markdown": Markdown, ".txt": Plain,
}  # fmt: skip
DOCUMENTS = Registry[type[Document]]("document", **_FORMATS)
"""A newcomer writes one class and one line here."""
_OFFICE = (".doc", ".docx", ".odt", ".rtf", ".pdf", ".ppt", ".pptx", ".odp", ".xls", ".xlsx", ".ods")


def format_of(path: Path) -> type[Document]:
    """The class that reads a document, by the ending of its name.

    Raises:
        DataError: no class does.
    """
    ending = path.suffix.lower()
    if ending not in DOCUMENTS:
        remedy = " Save it as .html or .txt first." if ending in _OFFICE else ""
        raise DataError(f"{path}: no document that can be translated.{remedy} Endings: {', '.join(DOCUMENTS)}.")
    return DOCUMENTS[ending]
