"""The truths: what the oracle is told to do, and the response times that follow, in closed form.

All requests start at constant distances over a window of W seconds, and find a free connection at
once. A truth is an interval [low, high] of microseconds for each quantile: where requests are what
a quantile is made of, it can be off by a beat.
"""

import dataclasses

US = 1e6  # microseconds in a second
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


DELAY = 1  # The sequence that delays are drawn from (target-services/oracle/choice_sequence.h).


def choice_bits(seed, kind, number):
    """The oracle's choice for a request, in its 64 bits (SplitMix64)."""
    origin = _mix((_mix((seed + _GOLDEN) & _MASK) + kind * _GOLDEN) & _MASK)
    return _mix((origin + (number + 1) * _GOLDEN) & _MASK)


def uniform(seed, kind, number):
    return ((choice_bits(seed, kind, number) >> 11) + 1) / (1 << 53)


@dataclasses.dataclass(frozen=True)
class Interval:
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Fixed:
    """Every request takes D: Q(q) = D."""
    delay_s: float = 0.002

    name = "fixed"
    longest_stop_s = 0

    def words(self):
        return f"every answer takes {1e3 * self.delay_s:g} ms"

    def flags(self):
        return ["--delay", f"fixed:{self.delay_s * US:.0f}us"]

    def quantile(self, q, _rate, _window_s):
        del q
        return Interval(self.delay_s * US, self.delay_s * US)


@dataclasses.dataclass(frozen=True)
class TwoPoint:
    """A request takes A or, with probability p, B > A. Of n requests k were drawn to take B: in
    order they are the last k, so that Q(q) is A as long as the rank, q n rounded up, is at most
    n - k. The draws are the oracle's own, so k is known and not guessed.
    """
    fast_s: float = 0.001
    slow_s: float = 0.020
    share: float = 0.01
    seed: int = 1

    name = "two-point"
    longest_stop_s = 0

    def words(self):
        return (f"{100 * (1 - self.share):g} % take {1e3 * self.fast_s:g} ms, {100 * self.share:g} "
                f"% take {1e3 * self.slow_s:g} ms")

    def flags(self):
        return ["--delay", f"two-point:{self.fast_s * US:.0f}us,{self.slow_s * US:.0f}us,"
                f"{self.share:g}", "--seed", str(self.seed)]

    def slow_among(self, requests):
        return sum(uniform(self.seed, DELAY, number) <= self.share for number in range(requests))

    def quantile(self, q, rate, window_s):
        requests = round(rate * window_s)
        fast = requests - self.slow_among(requests)
        # In millionths: 0.99 · 100 is a little more than 99 in binary fractions.
        rank = -(-requests * round(q * 1e6) // 1_000_000)
        value = (self.fast_s if rank <= fast else self.slow_s) * US
        return Interval(value, value)


def _excess(q, delay_s, stops, window_s):
    """Seconds by which the q-quantile exceeds the delay D, for stops [a, b) of a window of W.

    A request of instant t is due at t + D; if that is in a stop it is answered at b. So its excess
    is more than y where a - D <= t < b - D - y. The length of all such t within the window is

        G(y) = sum over the stops of max(0, min(b - D - y, W) - max(a - D, 0)),

    which falls with y, and the quantile is where G(y) = (1 - q) W; it is 0 if G(0) is less.
    """
    def longer_than(y):
        return sum(max(0.0, min(end - delay_s - y, window_s) - max(begin - delay_s, 0.0))
                   for begin, end in stops)

    low, high = 0.0, max((end - begin for begin, end in stops), default=0.0)
    if longer_than(low) <= (1 - q) * window_s:
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        if longer_than(middle) > (1 - q) * window_s:
            low = middle
        else:
            high = middle
    return high


# The oracle counts its stops from the arrival of its first request, which is a little later than
# that was due.
_LATEST_FIRST_S = 0.005


def _stopped(q, delay_s, stops, rate, window_s):
    """The interval for known stops. Where in a stop its first request comes is not known, so that
    each stop may have one request more or less than the form has; and stops may come up to
    _LATEST_FIRST_S later, which matters for one at the window's end.
    """
    later = [(begin + _LATEST_FIRST_S, end + _LATEST_FIRST_S) for begin, end in stops]
    share = len(stops) / (rate * window_s)
    excesses = [_excess(each_q, delay_s, each_stops, window_s)
                for each_q in (max(0.0, q - share), min(1.0, q + share))
                for each_stops in (stops, later)]
    return Interval((delay_s + min(excesses)) * US, (delay_s + max(excesses)) * US)


@dataclasses.dataclass(frozen=True)
class Pauses:
    """Stops of length P every T, as a garbage collector makes them. With s stops in a window of W,
    all of them whole, the general form above is Q(q) = D for q <= 1 - s P / W, and beyond that
    D + P - (1 - q) W / s.
    """
    delay_s: float = 0.002
    pause_s: float = 0.2
    every_s: float = 2.0

    name = "pauses"

    @property
    def longest_stop_s(self):
        return self.pause_s

    def words(self):
        return (f"every answer takes {1e3 * self.delay_s:g} ms; a stop of "
                f"{1e3 * self.pause_s:g} ms every {self.every_s:g} s")

    def flags(self):
        return ["--delay", f"fixed:{self.delay_s * US:.0f}us", "--pause",
                f"{self.pause_s * US:.0f}us", "--every", f"{self.every_s * US:.0f}us"]

    def stops(self, window_s):
        count = int((window_s + self.delay_s) / self.every_s)
        return [(k * self.every_s, k * self.every_s + self.pause_s) for k in range(1, count + 1)]

    def quantile(self, q, rate, window_s):
        return _stopped(q, self.delay_s, self.stops(window_s), rate, window_s)


@dataclasses.dataclass(frozen=True)
class LastStop:
    """One stop that begins in the window's last second and ends after it: only the requests of the
    window are measured, and their answers come while the run drains.
    """
    delay_s: float = 0.002
    before_end_s: float = 0.15
    stop_s: float = 0.2

    name = "last-stop"

    @property
    def longest_stop_s(self):
        return self.stop_s

    def words(self):
        return (f"every answer takes {1e3 * self.delay_s:g} ms; a stop of {1e3 * self.stop_s:g} ms "
                f"begins {1e3 * self.before_end_s:g} ms before the window ends")

    def flags_in(self, window_s):
        return ["--delay", f"fixed:{self.delay_s * US:.0f}us", "--stop-at",
                f"{(window_s - self.before_end_s) * US:.0f}us", "--stop-for",
                f"{self.stop_s * US:.0f}us"]

    def quantile(self, q, rate, window_s):
        begin = window_s - self.before_end_s
        return _stopped(q, self.delay_s, [(begin, begin + self.stop_s)], rate, window_s)


TRUTHS = {truth.name: truth for truth in (Fixed(), TwoPoint(), Pauses(), LastStop())}


def oracle_flags(truth, window_s):
    """What the oracle is started with so that it acts on the truth in a window from its start."""
    return truth.flags_in(window_s) if isinstance(truth, LastStop) else truth.flags()


def ample_connections(truth, rate):
    """So many that no request waits for one: those of the longest stop and a half more, for the
    backlog behind it, and for a stop of the machine.
    """
    return 64 + round(rate * (0.05 + 1.5 * truth.longest_stop_s))
