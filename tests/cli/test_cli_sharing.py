"""`minilateral watch|package`: what they print, write and refuse."""

import json
import zipfile


def test_watch_says_what_became_known_and_writes_the_page(cli, tmp_path):
    asked = ("watch", "USA", "JPN", "KOR", "--since", "2023-08-01", "--as-of", "2023-09-01")
    ran = cli(*asked)
    assert ran.code == 0, ran.err
    assert "Camp David" in ran.out
    page = tmp_path / "page.html"
    ran = cli(*asked, "--lang", "zh", "--out", page)
    assert (ran.code, ran.out) == (0, "")
    assert f"page in {page}" in ran.err
    text = page.read_text(encoding="utf-8")
    assert "Camp David" in text
    assert "戴维营" in text


def test_package_is_a_zip_that_names_its_tables(cli, tmp_path):
    file = tmp_path / "p.zip"
    ran = cli("package", "AUS", "GBR", "USA", "--as-of", "2024-12-31", "--quick", "--out", file)
    assert ran.code == 0, ran.err
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read(next(n for n in names if n.endswith("manifest.json"))))
    assert any(n.endswith("rerun.py") for n in names)
    assert any(n.endswith("datapackage.json") for n in names)
    assert manifest["study"]["group"] == ["AUS", "GBR", "USA"]
    assert str(tmp_path) not in json.dumps(manifest)


def test_what_cannot_be_watched_or_packed_is_one_line(cli, tmp_path):
    for arguments in (
        ("watch", "USA", "JPN", "KOR", "--since", "2025-12-31", "--as-of", "2025-06-30"),
        ("watch", "USA", "JPN", "KOR", "--since", "yesterday"),
        ("watch", "USA", "JPN", "KOR", "--since", "2025-06-30", "--as-of", "2025-12-31", "--out", tmp_path / "a.pdf"),
        ("package", "USA", "JPN", "KOR", "--out", tmp_path / "a.tar"),
        ("package", "USA", "JPN", "KOR", "--store", tmp_path / "none.sqlite", "--out", tmp_path / "a.zip"),
    ):
        ran = cli(*arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert ran.err.startswith("minilateral: ")
        assert len(ran.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
