"""Keeping results of models between runs, by a hash of all that went into them."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from minilateral.evidence import Record, content_hash

T = TypeVar("T")

#: Results kept in memory.
KEPT = 48

_MEMORY: dict[str, Any] = {}
_HASHES: WeakKeyDictionary[Record, dict[str, str]] = WeakKeyDictionary()


def kept(folder: Path | None, name: str, record: Record, question: dict[str, object], make: Callable[[], T]) -> T:
    """Give what was kept for the same input, or make it and keep it: in memory, and in a folder if there is one.

    The key is a hash of the visible record, the question, the code and tables of this package, and the versions of what
    it computes with. A file that cannot be read is made anew; one that cannot be written is left out. Nothing
    depends on the cache being there.

    Parameters
    ----------
    folder : Path or None
        A folder of the user's own: what lies there is trusted. None: memory only.
    name : str
        Of what is made.
    record : Record
    question : dict
        Everything else that it depends on, as JSON.
    make : callable
    """
    if record not in _HASHES:
        _HASHES[record] = record.hashes()
    key = content_hash({"name": name, "record": _HASHES[record], "question": question, "code": _code()})
    if key in _MEMORY:
        found: T = _MEMORY[key]
        return found
    path = folder / f"{name}-{key[:32]}.pickle" if folder else None
    made = _read(path) if path else None
    if made is None:
        made = make()
        if path:
            _write(path, made)
    while len(_MEMORY) >= KEPT:
        _MEMORY.pop(next(iter(_MEMORY)))
    _MEMORY[key] = made
    return made


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            return pickle.load(stream)
    except Exception:  # a broken pickle can raise anything; it is made anew
        return None


def _write(path: Path, made: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                pickle.dump(made, stream, protocol=pickle.HIGHEST_PROTOCOL)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except (OSError, pickle.PicklingError):
        return


@cache
def _code() -> str:
    """A hash of the code and tables of this package and the versions of what it computes with."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    files = [f for f in (*root.rglob("*.py"), *root.rglob("*.tsv"), *root.rglob("*.toml")) if "record" not in f.parts]
    for file in sorted(files):
        digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    for package in ("numpy", "scipy", "matplotlib"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()
