"""The command line: every error is one line with the value and the way out, nothing half-done is left behind."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from minilateral.cli import app

CAMP_DAVID = "2023-08-18-camp-david-summit"
MAIN = "import sys; from minilateral.cli import main; sys.argv[0] = 'minilateral'; main()"


def run(*arguments, cwd):
    """The command line as a user runs it: a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=240,
        env={"MINILATERAL_STORE": str(cwd / "mine.sqlite"), "PYTHONUTF8": "1", "HOME": str(cwd)},
    )  # fmt: skip


def hashes(folder):
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


# ------------------------------------------------------------------------------------------------ errors of `brief`

ERRORS = {
    "no evidence": (("FRA", "BRA", "KEN"), "BRA-FRA-KEN", "acts template"),
    "ambiguous": (("Korea", "Japan"), "'Korea' may mean KOR (South Korea) or PRK (North Korea)", "say which: KOR, PRK"),
    "unknown": (("Japn", "USA"), "'Japn'", "did you mean Japan"),
    "one actor": (("USA",), "'USA'", "name the others too"),
    "one actor twice": (("USA", "US"), "", ""),
    "nothing known yet": (("USA", "JPN", "KOR", "--as-of", "1900-01-01"), "1900-01-01", "choose a later --as-of"),
    "no date": (("USA", "JPN", "KOR", "--as-of", "2025-13-45"), "'2025-13-45'", "YYYY-MM-DD"),
    "30 February": (("USA", "JPN", "KOR", "--as-of", "2023-02-30"), "'2023-02-30'", "YYYY-MM-DD"),
    "the future": (("USA", "JPN", "KOR", "--as-of", "2999-01-01"), "'2999-01-01'", "today or an earlier day"),
}


