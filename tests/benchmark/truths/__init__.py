"""The parts of tests/benchmark/truth.py."""
