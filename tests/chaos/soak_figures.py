# SPDX-License-Identifier: ISC
"""What a process uses, sampled while it works, and the figures made of the samples."""
import os
import threading
import time

PAGE = os.sysconf("SC_PAGE_SIZE") // 1024
TICKS = os.sysconf("SC_CLK_TCK")
BIN = 60		# seconds: one point of the line


class Sampler:
    """Reads /proc and the metrics page every few seconds. rows: dictionaries with the same keys; path: the file that each row is written
    to at once, so that it is there whatever happens."""

    def __init__(self, pid, page, heap, every, path):
        self._pid, self._page, self._heap, self._every = pid, page, heap, every
        self._table = open(path, "w", encoding="ascii")		# pylint: disable=consider-using-with
        self._begin = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.rows = []
        self._last_heap = 0
        self.now = ""		# the current fault

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.wait(self._every):
            self.once()

    def once(self):
        """Takes one sample."""
        row = self._sample()
        if not self.rows:
            print(*row, sep="\t", file=self._table)
        print(*row.values(), sep="\t", file=self._table, flush=True)
        self.rows.append(row)

    def _sample(self):
        path = "/proc/%d/" % self._pid
        with open(path + "stat", encoding="ascii") as file:
            stat = file.read().rpartition(") ")[2].split()
        with open(path + "status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        with open(self._heap, encoding="ascii") as file:
            heap = int(file.read() or self._last_heap)	# empty while it is written
        self._last_heap = heap
        values = self._page.values()
        return {
            "seconds": round(time.monotonic() - self._begin, 1),
            "messages": int(sum(value for name, value in values.items() if name.startswith("messages_total{"))),
            "rss_kib": int(stat[21]) * PAGE, "anonymous_kib": int(status["RssAnon"].split()[0]),
            "heap_kib": heap // 1024, "threads": int(stat[17]), "descriptors": len(os.listdir(path + "fd")),
            "sessions": int(values["open_sessions"]), "cached": int(values["cache_entries"]),
            "held": int(values["counters_held_messages"]),
            "cpu_seconds": (int(stat[11]) + int(stat[12])) / TICKS, "fault": self.now}


def median(values):
    return sorted(values)[len(values) // 2]


def line(points):
    """Least squares: (slope, half of its 95 % interval). Each point is for one minute: consecutive samples depend on each other,
    and would make the interval look smaller than it is."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    return slope, 2.0 * (rest / max(n - 2, 1) / spread) ** 0.5


def bins(rows, name, choose):
    """One (messages, KiB) for each minute."""
    groups = {}
    for row in rows:
        groups.setdefault(int(row["seconds"] // BIN), []).append(row)
    return [(median([row["messages"] for row in group]), choose([row[name] for row in group])) for group in groups.values()]


def figures(rows, warm_up):
    """warm_up: the share of the time that is left out."""
    warm = [row for row in rows if row["seconds"] >= warm_up * rows[-1]["seconds"]]
    slopes = {}
    # for the heap, a minute's minimum: what is in use between two bursts
    for name, choose in (("rss_kib", median), ("heap_kib", min)):
        points = bins(warm, name, choose)
        slopes[name] = [figure / 1024 * 1e6 for figure in (line(points) if len(points) > 2 else (0.0, float("inf")))]
    quarter = max(len(warm) // 4, 1)
    first, last = warm[:quarter], warm[-quarter:]
    return {
        "minutes": round(rows[-1]["seconds"] / 60, 1), "warm_up_minutes": round(warm[0]["seconds"] / 60, 1),
        "messages_after_warm_up": warm[-1]["messages"] - warm[0]["messages"],
        "heap_slope_mib_per_million": round(slopes["heap_kib"][0], 3), "heap_slope_95_percent": round(slopes["heap_kib"][1], 3),
        "heap_mib_first": round(median([row["heap_kib"] for row in first]) / 1024, 2),
        "heap_mib_last": round(median([row["heap_kib"] for row in last]) / 1024, 2),
        "heap_mib_highest": round(max(row["heap_kib"] for row in rows) / 1024, 2),
        "rss_slope_mib_per_million": round(slopes["rss_kib"][0], 3), "rss_slope_95_percent": round(slopes["rss_kib"][1], 3),
        "rss_mib_first": round(median([row["rss_kib"] for row in first]) / 1024, 2),
        "rss_mib_last": round(median([row["rss_kib"] for row in last]) / 1024, 2),
        "rss_mib_highest": round(max(row["rss_kib"] for row in rows) / 1024, 2),
        # the minimum, at rest: threads and descriptors that exist only during sessions, or strangers' connections, are no growth
        "threads_first": min(row["threads"] for row in first), "threads_last": min(row["threads"] for row in last),
        "threads_highest": max(row["threads"] for row in rows),
        "descriptors_first": min(row["descriptors"] for row in first),
        "descriptors_last": min(row["descriptors"] for row in last),
        "descriptors_highest": max(row["descriptors"] for row in rows),
        "cpu_microseconds_per_message": round((rows[-1]["cpu_seconds"] - rows[0]["cpu_seconds"]) * 1e6 /
                                              max(rows[-1]["messages"] - rows[0]["messages"], 1), 1)}
