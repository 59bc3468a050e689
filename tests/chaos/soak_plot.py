# SPDX-License-Identifier: ISC
"""Plots the samples of a soak: four curves over time, one below the other, with the warm-up in grey and faults as ticks."""

WIDTH, LEFT, RIGHT = 960, 70, 20
HEIGHT, GAP, TOP = 170, 46, 60
CURVES = [("rss_kib", "resident memory, MiB", 1024), ("heap_kib", "given out by malloc, MiB", 1024), ("threads", "threads", 1), ("descriptors", "descriptors", 1)]
STYLE = "text{font:12px sans-serif;fill:#222}.t{font-size:15px}.g{stroke:#ddd}.c{fill:none;stroke:#0b5fa5;stroke-width:1.2}" \
        ".w{fill:#eee}.f{stroke:#c33;stroke-width:1}.x{fill:#fff;stroke:#999}"


def ceiling(value):
    """The next round number."""
    step = 1
    while step * 10 < value:
        step *= 10
    return next(step * factor for factor in (1, 2, 3, 4, 5, 6, 8, 10, 20) if step * factor >= value)


def panel(rows, name, title, unit, top, end):
    values = [row[name] / unit for row in rows]
    high = ceiling(max(values))
    across = (WIDTH - LEFT - RIGHT) / end

    def at(row):
        return "%.1f,%.1f" % (LEFT + row["seconds"] * across, top + HEIGHT - row[name] / unit / high * HEIGHT)
    yield '<text x="%d" y="%d">%s</text>' % (LEFT, top - 6, title)
    for part in range(5):
        y = top + HEIGHT - part * HEIGHT / 4
        yield '<line class="g" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>' % (LEFT, WIDTH - RIGHT, y, y)
        yield '<text x="%d" y="%.1f" text-anchor="end">%g</text>' % (LEFT - 6, y + 4, high * part / 4)
    yield '<polyline class="c" points="%s"/>' % " ".join(map(at, rows))


def ticks(rows, top, end):
    """Marks the faults, and labels the time."""
    across = (WIDTH - LEFT - RIGHT) / end
    for row in rows:
        if row["fault"]:
            x = LEFT + row["seconds"] * across
            yield '<line class="f" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>' % (x, x, top, top + 6)
    for part in range(7):
        x = LEFT + part * (WIDTH - LEFT - RIGHT) / 6
        yield '<text x="%.1f" y="%d" text-anchor="middle">%g min</text>' % (x, top + 22, round(end * part / 360, 1))


def plot(rows, found):
    """Returns an SVG document."""
    end = rows[-1]["seconds"]
    curves = [curve for curve in CURVES if curve[0] in rows[0]]
    bottom = TOP + len(curves) * (HEIGHT + GAP)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><!-- SPDX-License-Identifier: ISC --><style>%s</style>' %
             (WIDTH, bottom + 24, STYLE), '<rect class="x" x="0" y="0" width="%d" height="%d"/>' % (WIDTH, bottom + 24),
             '<text class="t" x="%d" y="24">%d messages in %g minutes, %d faults</text>' %
             (LEFT, found["messages"], found["minutes"], sum(found["faults"].values()))]
    for number, (name, title, unit) in enumerate(curves):
        top = TOP + number * (HEIGHT + GAP)
        parts.append('<rect class="w" x="%d" y="%d" width="%.1f" height="%d"/>' %
                     (LEFT, top, found["warm_up_minutes"] * 60 / end * (WIDTH - LEFT - RIGHT), HEIGHT))
        parts += panel(rows, name, title, unit, top, end)
    parts += ticks(rows, bottom - GAP + 4, end)
    parts.append('<text x="%d" y="%d">grey: warm-up; red: a fault is going on</text>' % (LEFT, bottom + 4))
    return "\n".join(parts + ["</svg>"]) + "\n"
