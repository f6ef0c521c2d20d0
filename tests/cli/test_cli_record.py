"""`record`, `statements` and `acts review` from the command line, on what ships."""

import csv
import re

import pytest


def test_status_prints_recall_sources_and_agreement(cli):
    ran = cli("record", "status", "USA", "JPN", "KOR", "--as-of", "2026-11-24")
    assert ran.code == 0
    assert re.search(r"with a government or agency source +\d+ of \d+ \(\d+%\)", ran.out)
    assert re.search(r"ujk-tri-chod +\d+ of 22 ", ran.out)
    assert re.search(r"ujk-foreign-ministers +\d+ of \d+ .*2000-10-25/2006-10-19", ran.out)
    assert re.search(r"checked against their sources by a second coder: \d+, readable \d+", ran.out)
    assert re.search(r"all +\d+ of \d+ agree; alpha 0\.\d\d \(ordinal\)", ran.out)
    assert "searches on register" in ran.out


def test_status_of_everything_and_of_an_early_day(cli):
    assert "all groups, as known on 2026-11-24" in cli("record", "status", "--as-of", "2026-11-24").out
    early = cli("record", "status", "USA", "JPN", "KOR", "--as-of", "1996-01-01")
    assert early.code == 0
    assert "as known on 1996-01-01" in early.out


def test_due_and_its_languages(cli):
    en = cli("record", "due", "USA", "JPN", "KOR", "--as-of", "2026-11-24")
    zh = cli("record", "due", "USA", "JPN", "KOR", "--as-of", "2026-11-24", "--lang", "zh")
    assert en.code == zh.code == 0
    assert "overdue since" in en.out
    assert "concrete commitments:" in en.out
    assert any(ord(c) > 0x2E7F for c in zh.out)
    more = cli("record", "due", "USA", "JPN", "KOR", "--as-of", "2026-11-24", "--within", "3000")
    assert len(more.out.splitlines()) >= len(en.out.splitlines())


def test_diff_says_what_is_new(cli):
    ran = cli("record", "diff", "USA", "JPN", "KOR", "--since", "2025-09-30", "--as-of", "2026-03-01")
    assert ran.code == 0
    assert "new act        2025-10-29" in ran.out
    assert "2025-09-22" not in ran.out
    assert "known on 2026-03-01 and not on 2025-09-30" in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("record", "diff", "--since", "2026-03-01", "--as-of", "2026-01-01"), "give an earlier day"),
        (("record", "diff", "--since", "2999-01-01"), "today or an earlier day"),
        (("record", "status", "Korea", "Japan"), "may mean KOR"),
        (("record", "due", "--as-of", "2025-13-45"), "YYYY-MM-DD"),
        (("record", "status", "--store", "nowhere.sqlite"), "is not there"),
        (("statements", "diff", "2022-11-13", "nonsense"), "statements list"),
        (("statements", "diff", "2025-09-22"), "is the latest statement of its group"),
        (("statements", "diff", "2023-08-18", "2022-11-13"), "may be more than one statement; say which"),
    ],
)
def test_errors_are_a_line(cli, arguments, says):
    ran = cli(*arguments)
    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_tables_are_printed_and_exported(cli, tmp_path):
    names = cli("record", "table", "--as-of", "2026-11-24")
    assert re.search(r"^council +\d+ rows", names.out, re.M)
    shown = cli("record", "table", "council", "--as-of", "2022-12-31")
    assert shown.out.startswith("id\tdate\tdocument")
    assert "2022-05-26" in shown.out
    assert "2024-03-28" not in shown.out
    out = tmp_path / "moves.xlsx"
    assert cli("record", "table", "moves", "--out", out).code == 0
    assert out.stat().st_size > 5000
    assert "tables: occurrences" in cli("record", "table", "votes").err


def test_statements_by_date_in_both_languages(cli):
    listed = cli("statements", "list", "--as-of", "2026-11-24")
    assert "statement-2023-08-18-leader-spirit" in listed.out
    assert "dprk: condemn" in listed.out
    assert listed.out.count("[first]") >= 6
    after = cli("statements", "diff", "2022-11-13").out.splitlines()
    assert after[0].startswith("statement-2022-11-13-leader")
    assert after[1].startswith("statement-2023-02-13")
    en = cli("statements", "diff", "2022-11-13", "statement-2023-08-18-leader-spirit")
    assert re.search(r"South China Sea +absent +-> oppose \(named\) +new", en.out)
    zh = cli("statements", "diff", "2022-11-13", "statement-2023-08-18-leader-spirit", "--lang", "zh")
    assert re.search(r"南海 +未提及 +-> 反对 \(点名\) +新增", zh.out)


def test_coding_again_from_draw_to_agreement(cli, tmp_path):
    queue, store = tmp_path / "b.csv", tmp_path / "mine.sqlite"
    drawn = cli(
        "acts", "review", "--coder", "C", "--next", "3", "--out", queue, "--group", "USA JPN KOR", "--store", store
    )
    assert drawn.code == 0, drawn.err
    assert "3 acts to code" in drawn.out
    again = cli("acts", "review", "--out", queue, "--store", store)
    assert again.code == 2
    assert "is there already" in again.err
    with queue.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    codes = {"status": "held", "kind": "meeting", "level": "working", "domain": "security", "direction": "cooperative"}
    rows = [{**row, **codes} for row in rows]
    rows[2]["level"] = "king"
    with queue.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    taken = cli("acts", "review", "--take", queue, "--store", store)
    assert taken.code == 1
    assert "3 rows: 2 new, 0 there already, 1 quarantined" in taken.out
    assert "level 'king' is not a code of 'level'" in taken.err
    assert re.search(r"status +\d+ of \d+ agree", taken.out)
    same = cli("acts", "review", "--take", queue, "--store", store)
    assert "0 new, 2 there already" in same.out
    shown = cli("acts", "review", "--store", store)
    assert shown.code == 0
    assert "coded again" in shown.out
