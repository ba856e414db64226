"""`make demo`: the life of two model versions, each act by the right person, on a running local cloud."""
