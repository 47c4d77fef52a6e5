"""What is measured in which table: the sets of contenders, and the points that they are run at."""

import dataclasses

from peers import contenders as programs
from peers.contenders import Point

PACINGS = ("precise", "coalesced", "spin")
RATE_CONNECTIONS = 64
# More than at lower rates: a stop of the machine for 2 ms alone leaves 200 requests open.
TOP_CONNECTIONS = 256


@dataclasses.dataclass
class Table:
    """A point, who takes part in it, and what the rounds gave: {name: {round: Figures}}."""
    kind: str
    point: Point
    contenders: list
    results: dict = dataclasses.field(default_factory=dict)
    disturbed: int = 0
    target_busy: list = dataclasses.field(default_factory=list)


def saturation(options):
    base = programs.floor_name("epoll")
    return [Table("saturation", Point(f"closed loop, {connections} connections", connections), [
        programs.floor("epoll"), programs.floor("io_uring"),
        *(programs.agent(base, engine) for engine in options.agent_engines),
        programs.wrk(base), programs.wrk2(base), programs.ab(base), programs.h2load(base),
        programs.hey(base)]) for connections in options.connections]


def _paced(options, pacings):
    """Floor and agent with each of [pacings]."""
    line = []
    for pacing in pacings:
        base = programs.floor_name("epoll", pacing)
        line += [programs.floor("epoll", pacing, options.wait, options.tick_us),
                 programs.floor("io_uring", pacing, tick_us=options.tick_us)]
        line += [programs.agent(base, engine, pacing, options.tick_us)
                 for engine in options.agent_engines]
    return line


def rate(options):
    base = programs.floor_name("epoll", "coalesced")
    return [Table("rate", Point(f"{each:,}/s, {RATE_CONNECTIONS} connections", RATE_CONNECTIONS,
                                each),
                  _paced(options, PACINGS) + [programs.wrk2(base), programs.h2load(base),
                                              programs.hey(base)]) for each in options.rates]


def top(options):
    return [Table("top", Point(f"{options.top_rate:,}/s, {TOP_CONNECTIONS} connections",
                               TOP_CONNECTIONS, options.top_rate),
                  _paced(options, ("precise", "coalesced")))]


SETS = {"saturation": saturation, "rate": rate, "top": top}


def chosen(contenders, only):
    """Those that --only asks for, with the floors that they are compared with."""
    if not only:
        return contenders
    wanted = [each for each in contenders if any(word in each.name for word in only)]
    bases = {each.base for each in wanted}
    return [each for each in contenders if each in wanted or each.name in bases]
