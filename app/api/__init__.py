"""HTTP: routes, errors, limits, and the LangServe adapter."""
