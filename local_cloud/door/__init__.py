"""The door of the local cloud: MiniStack, hooked where it is open, so that one endpoint serves every AWS API.

Runs in MiniStack's own environment (`python -m local_cloud.door`), so it imports the standard library, MiniStack
and itself, nothing else. Every hook says what AWS does and what MiniStack lacks; `pin` names the one version that
all of them were written against.
"""
