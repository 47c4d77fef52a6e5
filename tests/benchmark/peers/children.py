"""The programs that a benchmark starts, none of which outlives it.

    with children.until_interrupted():
        program = children.start(["sleep", "5"])
        …

SIGINT and SIGTERM become one Interrupted, whose exit code is that of a shell; further ones are
ignored, so that nobody who presses Ctrl-C twice leaves a program behind. It is no time for a drain:
on the way out whatever was started is killed. No threads, so there is none to wait for at the end.
"""

import contextlib
import signal
import subprocess

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """Somebody wants an end. Like KeyboardInterrupt no Exception, which a run's fault is."""

    def __init__(self, number):
        super().__init__(f"signal {number}")
        self.exit_code = 128 + number


class _Started:
    """All that run; and a signal that came when one was being started, too early to know it."""
    programs = []
    starting = False
    number = None


def start(command, **how):
    """subprocess.Popen, for a program that shall be killed if we are interrupted."""
    # One that has ended and was waited for needs no end.
    _Started.programs = [each for each in _Started.programs if each.returncode is None]
    _Started.starting = True
    try:
        program = subprocess.Popen(command, **how)
        _Started.programs.append(program)
    finally:
        _Started.starting = False
        number, _Started.number = _Started.number, None
        if number is not None:
            raise Interrupted(number)
    return program


def kill_all():
    for program in _Started.programs:
        program.kill()
    for program in _Started.programs:
        program.wait()


def _interrupt(number, _frame):
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    if _Started.starting:
        _Started.number = number
        return
    raise Interrupted(number)


@contextlib.contextmanager
def until_interrupted():
    """Interrupted comes out of it if it came; then all programs have been killed, and the signals
    stay ignored for the rest of this program, which is short.
    """
    before = [signal.signal(each, _interrupt) for each in _SIGNALS]
    try:
        yield
    except Interrupted:
        kill_all()
        raise
    except BaseException:
        _restore(before)
        raise
    _restore(before)


def _restore(handlers):
    for each, handler in zip(_SIGNALS, handlers):
        signal.signal(each, handler)
