"""What was reported beside the truth: how far it may be off, and the table."""

import dataclasses

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999, "p99_99": 0.9999, "max": 1}
# What loopback and the client's own work may add, and what any clock may be off by.
LEAST_ALLOWED_US = 100
ALLOWED_SHARE = 0.01


@dataclasses.dataclass(frozen=True)
class Line:
    """One quantile, all in microseconds. [made] is what the oracle says that it really did."""
    name: str
    low: float
    high: float
    made: float
    reported: float
    hiccup: float
    lateness: float

    def allowed_above(self):
        """The platform may delay the generator (hiccup) and the oracle (lateness) besides."""
        return max(ALLOWED_SHARE * self.high, LEAST_ALLOWED_US) + self.hiccup + self.lateness

    def allowed_below(self):
        """Nothing can make an answer come early."""
        return max(ALLOWED_SHARE * self.low, LEAST_ALLOWED_US)

    def passes(self):
        return self.low - self.allowed_below() <= self.reported <= self.high + self.allowed_above()


def lines(truth, rate, window_s, run, oracle):
    """[run] is a run of a report.json; [oracle] has `made_us` and `lateness_us` by quantile."""
    hiccup = run.get("hiccup") or {}
    table = []
    for name, q in QUANTILES.items():
        interval = truth.quantile(q, rate, window_s)
        table.append(Line(name, interval.low, interval.high, oracle.made_us[name],
                          run["response_time"].get(f"{name}_us", 0.0),
                          hiccup.get(f"{name}_us", 0.0), oracle.lateness_us[name]))
    return table


COLUMNS = ["quantile", "truth", "oracle made", "reported", "off by", "allowed", "of it hiccup",
           "of it lateness", ""]


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
                      f"{off_by(line):+,.0f}", _us(line.allowed_above()), _us(line.hiccup),
                      _us(line.lateness), "PASS" if line.passes() else "FAIL"])
    return rows_


def aligned(rows_):
    widths = [max(len(row[column]) for row in rows_) for column in range(len(rows_[0]))]
    return "\n".join("  " + "  ".join(
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows_)
