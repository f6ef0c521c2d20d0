"""Timings, beside peers where there are any: outputs are compared before a time is printed.

    make bench            (or: python benchmarks/run.py [--acts 200000] [--repeat 5])

Wall and process CPU seconds, minimum and median of the repetitions; the load average is printed, since a busy machine
shows in every figure. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from minilateral.measure import count_cells, parts
from minilateral.terms import Group, bins, code_table
from minilateral.terms.periods import label

GROUP = Group.parse("USA JPN KOR")
STUDY = 'import minilateral as ml; ml.run(ml.Study("USA JPN KOR", "2025-12-31"{more}))'
START, END = date(1945, 1, 1), date(2026, 1, 1)


def synthetic(n: int) -> list[dict[str, object]]:
    """Make ``n`` acts of the group, its pairs and larger sets, dated to the day."""
    rng = random.Random(7)
    members = ["JPN;KOR;USA", "JPN;KOR", "JPN;USA", "KOR;USA", "CHN;JPN;KOR;USA", "CHN;JPN"]
    domains, levels = code_table().codes("domain"), code_table().codes("level")
    days = (END - START).days
    lines = []
    for number in range(n):
        start = START + timedelta(days=rng.randrange(days))
        who = rng.choice(members)
        lines.append(
            {
                "id": f"a{number}",
                "start": start,
                "end": start + timedelta(days=1),
                "precision": "day",
                "members": who,
                "is_act": True,
                "status": "held" if rng.random() < 0.97 else "announced",
                "domain": rng.choice(domains),
                "level": rng.choice(levels),
                "direction": rng.choice(("cooperative", "conflictual", "neutral")),
                "only_study": rng.random() < 0.1,
                "concerns": "",
            }
        )
    return lines


def ours(lines: list[dict[str, object]]) -> Counter[tuple[str, ...]]:
    """Count with the package."""
    frame = list(bins(START, END, "year"))
    cells = count_cells(lines, parts(GROUP), frame, "year", END)
    return Counter(
        {
            (c["bin"], c["part"], c["members"], c["domain"], c["level"]): c["acts"]
            for c in cells
            if c["state"] == "observed"
        }
    )


def part_of(members: str) -> tuple[str, str] | None:
    """Which part of the group an act belongs to."""
    who = set(members.split(";"))
    if who == set(GROUP.members):
        return "joint", ";".join(GROUP.members)
    if len(who) == 2 and who < set(GROUP.members):
        return "pair", members
    return ("superset", ";".join(GROUP.members)) if who > set(GROUP.members) else None


def plain_python(lines: list[dict[str, object]]) -> Counter[tuple[str, ...]]:
    """Count with a loop over dicts."""
    names = {b.start.year: label(b, "year") for b in bins(START, END, "year")}
    counts: Counter[tuple[str, ...]] = Counter()
    known: dict[str, tuple[str, str] | None] = {}
    for line in lines:
        who = str(line["members"])
        if who not in known:
            known[who] = part_of(who)
        part = known[who]
        if part is None or line["status"] != "held":
            continue
        key = (names[line["start"].year], *part)  # type: ignore[attr-defined]
        for domain in (line["domain"], "all"):
            for level in (line["level"], "all"):
                counts[(*key, domain, level)] += 1  # type: ignore[index]
    return counts


def with_pandas(lines: list[dict[str, object]]) -> Counter[tuple[str, ...]]:
    """Count with pandas: four group-bys."""
    import pandas as pd

    frame = pd.DataFrame(lines)
    frame = frame[frame.status == "held"]
    frame["part"] = frame.members.map({m: part_of(m) for m in frame.members.unique()})
    frame = frame[frame.part.notna()]
    frame["bin"] = pd.to_datetime(frame.start).dt.year.astype(str)
    counts: Counter[tuple[str, ...]] = Counter()
    for by in (["domain", "level"], ["domain"], ["level"], []):
        for key, n in frame.groupby(["bin", "part", *by], observed=True).size().items():
            rest = dict(zip(by, key[2:], strict=True))
            counts[(key[0], *key[1], rest.get("domain", "all"), rest.get("level", "all"))] = int(n)
    return counts


def clock(work: Callable[[], object], repeat: int) -> str:
    """Time a call: wall and CPU, minimum and median."""
    wall, cpu = [], []
    for _ in range(repeat):
        a, b = time.perf_counter(), sum(os.times()[:4])
        work()
        wall.append(time.perf_counter() - a)
        cpu.append(sum(os.times()[:4]) - b)  # children included
    return f"wall {min(wall):8.3f} / {statistics.median(wall):8.3f} s   cpu {min(cpu):8.3f} s"


def command(*words: str) -> Callable[[], object]:
    """A run of the command line as a whole process."""
    environment = {**os.environ, "MINILATERAL_STORE": os.devnull + "-none"}
    line = [str(Path(sys.executable).parent / "minilateral"), *words]
    return lambda: subprocess.run(line, check=True, capture_output=True, env=environment)


def python(code: str) -> Callable[[], object]:
    """A program in a process of its own."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acts", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    machine = f"python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}"
    print(f"{machine}; minimum / median of {args.repeat}")

    lines = synthetic(args.acts)
    peers = {"minilateral (DuckDB)": ours, "pandas": with_pandas, "plain Python": plain_python}
    truth = plain_python(lines)
    for name, count in peers.items():
        if count(lines) != truth:
            sys.exit(f"{name}: another result; no time is printed")
    print(f"\ncells of {args.acts:,} acts (dicts in, counts out), equal results checked: {len(truth):,} cells")
    for name, count in peers.items():
        print(f"  {name:24} {clock(lambda count=count: count(lines), args.repeat)}")  # type: ignore[misc]

    folder = Path(tempfile.mkdtemp())
    try:
        print("\na study of USA JPN KOR, whole processes")
        for name, more in (("quick", ""), ("full", ", full=True")):
            print(f"  {name:24} {clock(python(STUDY.format(more=more)), max(2, args.repeat - 3))}")
        print("\nthe command line, whole processes")
        once = max(2, args.repeat - 2)
        print(f"  {'--help':24} {clock(command('--help'), args.repeat)}")
        print(f"  {'brief USA JPN KOR':24} {clock(command('brief', 'USA', 'JPN', 'KOR', '--out', str(folder)), once)}")
        rows = ["id,date,participants,kind,level,domain,direction,summary_en,source_title,source_publisher"]
        rows += [
            f"act-{n:06d},2020-01-{n % 28 + 1:02d},USA;JPN,meeting,working,security,cooperative,Met.,T{n},P"
            for n in range(10_000)
        ]
        (folder / "acts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        add = command("acts", "add", str(folder / "acts.csv"), "--store", str(folder / "store.sqlite"))
        print(f"  {'acts add, 10,000 rows':24} {clock(add, 1)}")
        print(f"  {'the same file again':24} {clock(add, once)}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
