"""How properties are tried: a machine that is slow, or shared, makes none of them fail.

Hypothesis gives up where making examples takes long, by the clock; here only the code under test may decide.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("steward", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steward")
