"""What arguments of the command line may be; for argparse, which puts the option's name before."""

import argparse


def _whole(text, least, most=None):
    expected = f"from {least} to {most}" if most else f"from {least} up"
    fault = argparse.ArgumentTypeError(f"'{text}': expected a whole number {expected}")
    try:
        number = int(text)
    except ValueError:
        raise fault from None
    if number < least or (most is not None and number > most):
        raise fault
    return number


def whole(least, most=None):
    """A type: a whole number in a range."""
    return lambda text: _whole(text, least, most)


def numbers(text):
    try:
        return [_whole(word, 1) for word in text.split(",")]
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"'{text}': expected whole numbers from 1 up, with commas between, such as "
            "1000,5000") from None


def seconds(text):
    """From 0, with a fraction."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}': expected a number from 0 up")
    return number


def words(text):
    return [word for word in text.split(",") if word]
