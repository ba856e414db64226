"""The whole of Steward's AWS on a laptop: MiniStack and moto behind one door, and the little glue neither has.

A developer's tool. Nothing shipped imports it, and it knows nothing of governance.
"""
