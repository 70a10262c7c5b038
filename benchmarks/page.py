"""Makes docs/benchmarks.md and its plot from the results: the same results always make the same page."""

from __future__ import annotations

import html
import math
from pathlib import Path

from cost import LINES
from targets import CLAIMS, WORKS, Judged, Record, figures_of, judge, middle, times_better

BEGINNING = """# Speed and size, beside what one would use instead

Made by `make bench` from `docs/benchmarks.json`; nothing here is written by hand. Each target has one program
(`benchmarks/programs.py`) that runs the peers and bidden in turn, in one run, each in a process of its own, on data
that it makes. A figure is the middle of its rounds, *spread* is the smallest and the largest of them. Absolute figures
move by tens of per cent from run to run and from machine to machine; a ratio holds, and says how many times better
bidden is. Memory is the most that the process has held (`VmHWM`); of several rounds, the largest.

It does not say how fast a platform is: every server here is on this machine and answers at once.
"""

HOW = {
    "B1": """
A CSV file of ten columns; one row in a hundred is bad, by one of four faults in turn: no name, no `@`, a letter in the
mobile number, a date of birth that is to come. Ours is the whole command, from its start to its end, with `--strict`:
it also finds who stands twice in the file, which no peer does. The peers' imports are not counted. Who is slow gets
fewer rows.
""",
    "B2": """
The file of B1 from Python. Polars by hand makes a table and no objects.
""",
    "B3": """
iMocha's invite with its key. What the peers do not do: check the e-mail, the name and the window.
""",
    "B4": """
One server for all, one thread over epoll (`benchmarks/native/src/server.rs`), on the same cores as the caller. Each
call is built and its answer read. httpx's asynchronous client is quoted at 8 in flight as well, because its pool makes
it slower at 32.
""",
    "B5": """
`bidden invite` from a file, start and end included: each row's intent and outcome are durable (synchronous=FULL) before
and after its request, commits shared by the rows that wait. The peer keeps no record at all.
""",
    "B6": """
Planning, sending and resuming a file; then the ledger is filled by the record's own path, and planned into again.
""",
    "B7": """
One load for all (`benchmarks/native/src/load.rs`: one thread, 32 connections, the next call as soon as the last is
answered), on the same cores. What is answered survives `kill -9`; with synchronous=FULL a power cut too. The peers hold
one table.
""",
    "B8": """
A pending invitation is started inside its window. The machines move and are put back.
""",
    "B9": """
A Python process with the import, less one without, in turn.
""",
    "B10": """
The files as they are shipped.
""",
    "leaks": """
Not a target: what stays in memory of many calls from Python, after a tenth as many to warm up.
""",
}

WORDS = {
    "memory_mib": ("memory", "MiB"),
    "cpu_per_1000": ("CPU s per 1,000", ""),
    "p50_ms": ("50 of 100 within", "ms"),
    "p99_ms": ("99 of 100 within", "ms"),
    "memory_growth": ("memory, times a tenth's", ""),
}


def number(value: float) -> str:
    """Three digits, thousands and millions by their letter."""
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{digits(value / size)}{letter}"
    return digits(value)


def digits(value: float) -> str:
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# A thousand of them is one of the next.
NEXT = {"ns": "µs", "µs": "ms", "ms": "s"}


def with_unit(value: float, unit: str) -> str:
    while unit in NEXT and abs(value) >= 1000:
        value, unit = value / 1000, NEXT[unit]
    return f"{number(value)} {unit}".rstrip()


def middle_text(figure: Record) -> str:
    return with_unit(middle(figure["values"]), figure["unit"])


def found_text(judged: Judged) -> str:
    claim, found = judged.claim, judged.found
    if found is None or judged.figure is None:
        return "–"
    if claim.over:
        return f"{digits(found)} ×"
    unit = judged.figure["unit"] if claim.of == "value" else WORDS[claim.of][1]
    return with_unit(found, unit)


def verdict(judged: Judged) -> str:
    return {True: "met", False: "**NOT met**", None: "not measured"}[judged.is_met]


def spread(values: list[float], unit: str) -> str:
    if len(values) < 2:
        return "–"
    return " – ".join(with_unit(value, unit) if unit in NEXT else number(value) for value in (min(values), max(values)))


def verdicts(results: Record) -> str:
    """The one table over all targets."""
    lines = ["| id | asks | ours | beside it | verdict |", "|---|---|---|---|---|"]
    for claim in CLAIMS:
        judged = judge(claim, figures_of(results, claim.target))
        ours = found_text(judged)
        if judged.figure is not None and judged.other is not None:
            other = f"{middle_text(judged.figure)} against {middle_text(judged.other)}"
        elif judged.figure is not None and judged.found is not None:
            kept = judged.figure["values"] if claim.of == "value" else judged.figure[claim.of]
            unit = judged.figure["unit"] if claim.of == "value" else WORDS[claim.of][1]
            other = f"spread {spread(kept, unit)}" if len(kept) > 1 else "one round"
        else:
            # What was told to end earlier is shown below, and judged by nothing.
            is_short = f"{claim.figure}-less" in figures_of(results, claim.target)
            other = "this run was told to end at less" if is_short else "–"
        lines.append(f"| {claim.target} | {claim.asks} | {ours} | {other} | {verdict(judged)} |")
    return "\n".join(lines) + "\n"


