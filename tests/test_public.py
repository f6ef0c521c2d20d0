"""What is public is documented; constants have their card; the version is one."""

import importlib
import inspect
import pkgutil
import re
from importlib.metadata import version
from pathlib import Path

import pytest

import minilateral as ml
from minilateral.evidence import DECLARED

ROOT = Path(__file__).parents[1]
MODULES = [m.name for m in pkgutil.walk_packages(ml.__path__, "minilateral.")]


def test_one_version():
    assert ml.__version__ == version("minilateral")
    assert f"version: {ml.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ml.__all__)
def test_public_names_load_and_explain_themselves(name):
    value = getattr(ml, name)
    if not name.startswith("__"):
        assert inspect.getdoc(value)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ml.nothing


@pytest.mark.parametrize("name", MODULES)
def test_every_public_thing_has_a_docstring(name):
    module = importlib.import_module(name)
    assert inspect.getdoc(module), name
    for key, value in vars(module).items():
        if key.startswith("_") or getattr(value, "__module__", None) != name:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), f"{name}.{key}"


def test_every_constant_of_a_method_has_its_card():
    source = (ROOT / "src/minilateral/evidence/known.py").read_text(encoding="utf-8")
    for constant, value in DECLARED.items():
        card = re.search(rf'"{constant}": [\d.]+,  # (docs/methods/[\w-]+\.md)', source)[1]
        text = (ROOT / card).read_text(encoding="utf-8")
        assert f"{value:g}" in text or f"{value * 100:g}" in text, (constant, card)


def test_importing_the_package_loads_nothing_heavy():
    import subprocess
    import sys

    heavy = ("pandas", "duckdb", "matplotlib", "pyarrow", "scipy")
    code = f"import sys, minilateral; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
