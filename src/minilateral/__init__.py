"""minilateral: how closely does a small group of states act together?

The public names are loaded when they are first used, so that importing the package costs nothing.

Examples
--------
>>> import minilateral as ml
>>> study = ml.Study(group=("USA", "JPN", "KOR"), as_of="2025-12-31")
>>> result = ml.run(study)
>>> result.group.key
'JPN-KOR-USA'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minilateral.brief import write_brief
    from minilateral.errors import MinilateralError
    from minilateral.evidence import Record, load
    from minilateral.study import StudyResult, run
    from minilateral.terms import Actor, Group, Period, Study, actor_register

__version__ = "0.1.0"

_WHERE = {
    "Actor": "minilateral.terms",
    "Group": "minilateral.terms",
    "MinilateralError": "minilateral.errors",
    "Period": "minilateral.terms",
    "Record": "minilateral.evidence",
    "Study": "minilateral.terms",
    "StudyResult": "minilateral.study",
    "actor_register": "minilateral.terms",
    "load": "minilateral.evidence",
    "run": "minilateral.study",
    "write_brief": "minilateral.brief",
}

__all__ = [
    "Actor",
    "Group",
    "MinilateralError",
    "Period",
    "Record",
    "Study",
    "StudyResult",
    "__version__",
    "actor_register",
    "load",
    "run",
    "write_brief",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'minilateral' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return __all__
