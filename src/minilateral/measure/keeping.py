"""Keeping results of models between runs, by a hash of all that went into them."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from minilateral.evidence import Record, content_hash

T = TypeVar("T")


def kept(folder: Path | None, name: str, record: Record, question: dict[str, object], make: Callable[[], T]) -> T:
    """Give what was kept for the same input, or make it and keep it.

    The key is a hash of the visible record, the question, and the code and versions of what works it out. A file
    that cannot be read is made anew; one that cannot be written is left out. Nothing depends on the cache being there.

    Parameters
    ----------
    folder : Path or None
        None: nothing is kept.
    name : str
        Of what is made.
    record : Record
    question : dict
        Everything else that it depends on, as JSON.
    make : callable
    """
    if folder is None:
        return make()
    key = content_hash({"record": record.hashes(), "question": question, "code": _code()})
    path = folder / f"{name}-{key[:32]}.pickle"
    try:
        with path.open("rb") as stream:
            found: T = pickle.load(stream)
        return found
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, TypeError, ValueError):
        pass
    made = make()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
        with os.fdopen(handle, "wb") as stream:
            pickle.dump(made, stream, protocol=pickle.HIGHEST_PROTOCOL)
        Path(draft).replace(path)
    except OSError:
        pass
    return made


def _code() -> str:
    """A hash of the code of this package and the versions of what it computes with."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted(
        [
            *root.glob("measure/*.py"),
            *root.glob("phases/*.py"),
            *root.glob("evidence/*.py"),
            *root.glob("data/*.tsv"),
            *root.glob("data/quasi_alliance/*.tsv"),
            *root.glob("data/claims/*.tsv"),
        ]
    ):
        digest.update(file.name.encode() + file.read_bytes())
    for package in ("numpy", "scipy"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()
