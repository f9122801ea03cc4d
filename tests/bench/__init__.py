"""Benchmarks: figures that anyone can make again with `make bench`."""
