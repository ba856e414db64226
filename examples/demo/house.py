"""The house's own rules: an officer publishes a policy, and puts the model group under it."""

from pathlib import Path

import yaml

from .command import typed
from .play import Play
from .waiting import expect

ROOT = Path(__file__).parents[2]
POLICY_FILE = "examples/credit_risk/consumer-credit.yaml"
"""From the top of the repository, where the demo is played."""


def publish_the_policy(play: Play) -> None:
    """From now on this policy judges every approval of a version of the group, wherever it is given."""
    words = ("policy", "publish", POLICY_FILE, "--why", "as the risk committee decided")
    published = play.steward("officer", *words)
    expect(published["outcome"] in {"done", "in-force-already"}, f"{POLICY_FILE} should be in force: {published}")
    play.policy, play.policy_hash = published["policy"], published["policy_hash"]
    officer = play.person("officer")
    play.screen.did(
        officer, f"published the house policy {play.policy}, sha256 {play.policy_hash[:12]}…", typed(*words)
    )
    document = yaml.safe_load((ROOT / POLICY_FILE).read_text(encoding="utf-8"))
    play.screen.quoted(document["description"])
    words = ("policy", "assign", document["name"], "--group", play.group, "--why", "it decides on consumer credit")
    (assigned,) = play.steward("officer", *words)["groups"]
    expect(
        assigned["policy"] == play.policy and assigned["outcome"] in {"done", "in-force-already"},
        f"{play.group} should stand under {play.policy}: {assigned}",
    )
    play.screen.did(officer, f"put {play.group} under it", typed(*words))
