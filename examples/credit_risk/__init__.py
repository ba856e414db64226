"""A credit-risk model on 4,454 real consumer loans: trained, logged, packed and registered."""