# Peers that are not called from Python, where we are measured from both.
NATIVE_PEERS = {"reqwest"}


def beside(figures: dict[str, Record], key: str) -> Record | None:
    """Which of ours a peer or a limit is compared with: the one of its language, else the first of its unit."""
    figure = figures[key]
    if figure["role"] == "peer" and key not in NATIVE_PEERS and "python" in figures:
        return figures["python"]
    ours = [one for one in figures.values() if one["role"] == "ours" and one["unit"] == figure["unit"]]
    return ours[0] if ours else None


def details(name: str, target: Record) -> str:
    figures: dict[str, Record] = target["figures"]
    extra = [key for key in WORDS if any(key in figure for figure in figures.values())]
    has_peers = any(figure["role"] != "ours" for figure in figures.values())
    head = ["what", "figure", "spread", *(["ours is"] if has_peers else []), *(WORDS[key][0] for key in extra)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for role in ("ours", "peer", "limit"):
        for key, figure in figures.items():
            if figure["role"] != role:
                continue
            label = figure["label"] + (f" ({figure['note']})" if figure.get("note") else "")
            ours = beside(figures, key)
            cells = [
                ("limit: " if role == "limit" else "") + label,
                middle_text(figure),
                spread(figure["values"], figure["unit"]),
            ]
            if has_peers:
                cells.append("" if role == "ours" or ours is None else f"{digits(times_better(ours, figure))} ×")
            for other in extra:
                kept = figure.get(other)
                value = None if not kept else max(kept) if other == "memory_mib" else middle(kept)
                cells.append("" if value is None else with_unit(value, WORDS[other][1]))
            lines.append("| " + " | ".join(cells) + " |")
    compared = [
        ours["label"] for key, figure in figures.items() if figure["role"] != "ours" and (ours := beside(figures, key))
    ]
    which = " or, for the peers in Python, ".join(sorted(set(compared), key=lambda label: label.startswith("Python")))
    parts = [f"## {name}: {WORKS.get(name, 'what stays in memory')}", HOW[name].strip(), "\n".join(lines)]
    if compared:
        parts.append(f"*Ours is*: how many times better than that is {which}.")
    parts += [f"**Not measured: {line}**" for line in target["skipped"]]
    taken = f"Taken {target['taken']} UTC at {target['commit']}, {target['rounds']} rounds in {target['seconds']} s; "
    taken += f"load before it {target['load']}, {number(target['syncs_per_second'])} syncs of 4 KiB a second."
    parts.append(taken + (f" {target['note']}" if target.get("note") else ""))
    return "\n\n".join(parts) + "\n"


def machine(results: Record) -> str:
    found = results["machine"]
    if not found:
        return "Nothing is measured yet.\n"
    words = f"{found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB of memory, {found['kernel']}."
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return f"{words}\n\nVersions: {versions}.\n"


def growth(results: Record) -> str:
    text = "## Cost as work grows\n\n"
    if not results["cost"]:
        return text + "Not measured yet: `make bench-cost`.\n"
    text += "![Cost as work grows](benchmarks.svg)\n\n"
    for name, lines in LINES.items():
        measured = results["cost"].get(name)
        if measured is None:
            text += f"**{name}**: not measured yet: `make bench-cost ONLY={name}`.\n\n"
            continue
        head = ["rows", *lines.values(), "memory, MiB"]
        text += f"**{name}**, {WORKS[name]}\n\n| " + " | ".join(head) + " |\n|" + "---|" * len(head) + "\n"
        for point in measured["points"]:
            if "missing" in point:
                text += f"| {point['rows']:,} | {point['missing']} |" + " |" * (len(head) - 2) + "\n"
                continue
            cells = [
                f"{point['rows']:,}",
                *(number(point[key]) for key in lines),
                number(point["memory_mib"]) if point["memory_mib"] else "–",
            ]
            text += "| " + " | ".join(cells) + " |\n"
        text += "\n" + slopes(lines, measured["points"])
        text += f"Taken {measured['taken']} UTC at {measured['commit']}, once each; load before it {measured['load']}."
        text += (f" {measured['note']}" if measured.get("note") else "") + "\n\n"
    return text.rstrip() + "\n"


def slopes(lines: dict[str, str], points: list[Record]) -> str:
    """How much the figure changes over the whole length."""
    measured = [point for point in points if "missing" not in point]
    if len(measured) < 2:
        return ""
    first, last = measured[0], measured[-1]
    words = [
        f"{label.removesuffix(', rows/s').removesuffix(', s')} {digits(last[key] / first[key])} × of what it was"
        for key, label in lines.items()
        if first[key]
    ]
    return f"From {first['rows']:,} to {last['rows']:,} rows: {'; '.join(words)}.\n\n"


def page(results: Record) -> str:
    parts = [BEGINNING, f"## The machine\n\n{machine(results)}", f"## Every target\n\n{verdicts(results)}"]
    judged = [judge(claim, figures_of(results, claim.target)) for claim in CLAIMS]
    met = sum(one.is_met is True for one in judged)
    missed = sum(one.is_met is False for one in judged)
    parts.append(f"{met} of {len(judged)} are met, {missed} are not, {len(judged) - met - missed} were not measured.\n")
    notes = {target["note"]: None for target in results["targets"].values() if target.get("note")}
    parts += [f"**{note}**\n" for note in notes]
    for name in [*WORKS, "leaks"]:
        target = results["targets"].get(name)
        if target is not None:
            parts.append(details(name, target))
    parts.append(growth(results))
    return "\n".join(parts)


WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 34, 34

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .small { font-size: 10.5px; fill: #59636e }
  .name { font-weight: 600 }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 }
  .a { stroke: #0969da } .b { stroke: #bc4c00 } .c { stroke: #1a7f37 } .d { stroke: #8250df }
  .dot { stroke: none }
  .dot.a { fill: #0969da } .dot.b { fill: #bc4c00 } .dot.c { fill: #1a7f37 } .dot.d { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .small { fill: #9198a1 } .grid { stroke: #3d444d }
    .a { stroke: #4493f8 } .b { stroke: #db6d28 } .c { stroke: #3fb950 } .d { stroke: #ab7df8 }
    .dot.a { fill: #4493f8 } .dot.b { fill: #db6d28 } .dot.c { fill: #3fb950 } .dot.d { fill: #ab7df8 }
  }
"""


def plot(results: Record) -> str:
    """Four drawings over logarithmic axes: a flat line of a rate is a cost that grows with the work and no faster."""
    height = 2 * HEIGHT + 16
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {height}" role="img">\n'
    text += f"<title>Cost as work grows</title>\n<style>{STYLE}</style>\n"
    for index, (name, lines) in enumerate(LINES.items()):
        across, down = index % 2 * WIDTH, index // 2 * HEIGHT
        points = results["cost"].get(name, {}).get("points", [])
        rates = {key: label for key, label in lines.items() if label.endswith(("/s", "stored"))}
        text += drawing(name, rates, [point for point in points if "missing" not in point], across, down)
    axes = "across: rows, or rows stored; up: rows or calls in a second; both logarithmic"
    text += f'<text class="small" x="{LEFT}" y="{height - 4}">{axes}</text>\n'
    return text + "</svg>\n"


def drawing(name: str, lines: dict[str, str], points: list[Record], across: int, down: int) -> str:
    text = f'<g transform="translate({across} {down})">\n<text class="name" x="{LEFT}" y="14">{name}</text>\n'
    values = [point[key] for point in points for key in lines if point.get(key)]
    if not values:
        return text + f'<text class="small" x="{LEFT}" y="{HEIGHT / 2}">not measured yet</text>\n</g>\n'
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)

    def x(rows: float) -> float:
        return round(LEFT + (math.log10(rows) - 4) / 3 * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    for power in range(low, high + 1):
        text += f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(10**power)}" y2="{y(10**power)}"/>\n'
        text += (
            f'<text class="small" x="{LEFT - 6}" y="{y(10**power) + 4}" text-anchor="end">{number(10**power)}</text>\n'
        )
    for power, label in ((4, "10 k"), (5, "100 k"), (6, "1 M"), (7, "10 M")):
        text += (
            f'<text class="small" x="{x(10**power)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{label}</text>\n'
        )
    for order, (letter, (key, label)) in enumerate(zip("abcd", lines.items(), strict=False)):
        drawn = [(x(point["rows"]), y(point[key])) for point in points if point.get(key)]
        text += f'<polyline class="line {letter}" points="{" ".join(f"{a},{b}" for a, b in drawn)}"/>\n'
        text += "".join(f'<circle class="dot {letter}" cx="{a}" cy="{b}" r="3"/>\n' for a, b in drawn)
        short = label.replace("`", "").removesuffix(", rows/s")
        text += f'<circle class="dot {letter}" cx="{LEFT + 36}" cy="{10 + 13 * order}" r="3"/>\n'
        text += f'<text class="small" x="{LEFT + 44}" y="{14 + 13 * order}">{html.escape(short)}</text>\n'
    return text + "</g>\n"


def write(results: Record, folder: Path, name: str) -> list[Path]:
    """Write the page and its plot, and say where."""
    files = {folder / name: page(results)}
    if name == "benchmarks.md":
        files[folder / "benchmarks.svg"] = plot(results)
    for path, text in files.items():
        path.write_text(text)
    return list(files)
