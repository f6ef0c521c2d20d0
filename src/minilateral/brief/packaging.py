"""A study as one zip for replication: tables, the record behind them, the question, and how to make them again."""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from minilateral.brief.checking import check_cells
from minilateral.brief.compiling import compile_all
from minilateral.brief.frames import estimates_of, tables_of
from minilateral.brief.workbook import about
from minilateral.brief.writing import Result, _csv, _datapackage, _json, _manifest, _parquet
from minilateral.errors import BadInput
from minilateral.evidence import COLUMNS, Holdings, Record
from minilateral.evidence.exports import write_whole
from minilateral.measure import Composition
from minilateral.terms import Study
from minilateral.terms.tables import read_tsv, shipped

if TYPE_CHECKING:
    import pyarrow as pa

#: More than so many bytes or files are no package of ours.
MOST_BYTES, MOST_FILES = 1 << 30, 2000

#: The date of every file in the zip: the first that a zip can hold.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*\Z")
_WAY_OUT = "take a fresh copy from where it is deposited"


@dataclass(frozen=True, slots=True)
class Differs:
    """A table that does not come out as the package has it.

    Attributes
    ----------
    table : str
    how : {'csv', 'parquet', 'missing', 'not made'}
        Its csv has other bytes, or its parquet another content; the package lacks it; or it was not made again.
    """

    table: str
    how: Literal["csv", "parquet", "missing", "not made"]


def write_package(
    result: Result, path: Path | str, *, release: str, constraints: str | None, log: Sequence[str], url: str = ""
) -> Path:
    """Write a study as a zip from which its tables can be made again.

    Parameters
    ----------
    result : Result
        A study that was run.
    path : Path
        Where; it ends in ``.zip``. It appears whole or not at all.
    release : str
        Of the code: a version, or the name of a commit.
    constraints : str or None
        The versions it was made with, in the form of pip. None: those of what this package needs and is installed.
    log : sequence of str
        What was said while it was made; without times the zip has the same bytes each time.
    url : str
        Where it is or will be deposited, such as a DOI. Without it the metadata name a hash of the record.

    Returns
    -------
    Path

    Raises
    ------
    CompileRefused
        If a number does not recompute or a sentence has no evidence: as for a brief.
    BadInput
        If the path is no zip or cannot be written, or a row of the record has a tab or a line break in it.

    Notes
    -----
    Metadata: Data Package; Croissant 1.0 (MLCommons 2024). README: after the template of the social science data
    editors (Vilhuber et al. 2022, version 1.1). The record is that of the as-of day: nothing that became known later.
    """
    path = Path(path)
    if path.suffix.lower() != ".zip":
        raise BadInput(str(path), "does not end in .zip", "give the package a name such as package.zip")
    study, holdings, tables = result.study, result.inputs.get(Holdings), _tables(result)
    record = holdings.record
    made = _data(study, tables, holdings)
    made |= {f"record/{name}.tsv": _tsv(name, record) for name in COLUMNS}
    made["question.json"] = _json(_question(study))
    made["constraints.txt"] = _lines(constraints.splitlines() if constraints is not None else installed())
    made["log.txt"] = _lines(log)
    made["rerun.py"] = _RERUN.encode()
    made["croissant.json"] = _json(_croissant(study, tables, made, record, release, url))
    context = _context(study, tables, record, release)
    made["README.md"] = _template("package_readme.md.j2", context)
    made["LICENSE.md"] = _template("package_license.md.j2", context)
    manifest = _manifest(study, holdings, made, version("minilateral"), "")
    del manifest["language"]
    manifest["study"]["full"] = study.full
    manifest["code"] = {"release": release, "version": version("minilateral"), "sha256": code_hash()}
    made["manifest.json"] = _json(manifest)
    try:
        write_whole(path, _zip(made))
    except OSError as error:
        raise BadInput(str(path), f"cannot be written ({error.strerror})", "choose another --out") from None
    return path


def _tables(result: Result) -> dict[str, pa.Table]:
    """All tables of a study, after the checks of a brief."""
    record = result.inputs.get(Holdings).record
    check_cells(result.inputs.get(Composition), record)
    return tables_of(result.inputs, compile_all(result.statements, record, estimates_of(result.inputs)))


def _data(study: Study, tables: Mapping[str, pa.Table], holdings: Holdings) -> dict[str, bytes]:
    """The folder ``data/`` as a brief has it."""
    made: dict[str, bytes] = {}
    for name, table in tables.items():
        made[f"data/{name}.csv"] = _csv(table)
        made[f"data/{name}.parquet"] = _parquet(table)
    made["data/datapackage.json"] = _json(_datapackage(study, dict(tables), made, holdings, version("minilateral")))
    return made


