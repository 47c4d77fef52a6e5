"""What one run gave, and the arithmetic over the rounds."""

import dataclasses
import math
import statistics
from typing import Optional


@dataclasses.dataclass
class Quantiles:
    """In microseconds; None where the program does not tell."""
    p50: Optional[float] = None
    p99: Optional[float] = None
    p99_9: Optional[float] = None


@dataclasses.dataclass
class Figures:
    """One run of one program. [cpu_us] is CPU time of the client for each request."""
    requests: int
    requests_per_second: float
    cpu_us: Optional[float] = None
    # Requests answered, as a share of those that the rate demanded; None in a closed loop.
    achieved: Optional[float] = None
    # What the program itself prints as latency.
    reported: Quantiles = dataclasses.field(default_factory=Quantiles)
    send_lag: Quantiles = dataclasses.field(default_factory=Quantiles)
    # From the send to the kernel's receipt of the answer, where a program tells that apart.
    service_time: Quantiles = dataclasses.field(default_factory=Quantiles)
    # Requests that the program itself counts as failed.
    errors: int = 0

    def requests_per_cpu_second(self):
        return 1e6 / self.cpu_us


CONFIDENCE = 0.95


@dataclasses.dataclass
class Spread:
    """A median, and where it lies with a confidence of 95 %; of fewer than six values, which cannot
    say so, their range."""
    median: float
    low: float
    high: float


def _left_out(count):
    """How many of [count] ordered values lie outside of the median's interval, on either side.

    Whatever the values' distribution, each is below its median with probability one half: the
    interval from the (k+1)-th to the (n-k)-th misses it with probability 2 P(Binomial(n, 1/2) <= k)
    (David and Nagaraja, Order Statistics, section 7.1).
    """
    missed, left_out = 2 / 2 ** count, 0
    while missed <= 1 - CONFIDENCE:
        left_out += 1
        missed += 2 * math.comb(count, left_out) / 2 ** count
    return max(left_out - 1, 0)


def spread(values):
    """Of those of [values] that are known; None if none is."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    left_out = _left_out(len(known))
    return Spread(statistics.median(known), known[left_out], known[-1 - left_out])


def ratios(values, bases):
    """Ratio of each round's value to the same round's base, where both are known.

    The ratio is taken within a round and not between medians, so that a machine that is slower for
    a while slows both sides of it.
    """
    return [value / base for value, base in zip(values, bases) if value and base]


def quantile(ordered, share):
    """The smallest of [ordered] that at least [share] of all do not exceed; None of nothing."""
    if not ordered:
        return None
    # In thousandths: 0.99 · 100 is a little more than 99 in binary fractions.
    rank = -(-len(ordered) * round(share * 1000) // 1000)
    return ordered[max(rank, 1) - 1]
