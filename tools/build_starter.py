"""Derive what ships (src/minilateral/data/record) from the tables that are committed in tools/starter/.

There lie the chronology as it was compiled (chronology/), the reviews of its rows, and what the sweeps of 2026 added.
Raw stays raw: every judgement is a row of a table. The same input gives the same bytes.

    python tools/build_starter.py [RAW] [--out FOLDER]

RAW is another folder with events.csv and its companions.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from minilateral.errors import MinilateralError
from minilateral.evidence import DECLARED, Record, content_hash
from minilateral.evidence.tables import COLUMNS
from minilateral.terms import Period
from minilateral.terms.tables import read_tsv
from sweeps import Sweeps

HERE = Path(__file__).resolve().parent
REVIEWS = HERE / "starter"
READ_ON = "2026-11-23"
STUDY_TITLE = "特朗普第二次执政以来美日韩三边合作走势及其对地区局势的影响"
STATEMENT_KINDS = {
    "joint_statement",
    "press_statement",
    "declaration",
    "communique",
    "fact_sheet",
    "memorandum",
    "plan",
}
FILE_REMARK = re.compile(
    r"\s*\([^()]*(?:README|\.csv|title|think-tank|row of|-created)[^()]*\)"
)  # a coder's remark on where it stood
DOMAINS = {
    "economy": "economy_technology",
    "technology": "economy_technology",
    "history": "history_territory",
    "people": "people_to_people",
}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{k: " ".join((v or "").split()) for k, v in row.items()} for row in csv.DictReader(stream)]


def corrected(rows: list[dict[str, str]], files: list[str]) -> list[dict[str, str]]:
    """Apply the declared corrections; one that no longer applies stops the build."""
    by_id = {row["event_id"]: row for row in rows}
    applied = []
    for name in files:
        for fix in read_tsv(REVIEWS / name):
            row = by_id[fix["event_id"]]
            if row[fix["field"]] != fix["old"]:
                sys.exit(
                    f"{name}: {fix['event_id']}.{fix['field']} is {row[fix['field']]!r}, not {fix['old']!r}: "
                    "the raw file has changed; remove or renew the correction"
                )
            row[fix["field"]] = fix["new"]
            applied.append(fix)
    return applied


def edtf(row: dict[str, str]) -> str:
    """The period of a raw row, with the precision that it claims and no more."""
    width = {"day": 10, "month": 7, "year": 4}[row["date_precision"]]
    start, end = row["date"][:width], row["date_end"][:width]
    return str(Period.parse(f"{start}/{end}" if end and end != start else start))


def actors(text: str, when: Period) -> list[str]:
    """Ids of a raw actor list: the Soviet Union before its end, EU for EUN."""
    ended = date(1991, 12, 26)
    change = {"EUN": "EU"} | ({"RUS": "SUN"} if when.end <= ended else {})
    return sorted({change.get(a.strip(), a.strip()) for a in text.split(";") if a.strip()})


def source_row(title: str, publisher: str, url: str, language: str, tier: str, published: str) -> dict[str, str]:
    content = {
        "title": title,
        "publisher": publisher,
        "url": url,
        "language": language,
        "published": published,
        "tier": tier,
    }
    return {"id": f"src-{content_hash(content)[:12]}", **content}


def build(raw: Path) -> tuple[dict[str, list[dict[str, str]]], Counter[str]]:
    """Make the tables of the record."""
    files = {"events.csv": "review_events.tsv", "events_other_groups.csv": "review_events_other_groups.tsv"}
    events: list[dict[str, str]] = []
    review: dict[str, dict[str, str]] = {}
    for name, reviewed in files.items():
        for row in read_csv(raw / name):
            events.append({**row, "file": name})
        review |= {r["event_id"]: r for r in read_tsv(REVIEWS / reviewed)}
    fixes = corrected(events, [f.name for f in sorted(REVIEWS.glob("corrections*.tsv"))])
    by_id = {row["event_id"]: row for row in events}
    if set(by_id) != set(review):
        sys.exit(f"not reviewed, or not in the raw files: {sorted(set(by_id) ^ set(review))[:10]}")
    main = {i: (review[i]["occasion"] or i) for i in by_id}

    tier = {r["publisher"]: r["tier"] for r in read_tsv(REVIEWS / "publishers.tsv")}
    published = {r["source_url"]: r["published"] for r in read_tsv(REVIEWS / "published.tsv")}
    hosts = {urlsplit(r["source_url"]).netloc: r["source_publisher"] for r in events if r["source_url"]}
    t: dict[str, list[dict[str, str]]] = {name: [] for name in COLUMNS}
    sources: dict[str, dict[str, str]] = {}
    evidence: dict[tuple[str, str], dict[str, str]] = {}
    counts: Counter[str] = Counter(raw_rows=len(events), corrections=len(fixes))

    def cite(row: dict[str, str]) -> str:
        source = source_row(
            row["source_title"],
            row["source_publisher"],
            row["source_url"],
            row["source_language"],
            tier[row["source_publisher"]],
            published.get(row["source_url"], ""),
        )
        sources[source["id"]] = source
        return source["id"]

    def link(occurrence: str, source: str, from_study: bool, when: Period) -> None:
        day = sources[source]["published"]
        late = timedelta(days=DECLARED["retrospect_after_days"])
        role = "retrospect" if day and date.fromisoformat(day) > when.last + late else "report"
        known = evidence.setdefault(
            (occurrence, source),
            {"occurrence": occurrence, "source": source, "role": role, "from_study": "true" if from_study else "false"},
        )
        if not from_study:
            known["from_study"] = "false"

    periods = {i: Period.parse(edtf(row)) for i, row in by_id.items()}
    for i, row in by_id.items():
        when, look = periods[i], review[i]
        source = cite(row)
        link(main[i], source, row["in_seed"] == "true", periods[main[i]])
        kinds = [k for k in look["output_kind"].split(";") if k]
        titles_en, titles_zh = look["output_title_en"].split(";"), look["output_title_zh"].split(";")
        for n, kind in enumerate(kinds):
            t["outputs"].append(
                {
                    "occurrence": main[i],
                    "kind": kind,
                    "source": source,
                    "title_en": titles_en[n].strip() if n < len(titles_en) else "",
                    "title_zh": titles_zh[n].strip() if n < len(titles_zh) else "",
                }
            )
        if main[i] != i:
            counts["merged"] += 1
            continue
        who = actors(row["actors"], when)
        pairs = {"-".join(sorted(actors(p.replace("-", ";"), when))) for p in row["dyads"].split(";") if p}
        pairs = {p for p in pairs if not set(p.split("-")) <= set(who)}
        day = published.get(row["source_url"], "")
        preview = bool(day) and date.fromisoformat(day) < when.start - timedelta(days=1)
        counts["preview"] += preview
        t["occurrences"].append(
            {
                "id": i,
                "date": str(when),
                "participants": ";".join(who),
                "status": look["status"],
                "kind": row["event_type"],
                "level": row["level"],
                "domain": row["domain"],
                "direction": row["direction"],
                "summary_en": row["description_en"],
                "summary_zh": row["description_zh"],
                "venue": look["venue"],
                "margins_of": look["margins_of"],
                "place_en": look["place_en"],
                "place_zh": look["place_zh"],
                "host": look["host"],
                "initiator": look["initiator"],
                "outsiders": ";".join(actors(look["outsiders"], when)),
                "concerns": ";".join(sorted(pairs)),
                "confidence": "medium" if preview else row["confidence"],
            }
        )

    statements(raw, t, sources, link, main, periods, hosts, tier, published, counts)
    mechanisms(raw, t, main, review, by_id, cite, sources, counts)
    sweeps = Sweeps(REVIEWS, t, sources, source_row, link)
    counts += sweeps.add(periods, main, READ_ON)
    t["sessions"].sort(key=lambda s: (s["mechanism"], s["occurrence"]))
    counts["reference_works_dropped"] = drop_reference_works(evidence, sources)
    used = {e["source"] for e in evidence.values()} | {s for name in t for s in cited(name, t[name])}
    t["sources"] = sorted((s for s in sources.values() if s["id"] in used), key=lambda s: s["id"])
    t["evidence"] = [evidence[key] for key in sorted(evidence)]
    t["outputs"] = number(t["outputs"], "output")
    t["occurrences"].sort(key=lambda r: (Period.parse(r["date"]), r["id"]))
    t["origins"] = origins(raw)
    t["raw_rows"] = [
        {"raw_file": row["file"], "raw_id": i, "occurrence": main[i], "note": review[i]["note"]}
        for i, row in by_id.items()
    ]
    t["corrections"] = [
        {"raw_id": f["event_id"], **{k: f[k] for k in ("field", "old", "new", "reason")}} for f in fixes
    ]
    counts["occurrences"] = len(t["occurrences"])
    counts["acts"] = sum(";" in r["participants"] for r in t["occurrences"])
    return t, counts


def drop_reference_works(evidence: dict[tuple[str, str], dict[str, str]], sources: dict[str, dict[str, str]]) -> int:
    """Take encyclopaedias and lists out where an occurrence has an original; give back how many."""
    originals = {"government", "agency", "newspaper", "research"}
    better = {e["occurrence"] for e in evidence.values() if sources[e["source"]]["tier"] in originals}
    weak = [
        key for key, e in evidence.items() if sources[e["source"]]["tier"] == "reference" and e["occurrence"] in better
    ]
    for key in weak:
        del evidence[key]
    return len(weak)


def cited(name: str, rows: list[dict[str, str]]) -> list[str]:
    """The sources that the rows of a table name."""
    if name in ("sources", "evidence"):
        return []
    return [s for row in rows for s in (row.get("source", ""), *row.get("sources", "").split(";")) if s]


def number(rows: list[dict[str, str]], noun: str) -> list[dict[str, str]]:
    """Give the rows of each occurrence their ids, one title once."""
    seen: Counter[str] = Counter()
    made, there = [], set()
    for row in sorted(rows, key=lambda r: r["occurrence"]):
        same = (row["occurrence"], row["kind"], row["title_en"])
        if same in there:
            continue
        there.add(same)
        seen[row["occurrence"]] += 1
        made.append({"id": f"{row['occurrence']}-{noun}-{seen[row['occurrence']]}", **row})
    return made


def statements(raw, t, sources, link, main, periods, hosts, tier, published, counts) -> None:  # type: ignore[no-untyped-def]
    """The trilateral statements: outputs of their occasions, with their pages as evidence and their commitments."""
    links = {int(r["row"]): r for r in read_tsv(REVIEWS / "statement_links.tsv")}
    promises: dict[int, list[dict[str, str]]] = defaultdict(list)
    for promise in read_tsv(REVIEWS / "commitments.tsv"):
        promises[int(promise["row"])].append(promise)
    texts: dict[str, list[dict[str, str]]] = defaultdict(list)
    for n, row in enumerate(read_csv(raw / "statements.csv"), start=1):
        if not links[n]["event_id"]:
            counts["statements_unlinked"] += 1
            continue
        occurrence = main[links[n]["event_id"]]
        host = urlsplit(row["url"]).netloc
        publisher = hosts.get(host, host)
        source = source_row(
            row["title"],
            publisher,
            row["url"],
            row["language"][:2],
            tier.get(publisher, "copy"),
            published.get(row["url"], ""),
        )
        known = next((s for s in sources.values() if s["url"] == row["url"]), None)
        if known:
            source = known
        sources[source["id"]] = source
        link(occurrence, source["id"], False, periods[occurrence])
        texts[occurrence].append(
            {
                "occurrence": occurrence,
                "kind": statement_kind(row["title"]),
                "title_en": row["title"],
                "title_zh": "",
                "source": source["id"],
            }
        )
        for promise in promises[n]:
            if "据常识" in promise["text_zh"]:  # nobody saw it in a source: not shipped
                counts["commitments_unseen"] += 1
                continue
            first = promise["domain"].split(",")[0].strip()
            t["commitments"].append(
                {
                    "id": f"statement-{n:02d}-commitment-{int(promise['n']):02d}",
                    "occurrence": occurrence,
                    "domain": DOMAINS.get(first, first),
                    "text_en": promise["text_en"],
                    "text_zh": promise["text_zh"],
                    "due": "",
                    "novelty": "unknown",
                    "source": source["id"],
                }
            )
    for occurrence, found in texts.items():
        there = [o for o in t["outputs"] if o["occurrence"] == occurrence and o["kind"] in STATEMENT_KINDS]
        if len(found) > len(there):
            t["outputs"] = [o for o in t["outputs"] if o not in there] + found
        elif len(found) == len(there) == 1 and not there[0]["title_en"]:
            there[0].update(title_en=found[0]["title_en"], source=found[0]["source"])


def statement_kind(title: str) -> str:
    lower = title.lower()
    for word, kind in (
        ("press", "press_statement"),
        ("fact sheet", "fact_sheet"),
        ("memorandum", "memorandum"),
        ("arrangement", "agreement"),
        ("principles", "declaration"),
        ("commitment", "declaration"),
    ):
        if word in lower:
            return kind
    return "joint_statement"


def mechanisms(raw, t, main, review, by_id, cite, sources, counts) -> None:  # type: ignore[no-untyped-def]
    """Mechanisms, their sessions with ordinals, milestones, and the governments' numbering."""
    for row in read_csv(raw / "mechanisms.csv"):
        t["mechanisms"].append(
            {
                "id": row["mechanism_id"],
                "members": ";".join(actors(row["members"], Period.parse("2020"))),
                **{c: row[c] for c in COLUMNS["mechanisms"] if c in row and c != "members"},
                "promise_source": row["promise_source_url"],
            }
        )
    ordinals = {}
    for i, look in review.items():
        for part in look["ordinals"].split(";"):
            if part:
                mechanism, _, n = part.partition(":")
                ordinals[(mechanism.strip(), main[i])] = n.strip()
    pairs = {(row["mechanism_id"], main[row["event_id"]]) for row in read_csv(raw / "act_mechanism.csv")}
    counts["sessions_raw"] = len(read_csv(raw / "act_mechanism.csv"))
    t["sessions"] = [{"mechanism": m, "occurrence": o, "ordinal": ordinals.get((m, o), "")} for m, o in sorted(pairs)]
    t["milestones"] = [
        {"mechanism": row["mechanism_id"], "occurrence": main[row["event_id"]], "role": row["role"]}
        for row in read_csv(raw / "mechanism_milestones.csv")
    ]
    notes = source_row(
        "Chronology compiled for this project: README and notes on mechanisms", "minilateral", "", "en", "reference", ""
    )
    seen = set()
    for row in read_tsv(REVIEWS / "numbering.tsv"):
        key = f"{row['mechanism_id']}-{int(row['ordinal']):03d}"
        if key in seen:
            continue
        seen.add(key)
        told_by = row["source"] if row["source"] in by_id else row["event_id"]
        if told_by:
            source = cite(by_id[told_by])
        else:
            source = notes["id"]
            sources[source] = notes
        t["numbering"].append(
            {
                "id": key,
                "mechanism": row["mechanism_id"],
                "ordinal": str(int(row["ordinal"])),
                "date": row["date"],
                "occurrence": main.get(row["event_id"], ""),
                "official": row["official"],
                "source": source,
                "basis": FILE_REMARK.sub("", row["quote_basis"]).strip(),
            }
        )
    t["numbering"].sort(key=lambda r: r["id"])


