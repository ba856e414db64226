"""The `steward` command: the record for people who read it, and the reconciler, proofs and drills for who runs it."""
