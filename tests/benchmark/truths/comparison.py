"""What was reported beside the truth: how far it may be off, and the table. All in microseconds.

A reported time is the truth T, and what the oracle was late by, L, and what the generator's own
stops, the hiccups, added, H. Whatever the three have to do with each other,

    P(T + H + L > t + h + l) <= P(T > t) + P(H > h) + P(L > l),

so that the q-quantile of the sum is at most

    T(1 - a) + H(1 - b) + L(1 - c)    for any a + b + c = 1 - q.

For a T without steps a = 0 and b = c = (1 - q) / 2 will do: both disturbances at 1 - (1 - q) / 2,
or at the next higher quantile that is told (p50 -> p90, p90 -> p95, p99 -> p99.9, max -> max). The
quantiles of H and L at q itself would not bound their sum: nothing says that the same requests met
both. All b and c are tried for which quantiles are told, T being known at any, and the least of
these bounds is taken. That finds the split which suits a T that rises, or has a step just beyond q.

The oracle's lateness has no stop in it: an answer that is due in a stop is due at its end. But one
that is due a moment before a stop, and not given before it, is late by the whole stop, though it
takes hardly longer than one that was due in it. To add such an L to a T with a stop would count the
stop twice. The oracle also tells what it made, M = T + L, request by request, with each stop in it
once; so, with the same inequality for two,

    M(1 - a) + H(1 - b)    for any a + b <= 1 - q

are bounds as well, and less than those above where L has a stop in it.
"""

import dataclasses

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999, "p99_99": 0.9999, "max": 1}
# At which the disturbances are told.
TOLD = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99_9": 0.999, "p99_99": 0.9999,
        "max": 1}
# What loopback and the client's own work may add, and what any clock may be off by.
LEAST_ALLOWED_US = 100
ALLOWED_SHARE = 0.01
_ROUNDING = 1e-9  # Of shares in binary fractions.


@dataclasses.dataclass(frozen=True)
class Excuse:
    """By how much the truth may be exceeded, and whose part is how much."""
    hiccup: float
    oracle: float

    def total(self):
        return self.hiccup + self.oracle


@dataclasses.dataclass(frozen=True)
class Line:
    """One quantile. [made] is what the oracle says that it really did."""
    name: str
    low: float
    high: float
    made: float
    reported: float
    excuse: Excuse

    def allowed_above(self):
        return max(ALLOWED_SHARE * max(self.high, self.made), LEAST_ALLOWED_US) + \
            self.excuse.total()

    def allowed_below(self):
        """Nothing can make an answer come early."""
        return max(ALLOWED_SHARE * self.low, LEAST_ALLOWED_US)

    def passes(self):
        return self.low - self.allowed_below() <= self.reported <= self.high + self.allowed_above()


def _rising(times):
    """{share: time}; a quantile that is left out is no more than those before it."""
    rising, so_far = {}, 0.0
    for name, share in TOLD.items():
        so_far = max(so_far, times.get(name, 0.0))
        rising[share] = so_far
    return rising


def excuse(truth_at, hiccup, lateness, made, q):
    """The least of the bounds above, less the truth. The times are given by name of quantile."""
    hiccups, late, did = _rising(hiccup), _rising(lateness), _rising(made)
    truth, excuses = truth_at(q), []
    for b, of_hiccup in hiccups.items():
        left = 1 - q - (1 - b)  # For the others to exceed.
        for c, of_lateness in late.items():
            if left - (1 - c) >= -_ROUNDING:
                # The truth's own rise lets hiccups lift requests over a step.
                rise = truth_at(min(1, q + (1 - b) + (1 - c))) - truth
                excuses.append(Excuse(of_hiccup + rise, of_lateness))
        for a, of_made in did.items():
            if left - (1 - a) >= -_ROUNDING:
                excuses.append(Excuse(of_hiccup, max(0.0, of_made - truth)))
    return min(excuses, key=Excuse.total)


def lines(truth, rate, window_s, run, oracle):
    """[run] is a run of a report.json; [oracle] has `made_us` and `lateness_us` by quantile."""
    def truth_at(q):
        return truth.quantile(q, rate, window_s).high

    hiccup = {name: (run.get("hiccup") or {}).get(f"{name}_us", 0.0) for name in TOLD}
    table = []
    for name, q in QUANTILES.items():
        interval = truth.quantile(q, rate, window_s)
        table.append(Line(name, interval.low, interval.high, oracle.made_us[name],
                          run["response_time"].get(f"{name}_us", 0.0),
                          excuse(truth_at, hiccup, oracle.lateness_us, oracle.made_us, q)))
    return table


COLUMNS = ["quantile", "truth µs", "oracle made µs", "reported µs", "off by µs", "allowed µs",
           "of it hiccup µs", "of it oracle µs", ""]


def _us(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def off_by(line):
    """From the nearest end of the truth's interval; 0 within it."""
    return max(0.0, line.reported - line.high) + min(0.0, line.reported - line.low)


def rows(table):
    rows_ = [COLUMNS]
    for line in table:
        truth = _us(line.low)
        if line.high > line.low:
            truth += f"–{_us(line.high)}"
        rows_.append([line.name.replace("_", "."), truth, _us(line.made), _us(line.reported),
                      f"{off_by(line):+,.0f}", _us(line.allowed_above()), _us(line.excuse.hiccup),
                      _us(line.excuse.oracle), "PASS" if line.passes() else "FAIL"])
    return rows_


def aligned(rows_):
    widths = [max(len(row[column]) for row in rows_) for column in range(len(rows_[0]))]
    return "\n".join("  " + "  ".join(
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows_)
