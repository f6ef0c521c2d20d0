"""Segmentation beside peers on 30 public annotated series: cover, F1, wall and CPU seconds, one run.

    python benchmarks/phases.py --tcpd DIR [--peers none] [--detail] [--sensitivity]
    python benchmarks/phases.py --planted            worlds with a known answer, and calibration; needs no data

DIR is a checkout of alan-turing-institute/TCPD (``annotations.json``, ``datasets/``): the 30 univariate series whose
values are in the repository (van den Burg and Williams 2020). Every method sees the same series, standardised for the
peers, and has one setting for all. Peers are optional: those not installed are named and left out.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from minilateral.phases import cover, f_one, remove_season, segment

Floats = npt.NDArray[np.float64]
RHOS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
Method = Callable[[Floats], Iterable[int]]
NAMES = (
    "bank",
    "brent_spot",
    "businv",
    "centralia",
    "children_per_woman",
    "co2_canada",
    "construction",
    "debt_ireland",
    "gdp_argentina",
    "gdp_croatia",
    "gdp_iran",
    "gdp_japan",
    "global_co2",
    "homeruns",
    "jfk_passengers",
    "lga_passengers",
    "nile",
    "ozone",
    "quality_control_1",
    "quality_control_2",
    "quality_control_3",
    "quality_control_4",
    "quality_control_5",
    "rail_lines",
    "seatbelts",
    "shanghai_license",
    "unemployment_nl",
    "us_population",
    "usd_isk",
    "well_log",
)


def read(folder: Path) -> tuple[dict[str, Floats], dict[str, list[list[int]]]]:
    """Read the series and the annotators' breaks."""
    notes = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    series = {}
    for name in NAMES:
        path = folder / "datasets" / name / f"{name}.json"
        if not path.exists():
            sys.exit(f"skipped: {path} is absent; check out alan-turing-institute/TCPD whole")
        raw = json.loads(path.read_text(encoding="utf-8"))["series"][0]["raw"]
        series[name] = np.array([np.nan if v is None else v for v in raw], dtype=np.float64)
    return series, {name: list(notes[name].values()) for name in NAMES}


def ours(**options: object) -> Method:
    """Our most probable segmentation."""
    return lambda y: segment(y, **options).changes  # type: ignore[arg-type]


def standard(y: Floats) -> Floats:
    """Zero mean, unit deviation."""
    return (y - np.nanmean(y)) / (np.nanstd(y) or 1.0)


def ruptures_method(kind: str, model: str, factor: float) -> Method:
    """``ruptures`` with a penalty of `factor` times log n on the standardised series."""
    ruptures = importlib.import_module("ruptures")

    def work(y: Floats) -> list[int]:
        maker = getattr(ruptures, kind)(model=model, min_size=2, jump=1)
        found = maker.fit(standard(y)[:, None]).predict(pen=factor * np.log(len(y)))
        return [int(c) for c in found[:-1]]

    return work


def without_season(method: Method) -> Method:
    """The same method after our removal of a season."""
    return lambda y: method(remove_season(y)[0])


def bocpd_method(span: float, alpha: float, beta: float) -> Method:
    """``bayesian_changepoint_detection``: the run lengths most probable at the end, traced back."""
    module = importlib.import_module("bayesian_changepoint_detection.online_changepoint_detection")

    def work(y: Floats) -> list[int]:
        hazard = lambda r: module.constant_hazard(span, r)  # noqa: E731
        runs, _ = module.online_changepoint_detection(standard(y), hazard, module.StudentT(alpha, beta, 1.0, 0.0))
        end, cuts = len(y), []
        while end > 0:
            end -= max(int(runs[: end + 1, end].argmax()), 1)
            if end > 0:
                cuts.append(end)
        return sorted(cuts)

    return work


