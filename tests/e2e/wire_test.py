"""The wire between hosts: what it does to frames is what it says it does, and the seed's affair."""

import unittest

import wire

HOSTS = (3, 4, 5)
FRAMES = 5_000
START_S = 64
IPV4, ARP = b"\x08\x00", b"\x08\x06"
BROADCAST = b"\xff" * 6


def address(port):
    return bytes([2, 0, 0, 0, 0, port])


def frame(source, destination, kind=IPV4, payload=b""):
    return destination + address(source) + kind + payload


class WireTest(unittest.TestCase):

    def wire(self, seed=1, **conditions):
        """One that knows already who is where."""
        made = wire.Wire(wire.Conditions(**conditions), seed, HOSTS)
        for port in HOSTS:
            made.take(port, frame(port, address(port), ARP), 0)
        list(made.due(START_S))
        made.counts = dict.fromkeys(made.counts, 0)
        return made

    def numbers_through(self, through, kind=IPV4):
        """Of frames a millisecond apart from 3 to 4: (number, when it arrived in seconds)."""
        arrived = []
        for n in range(FRAMES + 1000):
            now = START_S + n / 1e3
            if n < FRAMES:
                through.take(3, frame(3, address(4), kind, n.to_bytes(4, "big")), now)
            for port, what in through.due(now):
                self.assertEqual(port, 4)
                arrived.append((int.from_bytes(what[14:], "big"), round(now - START_S, 6)))
        return arrived

    def test_a_good_wire_carries_all_at_once_in_order(self):
        arrived = self.numbers_through(self.wire())
        self.assertEqual(arrived, [(n, n / 1e3) for n in range(FRAMES)])

    def test_who_is_not_known_is_looked_for_everywhere_else(self):
        through = wire.Wire(wire.Conditions(), 1, HOSTS)
        through.take(3, frame(3, BROADCAST), 0)
        self.assertEqual([port for port, _ in through.due(0)], [4, 5])
        through.take(4, frame(4, address(3)), 0)
        self.assertEqual([port for port, _ in through.due(0)], [3])

    def test_delays_lie_in_their_range_and_keep_the_order(self):
        arrived = self.numbers_through(self.wire(least_delay_ms=10, most_delay_ms=20))
        self.assertEqual([n for n, _ in arrived], list(range(FRAMES)))
        # By the grid of a millisecond on which this test looks.
        delays = [round((at - n / 1e3) * 1e3) for n, at in arrived]
        self.assertGreaterEqual(min(delays), 10)
        self.assertLessEqual(max(delays), 21)

    def test_what_is_lost_and_doubled_is_counted_and_as_often_as_was_asked(self):
        through = self.wire(loss=0.1, duplication=0.05)
        arrived = [n for n, _ in self.numbers_through(through)]
        counts = through.counts
        self.assertEqual(FRAMES - len(set(arrived)), counts["dropped"])
        self.assertEqual(len(arrived) - len(set(arrived)), counts["doubled"])
        self.assertEqual(len(arrived), counts["carried"])
        # Five standard deviations of a binomial.
        self.assertAlmostEqual(counts["dropped"], 500, delta=5 * 22)
        self.assertAlmostEqual(counts["doubled"], 225, delta=5 * 15)

    def test_what_is_held_back_is_overtaken(self):
        through = self.wire(least_delay_ms=5, most_delay_ms=5, reordering=0.1)
        arrived = [n for n, _ in self.numbers_through(through)]
        self.assertEqual(sorted(arrived), list(range(FRAMES)))
        late = sum(1 for before, n in zip(arrived, arrived[1:]) if n < before)
        self.assertGreater(late, 0)
        self.assertGreaterEqual(through.counts["held"], late)

    def test_a_seed_tells_the_same_story_and_another_one_another(self):
        story = {seed: self.numbers_through(self.wire(seed, loss=0.1)) for seed in (1, 2)}
        self.assertEqual(self.numbers_through(self.wire(1, loss=0.1)), story[1])
        self.assertNotEqual(story[1], story[2])

    def test_what_finds_addresses_is_not_lost(self):
        self.assertEqual(len(self.numbers_through(self.wire(loss=1), ARP)), FRAMES)


if __name__ == "__main__":
    unittest.main()
