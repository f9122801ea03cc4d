"""The first integration shim: stands where an integration platform stands, and knows Baton only by its HTTP door."""
