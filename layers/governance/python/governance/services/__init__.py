"""Second floor: the use cases. Fetch, decide, keep."""