def is_one_clear_line(err, value, way_out):
    assert "Traceback" not in err
    said = [line for line in err.splitlines() if not re.match(r"\[\d/\d\] ", line)]
    assert len(said) == 1, err
    assert said[0].startswith("minilateral: ")
    assert value in said[0]
    assert "; " in said[0]
    assert way_out in said[0]


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_of_brief_is_a_line_and_leaves_nothing(tmp_path, case):
    arguments, value, way_out = ERRORS[case]
    ran = run("brief", *arguments, "--out", tmp_path / "out", cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stdout == ""
    is_one_clear_line(ran.stderr, value, way_out)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_named_but_not_there(tmp_path):
    store = tmp_path / "missing.sqlite"
    ran = run("brief", "USA", "JPN", "KOR", "--store", store, "--out", tmp_path / "out", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    is_one_clear_line(ran.stderr, str(store), "check --store")
    assert list(tmp_path.iterdir()) == []


def test_a_binary_file_of_acts(tmp_path):
    path, store = tmp_path / "acts.csv", tmp_path / "s.sqlite"
    path.write_bytes(bytes(range(256)) * 50)
    ran = run("acts", "add", path, "--store", store, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    is_one_clear_line(ran.stderr, str(path), "save it as UTF-8")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "arguments",
    [
        ("brief", "USA", "JPN", "KOR", "--record", "nowhere"),
        ("acts", "list", "--record", "nowhere"),
        ("acts", "list", "--since", "soon"),
        ("acts", "list", "--group", "Korea,Japan"),
        ("acts", "codes", "colour"),
        ("acts", "export", "acts.pdf"),
        ("acts", "validate", "missing.csv"),
        ("acts", "add", "missing.csv"),
        ("actors", "find", "Atlantis"),
        ("actors", "find", "USA", "--on", "2023-02-30"),
        ("actors", "list", "--on", "yesterday"),
    ],
    ids=" ".join,
)
def test_other_errors_are_a_line_too(cli, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    is_one_clear_line(ran.err, "", "")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(cli, files):
    blocked = files.folder / "file"
    blocked.write_text("in the way")
    for command in (("acts", "export", blocked / "a.csv"), ("acts", "add", files.csv("a.csv", [files.row()]))):
        ran = cli(*command, "--store", blocked / "s.sqlite" if command[1] == "add" else files.store)
        assert ran.code == 2, command
        is_one_clear_line(ran.err, str(blocked), "")
    assert blocked.read_text() == "in the way"


# ------------------------------------------------------------------------------------------------ brief


@pytest.fixture(scope="module")
def a_brief(tmp_path_factory):
    """A brief that a process of its own wrote, and what it said."""
    folder = tmp_path_factory.mktemp("brief")
    ran = run("brief", "USA", "JPN", "KOR", "--quick", "--as-of", "2025-12-31", "--out", folder / "out", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return folder / "out" / "JPN-KOR-USA", ran


def test_brief_writes_and_says_what_it_found(a_brief):
    folder, ran = a_brief
    assert sorted(p.name for p in folder.iterdir()) == ["brief.html", "data", "manifest.json"]
    assert sorted(p.name for p in folder.parent.iterdir()) == ["JPN-KOR-USA"]
    findings = re.findall(r"^(\d)\. (.+)\n   (.+)$", ran.stdout, re.MULTILINE)
    assert [n for n, _, _ in findings] == ["1", "2", "3"]
    assert all(re.search("[一-鿿]", zh) and not re.search("[一-鿿]", en) for _, zh, en in findings)
    for name in ("brief.html", "manifest.json", "data"):
        assert str(folder / name) in ran.stdout
    assert [line[:5] for line in ran.stderr.splitlines()] == [f"[{n}/9]" for n in range(1, 10)]
    assert not (folder.parent.parent / "mine.sqlite").exists()


@pytest.mark.parametrize(
    "group", [("USA,JPN,KOR",), ("美国", "日本", "韩国"), ("South Korea", "Japan", "US")], ids=["codes", "zh", "en"]
)
def test_every_spelling_gives_the_same_bytes(cli, tmp_path, a_brief, group):
    ran = cli("brief", *group, "--quick", "--as-of", "2025-12-31", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert hashes(tmp_path / "out" / "JPN-KOR-USA") == hashes(a_brief[0])
    assert ran.out.replace(str(tmp_path), "") == a_brief[1].stdout.replace(str(a_brief[0].parents[1]), "")


# ------------------------------------------------------------------------------------------------ actors


def test_actors_find(cli):
    ran = cli("actors", "find", "北韩")
    assert ran.code == 0
    assert ran.out.startswith("PRK  North Korea  朝鲜")
    assert "COW       731" in ran.out
    assert cli("actors", "find", "South", "Korea").out.startswith("KOR")


def test_an_ambiguous_name_is_refused(cli):
    ran = cli("actors", "find", "Korea")
    assert (ran.code, ran.out) == (2, "")
    is_one_clear_line(ran.err, "'Korea'", "say which: KOR, PRK")


def test_actors_list_on_a_day(cli):
    ids = [line.split()[0] for line in cli("actors", "list", "--on", "1985-01-01").out.splitlines()]
    assert "SUN" in ids
    assert "RUS" not in ids
    now = [line.split()[0] for line in cli("actors", "list", "--on", "2020-01-01").out.splitlines()]
    assert "RUS" in now
    assert "SUN" not in now
    everyone = cli("actors", "list").out.splitlines()
    assert {*ids, *now} <= {line.split()[0] for line in everyone}


# ------------------------------------------------------------------------------------------------ acts


@pytest.mark.parametrize("options", [(), ("--corrections",)])
def test_the_template_is_accepted(cli, files, options):
    path = files.folder / "t.csv"
    path.write_text(cli("acts", "template", *options).out, encoding="utf-8")
    ran = cli("acts", "validate", path, "--store", files.store)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "1 of 1 rows can go in, 0 cannot\n"


@pytest.mark.parametrize("ending", ["csv", "xlsx", "yaml", "json"])
def test_the_template_as_a_file_is_accepted_and_overwrites_nothing(cli, files, ending):
    path = files.folder / f"t.{ending}"
    assert cli("acts", "template", path).out == f"template in {path}\n"
    assert cli("acts", "validate", path, "--store", files.store).code == 0
    before = path.read_bytes()
    again = cli("acts", "template", path)
    assert (again.code, again.out) == (2, "")
    is_one_clear_line(again.err, str(path), "choose another name")
    assert path.read_bytes() == before


def test_validate_writes_nothing(cli, files):
    good, bad = files.row(), files.row("2024-02-30-never", date="2024-02-30")
    for rows, code in (([good], 0), ([good, bad], 1), ([bad], 2)):
        path = files.csv("a.csv", rows)
        ran = cli("acts", "validate", path, "--store", files.store)
        assert ran.code == code
        assert ("line" in ran.err) == bool(code)
        assert list(files.folder.iterdir()) == [path]


def test_validate_and_add_say_the_same(cli, files):
    path = files.csv("a.csv", [files.row(), files.row("2024-02-30-never", date="2024-02-30")])
    said = cli("acts", "validate", path, "--store", files.store).err
    assert said == "line 3: date '2024-02-30' " + said.split("'2024-02-30' ", 1)[1]
    assert said in cli("acts", "add", path, "--store", files.store).err


def test_add_says_how_it_went_in_its_exit_code(cli, files):
    good, bad = files.row(), files.row("2024-02-30-never", participants="JPN;Korea")
    ran = cli("acts", "add", files.csv("a.csv", [bad]), "--store", files.store)
    assert ran.code == 2
    assert ran.out == f"0 new, 0 there already, 1 quarantined; store: {files.store}\n"
    ran = cli("acts", "add", files.csv("b.csv", [bad, good]), "--store", files.store)
    assert ran.code == 1
    assert ran.out.startswith("1 new, 0 there already, 1 quarantined")
    assert ran.err.startswith("line 2: participants 'Korea' may mean KOR")
    assert "acts list --quarantined" in ran.err
    ran = cli("acts", "add", files.csv("c.csv", [good]), "--store", files.store)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("0 new, 1 there already, 0 quarantined")


def test_list_mine_and_quarantined(cli, files):
    rows = [files.row(), files.row("2024-05-06-never", kind="nonsense")]
    cli("acts", "add", files.csv("a.csv", rows), "--store", files.store)
    mine = cli("acts", "list", "--mine", "--store", files.store)
    assert mine.code == 0
    assert mine.out.splitlines() == [
        f"{'2024-05-05':24} {'JPN-KOR':16} 2024-05-05-meeting",
        "    They met in Seoul.",
        "1 occurrences",
    ]
    bad = cli("acts", "list", "--quarantined", "--store", files.store)
    assert bad.code == 0
    assert bad.out.startswith("line 3  2024-05-06-never: kind 'nonsense' ")
    assert bad.out.endswith("1 in quarantine\n")
    everything = cli("acts", "list", "--store", files.store).out
    assert "2024-05-05-meeting" in everything
    assert CAMP_DAVID in everything


def test_list_without_a_store(cli, files):
    assert cli("acts", "list", "--mine", "--store", files.store).out == "0 occurrences\n"
    assert cli("acts", "list", "--quarantined", "--store", files.store).out == "0 in quarantine\n"
    assert not files.store.exists()


def test_list_by_group_and_day(cli, files):
    ran = cli(
        "acts", "list", "--group", "USA,JPN,KOR", "--since", "2023-08-01", "--until", "2023-09-01", "--lang", "zh",
        "--store", files.store,
    )  # fmt: skip
    assert ran.code == 0
    heads = [line for line in ran.out.splitlines()[:-1] if not line.startswith("    ")]
    assert any(CAMP_DAVID in line for line in heads)
    assert all(line.startswith("2023-08") and "JPN-KOR-USA" in line for line in heads)
    assert ran.out.endswith(f"{len(heads)} occurrences\n")


def test_show(cli, files):
    cli("acts", "add", files.csv("a.csv", [files.row(outputs="plan: A plan")]), "--store", files.store)
    ran = cli("acts", "show", "2024-05-05-meeting", "--store", files.store)
    assert ran.code == 0
    assert "JPN, KOR" in ran.out
    assert "plan: A plan" in ran.out
    assert "A page. A paper, 2024-05-06 (agency) https://example.org/a" in ran.out
    assert cli("acts", "show", CAMP_DAVID, "--lang", "zh", "--store", files.store).code == 0


def test_show_of_an_unknown_id_suggests_near_ones(cli, files):
    ran = cli("acts", "show", "2023-08-18-camp-david", "--store", files.store)
    assert (ran.code, ran.out) == (2, "")
    is_one_clear_line(ran.err, "'2023-08-18-camp-david'", f"did you mean {CAMP_DAVID}")
    far = cli("acts", "show", "§§§", "--store", files.store)
    is_one_clear_line(far.err, "'§§§'", "see `minilateral acts list`")


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.csv", ()), ("a.xlsx", ()), ("a.yml", ()), ("a.json", ()), ("acts", ("--format", "csv"))],
)
def test_export_comes_back(cli, files, name, options):
    path = files.folder / "deep" / name
    ran = cli(
        "acts", "export", path, "--group", "USA,JPN,KOR", "--since", "2023-01-01", *options, "--store", files.store
    )
    assert ran.code == 0
    assert re.fullmatch(r"\d\d+ rows in .*\n", ran.out)
    if options:
        path = path.rename(path.with_suffix(".csv"))
    back = cli("acts", "add", path, "--store", files.store)
    assert back.code == 0
    assert back.out.startswith("0 new, ")
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]


def test_export_of_a_kind_that_we_do_not_write(cli, files):
    ran = cli("acts", "export", files.folder / "a.pdf", "--store", files.store)
    assert (ran.code, ran.out) == (2, "")
    is_one_clear_line(ran.err, "a.pdf", "--format")
    assert list(files.folder.iterdir()) == []


def test_codes(cli):
    ran = cli("acts", "codes", "level")
    assert ran.code == 0
    assert {line.split()[0] for line in ran.out.splitlines()} == {"level"}
    assert re.search(r"^level +leader +.+ / .+", ran.out, re.MULTILINE)
    assert len(cli("acts", "codes").out.splitlines()) > len(ran.out.splitlines())


# ------------------------------------------------------------------------------------------------ the tree of commands


def commands(command=None, path=("minilateral",)):
    command = command or typer.main.get_command(app)
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


TREE = {" ".join(path): command for path, command in commands()}


@pytest.mark.parametrize("path", TREE)
def test_everything_has_help(cli, path):
    command = TREE[path]
    assert command.help
    assert command.get_short_help_str()
    without = [p.name for p in command.params if p.name != "help" and not getattr(p, "help", None)]
    assert without == []
    ran = cli(*path.split()[1:], "--help")
    assert ran.code == 0
    assert f"{path} [OPTIONS]" in ran.out.splitlines()[0]


def test_the_tree_is_what_the_handbook_says():
    assert set(TREE) == {
        "minilateral", "minilateral brief", "minilateral acts", "minilateral actors", "minilateral actors find",
        "minilateral actors list", "minilateral record", "minilateral statements",
        *(f"minilateral record {c}" for c in ("status", "due", "diff", "table")),
        *(f"minilateral statements {c}" for c in ("list", "diff")),
        *(f"minilateral acts {c}" for c in ("template", "codes", "validate", "add", "list", "show", "export")),
        "minilateral acts review",
        *(f"minilateral {c}" for c in ("dashboard", "mechanisms", "dimensions", "quasi-alliance", "phases", "compare")),
        *(f"minilateral {c}" for c in ("cite", "watch", "package")),
    }  # fmt: skip


def test_version(cli):
    from minilateral import __version__

    ran = cli("--version")
    assert (ran.code, ran.out) == (0, f"minilateral {__version__}\n")


@pytest.mark.parametrize("arguments", [("nonsense",), ("brief",), ("brief", "USA", "JPN", "--nope"), ("acts", "add")])
def test_wrong_usage_is_refused(cli, arguments):
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ")
    assert "--help" in ran.err
    assert "Traceback" not in ran.err


# -------------------------------------------------------------------------------------------- what should not happen


def explode(*_, **__):
    raise RuntimeError("boom")


def test_an_unexpected_exception_is_a_line_and_code_3(cli, files, monkeypatch):
    monkeypatch.delenv("MINILATERAL_DEBUG", raising=False)
    monkeypatch.setattr("minilateral.evidence.load", explode)
    ran = cli("acts", "list", "--store", files.store)
    assert (ran.code, ran.out) == (3, "")
    is_one_clear_line(ran.err, "RuntimeError: boom", "MINILATERAL_DEBUG=1")


def test_an_unexpected_exception_within_brief_leaves_nothing(cli, tmp_path, monkeypatch):
    monkeypatch.delenv("MINILATERAL_DEBUG", raising=False)
    monkeypatch.setattr("minilateral.study.run", explode)
    ran = cli("brief", "USA", "JPN", "KOR", "--as-of", "2025-12-31", "--out", tmp_path / "out")
    assert ran.code == 3
    is_one_clear_line(ran.err, "RuntimeError: boom", "report them")
    assert list(tmp_path.iterdir()) == []


def test_the_details_are_shown_on_request(cli, files, monkeypatch):
    monkeypatch.setenv("MINILATERAL_DEBUG", "1")
    monkeypatch.setattr("minilateral.evidence.load", explode)
    with pytest.raises(RuntimeError, match="boom"):
        cli("acts", "list", "--store", files.store)


def test_a_reader_that_went_away_is_no_error(tmp_path):
    """`minilateral acts list | head -1` ends quietly."""
    writer = subprocess.Popen(
        [sys.executable, "-c", MAIN, "acts", "list", "--store", str(tmp_path / "s.sqlite")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(tmp_path),
    )  # fmt: skip
    writer.stdout.readline()
    writer.stdout.close()
    err = writer.stderr.read().decode()
    writer.stderr.close()
    assert "Traceback" not in err
    assert writer.wait(30) in (0, 1)  # 1 is how click itself leaves a closed pipe