def origins(raw: Path) -> list[dict[str, str]]:
    digest = hashlib.sha256()
    for path in sorted(raw.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return [
        {
            "id": "chronology",
            "producer": "minilateral project",
            "title": "Chronology of US-Japan-ROK and neighbouring groups",
            "version": f"sha256 {digest.hexdigest()[:16]}",
            "licence": "facts, own words; MIT with the package",
            "citation": "minilateral: compiled from public pages, each row with its source",
            "accessed": READ_ON,
            "note": "compiled in retrospect; not a census",
        },
        {
            "id": "sweeps",
            "producer": "minilateral project",
            "title": "Sweeps by official numbering and calendars, and ledgers",
            "version": "2026-11-24",
            "licence": "facts, own words; MIT with the package",
            "citation": "minilateral: looked up in public pages, each row with its source",
            "accessed": "2026-11-24",
            "note": "not a census; the table sweeps is the register of searches",
        },
        {
            "id": "reign",
            "producer": "One Earth Future",
            "title": "Rulers, Elections, and Irregular Governance (REIGN): leader list",
            "version": "March 2021",
            "licence": "facts, cite",
            "citation": "Bell, C. (2016) The Rulers, Elections, and Irregular Governance Dataset (REIGN). "
            "One Earth Future",
            "accessed": READ_ON,
            "note": "days of leaders' terms to March 2021",
        },
        {
            "id": "study",
            "producer": "Zhao Haixin and Wang Junsheng (赵海欣、王俊生)",
            "title": STUDY_TITLE,
            "version": "as read",
            "licence": "claims paraphrased, phrases quoted",
            "citation": f"赵海欣、王俊生：《{STUDY_TITLE}》",
            "accessed": READ_ON,
            "note": "claims with authors; rows that come from it are marked",
        },
        {
            "id": "states",
            "producer": "Correlates of War; Gleditsch and Ward",
            "title": "State system membership by day",
            "version": "as packaged in peacesciencer and states (R)",
            "licence": "facts, cite",
            "citation": "Gleditsch, K. S. and Ward, M. D. (1999) International Interactions 25(4); "
            "Correlates of War Project, State System Membership",
            "accessed": READ_ON,
            "note": "codes and days of membership",
        },
        {
            "id": "cldr",
            "producer": "Unicode Consortium",
            "title": "Common Locale Data Repository: territory names",
            "version": "as packaged in Babel",
            "licence": "Unicode-3.0",
            "citation": "Unicode CLDR Project",
            "accessed": READ_ON,
            "note": "names of states in en, zh, ja, ko, reviewed",
        },
    ]


EXTRA = {
    "raw_rows": ("raw_file", "raw_id", "occurrence", "note"),
    "corrections": ("raw_id", "field", "old", "new", "reason"),
}


def write(tables: dict[str, list[dict[str, str]]], out: Path) -> None:
    """Write each table as TSV, and datapackage.json over them."""
    out.mkdir(parents=True, exist_ok=True)
    resources = []
    for name, columns in {**COLUMNS, **EXTRA}.items():
        lines = ["\t".join(columns)]
        lines += ["\t".join(" ".join(row[c].split()) for c in columns) for row in tables[name]]
        data = ("\n".join(lines) + "\n").encode()
        (out / f"{name}.tsv").write_bytes(data)
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
        "name": "minilateral-record",
        "licenses": [{"name": "MIT"}],
        "title": "The record of minilateral: acts of small groups of states",
        "sources": [{"title": o["title"], "version": o["version"]} for o in tables["origins"]],
        "resources": resources,
    }
    (out / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", nargs="?", type=Path, default=REVIEWS / "chronology")
    parser.add_argument("--out", type=Path, default=HERE.parent / "src" / "minilateral" / "data" / "record")
    args = parser.parse_args()
    if not (args.raw / "events.csv").exists():
        sys.exit(f"{args.raw}: the raw chronology is not there; name its folder: python tools/build_starter.py RAW")
    tables, counts = build(args.raw)
    try:
        Record.build({name: tables[name] for name in COLUMNS})
    except MinilateralError as error:
        sys.exit(f"the tables do not fit: {error}")
    write(tables, args.out)
    for name, value in sorted(counts.items()):
        print(f"{name:22} {value}")
    for name in (*COLUMNS, *EXTRA):
        print(f"{name + '.tsv':22} {len(tables[name])} rows")


if __name__ == "__main__":
    main()
