"""Parts that several connectors and the shim are made of."""
