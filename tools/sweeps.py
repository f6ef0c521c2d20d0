"""What the sweeps of 2026 added to the chronology: reads the authored tables of tools/starter/ beside it.

Authored tables name a page by its address and an act by its id; here they become rows of the record. A reference that
leads nowhere stops the build with the file and the row.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from minilateral.evidence.tables import COLUMNS, RECODED
from minilateral.terms import Period
from minilateral.terms.tables import read_tsv

Row = dict[str, str]
Tables = dict[str, list[Row]]


def table(folder: Path, name: str) -> list[Row]:
    """Read an authored table; one that is not there has no rows."""
    path = folder / f"{name}.tsv"
    return read_tsv(path) if path.exists() else []


def stop(where: str, row: Row, what: str) -> None:
    sys.exit(f"tools/starter/{where}.tsv: {what}: {' | '.join(list(row.values())[:4])}")


class Sweeps:
    """Adds the authored tables to tables that come from the chronology."""

    def __init__(self, folder: Path, tables: Tables, sources: dict[str, Row], make_source: Any, link: Any) -> None:
        self.folder, self.t, self.sources = folder, tables, sources
        self.make_source, self.link = make_source, link
        self.by_url: dict[str, str] = {s["url"]: i for i, s in sources.items() if s["url"]}
        self.pages = {p["url"]: p for p in table(folder, "pages")}
        self.counts: Counter[str] = Counter()

    def cite(self, url: str, where: str, row: Row) -> str:
        """The id of the source with this address."""
        if not url:
            return ""
        if url not in self.by_url:
            page = self.pages.get(url)
            if page is None:
                stop(where, row, f"no page with the address {url} in pages.tsv")
                return ""
            address = page["url"] if page["url"].startswith("http") else ""  # a data set at hand has a name instead
            made = self.make_source(
                page["title"], page["publisher"], address, page["language"], page["tier"], page["published"]
            )
            self.sources[made["id"]] = made
            self.by_url[url] = made["id"]
        return self.by_url[url]

    def add(self, periods: dict[str, Period], main: dict[str, str], read_on: str) -> Counter[str]:
        """Add all authored tables, in the order in which they build on each other."""
        self.main = main
        self._mechanisms()
        self._acts(periods)
        self._changes(periods)
        self._evidence(periods)
        self._rounds()
        self._promises()
        self._texts(periods)
        self._reviews(read_on)
        self._ledgers()
        return self.counts

    def _at(self, act: str, where: str, row: Row) -> str:
        act = self.main.get(act, act)
        if act not in self.rows:
            stop(where, row, f"no act {act}")
        return act

    def _mechanisms(self) -> None:
        for row in self.t["mechanisms"]:
            row.update(predecessor="", successor="")
        self.t["mechanisms"] += [{c: row[c] for c in COLUMNS["mechanisms"]} for row in table(self.folder, "mechanisms")]
        by_id = {m["id"]: m for m in self.t["mechanisms"]}
        for row in table(self.folder, "mechanism_changes"):
            if row["mechanism"] not in by_id or row["field"] not in by_id[row["mechanism"]]:
                stop("mechanism_changes", row, "no such mechanism or field")
            by_id[row["mechanism"]][row["field"]] = row["new"]

    def _acts(self, periods: dict[str, Period]) -> None:
        self.rows = {o["id"]: o for o in self.t["occurrences"]}
        for row in table(self.folder, "acts"):
            if row["id"] in self.rows:
                stop("acts", row, "an act with this id is there already")
            if not row["sources"]:
                stop("acts", row, "an act has no source")
            made = {c: row[c] for c in COLUMNS["occurrences"]}
            self.rows[row["id"]] = made
            self.t["occurrences"].append(made)
            periods[row["id"]] = Period.parse(row["date"])
            for url in row["sources"].split():
                self.link(row["id"], self.cite(url, "acts", row), False, periods[row["id"]])
            for part in row["mechanisms"].split(";"):
                if part:
                    mechanism, _, ordinal = part.partition(":")
                    self.t["sessions"].append({"mechanism": mechanism, "occurrence": row["id"], "ordinal": ordinal})
            self.counts["swept_acts"] += 1
        for row in table(self.folder, "act_outputs"):
            act = self._at(row["act"], "act_outputs", row)
            source = self.cite(row["url"], "act_outputs", row)
            self.t["outputs"].append(
                {"occurrence": act, "source": source, **{c: row[c] for c in ("kind", "title_en", "title_zh")}}
            )

    def _changes(self, periods: dict[str, Period]) -> None:
        sessions = {(s["mechanism"], s["occurrence"]): s for s in self.t["sessions"]}
        for row in table(self.folder, "changes"):
            act = self._at(row["act"], "changes", row)
            if row["field"] == "no_session":
                key = (row["old"], act)
                if key not in sessions:
                    stop("changes", row, f"it is no session of {row['old']}")
                self.t["sessions"].remove(sessions.pop(key))
            elif row["field"] in ("mechanism", "ordinal"):
                mechanism, _, ordinal = row["new"].partition(":")
                key = (mechanism, act)
                if key not in sessions:
                    sessions[key] = {"mechanism": mechanism, "occurrence": act, "ordinal": ""}
                    self.t["sessions"].append(sessions[key])
                if ordinal:
                    sessions[key]["ordinal"] = ordinal
            else:
                if self.rows[act][row["field"]] != row["old"]:
                    stop("changes", row, f"{row['field']} is {self.rows[act][row['field']]!r}, not {row['old']!r}")
                self.rows[act][row["field"]] = row["new"]
                if row["field"] == "date":
                    periods[act] = Period.parse(row["new"])
            if row["url"]:
                self.link(act, self.cite(row["url"], "changes", row), False, periods[act])
            self.counts["changes"] += 1

    def _evidence(self, periods: dict[str, Period]) -> None:
        for row in table(self.folder, "evidence"):
            act = self._at(row["act"], "evidence", row)
            self.link(act, self.cite(row["url"], "evidence", row), False, periods[act])
            self.counts["more_evidence"] += 1

    def _rounds(self) -> None:
        there = {n["id"]: n for n in self.t["numbering"]}
        for row in table(self.folder, "rounds"):
            key = f"{row['mechanism']}-{int(row['ordinal']):03d}"
            if key in there:
                known = there[key]
                if known["official"] == "true" and len(known["date"]) >= len(row["date"]):
                    continue  # only a better one takes its place
                self.t["numbering"].remove(known)
            there[key] = {}
            self.t["numbering"].append(
                {
                    "id": key,
                    "mechanism": row["mechanism"],
                    "ordinal": str(int(row["ordinal"])),
                    "date": row["date"],
                    "occurrence": self._at(row["act"], "rounds", row) if row["act"] else "",
                    "official": row["official"],
                    "source": self.cite(row["url"], "rounds", row),
                    "basis": row["basis"],
                }
            )
        self.t["numbering"].sort(key=lambda r: r["id"])
        self.t["tallies"] = [
            {**{c: row[c] for c in COLUMNS["tallies"] if c in row}, "source": self.cite(row["url"], "tallies", row)}
            for row in table(self.folder, "tallies")
        ]
        self.t["sweeps"] = [
            {
                "id": f"sweep-{n:03d}",
                **{c: row[c] for c in COLUMNS["sweeps"][1:]},
            }
            for n, row in enumerate(table(self.folder, "register"), start=1)
        ]

    def _promises(self) -> None:
        later = COLUMNS["commitments"][8:]
        by_id = {c["id"]: c for c in self.t["commitments"]}
        for row in self.t["commitments"]:
            row.update(dict.fromkeys(later, ""))
        for row in table(self.folder, "promise_codes"):
            if row["id"] not in by_id:
                stop("promise_codes", row, "no such commitment")
            by_id[row["id"]].update({c: row[c] for c in ("due", "novelty", *later)})
        replaced = set()
        for row in table(self.folder, "promises"):
            act = self._at(row["act"], "promises", row)
            replaced |= set(row["replaces"].split(";")) - {""}
            self.t["commitments"].append(
                {
                    **{c: row[c] for c in COLUMNS["commitments"] if c in row},
                    "occurrence": act,
                    "source": self.cite(row["url"], "promises", row),
                }
            )
        self.t["commitments"] = [c for c in self.t["commitments"] if c["id"] not in replaced]
        ids = {c["id"] for c in self.t["commitments"]}
        for row in self.t["commitments"]:
            if row["first"] not in ids:
                row["first"] = ""
        for row in table(self.folder, "fulfilments"):
            if row["commitment"] not in ids:
                stop("fulfilments", row, "no such commitment")
            self.t["fulfilments"].append(
                {
                    **{c: row[c] for c in ("commitment", "date", "part", "note_en", "note_zh")},
                    "occurrence": self._at(row["act"], "fulfilments", row) if row["act"] else "",
                    "source": self.cite(row["url"], "fulfilments", row),
                }
            )

    def _texts(self, periods: dict[str, Period]) -> None:
        for row in table(self.folder, "texts"):
            act = self._at(row["act"], "texts", row)
            source = self.cite(row["url"], "texts", row)
            self.link(act, source, False, periods[act])
            self.t["texts"].append(
                {
                    "id": row["id"],
                    "occurrence": act,
                    "source": source,
                    **{c: row[c] for c in ("title_en", "title_zh", "seen")},
                }
            )
        for coder in ("A", "B", "settled"):
            self.t["text_codes"] += [
                {"coder": coder, **{c: row[c] for c in ("text", "target", "verb", "manner", "note")}}
                for row in table(self.folder, f"text_codes_{coder}")
            ]

    def _reviews(self, read_on: str) -> None:
        swept = {row["id"] for row in table(self.folder, "acts")}
        self.t["reviews"] = [
            {
                "occurrence": i,
                "coder": "A",
                "role": "coded",
                "on": "2026-11-24" if i in swept else read_on,
                "outcome": "",
                "field": "",
                "note": "",
            }
            for i in sorted(self.rows)
        ]
        for row in table(self.folder, "reviews"):
            self._at(row["occurrence"], "reviews", row)
            self.t["reviews"].append({c: row[c] for c in COLUMNS["reviews"]})
        for row in table(self.folder, "codings"):
            act = self._at(row["occurrence"], "codings", row)
            self.t["codings"] += [
                {"occurrence": act, "coder": row["coder"], "field": field, "code": row[field]} for field in RECODED
            ]

    def _ledgers(self) -> None:
        for name in ("opinions", "figures"):
            self.t[name] = [
                {**{c: row[c] for c in COLUMNS[name] if c in row}, "source": self.cite(row["url"], name, row)}
                for row in table(self.folder, name)
            ]
        for name in ("governments", "moves", "council"):
            self.t[name] = [
                {
                    **{c: row[c] for c in COLUMNS[name] if c in row},
                    "sources": ";".join(self.cite(u, name, row) for u in row["urls"].split()),
                }
                for row in table(self.folder, name)
            ]
        for row in self.t["moves"]:
            if row["occurrence"]:
                row["occurrence"] = self._at(row["occurrence"], "moves", row)