def peers() -> dict[str, Callable[[], Method]]:
    """Peers with documented settings; several where the documents name several."""
    table: dict[str, Callable[[], Method]] = {}
    for kind in ("Pelt", "Binseg"):
        for model in ("l2", "normal"):
            # the documents' log n, twice that (Schwarz for a level and a date), modified BIC (Zhang and Siegmund 2007)
            for factor in (1.0, 2.0, 3.0):
                table[f"ruptures {kind} {model}, {factor:g} log n"] = lambda kind=kind, model=model, factor=factor: (
                    ruptures_method(kind, model, factor)
                )
    for kind in ("Pelt", "Binseg"):  # the same season taken out for a peer
        table[f"ruptures {kind} l2, 3 log n, our season out"] = lambda kind=kind: without_season(
            ruptures_method(kind, "l2", 3.0)
        )
    table["BOCPD, run 250, 0.1 0.01 (its example)"] = lambda: bocpd_method(250.0, 0.1, 0.01)
    table["BOCPD, run 100, 1 1 (TCPD's default)"] = lambda: bocpd_method(100.0, 1.0, 1.0)
    return table


def sensitivity() -> dict[str, Method]:
    """Neighbours of our setting: one thing changed at a time."""
    table: dict[str, Method] = {
        "ours, first setting (before any score)": ours(hazard_prior=(1.0, 1.0), prior_noise=1.0)
    }
    changed: dict[str, dict[str, object]] = {
        "no season": {"period": None},
        "every number equally probable": {"hazard_prior": (1.0, 1.0)},
        "hazard Beta(1, 20)": {"hazard_prior": (1.0, 20.0)},
        "hazard fixed at 1/100": {"hazard": 0.01},
        "shortest segment 2": {"minimum_length": 2},
        "shortest segment 5": {"minimum_length": 5},
        "shortest segment 8": {"minimum_length": 8},
        "levels only": {"model": "normal", "rhos": RHOS},
        "lines only": {"model": "trend", "rhos": RHOS},
        "no autocorrelation": {"rhos": (0.0,)},
        "rho to 0.9": {"rhos": (0.0, 0.5, 0.8, 0.9)},
        "prior noise 0.1": {"prior_noise": 0.1},
        "prior noise 0.2": {"prior_noise": 0.2},
        "prior noise 0.5": {"prior_noise": 0.5},
        "prior noise 1": {"prior_noise": 1.0},
        "prior shape 0.5": {"prior_shape": 0.5},
        "prior shape 3": {"prior_shape": 3.0},
        "prior level 2": {"prior_level": 2.0},
        "prior slope 3.5": {"prior_slope": 3.5},
        "prior slope 14": {"prior_slope": 14.0},
        "at most 20 changes": {"most": 20},
    }
    return table | {f"ours, {name}": ours(**{"period": "auto", **options}) for name, options in changed.items()}


def worlds(repeat: int, seed: int) -> Iterator[tuple[str, Floats, list[int]]]:
    """Series of 96 points with unit noise and planted breaks."""
    rng = np.random.default_rng(seed)
    n, t = 96, np.arange(96)
    for _ in range(repeat):
        for levels in ((0, 3, 7), (0, 3, 0), (0, 2, -1), (0, 0, 0)):
            for rho in (0.0, 0.6):
                cuts = [int(rng.integers(25, 40)), int(rng.integers(58, 75))]
                noise = rng.normal(size=n)
                for i in range(1, n):
                    noise[i] = rho * noise[i - 1] + noise[i] * (1 - rho**2) ** 0.5
                step = np.repeat(np.array(levels, dtype=np.float64), np.diff([0, *cuts, n]))
                yield f"levels {levels}, rho {rho:g}", step + noise, cuts if any(levels) else []
        yield "random walk", np.cumsum(rng.normal(size=n)), []
        yield "straight line", 0.1 * t + rng.normal(size=n), []
        cut = int(rng.integers(35, 60))
        yield "bent line", np.where(t < cut, 0.15 * t, 0.15 * cut - 0.2 * (t - cut)) + rng.normal(size=n), [cut]
        yield "t(3) noise", rng.standard_t(3, n), []


