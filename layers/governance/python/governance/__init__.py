"""Steward: governance for Amazon SageMaker Model Registry."""
