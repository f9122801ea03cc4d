"""The outside world: canonical records, payload reading, sources, destinations, the shim."""
