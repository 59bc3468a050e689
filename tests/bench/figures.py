# SPDX-License-Identifier: ISC
"""Medians, ranges, ratios, and tables of them."""
import statistics

COLUMNS = (("{unit}s/s", "rate"), ("CPU us/{unit}", "cpu_us"), ("EOM p50 us", "eom_p50_us"), ("p99 us", "eom_p99_us"),
           ("p99.9 us", "eom_p999_us"))


def median(rounds, key):
    return statistics.median(figures[key] for figures in rounds)


def ratio(rounds, base, key):
    """The median of the rounds' ratios, so that a noisy minute that affects both sides does not count. None without any."""
    pairs = [(ours[key], floor[key]) for ours, floor in zip(rounds, base) if floor[key] > 0]
    return statistics.median(ours / floor for ours, floor in pairs) if pairs else None


def cell(rounds, key):
    values = [figures[key] for figures in rounds]
    return "%.0f (%.0f-%.0f)" % (statistics.median(values), min(values), max(values))


class Results:
    """The measurements of one table: for each row, the figures of each round."""

    def __init__(self, table):
        self.table = table
        self.rounds = {row.name: [] for row in table.rows}
        self.load = (0.0, 0.0)

    def base(self):
        return self.rounds[self.table.rows[0].name]

    def ratios(self):
        """(row, key) -> ratio to the first row."""
        return {(name, key): ratio(rounds, self.base(), key)
                for name, rounds in list(self.rounds.items())[1:] for _, key in COLUMNS}

    def columns(self):
        return [(title.format(unit=self.table.unit), key) for title, key in COLUMNS if key != "eom_p999_us" or self.has_waits()]

    def has_waits(self):
        return any(median(rounds, "eom_p50_us") > 0 for rounds in self.rounds.values())

    def lines(self):
        """The cells of a table, header first."""
        shown = [(title, key) for title, key in self.columns() if self.has_waits() or not key.startswith("eom")]
        yield [""] + [title for title, _ in shown] + ["RSS MiB", "errors"]
        for name, rounds in self.rounds.items():
            yield [name] + [cell(rounds, key) for _, key in shown] + [
                "%.1f" % max(figures["peak_rss_kib"] / 1024 for figures in rounds),
                "%d" % sum(figures["errors"] for figures in rounds)]
        ratios = self.ratios()
        for name in list(self.rounds)[1:]:
            yield ["ratio: " + name] + [
                "-" if ratios[name, key] is None else "%.2f" % ratios[name, key] for _, key in shown] + ["", ""]

    def late(self):
        return int(sum(figures["late"] for rounds in self.rounds.values() for figures in rounds))


def text_table(lines):
    lines = [list(cells) for cells in lines]
    widths = [max(len(cells[i]) for cells in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(value.ljust(width) if i == 0 else value.rjust(width)
                               for i, (value, width) in enumerate(zip(cells, widths))).rstrip() for cells in lines)


def markdown_table(lines):
    lines = [list(cells) for cells in lines]
    rows = ["| " + " | ".join(cells) + " |" for cells in lines]
    rows.insert(1, "|---|" + "---:|" * (len(lines[0]) - 1))
    return "\n".join(rows)
