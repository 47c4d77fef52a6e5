"""Runs contenders round by round, and keeps watch on what else the machine does meanwhile."""

import dataclasses
import os
import time

from peers import contenders as programs
from peers import machine, outputs


class Measurement:
    """Runs contenders, one at a time."""

    def __init__(self, options):
        self._options = options
        self._bench = None
        self._unfit = {}
        self.raw = []
        self.faults = 0

    def use(self, bench):
        self._bench = bench

    def run(self, table, contender, number, label):
        """One run, with repetitions if it was disturbed; its figures go to [table]."""
        if contender.name in self._unfit:
            return
        for attempt in range(self._options.retries + 1):
            if self._options.wait_idle:
                machine.idle_for(0.5, self._options.max_foreign, self._options.wait_idle)
            try:
                with machine.locked(self._options.lock):
                    figures, foreign = self._run_once(table, contender)
            except programs.Unfit as reason:
                self._unfit[contender.name] = str(reason)
                print(f"{label} left out from here on: {reason}", flush=True)
                return
            except (machine.RunFault, outputs.OutputFault, OSError) as fault:
                self.faults += 1
                print(f"{label} FAILED: {fault}", flush=True)
                return
            disturbed = foreign > self._options.max_foreign
            self._tell(label, figures, foreign, disturbed)
            last = attempt == self._options.retries
            self._keep(table, contender, number, figures, foreign, disturbed and not last)
            if not disturbed or last:
                table.disturbed += disturbed
                table.results.setdefault(contender.name, {})[number] = figures
                return

    def _run_once(self, table, contender):
        """Figures, and the cores that were taken by programs which have no part in it."""
        target = self._bench.target
        begin, busy, target_before = time.monotonic(), machine.busy_seconds(), target.cpu_seconds()
        children = os.times()
        figures = contender.run(self._bench, table.point)
        after = os.times()
        seconds = time.monotonic() - begin
        target_cpu = target.cpu_seconds() - target_before
        ours = target_cpu + sum(after[:4]) - sum(children[:4])
        # Over the time in which it was counted, which is more than that in which was measured.
        table.target_busy.append(target_cpu / seconds)
        return figures, max(0.0, (machine.busy_seconds() - busy - ours) / seconds)

    def _keep(self, table, contender, number, figures, foreign, discarded):
        self.raw.append({"set": table.kind, "point": table.point.title, "round": number,
                         "contender": contender.name, "foreign_cores": round(foreign, 4),
                         "discarded": discarded, "target_busy": round(table.target_busy[-1], 4),
                         **dataclasses.asdict(figures)})

    @staticmethod
    def _tell(label, figures, foreign, disturbed):
        cost = f"{figures.cpu_us:.2f} µs CPU a request, " if figures.cpu_us else ""
        wrong = f", {figures.errors} ERRORS" if figures.errors else ""
        note = f"  (disturbed: others took {foreign:.2f} cores)" if disturbed else ""
        print(f"{label} {cost}{figures.requests_per_second:,.0f}/s{wrong}{note}", flush=True)


def measure(options, all_tables, measurement):
    """All rounds. What they give goes to the tables at once, so that it is there if we are
    interrupted.
    """
    total = sum(len(table.contenders) for table in all_tables) * options.rounds
    done = 0
    for number in range(1, options.rounds + 1):
        for table in all_tables:
            order = table.contenders if number % 2 else table.contenders[::-1]
            for contender in order:
                done += 1
                label = (f"[{done}/{total}] round {number}, {table.kind}, "
                         f"{table.point.title}: {contender.name}:")
                measurement.run(table, contender, number, label)
