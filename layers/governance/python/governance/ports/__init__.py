"""First floor: what the use cases need of the outside, as protocols in domain words."""
