"""Calibration of the renewal model on simulated worlds: reliability by tenth, coverage, what a wrong recall does.

    python benchmarks/renewal.py [--mechanisms 2500] [--full 750]

Nothing here is a test; the table goes onto the card `mechanisms`.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from datetime import date

import numpy as np

from minilateral.measure.renewal import fit, simulate

AS_OF = date(2025, 1, 1)
WORLD = 250


def pooled(total: int, recall: float, death: str, fast: bool, assumed: float | None = None) -> dict[str, np.ndarray]:
    """Results and truths of several worlds, one fit each."""
    columns: dict[str, list[np.ndarray]] = {}
    found, seed = 0, round(1000 * recall) + (500 if death == "time" else 0)  # no world twice
    while found < total:
        seed += 1
        histories, truth = simulate(WORLD, seed=seed, as_of=AS_OF, recall=recall, death=death)
        if assumed is not None:
            histories = tuple(dataclasses.replace(h, recall=assumed) for h in histories)
        r = fit(histories, as_of=AS_OF, seed=seed, fast=fast, draws=300)
        meets = truth.alive & ~np.isnan(truth.next_day)
        row = {
            "p": r.p_alive,
            "alive": truth.alive,
            "meets": meets,
            "in90": (truth.next_day >= r.next_low) & (truth.next_day <= r.next_high),
            "early": truth.next_day <= r.next_median,
            "expected": r.sessions_12m,
            "sessions": truth.sessions_12m,
            "count90": (truth.sessions_12m >= r.sessions_12m_low) & (truth.sessions_12m <= r.sessions_12m_high),
        }
        for name, values in row.items():
            columns.setdefault(name, []).append(np.asarray(values, dtype=np.float64))
        found += len(histories)
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def report(name: str, c: dict[str, np.ndarray]) -> str:
    """One row: the largest gap over tenths with 100 cases or more, and the rest."""
    tenth = np.minimum((c["p"] * 10).astype(int), 9)
    gaps, cells = [], []
    for t in range(10):
        m = tenth == t
        if m.sum() >= 100:
            gaps.append(100 * (c["alive"][m].mean() - c["p"][m].mean()))
            cells.append(f"{gaps[-1]:+.1f}")
        else:
            cells.append(f"({int(m.sum())})")
    meets = c["meets"] == 1
    worst = max(gaps, key=abs) if gaps else float("nan")
    brier = np.mean((c["p"] - c["alive"]) ** 2)
    base = c["alive"].mean() * (1 - c["alive"].mean())
    return (
        f"| {name} | {len(c['p'])} | {worst:+.1f} | {' '.join(cells)} | {brier:.3f} / {base:.3f} | "
        f"{100 * c['in90'][meets].mean():.0f} | {100 * c['early'][meets].mean():.0f} | "
        f"{c['expected'].mean():.2f} / {c['sessions'].mean():.2f} | {100 * c['count90'].mean():.0f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mechanisms", type=int, default=2500)
    parser.add_argument("--full", type=int, default=750)
    args = parser.parse_args()
    print("| world | n | worst tenth | by tenth (points; n where below 100) | Brier / base | next day in 90 % |")
    print("  next day before median % | sessions in 12 months, expected / true | count in 90 % interval |")
    for fast, total in ((True, args.mechanisms), (False, args.full)):
        parts = []
        for recall in (0.3, 0.6, 0.9):
            start = time.process_time()
            kinds = {death: pooled(total, recall, death, fast) for death in ("session", "time")}
            both = {name: np.concatenate([kinds["session"][name], kinds["time"][name]]) for name in kinds["time"]}
            parts.append(both)
            for death, columns in {**kinds, "both": both}.items():
                print(report(f"{'fast' if fast else 'Gibbs'}, recall {recall}, {death}", columns), flush=True)
            print(f"  {time.process_time() - start:.0f} s CPU", flush=True)
        every = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        print(report(f"{'fast' if fast else 'Gibbs'}, all", every), flush=True)
    for recall, assumed in ((0.6, 0.9), (0.6, 0.3)):
        columns = pooled(args.full, recall, "session", True, assumed)
        print(report(f"fast, recall {recall} taken for {assumed}, session", columns), flush=True)


if __name__ == "__main__":
    main()
