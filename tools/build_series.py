"""Derive the series that ship (src/minilateral/data/series) from the data sets of others.

The raw files lie in a folder beside the checkout and stay there. What may ship is derived by the modules of
`minilateral.origins`; kept by hand are the definitions (indicators.tsv) and the table of origins (origins.tsv) but for
its sha256. The same input gives the same bytes.

    python tools/build_series.py [RAW] [--out FOLDER]

RAW is another folder with the data sets. Reading .xls and .rda needs the extra ``starter`` (xlrd, rdata).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

from minilateral.errors import MinilateralError
from minilateral.origins import (
    atop,
    csis,
    dcad,
    democracy,
    dmdc,
    epu,
    fbic,
    gdelt,
    gpr,
    mme,
    pew,
    senkaku,
    taiwan_mnd,
    unga,
    us_travels,
    us_visits,
)
from minilateral.origins.tidy import COLUMNS, STATES, Row, alive, joined, number
from minilateral.terms import actor_register
from minilateral.terms.tables import read_tsv

HERE = Path(__file__).resolve().parent
SERIES = HERE.parent / "src" / "minilateral" / "data" / "series"
RAW = HERE.parent.parent / "shared" / "data"
GROUPS = [
    tuple(sorted(words.split()))
    for words in (
        "USA JPN KOR", "CHN JPN KOR", "AUS GBR USA", "AUS IND JPN USA", "PRK RUS", "CHN RUS", "CHN MNG RUS",
        "CHN PRK RUS", "AUS JPN USA", "JPN PHL USA", "AUS NZL USA", "CAN MEX USA", "GBR FRA DEU", "EGY ISR USA",
        "GRC TUR USA", "IND JPN USA", "AUS KOR", "AUS USA", "KOR USA",
    )
]  # fmt: skip
TAIWAN_PAIRS = [("CHN", "TWN"), ("JPN", "TWN"), ("TWN", "USA")]
ACTORS = sorted({a for g in GROUPS for a in g} | {"TWN"})
PAIRS = sorted({p for g in GROUPS for p in combinations(g, 2)} | set(TAIWAN_PAIRS))
ALL_PAIRS = list(combinations(ACTORS, 2))
ANY_PAIR = "|".join(ACTORS)  # in the coverage: any two of these
LARGER = sorted({g for g in GROUPS if len(g) > 2})
NORTHEAST = list(combinations(["CHN", "JPN", "KOR", "PRK", "RUS", "USA"], 2))
MONTHLY_RISK = ["CHN", "JPN", "KOR", "USA"]
ELSEWHERE = {"CAN", "MEX", "FRA", "DEU", "EGY", "ISR", "GRC", "TUR"}  # comparison groups outside the region
NEWS_PAIRS = [p for p in PAIRS if not set(p) & ELSEWHERE]
Cover = tuple[str, str, date, date, str]
Built = tuple[list[Row], list[Cover], list[str]]


def census(names: Iterable[str], members: str, first: date, after: date) -> list[Cover]:
    """Inside this span a bin without a row is a true zero of the data set."""
    return [(name, members, first, after, "census") for name in names]


def listed(rows: Iterable[Row], first: date, after: date, why: str = "") -> list[Cover]:
    """Inside this span a bin without a row is missing; only for members that have a row."""
    found = sorted({(row.indicator, row.members) for row in rows})
    return [(name, members, first, after, "listed" + (f": {why}" if why else "")) for name, members in found]


def build_us_travels(raw: Path) -> Built:
    m = us_travels
    names = [f"us_{o}_{w}" for o in m.OFFICES for w in ("visits", "days")]
    covers = [c for a in ACTORS if a != "USA" for c in census(names, f"USA>{a}", m.FIRST, m.AFTER)]
    return m.describe(m.read(raw / m.LOCATION), ACTORS), covers, [m.LOCATION]


def build_us_visits(raw: Path) -> Built:
    m = us_visits
    covers = [c for a in ACTORS if a != "USA" for c in census(["leader_visits_us"], f"{a}>USA", m.FIRST, m.AFTER)]
    return m.describe(m.read(raw / m.LOCATION), ACTORS), covers, [m.LOCATION]


def build_dmdc(raw: Path) -> Built:
    rows = dmdc.describe(dmdc.read(raw / dmdc.LOCATION), ACTORS)
    return rows, listed(rows, date(1950, 1, 1), date(2026, 1, 1)), [dmdc.LOCATION]


def build_atop(raw: Path) -> Built:
    sets = [*ALL_PAIRS, *LARGER]
    rows = atop.describe(atop.read(raw / atop.LOCATION), sets)
    first, after = date(atop.FIRST_YEAR, 1, 1), date(atop.LAST_YEAR + 1, 1, 1)
    names = [f"atop_{kind}" for kind in atop.KINDS]
    where = [ANY_PAIR, *(joined(g) for g in LARGER)]
    return rows, [c for members in where for c in census(names, members, first, after)], [atop.LOCATION]


def build_mme(raw: Path) -> Built:
    sets = [*PAIRS, *LARGER]
    rows = mme.describe(mme.read(raw / mme.LOCATION), sets)
    names = ["mme_exact", "mme_containing"]
    return rows, [c for s in sets for c in census(names, joined(s), mme.FIRST, mme.AFTER)], [mme.LOCATION]


def build_unga(raw: Path) -> Built:
    calls, flags = unga.read(raw / unga.LOCATION), unga.read_paragraphs(raw / unga.FLAGS)
    rows = unga.describe(calls, flags, PAIRS, LARGER, NORTHEAST)
    return rows, listed(rows, unga.FIRST, unga.AFTER), [unga.LOCATION, unga.FLAGS]


def build_csis(raw: Path) -> Built:
    rows = csis.describe(csis.read(raw / csis.LOCATION))
    names = sorted({row.indicator for row in rows})
    return rows, census(names, "PRK", csis.FIRST, csis.AFTER), [csis.LOCATION]


def build_taiwan_mnd(raw: Path) -> Built:
    rows = taiwan_mnd.describe(taiwan_mnd.read(raw / taiwan_mnd.LOCATION))
    first, change, last = taiwan_mnd.USABLE_FROM, taiwan_mnd.BREAK, max(r.end for r in rows)
    covers = listed(rows, first, change, "another level than from 2022-08: do not compare across")
    return rows, covers + listed(rows, change, last, "another level than before 2022-08"), [taiwan_mnd.LOCATION]


def build_senkaku(raw: Path) -> Built:
    rows = senkaku.describe(senkaku.read(raw / senkaku.LOCATION))
    covers = listed(rows, min(r.start for r in rows), date(2016, 8, 1))
    covers += listed(rows, date(2016, 9, 1), max(r.end for r in rows))
    return rows, covers, [senkaku.LOCATION]


def build_gpr(raw: Path) -> Built:
    import xlrd

    sheet = xlrd.open_workbook(raw / gpr.LOCATION).sheet_by_index(0)
    rows = gpr.describe(gpr.read([sheet.row_values(k) for k in range(sheet.nrows)]), ACTORS, MONTHLY_RISK)
    by_month = [r for r in rows if r.indicator == "gpr_month"]
    by_year = [r for r in rows if r.indicator == "gpr_year"]
    covers = listed(by_month, date(gpr.MONTHS_FROM, 1, 1), gpr.AFTER) + listed(by_year, gpr.FIRST, gpr.AFTER)
    return rows, covers, [gpr.LOCATION]


def build_epu(raw: Path) -> Built:
    rows = epu.describe(epu.read(raw / epu.LOCATION))
    return rows, spans(rows, epu.AFTER), [epu.LOCATION]


def build_pew(raw: Path) -> Built:
    rows = pew.describe(pew.read(raw / pew.LOCATION), ACTORS)
    return rows, listed(rows, date(2002, 1, 1), date(2024, 1, 1), "survey years only"), [pew.LOCATION]


def build_democracy(raw: Path) -> Built:
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # classes of R that the reader does not know
        columns = rdata.read_rda(raw / democracy.LOCATION)["cw_democracy"]
    rows = democracy.describe(democracy.read({c: list(columns[c]) for c in columns}), ACTORS)
    return rows, spans(rows, democracy.AFTER), [democracy.LOCATION]


def build_dcad(raw: Path) -> Built:
    rows = dcad.describe(dcad.read(raw / dcad.LOCATION), ACTORS)
    first, after = date(dcad.FIRST_YEAR, 1, 1), date(dcad.LAST_YEAR + 1, 1, 1)
    names = ["dca_signed", "dca_general_signed", "dca_in_force"]
    return rows, census(names, ANY_PAIR, first, after), [dcad.LOCATION]


def build_fbic(raw: Path) -> Built:
    rows = fbic.describe(fbic.read(raw / fbic.LOCATION), PAIRS)
    return rows, listed(rows, fbic.FIRST, fbic.AFTER), [fbic.LOCATION]


def build_gdelt(raw: Path) -> Built:
    rows = gdelt.describe(gdelt.read(raw / gdelt.LOCATION, NEWS_PAIRS))
    return rows, listed(rows, gdelt.FIRST, gdelt.AFTER, "96 days missing; some days partial"), [gdelt.LOCATION]


def spans(rows: Iterable[Row], after: date) -> list[Cover]:
    """What each series covers: from its first row to its last, no further than ``after``."""
    made = {}
    for row in rows:
        first, last = made.get((row.indicator, row.members), (row.start, row.end))
        made[row.indicator, row.members] = min(first, row.start), max(last, row.end)
    return [(i, m, first, min(last, after), "listed") for (i, m), (first, last) in sorted(made.items())]


BUILDERS: dict[str, Callable[[Path], Built]] = {
    "us_travels": build_us_travels,
    "us_visits": build_us_visits,
    "dmdc": build_dmdc,
    "atop": build_atop,
    "mme": build_mme,
    "unga": build_unga,
    "csis": build_csis,
    "taiwan_mnd": build_taiwan_mnd,
    "senkaku": build_senkaku,
    "gpr": build_gpr,
    "epu": build_epu,
    "pew": build_pew,
    "democracy": build_democracy,
    "dcad": build_dcad,
    "fbic": build_fbic,
    "gdelt": build_gdelt,
}


def digest(raw: Path, files: Iterable[str]) -> str:
    """The sha256 of a file; of several: of the lines ``sha256  name``, as sha256sum writes them."""
    found = [(hashlib.sha256((raw / name).read_bytes()).hexdigest(), name) for name in files]
    if len(found) == 1:
        return found[0][0]
    return hashlib.sha256("".join(f"{d}  {n}\n" for d, n in found).encode()).hexdigest()


def checked(rows: list[Row], origin: str, definitions: dict[str, dict[str, str]]) -> tuple[list[Row], int]:
    """Drop rows of actors that did not exist, and refuse what the form does not allow; give back how many fell."""
    register = actor_register()
    kept = []
    for row in rows:
        parts = row.members.replace(">", ";").split(";")
        if any(p not in register for p in parts) or definitions[row.indicator]["origin"] != origin:
            sys.exit(f"{origin}: {row} names nobody, or an indicator of another origin")
        if not all(alive(p, row.start, row.end) for p in parts):
            continue
        if row.state not in STATES or row.end <= row.start or "\t" in row.note or "\n" in row.note:
            sys.exit(f"{origin}: {row} does not fit the form")
        kept.append(row)
    kept.sort(key=lambda r: (r.indicator, r.members, r.start))
    for one, two in pairwise(kept):
        if (one.indicator, one.members) == (two.indicator, two.members) and two.start < one.end:
            sys.exit(f"{origin}: {one} and {two} overlap")
    return kept, len(rows) - len(kept)


def table(columns: Iterable[str], lines: Iterable[Iterable[str]]) -> bytes:
    return ("\n".join("\t".join(line) for line in [list(columns), *lines]) + "\n").encode()


def write(built: dict[str, Built], raw: Path, out: Path) -> Counter[str]:
    """Write one table per origin, the coverage, the origins and datapackage.json."""
    out.mkdir(parents=True, exist_ok=True)
    definitions = {row["id"]: row for row in read_tsv(SERIES / "indicators.tsv")}
    known = {row["id"]: row for row in read_tsv(SERIES / "origins.tsv")}
    counts: Counter[str] = Counter()
    files: dict[str, tuple[Iterable[str], bytes]] = {}
    covers: list[list[str]] = []
    origins: list[dict[str, str]] = []
    for origin, (rows, spans, raw_files) in sorted(built.items()):
        kept, dropped = checked(rows, origin, definitions)
        counts[f"{origin}: before the state"] = dropped
        counts[f"{origin}: rows"] = len(kept)
        missing = {r.indicator for r in kept} - {c[0] for c in spans}
        if missing:
            sys.exit(f"{origin}: {', '.join(missing)} without coverage")
        lines = [
            (
                r.indicator, r.members, r.start.isoformat(), r.end.isoformat(), number(r.value),
                definitions[r.indicator]["unit"], "" if r.n is None else str(r.n), r.state, r.note,
            )
            for r in kept
        ]  # fmt: skip
        files[origin] = COLUMNS, table(COLUMNS, lines)
        covers += [[i, m, a.isoformat(), b.isoformat(), why] for i, m, a, b, why in spans]
        if known[origin]["raw_file"].split() != raw_files:
            sys.exit(f"{origin}: the table of origins names {known[origin]['raw_file']}, not {' '.join(raw_files)}")
        origins.append({**known[origin], "sha256": digest(raw, raw_files)})
        counts[f"{origin}: another raw file"] += origins[-1]["sha256"] != known[origin]["sha256"]
    cover_columns = ("indicator", "members", "start", "end", "basis")
    files["coverage"] = cover_columns, table(cover_columns, sorted(covers))
    files["origins"] = list(origins[0]), table(origins[0], [row.values() for row in origins])
    defined = (SERIES / "indicators.tsv").read_bytes()
    files["indicators"] = defined.decode().split("\n")[0].split("\t"), defined
    resources = []
    for name, (columns, data) in sorted(files.items()):
        if name != "indicators" or out != SERIES:
            (out / f"{name}.tsv").write_bytes(data)
        counts["bytes"] += len(data)
        resources.append(
            {
                "name": name,
                "path": f"{name}.tsv",
                "format": "tsv",
                "mediatype": "text/tab-separated-values",
                "encoding": "utf-8",
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "dialect": {"delimiter": "\t", "quoteChar": None},
                "schema": {"fields": [{"name": c, "type": "string"} for c in columns]},
            }
        )
    package = {
        "profile": "tabular-data-package",
        "name": "minilateral-series",
        "title": "Series derived from data sets of others; each origin has its own terms",
        "sources": [{"title": o["title"], "version": o["version"], "path": o["url"]} for o in origins],
        "resources": resources,
    }
    (out / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", nargs="?", type=Path, default=RAW)
    parser.add_argument("--out", type=Path, default=SERIES)
    args = parser.parse_args()
    if not (args.raw / atop.LOCATION).exists():
        sys.exit(f"{args.raw}: the raw data sets are not there; name their folder: python tools/build_series.py RAW")
    try:
        built = {name: build(args.raw) for name, build in BUILDERS.items()}
    except MinilateralError as error:
        sys.exit(f"not built: {error}")
    except ModuleNotFoundError as error:
        sys.exit(f"{error}: install the extra 'starter' (xlrd, rdata)")
    for name, value in sorted(write(built, args.raw, args.out).items()):
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
