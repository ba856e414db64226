"""Models and people to try Steward with: real data, real training, real registrations. Never shipped."""
