"""Notices through a topic of SNS."""

from typing import Any

from governance.domain.notices import Notice


class SnsNotices:
    """`ports.Notices` on a topic of SNS."""

    def __init__(self, sns: Any, topic: str) -> None:
        self.sns = sns
        self.topic = topic

    def tell(self, notice: Notice) -> None:
        """One Publish. Its attributes are what subscriptions filter by and know a repetition by."""
        attributes = {"event_id": notice.event_id, "use_case_id": notice.use_case_id}
        self.sns.publish(
            TopicArn=self.topic,
            Subject=notice.subject,
            Message=notice.text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
