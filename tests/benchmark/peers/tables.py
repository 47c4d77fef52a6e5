"""One table for each point: a line for each contender, over all rounds."""

from peers import figures as arithmetic

COLUMNS = ["program", "CPU µs a request", "× floor", "requests/s", "requests a CPU second",
           "achieved", "reported p50 / p99 / p99.9 µs", "send lag p50 / p99 µs",
           "send lag × floor p50 / p99"]
UNKNOWN = "–"


def counted(number, noun):
    """1 run, 2 runs."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def disturbed(runs):
    if not runs:
        return ""
    return f"; {counted(runs, 'run')} {'was' if runs == 1 else 'were'} disturbed by other programs"


def _spread(values, form):
    spread = arithmetic.spread(values)
    if spread is None:
        return UNKNOWN
    if spread.low == spread.high:
        return form(spread.median)
    return f"{form(spread.median)} [{form(spread.low)}–{form(spread.high)}]"


def _median(values, form):
    spread = arithmetic.spread(values)
    return form(spread.median) if spread else UNKNOWN


def _microseconds(value):
    """Three digits that matter, as far as there are so many."""
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _quantiles(of_rounds, names):
    words = [_median([getattr(quantiles, name) for quantiles in of_rounds], _microseconds)
             for name in names]
    return UNKNOWN if set(words) == {UNKNOWN} else " / ".join(words)


def _lag_ratios(lags, base_lags):
    words = [_spread(arithmetic.ratios([getattr(lag, name) for lag in lags],
                                       [getattr(lag, name) for lag in base_lags]),
                     lambda value: f"{value:.2f}") for name in ("p50", "p99")]
    return UNKNOWN if set(words) == {UNKNOWN} else " / ".join(words)


def rows(contenders, results):
    """The table's lines. [results] is a mapping from a name to a mapping from a round to Figures.

    A contender that has no round at all has no line.
    """
    table = []
    for contender in contenders:
        of_rounds = results.get(contender.name, {})
        if not of_rounds:
            continue
        runs = list(of_rounds.values())
        shared = sorted(set(of_rounds) & set(results.get(contender.base, {})))
        ours = [of_rounds[number] for number in shared]
        base = [results[contender.base][number] for number in shared]
        ratios = arithmetic.ratios([run.cpu_us for run in ours], [run.cpu_us for run in base])
        table.append([
            contender.name,
            _spread([run.cpu_us for run in runs], lambda value: f"{value:.2f}"),
            _spread(ratios, lambda value: f"{value:.2f}"),
            _median([run.requests_per_second for run in runs], lambda value: f"{value:,.0f}"),
            _median([run.requests_per_cpu_second() for run in runs if run.cpu_us],
                    lambda value: f"{value:,.0f}"),
            _median([run.achieved for run in runs], lambda value: f"{100 * value:.2f} %"),
            _quantiles([run.reported for run in runs], ("p50", "p99", "p99_9")),
            _quantiles([run.send_lag for run in runs], ("p50", "p99")),
            _lag_ratios([run.send_lag for run in ours], [run.send_lag for run in base]),
        ])
    return table


def service_times(contenders, results):
    """A line on those that tell the time from the send to the answer's receipt; "" if none does."""
    medians = [(contender.name,
                _median([run.service_time.p50 for run in results.get(contender.name, {}).values()],
                        _microseconds)) for contender in contenders]
    words = [f"{name} {median} µs" for name, median in medians if median != UNKNOWN]
    return "service time p50: " + "; ".join(words) if words else ""


def plain(table):
    """Aligned for a terminal."""
    lines = [COLUMNS] + table
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    text = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                      for column, (cell, width) in enumerate(zip(line, widths))).rstrip()
            for line in lines]
    return "\n".join(text)


def markdown(table):
    rule = ["---"] + ["---:"] * (len(COLUMNS) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [COLUMNS, rule] + table)
