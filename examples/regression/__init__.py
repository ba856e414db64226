"""A small regression model: house prices in Sacramento, packed and registered like the credit-risk one."""
