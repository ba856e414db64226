"""The Merkle tree hash of RFC 6962: one hash that stands for a list, computed while the list goes by."""

import hashlib


class MerkleTree:
    """A tree over leaves that are added in order.

    Leaves are hashed behind a byte 0x00, nodes behind 0x01, so that no node can be passed off as a leaf (RFC 6962,
    section 2.1). Of n leaves it holds at most one hash for each bit of n.
    """

    def __init__(self) -> None:
        self.count = 0
        self.subtrees: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """One more leaf, to the right of all others."""
        size, digest = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while self.subtrees and self.subtrees[-1][0] == size:
            digest = node(self.subtrees.pop()[1], digest)
            size *= 2
        self.subtrees.append((size, digest))
        self.count += 1

    @property
    def root(self) -> str:
        """The hash of the whole, in lower-case hexadecimal; without leaves that of nothing."""
        if not self.subtrees:
            return hashlib.sha256().hexdigest()
        *others, (_, digest) = self.subtrees
        for _, left in reversed(others):
            digest = node(left, digest)
        return digest.hex()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()
