"""Ground floor: the words and rules of governance. Pydantic and the standard library only."""
