"""Play the demo: `python -m examples.demo --cloud .local/cloud.json`. Exits 0 only if all went well."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from botocore.exceptions import BotoCoreError, ClientError

from examples.cloud import Cloud

from . import approvals, challenger, champion, evidence, house, onboarding, timeline
from .command import command_on
from .play import Play
from .records import Records
from .screen import Screen
from .waiting import UnexpectedError, expect


def perform(play: Play, template: str) -> None:
    """The whole story. Raises `UnexpectedError` as soon as something is not as it should be."""
    screen = play.screen
    screen.act("A model group, its policy, and the rows its models are judged on")
    onboarding.onboard_the_group(play, template)
    house.publish_the_policy(play)
    onboarding.bind_the_validation_set(play)

    screen.act("A credit-risk model on real loans")
    onboarding.train_the_candidates(play)

    screen.act("Registered from the dev account, recorded and sealed in the hub")
    first = champion.register_candidate(play, champion.CHAMPION, "data-scientist")
    champion.wait_until_sealed(play, first)
    evidence.read_the_authors_report(play, first, champion.CHAMPION)
    approvals.try_to_approve_as_the_author(play, first)
    champion.destroy_the_source(play, first)

    screen.act("Approved too early: refused, and put right")
    approvals.approve_too_early(play, first, missing="fair-to-the-young")
    evidence.attach_the_bias_report(play, first)

    screen.act("Approved in development: deployed to test, and validated there")
    approvals.approve_in_development(play, first)
    in_test = champion.watch_deployment(play, first, "test", "test")["endpoint_name"]
    champion.watch_validation(play, first, "test")
    champion.compare(play, "test", in_test)

    screen.act("Approved in test by two people: deployed to production")
    approvals.approve_in_test(play, first)
    in_prod = champion.watch_deployment(play, first, "production", "prod")["endpoint_name"]
    champion.use_it(play, in_prod)

    screen.act("A second version, rejected with a finding")
    second = champion.register_candidate(play, challenger.CHALLENGER, "second-data-scientist")
    evidence.read_the_authors_report(play, second, challenger.CHALLENGER)
    challenger.compare_with_production(play, second)
    challenger.reject(play, second)
    challenger.expect_nothing_deployed(play, second)
    champion.compare(play, "prod", in_prod)

    screen.act("What an examiner would read")
    show_the_records(play)
    expect_nothing_lost(play)


def show_the_records(play: Play) -> None:
    """Timelines and final records of both versions, after checking that they are whole."""
    for candidate, model in play.versions.items():
        entries, records = play.records.audit(model), play.records.stages(model)
        links = timeline.expect_an_unbroken_chain(entries)
        timeline.expect_complete(records)
        name = f"{champion.short(model)} ({candidate})"
        told = f"Timeline of {name}: {links} links, chain unbroken"
        play.screen.show(timeline.timeline(told, entries, play.records.people(model)))
        play.screen.show(timeline.final_records(f"Final records of {name}", records))


def expect_nothing_lost(play: Play) -> None:
    """No event ended in a dead-letter queue."""
    sqs = play.cloud.client("sqs", "hub")
    for queue in ("UndeliveredEvents", "FailedEvents"):
        letters = sqs.receive_message(QueueUrl=play.cloud.output(queue), VisibilityTimeout=0).get("Messages", [])
        expect(not letters, f"{queue} holds {[letter['Body'][:500] for letter in letters]}")
    play.screen.saw("nothing was lost", "both dead-letter queues are empty")


def main() -> int:
    """Play it, and turn what went wrong into something one can act on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cloud", type=Path, default=Path(".local/cloud.json"))
    parser.add_argument("--group", default="credit-risk", help="name of the model group to play with")
    arguments = parser.parse_args()
    screen = Screen()
    try:
        cloud = Cloud.load(arguments.cloud)
        template = onboarding.TEMPLATE.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        screen.failed("No cloud to play on", f"{error.filename} is missing. Run `make up` first, or `make demo`.")
        return 1
    with TemporaryDirectory(prefix="steward-demo-") as folder:
        play = Play(cloud, screen, Records(cloud), arguments.group, Path(folder), command_on(arguments.cloud))
        try:
            perform(play, template)
        except (UnexpectedError, ClientError, BotoCoreError) as error:
            screen.failed("The demo did not go as it should", f"{error}\n\n{after(play)}")
            return 1
    screen.saw(f"everything went as it should, in {screen.elapsed():.0f} s")
    return 0


def after(play: Play) -> str:
    """What is known when the play has stopped, and where to look further."""
    try:
        state = play.state()
    except (ClientError, BotoCoreError) as error:
        state = f"the records cannot be read: {error}"
    return f"{state}\n\nLogs of the local cloud and of every function: {play.cloud.path.resolve().parent}/"


if __name__ == "__main__":
    sys.exit(main())
