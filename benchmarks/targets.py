"""The targets, as data: what each asks of which figure. Whether it is met is computed, nowhere written."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]

# What each target measures, in the order of the page.
WORKS = {
    "B1": "validate a list, Rust and `bidden check`",
    "B2": "validate from Python, one object for each good row",
    "B3": "sign and encode one call",
    "B4": "calls over HTTP, 32 in flight, no ledger",
    "B5": "the same with the ledger, durable before and after each send",
    "B6": "a ledger that has grown: plan, resume, status",
    "B7": "the sandbox under load, 32 connections, unique e-mails",
    "B8": "one lifecycle decision",
    "B9": "`import bidden`, over an empty interpreter",
    "B10": "sizes, stripped",
}


@dataclass(frozen=True)
class Claim:
    """One thing that a target asks: of a figure, or of how many times better it is than another one."""

    target: str
    asks: str
    figure: str
    bound: float
    # `least` or `most`: on which side of the bound it has to be.
    side: str
    # `value`, or what else a figure carries: `memory_mib`, `cpu_per_1000`, `p50_ms`, `p99_ms`.
    of: str = "value"
    # When it is a ratio: the figure that it is compared with. How many times better ours is.
    over: str | None = None


CLAIMS = [
    Claim("B1", "≥ 2.5 M rows/s", "check", 2.5e6, "least"),
    Claim("B1", "≥ 1 × polars by hand", "check", 1, "least", over="polars"),
    Claim("B1", "memory ≤ 64 MiB", "check", 64, "most", of="memory_mib"),
    Claim("B1", "memory ≤ 64 MiB at any length: 10 M rows", "check-long", 64, "most", of="memory_mib"),
    Claim("B2", "iterated and dropped ≥ 2 M rows/s", "iterated", 2e6, "least"),
    Claim("B2", "kept in a list ≥ 0.8 M rows/s", "kept", 0.8e6, "least"),
    Claim("B2", "≥ 25 × pydantic with e-mail check", "iterated", 25, "least", over="pydantic-email"),
    Claim("B2", "≥ 2 × pandera on polars", "iterated", 2, "least", over="pandera"),
    Claim("B2", "memory of all rows ≤ 1.25 × that of a tenth", "iterated", 1.25, "most", of="memory_growth"),
    Claim("B3", "Rust ≤ 0.5 µs", "rust", 0.5, "most"),
    Claim("B3", "Python ≤ 1.5 µs", "python", 1.5, "most"),
    Claim("B3", "Python ≥ 20 × requests", "python", 20, "least", over="requests"),
    Claim("B4", "Rust ≥ 45 k/s", "rust", 45_000, "least"),
    Claim("B4", "Rust ≥ 1 × pycurl", "rust", 1, "least", over="pycurl"),
    Claim("B4", "Rust ≤ 0.025 CPU s per 1,000", "rust", 0.025, "most", of="cpu_per_1000"),
    Claim("B4", "Rust ≤ 20 MiB", "rust", 20, "most", of="memory_mib"),
    Claim("B4", "Python ≥ 0.9 × Rust", "python", 0.9, "least", over="rust"),
    Claim("B4", "Python ≥ 20 × requests with threads", "python", 20, "least", over="requests"),
    Claim("B5", "≥ 10 k/s", "invite", 10_000, "least"),
    Claim("B5", "≥ 7 × requests with threads, no ledger", "invite", 7, "least", over="requests"),
    Claim("B6", "plan into an empty ledger ≥ 100 k rows/s", "plan-empty", 100_000, "least"),
    Claim("B6", "plan into one that holds 10 M ≥ 30 k rows/s", "plan-grown", 30_000, "least"),
    Claim("B6", "resume of a finished run of 1 M ≤ 2 s", "resume", 2, "most"),
    Claim("B6", "memory ≤ 128 MiB, planning", "plan-grown", 128, "most", of="memory_mib"),
    Claim("B6", "memory ≤ 128 MiB, sending 1 M rows", "apply", 128, "most", of="memory_mib"),
    Claim("B7", "≥ 20 k/s", "sandbox", 20_000, "least"),
    Claim("B7", "≥ 5 × FastAPI and SQLite, NORMAL", "sandbox", 5, "least", over="fastapi"),
    Claim("B7", "≥ 6 × FastAPI and SQLite, both FULL", "sandbox-full", 6, "least", over="fastapi-full"),
    Claim("B7", "50 of 100 answers ≤ 3 ms", "sandbox", 3, "most", of="p50_ms"),
    Claim("B7", "99 of 100 answers ≤ 25 ms", "sandbox", 25, "most", of="p99_ms"),
    Claim("B7", "memory ≤ 64 MiB", "sandbox", 64, "most", of="memory_mib"),
    Claim("B7", "first answer ≤ 100 ms after start", "sandbox-start", 100, "most"),
    Claim("B7", "≥ 0.6 × the empty figure at 5 M stored", "sandbox-stored", 0.6, "least", over="sandbox"),
    Claim("B8", "Rust ≤ 10 ns", "rust", 10, "most"),
    Claim("B8", "C ≤ 20 ns", "c", 20, "most"),
    Claim("B8", "Python ≤ 0.2 µs", "python", 200, "most"),
    Claim("B9", "≤ 15 ms", "bidden", 15, "most"),
    Claim("B10", "`libbidden.so` ≤ 4 MiB", "library", 4, "most"),
    Claim("B10", "without client and ledger ≤ 1 MiB", "lean-library", 1, "most"),
    Claim("B10", "wheel ≤ 6 MiB", "wheel", 6, "most"),
    Claim("B10", "`bidden` ≤ 15 MiB", "command", 15, "most"),
]


@dataclass(frozen=True)
class Judged:
    """A claim and what was measured: `None` where nothing was."""

    claim: Claim
    figure: Record | None
    other: Record | None
    found: float | None

    @property
    def is_met(self) -> bool | None:
        if self.found is None:
            return None
        return self.found >= self.claim.bound if self.claim.side == "least" else self.found <= self.claim.bound


def middle(values: list[float]) -> float:
    return float(statistics.median(values))


def times_better(ours: Record, other: Record) -> float:
    """How many times better ours is, by the medians of what was run in turn."""
    mine, theirs = middle(ours["values"]), middle(other["values"])
    return mine / theirs if ours["better"] == "more" else theirs / mine


def figures_of(results: Record, target: str) -> dict[str, Record]:
    """What was measured for a target."""
    figures: dict[str, Record] = results["targets"].get(target, {}).get("figures", {})
    return figures


def judge(claim: Claim, figures: dict[str, Record]) -> Judged:
    figure = figures.get(claim.figure)
    other = figures.get(claim.over) if claim.over else None
    if figure is None or (claim.over and other is None):
        return Judged(claim, figure, other, None)
    if other is not None:
        return Judged(claim, figure, other, times_better(figure, other))
    kept = figure["values"] if claim.of == "value" else figure.get(claim.of, [])
    # Of memory the most counts, and not the middle.
    found = None if not kept else max(kept) if claim.of == "memory_mib" else middle(kept)
    return Judged(claim, figure, other, found)