def planted() -> None:
    """Cover and F1 in planted worlds; stated and true frequency of no change."""
    for seed in (0, 99):
        for label, options in (
            ("default", {}),
            ("prior noise 1", {"prior_noise": 1.0}),
            ("normal", {"model": "normal"}),
        ):
            reached: dict[str, list[tuple[float, float]]] = {}
            for name, y, cuts in worlds(10, seed):
                found = ours(**options)(y)
                reached.setdefault(name, []).append((cover([cuts], found, len(y)), f_one([cuts], found)))
            means = {name: np.mean(pairs, axis=0) for name, pairs in reached.items()}
            print(f"seed {seed}, {label}: mean cover, F1 {np.mean(list(means.values()), axis=0).round(3)}")
            print("    " + "; ".join(f"{name} {a:.2f} {b:.2f}" for name, (a, b) in means.items()), flush=True)
    for model in ("auto", "normal"):
        rng = np.random.default_rng(5)
        rows = []
        while len(rows) < 200:
            edges = [0, *(np.flatnonzero(rng.random(59) < rng.beta(1, 30)) + 1), 60]
            if min(np.diff(edges)) >= 3:
                y = np.repeat(rng.normal(0, 2, len(edges) - 1), np.diff(edges)) + rng.normal(size=60)
                seen = segment(y, model=model)
                rows.append((seen.number[0], len(edges) == 2, seen.expected_number, len(edges) - 2))
        stated, true, expected, number = np.mean(rows, axis=0)
        print(
            f"{model}: no change {stated:.3f} stated, {true:.3f} true; "
            f"changes {expected:.2f} expected, {number:.2f} true"
        )


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tcpd", type=Path)
    parser.add_argument("--peers", choices=("all", "none"), default="all")
    parser.add_argument("--detail", action="store_true", help="every series of the default")
    parser.add_argument("--sensitivity", action="store_true", help="neighbouring settings of ours")
    parser.add_argument("--planted", action="store_true", help="worlds with a known answer")
    args = parser.parse_args()
    if args.planted:
        planted()
        return
    if args.tcpd is None or not (args.tcpd / "annotations.json").exists():
        sys.exit("skipped: no folder with annotations.json was given (--tcpd DIR, alan-turing-institute/TCPD)")
    series, notes = read(args.tcpd)
    print(
        f"{len(series)} series, {sum(map(len, series.values()))} points; python {platform.python_version()}, "
        f"numpy {np.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}"
    )
    methods: dict[str, Method] = {"no change": lambda _: (), "ours (default, season auto)": ours(period="auto")}
    methods |= {f"ours, plain {m}": ours(model=m) for m in ("normal", "trend", "student")}
    if args.sensitivity:
        methods |= sensitivity()
    missing = set()
    if args.peers == "all":
        for name, make in peers().items():
            try:
                methods[name] = make()
            except ImportError as error:
                missing.add(error.name)
    print(f"\n{'method':46} {'cover':>6} {'F1':>6} {'wall s':>8} {'CPU s':>8}")
    for name, method in methods.items():
        covers, scores, lines = [], [], []
        method(series["nile"])  # imports and caches are not timed
        wall, cpu = time.perf_counter(), time.process_time()
        found = {one: sorted(method(y)) for one, y in series.items()}
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        for one, y in series.items():
            covers.append(cover(notes[one], found[one], len(y)))
            scores.append(f_one(notes[one], found[one]))
            lines.append(f"    {one:20} {covers[-1]:.3f} {scores[-1]:.3f}  {found[one]}")
        print(f"{name:46} {np.mean(covers):6.3f} {np.mean(scores):6.3f} {wall:8.2f} {cpu:8.2f}", flush=True)
        if args.detail and "(default" in name:
            print("\n".join(lines))
    for name in sorted(map(str, missing)):
        print(f"not installed, left out: {name}")


if __name__ == "__main__":
    main()
