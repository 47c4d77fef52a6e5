"""What was reported beside the truth: how far it may be off, and the table. All in microseconds."""

import dataclasses

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999, "p99_99": 0.9999, "max": 1}
# What loopback and the client's own work may add, and what any clock may be off by.
LEAST_ALLOWED_US = 100
ALLOWED_SHARE = 0.01


@dataclasses.dataclass(frozen=True)
class Line:
    """One quantile, all in microseconds. [made] is what the oracle says that it really did, and
    [platform] what the generator's hiccups may add.
    """
    name: str
    low: float
    high: float
    made: float
    reported: float
    platform: float
    lateness: float

    def oracle_excuse(self):
        """By how much the oracle was late at this quantile. When a stop ends, those who have waited
        least are answered last, so that the quantiles of truth and lateness do not add up: what
        the oracle made of the truth may be more than that.
        """
        return max(self.lateness, self.made - self.high)

    def allowed_above(self):
        return (max(ALLOWED_SHARE * max(self.high, self.made), LEAST_ALLOWED_US) + self.platform +
                self.oracle_excuse())

    def allowed_below(self):
        """Nothing can make an answer come early."""
        return max(ALLOWED_SHARE * self.low, LEAST_ALLOWED_US)

    def passes(self):
        return self.low - self.allowed_below() <= self.reported <= self.high + self.allowed_above()


def platform_excuse(truth_at, hiccup, q):
    """What hiccups may add to the q-quantile of the truth.

    Whatever X and Y have to do with each other, P(X + Y > a + b) <= P(X > a) + P(Y > b), so that

        Q_X+Y(q) <= Q_X(q + d) + Q_Y(1 - d)    for each d from 0 to 1 - q.

    For a truth without steps d = 1 - q is best, and hiccups add their own q-quantile. Where the
    truth has a step just beyond q, fewer of them are needed to lift a request over it: then a
    smaller d is. The d are those for which the report has a quantile of the hiccups.
    """
    bounds, so_far = [], 0.0
    for name, known in QUANTILES.items():
        # One that a report leaves out is no more than those before it.
        so_far = max(so_far, hiccup.get(f"{name}_us", 0.0))
        if known >= q:
            bounds.append(truth_at(min(1, q + (1 - known))) + so_far)
    return min(bounds) - truth_at(q)


def lines(truth, rate, window_s, run, oracle):
    """[run] is a run of a report.json; [oracle] has `made_us` and `lateness_us` by quantile."""
    def truth_at(q):
        return truth.quantile(q, rate, window_s).high

    table = []
    for name, q in QUANTILES.items():
        interval = truth.quantile(q, rate, window_s)
        table.append(Line(name, interval.low, interval.high, oracle.made_us[name],
                          run["response_time"].get(f"{name}_us", 0.0),
                          platform_excuse(truth_at, run.get("hiccup") or {}, q),
                          oracle.lateness_us[name]))
    return table


COLUMNS = ["quantile", "truth", "oracle made", "reported", "off by", "allowed", "of it hiccup",
           "of it oracle", ""]


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
                      f"{off_by(line):+,.0f}", _us(line.allowed_above()), _us(line.platform),
                      _us(line.oracle_excuse()), "PASS" if line.passes() else "FAIL"])
    return rows_


def aligned(rows_):
    widths = [max(len(row[column]) for row in rows_) for column in range(len(rows_[0]))]
    return "\n".join("  " + "  ".join(
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows_)
