"""The parts of tests/benchmark/peers.py."""
