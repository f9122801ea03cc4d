"""The files connector: a folder of exports as a source."""
