"""How fast and how small: each module here has `run() -> dict`, a JSON-able result with its own table in `rows`."""
