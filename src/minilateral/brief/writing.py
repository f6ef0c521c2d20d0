"""Writing a brief: page, data, manifest. Whole files only, the manifest last."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from minilateral.brief.checking import check_brief, check_cells
from minilateral.brief.citing import style_name
from minilateral.brief.compiling import compile_all
from minilateral.brief.document import Document, document_of
from minilateral.brief.drawing import figures_of
from minilateral.brief.frames import estimates_of, tables_of
from minilateral.brief.page import build_page
from minilateral.brief.structure import check_placed, findings_of
from minilateral.brief.typeset import HEIGHT, TALL, WIDTH, fitted, one_page, pictures_of, rasterise, write_pdf
from minilateral.brief.word import write_docx
from minilateral.brief.workbook import write_workbook
from minilateral.errors import BadInput
from minilateral.evidence import Holdings
from minilateral.evidence.exports import write_whole
from minilateral.measure import Composition
from minilateral.terms import Inputs, Statement, Study

if TYPE_CHECKING:
    import pyarrow as pa

#: What may be written beside the page, its data and its manifest: each in both languages; ``all`` is every one.
FORMATS = ("docx", "pdf", "xlsx", "svg", "png")
#: Pixels per inch of a figure as png, in the width of the text.
PRINT = 300.0

#: Documents and pictures made at a time.
THREADS = 2


class Result(Protocol):
    """What a study hands over: the question, the results of its rooms, its sentences."""

    @property
    def study(self) -> Study: ...  # noqa: D102
    @property
    def inputs(self) -> Inputs: ...  # noqa: D102
    @property
    def statements(self) -> tuple[Statement, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Written:
    """Where a brief is, and its findings in English and Chinese."""

    folder: Path
    page: Path
    tables: int
    findings: tuple[tuple[str, str], ...]


def write_brief(
    result: Result,
    out: Path | str = "out",
    language: str = "zh",
    progress: Callable[[str], None] = lambda _: None,
    formats: Collection[str] = (),
    notes: str = "",
) -> Written:
    """Write ``brief.html``, ``data/`` and ``manifest.json`` of a study into ``out/<GROUP>``.

    Everything is compiled before anything is written; each file appears whole; the manifest comes last. A second
    run with the same record and question writes the same bytes.

    Parameters
    ----------
    result : Result
        A study that was run.
    out : Path or str
        Folder; the brief goes into a folder of its own in it.
    language : str
        ``zh`` or ``en``: the language that the page opens in. Documents are written in both.
    progress : callable
        Is told the name of each step.
    formats : collection of str
        What to write besides, each in both languages: ``docx`` (Word with footnotes), ``pdf`` (the brief, and one
        page of it), ``xlsx`` (all tables in one workbook), ``svg`` and ``png`` (the figures, ``png`` at 300 pixels
        to the inch in the width of the text); ``all`` is every one.
    notes : str
        Style of the notes in Word and PDF, one of `minilateral.brief.citing.styles`; by default a journal's in
        Chinese and Chicago's in English.

    Raises
    ------
    CompileRefused
        If a number does not recompute, a statement has no evidence or a slot disagrees with its row.
    BadInput
        If the folder cannot be written.
    """
    formats = formats_of(formats)
    if notes:
        style_name(notes)
    release = version("minilateral")
    progress("compile")
    holdings = result.inputs.get(Holdings)
    check_cells(result.inputs.get(Composition), holdings.record)
    compiled = compile_all(result.statements, holdings.record, estimates_of(result.inputs))
    check_placed(result.inputs, compiled)
    progress("figures")
    figures = figures_of(result.inputs)
    documents = {each: document_of(result.inputs, compiled, each, release, notes, figures) for each in ("zh", "en")}
    page = build_page(result.inputs, compiled, language, release, documents, figures)
    check_brief(result.inputs, compiled, documents, page)
    written: dict[str, bytes] = {"brief.html": page.encode()}
    tables = tables_of(result.inputs, compiled)
    jobs = _documents(result.inputs, documents, figures, formats)
    if "xlsx" in formats:
        jobs = {"tables.xlsx": partial(write_workbook, result.study, tables, release), **jobs}
    if jobs:
        progress("documents")
        with ThreadPoolExecutor(THREADS) as pool:  # the typesetter works outside the interpreter's lock
            written |= dict(zip(jobs, pool.map(lambda job: job(), jobs.values()), strict=True))
    progress("write")
    for name, table in tables.items():
        written[f"data/{name}.csv"] = _csv(table)
        written[f"data/{name}.parquet"] = _parquet(table)
    written["data/datapackage.json"] = _json(_datapackage(result.study, tables, written, holdings, release))
    manifest = _manifest(result.study, holdings, written, release, language)
    folder = Path(out) / result.study.group.key
    _write(folder, written, manifest)
    findings = tuple((c.text("en"), c.text("zh")) for c in findings_of(compiled))
    return Written(folder, folder / "brief.html", len(tables), findings)


def formats_of(asked: Iterable[str]) -> tuple[str, ...]:
    """The formats that are asked for, in our order; ``all`` is every one, ``html`` the page that is always written.

    Raises
    ------
    BadInput
        If one is none of ours.

    Examples
    --------
    >>> formats_of(["pdf", "html", "docx"]), formats_of(["all"]) == FORMATS
    (('docx', 'pdf'), True)
    """
    names = set(asked) - {"html"}
    if unknown := sorted(names - {*FORMATS, "all"}):
        known = ", ".join(("html", *FORMATS, "all"))
        raise BadInput(", ".join(unknown), "is no format of a brief", f"choose from {known}")
    return FORMATS if "all" in names else tuple(f for f in FORMATS if f in names)


def _documents(
    inputs: Inputs,
    documents: Mapping[str, Document],
    figures: Mapping[str, Mapping[str, str]],
    formats: Collection[str],
) -> dict[str, Callable[[], bytes]]:
    jobs: dict[str, Callable[[], bytes]] = {}
    for language, document in documents.items():
        pictures = pictures_of(figures, language)
        if "docx" in formats:
            jobs[f"brief.{language}.docx"] = partial(write_docx, document, pictures)
        if "pdf" in formats:
            jobs[f"brief.{language}.pdf"] = partial(write_pdf, document, pictures)
            jobs[f"one-page.{language}.pdf"] = partial(one_page, inputs, document, pictures)
        for name, svg in pictures.items():
            if "svg" in formats:
                jobs[f"figures/{name}.{language}.svg"] = svg.encode
            if "png" in formats:
                width, _ = fitted(svg, WIDTH, HEIGHT, TALL)
                jobs[f"figures/{name}.{language}.png"] = partial(rasterise, svg, width, ppi=PRINT)
    return jobs


def _write(folder: Path, written: dict[str, bytes], manifest: dict[str, Any]) -> None:
    try:
        before = _files_of(folder / "manifest.json")
        for name, data in written.items():
            write_whole(folder / name, data)
        write_whole(folder / "manifest.json", _json(manifest))
        for name in before - set(written):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(str(folder), f"cannot be written ({error.strerror})", "choose another --out") from None


#: How the names of the files begin that a brief writes, besides its manifest.
_OURS = ("data/", "figures/", "brief.", "one-page.", "tables.xlsx")


def _files_of(manifest: Path) -> set[str]:
    """Files that an earlier brief wrote here: those that this one does not write are removed."""
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return {name for name in files if name.startswith(_OURS) and ".." not in name}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _csv(table: pa.Table) -> bytes:
    from pyarrow import csv

    buffer = io.BytesIO()
    csv.write_csv(table, buffer, csv.WriteOptions(quoting_style="needed"))
    return buffer.getvalue()


def _parquet(table: pa.Table) -> bytes:
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _manifest(
    study: Study, holdings: Holdings, written: dict[str, bytes], release: str, language: str
) -> dict[str, Any]:
    record = holdings.record
    hashes = record.hashes()
    origins = ("id", "producer", "title", "version", "licence", "citation", "accessed")
    return {
        "package": {"name": "minilateral", "version": release},
        "made_with": {
            name: version(name)
            for name in ("duckdb", "jinja2", "matplotlib", "openpyxl", "pyarrow", "python-docx", "scipy", "typst")
        },
        "study": {
            "group": list(study.group.members),
            "as_of": study.as_of.isoformat(),
            "every": study.every,
            "seed": study.seed,
        },
        "language": language,
        "record": {
            "note": "hashes are of the rows that were known by the as-of day, whatever their order",
            "shipped": study.record is None,
            "added_by_the_user": sorted(record.own),
            "corrected_by_the_user": [dict(c) for c in record.corrections],
            "tables": {n: {"rows": len(record.rows[n]), "sha256": hashes[n]} for n in sorted(hashes)},
        },
        "origins": [{field: getattr(o, field) for field in origins} for o in record.origins.values()],
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(written.items())
        },
    }


_KINDS = {"string": "string", "int64": "integer", "double": "number", "bool": "boolean", "date32[day]": "date"}


def _datapackage(
    study: Study, tables: dict[str, pa.Table], written: dict[str, bytes], holdings: Holdings, release: str
) -> dict[str, Any]:
    resources = []
    for name, table in tables.items():
        schema = {"fields": [{"name": f.name, "type": _KINDS.get(str(f.type), "string")} for f in table.schema]}
        for kind, media in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
            data = written[f"data/{name}.{kind}"]
            resources.append(
                {
                    "name": name if kind == "csv" else f"{name}-parquet",
                    "path": f"{name}.{kind}",
                    "format": kind,
                    "mediatype": media,
                    "encoding": "utf-8",
                    "bytes": len(data),
                    "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                    "schema": schema,
                }
            )
    return {
        "profile": "data-package",
        "name": f"minilateral-{study.group.key.lower()}",
        "version": release,
        "title": f"minilateral brief: {study.group.label}, as known on {study.as_of.isoformat()}",
        "licenses": [{"name": "MIT"}],
        "sources": [{"title": o.citation, "version": o.version} for o in holdings.record.origins.values()],
        "resources": resources,
    }