def _tsv(name: str, record: Record) -> bytes:
    """A visible table of the record in the form that ``--record`` reads."""
    columns = COLUMNS[name]
    lines = ["\t".join(columns)]
    for row in record.rows[name]:
        cells = [row[c] for c in columns]
        if broken := next((c for c in cells if re.search(r"[\t\r\n]", c)), ""):
            raise BadInput(
                f"{name}: {broken[:60]!r}", "has a tab or a line break: the record has neither", "correct the row"
            )
        lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode()


def _question(study: Study) -> dict[str, Any]:
    return {
        "group": list(study.group.members),
        "as_of": study.as_of.isoformat(),
        "every": study.every,
        "seed": study.seed,
        "full": study.full,
    }


def _lines(lines: Sequence[str]) -> bytes:
    return "".join(f"{line.rstrip()}\n" for line in lines).encode()


def installed() -> tuple[str, ...]:
    """What this package needs and is installed, with what that needs, as ``name==version``.

    Examples
    --------
    >>> any(line.startswith("pyarrow==") for line in installed())
    True
    """
    found: dict[str, str] = {}
    waiting = ["minilateral"]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
        wanted = [w for w in requires(name) or () if not re.search(r"\bextra\s*==", w)]
        waiting += [m[0] for w in wanted if (m := re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", w))]
    return tuple(f"{name}=={found[name]}" for name in sorted(found) if name != "minilateral")


@cache
def code_hash() -> str:
    """SHA-256 over the files of the installed package, its record and fonts left out: those have hashes of their own.

    Examples
    --------
    >>> len(code_hash())
    64
    """
    root = Path(str(files("minilateral")))
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        parts = file.relative_to(root).parts
        if file.is_file() and file.suffix != ".pyc" and not {"__pycache__", "fonts", "record"} & set(parts[:-1]):
            digest.update("/".join(parts).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


# ---- metadata ----

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "string": "sc:Text",
    "int64": "sc:Integer",
    "double": "sc:Float",
    "bool": "sc:Boolean",
    "date32[day]": "sc:Date",
}
_MEDIA = {"csv": "text/csv", "parquet": "application/x-parquet", "tsv": "text/tab-separated-values"}


def _croissant(
    study: Study, tables: Mapping[str, pa.Table], made: Mapping[str, bytes], record: Record, release: str, url: str
) -> dict[str, Any]:
    objects = [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "contentSize": f"{len(data)} B",
            "encodingFormat": _MEDIA[name.rpartition(".")[2]],
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        for name, data in sorted(made.items())
        if name.rpartition(".")[2] in _MEDIA
    ]
    sets = [
        {
            "@type": "cr:RecordSet",
            "@id": name,
            "name": name,
            "description": about(name),
            "field": [
                {
                    "@type": "cr:Field",
                    "@id": f"{name}/{column.name}",
                    "name": column.name,
                    "dataType": _TYPES.get(str(column.type), "sc:Text"),
                    "source": {"fileObject": {"@id": f"data/{name}.csv"}, "extract": {"column": column.name}},
                }
                for column in table.schema
            ],
        }
        for name, table in sorted(tables.items())
    ]
    identity = hashlib.sha256(json.dumps(record.hashes(), sort_keys=True).encode()).hexdigest()
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": f"minilateral-{study.group.key.lower()}-{study.as_of.isoformat()}",
        "description": (
            f"Acts of {study.group.name('en')} and measures of them, as known on {study.as_of.isoformat()}, with the "
            "record behind them, its sources and the question, for replication."
        ),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": "https://spdx.org/licenses/MIT.html",
        "url": url or f"urn:sha256:{identity}",
        "version": release,
        "datePublished": study.as_of.isoformat(),
        "inLanguage": ["en", "zh"],
        "isLiveDataset": False,
        "creator": {"@type": "sc:Organization", "name": "The minilateral authors"},
        "keywords": ["international relations", "minilateralism", study.group.key],
        "citeAs": _cite(study, release),
        "isBasedOn": [
            {"@type": "sc:CreativeWork", "name": o.title, "creditText": o.citation, "version": o.version}
            for o in record.origins.values()
        ],
        "distribution": objects,
        "recordSet": sets,
    }


def _cite(study: Study, release: str) -> str:
    return (
        f"The minilateral authors: minilateral {release}, replication package for {study.group.name('en')}, "
        f"as known on {study.as_of.isoformat()}"
    )


def _context(study: Study, tables: Mapping[str, pa.Table], record: Record, release: str) -> dict[str, Any]:
    series = read_tsv(shipped("series", "origins.tsv"))
    command = [
        f"minilateral brief {' '.join(study.group.members)}",
        f"--as-of {study.as_of.isoformat()}",
        f"--every {study.every}",
        f"--seed {study.seed}",
        *([] if study.full else ["--quick"]),
        "--record record/",
        "--out again",
    ]
    references = sorted({o.citation for o in record.origins.values()} | {s["citation"] for s in series})
    return {
        "study": study,
        "group": study.group.name("en"),
        "release": release,
        "version": version("minilateral"),
        "code": code_hash(),
        "command": " ".join(command),
        "cite": _cite(study, release),
        "origins": tuple(record.origins.values()),
        "series": series,
        "own": len(record.own),
        "corrected": len(record.corrections),
        "sources": len(record.sources),
        "tables": [(name, t.num_rows, t.num_columns, about(name)) for name, t in sorted(tables.items())],
        "record": [(name, len(record.rows[name])) for name in sorted(COLUMNS)],
        "references": references,
    }


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(  # plain text, not a page: nothing is escaped
        loader=jinja2.PackageLoader("minilateral.brief"),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _template(name: str, context: Mapping[str, Any]) -> bytes:
    text: str = _environment().get_template(name).render(**context)
    return text.encode()


_RERUN = '''"""Make the tables of this package again from its own record, and compare them byte by byte.

    python rerun.py [FOLDER]

FOLDER is empty or not there yet; the new tables go to FOLDER/again. Exit code 0: all are the same; 1: some differ,
or the package was changed.
"""

import sys
from pathlib import Path

from minilateral.brief.packaging import rerun
from minilateral.errors import MinilateralError
from minilateral.study import run

here = Path(__file__).resolve().parent
folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here / "made-again"
try:
    found = rerun(here, folder, run)
except MinilateralError as error:
    sys.exit(f"{error}")
for each in found:
    print(f"{each.table}: {each.how}")
print(f"{len(found)} tables differ" if found else "all tables are the same")
sys.exit(1 if found else 0)
'''


# ---- the zip ----


def _zip(made: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(made):
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, made[name], compresslevel=9)
    return buffer.getvalue()


def read_package(path: Path | str) -> dict[str, bytes]:
    """Read a package, zipped or unpacked, and check every file of it against its manifest.

    Parameters
    ----------
    path : Path
        The zip, or the folder that it was unpacked into; other files in that folder are not read.

    Returns
    -------
    dict
        Name -> bytes, the manifest included.

    Raises
    ------
    BadInput
        If it is no package; names a file outside itself, or one twice; is larger than `MOST_BYTES`; or a file was
        changed, is missing, or is not in the manifest.

    Notes
    -----
    The manifest lies in the same zip: who changes both is found out only by the tables made again, see `rerun`, or by
    the hash of the zip that the place of deposit shows.
    """
    path = Path(path)
    found = _of_folder(path) if path.is_dir() else _of_zip(path)
    listed = _listed(path, found)
    if absent := sorted(listed.keys() - found.keys()):
        raise BadInput(str(path), f"lacks {_some(absent)}", _WAY_OUT)
    if more := sorted(found.keys() - listed.keys() - {"manifest.json"}):
        raise BadInput(str(path), f"holds {_some(more)}, which its manifest does not list", _WAY_OUT)
    if changed := [n for n in sorted(listed) if hashlib.sha256(found[n]).hexdigest() != listed[n]]:
        raise BadInput(str(path), f"was changed since it was made: {_some(changed)}", _WAY_OUT)
    return found


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


#: What a broken zip raises.
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)


def _of_zip(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_FILES or sum(i.file_size for i in infos) > MOST_BYTES:
                raise BadInput(str(path), "is larger than any package of ours", _WAY_OUT)
            found: dict[str, bytes] = {}
            for info in infos:
                kind = stat.S_IFMT(info.external_attr >> 16)
                if not _is_safe(info.filename) or kind not in (0, stat.S_IFREG):
                    raise BadInput(
                        f"{path}: {info.filename!r}",
                        "is no plain file inside the package: nothing was unpacked",
                        _WAY_OUT,
                    )
                if info.filename in found:
                    raise BadInput(f"{path}: {info.filename!r}", "stands twice in the package", _WAY_OUT)
                found[info.filename] = archive.read(info)
            return found
    except OSError as error:
        raise BadInput(str(path), f"cannot be read ({error.strerror or error})", "check the path") from None
    except _BROKEN as error:
        raise BadInput(str(path), f"is no zip that can be read ({error})", _WAY_OUT) from None


def _is_safe(name: str) -> bool:
    return bool(_SAFE.match(name)) and ".." not in PurePosixPath(name).parts


def _of_folder(path: Path) -> dict[str, bytes]:
    try:
        found = {"manifest.json": (path / "manifest.json").read_bytes()}
        for name in _listed(path, found):
            if (path / name).is_file():
                found[name] = (path / name).read_bytes()
    except OSError as error:
        raise BadInput(str(path), f"is no package ({error.strerror})", "give the zip, or the whole folder") from None
    return found


def _listed(path: Path, found: Mapping[str, bytes]) -> dict[str, str]:
    """The files that the manifest lists, with their hashes."""
    if "manifest.json" not in found:
        raise BadInput(str(path), "has no manifest.json: it is no package of ours", _WAY_OUT)
    try:
        listed = {str(n): str(f["sha256"]) for n, f in json.loads(found["manifest.json"])["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{path}: manifest.json", "cannot be read", _WAY_OUT) from None
    if bad := next((n for n in listed if not _is_safe(n)), ""):
        raise BadInput(f"{path}: {bad!r}", "leads outside the package", _WAY_OUT)
    return listed


def question_of(package: Mapping[str, bytes], record: Path) -> Study:
    """The question of a package, asked of the record in a folder.

    Raises
    ------
    BadInput
        If the question cannot be read.

    Examples
    --------
    >>> asked = b'{"group": ["CHN", "RUS"], "as_of": "2025-12-31", "every": "year", "seed": 0, "full": false}'
    >>> question_of({"question.json": asked}, Path("record")).group.key
    'CHN-RUS'
    """
    try:
        asked = json.loads(package["question.json"])
        as_of = date.fromisoformat(asked["as_of"])
        return Study(asked["group"], as_of, asked["every"], asked["seed"], record, full=asked["full"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("question.json", f"cannot be read ({error!r})", _WAY_OUT) from None


def rerun(package: Path | str, folder: Path | str, run: Callable[[Study], Result]) -> tuple[Differs, ...]:
    """Make the tables of a package again from its own record, and compare them.

    Parameters
    ----------
    package : Path
        The zip, or the folder that it was unpacked into.
    folder : Path
        A folder that is empty or not there yet: ``record/`` of the package and the new tables, in ``again/``, go there.
    run : callable
        `minilateral.study.run`, which lies above this room.

    Returns
    -------
    tuple of Differs
        By table: csv compared byte by byte, parquet by content. Empty: everything came out the same.

    Raises
    ------
    BadInput
        If the package is damaged, see `read_package`; or the folder has something in it.
    """
    found, folder = read_package(package), Path(folder)
    try:
        if folder.exists() and any(folder.iterdir()):
            raise BadInput(str(folder), "is not empty", "give an empty folder, or one that is not there yet")
        study = question_of(found, folder / "record")
        for name, data in found.items():
            if name.startswith("record/"):
                write_whole(folder / name, data)
        tables = _tables(run(study))
        made = {name: _csv(table) for name, table in tables.items()}
        for name, data in made.items():
            write_whole(folder / "again" / f"{name}.csv", data)
    except OSError as error:
        raise BadInput(str(folder), f"cannot be written ({error.strerror})", "choose another folder") from None
    held = {PurePosixPath(n).stem for n in found if n.startswith("data/") and n.endswith((".csv", ".parquet"))}
    return tuple(d for name in sorted(held | made.keys()) if (d := _differs(name, found, made, tables)))


def _differs(
    name: str, found: Mapping[str, bytes], made: Mapping[str, bytes], tables: Mapping[str, pa.Table]
) -> Differs | None:
    if name not in made:
        return Differs(name, "not made")
    csv, parquet = (found.get(f"data/{name}.{kind}") for kind in ("csv", "parquet"))
    if csv is None or parquet is None:
        return Differs(name, "missing")
    if csv != made[name]:
        return Differs(name, "csv")
    return None if _same(parquet, tables[name]) else Differs(name, "parquet")


def _same(data: bytes, table: pa.Table) -> bool:
    """Whether a parquet file holds the same columns, types and values; how they are packed does not matter."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # one thread: with several, pyarrow 26 now and then aborts the process at its end, and the exit code with it
        file = parquet.ParquetFile(pa.BufferReader(data), pre_buffer=False)
        return bool(file.read(use_threads=False).equals(table))
    except (pa.ArrowException, OSError):
        return False
