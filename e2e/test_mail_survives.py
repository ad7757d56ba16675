"""kill -9 of the control plane in the middle of mails: after the restart every mail arrives, and arrives once.

The mail server says by itself how far a mail had come when the kill fell. One gap no client of SMTP can close: a mail
that the server has taken while its answer never arrived is sent again, under the same Message-ID, by which mail
programs know it.
"""

import asyncio
import email
import email.policy
import threading

import pytest
from aiosmtpd.controller import Controller

import mail
from conftest import wait_until

# aiosmtpd leaves connections open when it stops, and conversations that were cut off.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

# A mail that could not be sent is tried again after ten seconds; the rest is for a slow machine.
RETRY_DEADLINE = 90
MARK = "the end"
MESSAGES = 6


class Post(mail.Inbox):
    """A mail server that can be down, turn mails away for now, or leave their senders without an answer."""

    def __init__(self):
        super().__init__()
        # What it does with the next mails: "take", "refuse", "hold" (no answer, mail not taken) or "mute" (taken, no answer).
        self.mode = "take"
        # So many mails are taken in any mode first.
        self.first = 0
        # Message-IDs of what was not taken and of what was taken without an answer.
        self.turned_away, self.unanswered = [], []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that aiosmtpd calls
        with self.lock:
            mode = self.mode if self.first == 0 else "take"
            self.first = max(0, self.first - 1)
        identity = email.message_from_bytes(envelope.content, policy=email.policy.default)["Message-ID"]
        if mode in ("take", "mute"):
            answer = await super().handle_DATA(server, session, envelope)
            if mode == "take":
                return answer
            self.unanswered.append(identity)
        else:
            self.turned_away.append(identity)
        if mode == "refuse":
            return "451 4.3.0 try again later"
        # Ends when the sender hangs up: the server cancels who works for a lost connection.
        await asyncio.Event().wait()
        return "451 4.3.0 never said"

    def go_down(self):
        self.controller.stop()

    def come_back(self):
        self.mode = "take"
        if self.controller.server is None:
            self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self.controller.start()

    def taken(self):
        """(recipient, subject, Message-ID) of every mail that was taken, but for questions."""
        with self.lock:
            found = [(to[0], one["Subject"], one["Message-ID"]) for to, one in self.mails]
        return [one for one in found if "Subscription Confirmation" not in one[1]]


@pytest.fixture
def post():
    with Post() as post:
        yield post


def start(start_goru, post):
    return start_goru('driver = "simulated"\n' + post.config())


def topic_with(goru, post, addresses):
    """A topic to which these addresses have agreed."""
    sns = goru.client("sns")
    topic = sns.create_topic(Name="owner")["TopicArn"]
    for address in addresses:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)

    def asked():
        with post.lock:
            return [one for _, one in post.mails] if len(post.mails) == len(addresses) else None

    for question in wait_until(asked, what="the questions"):
        link = mail.link_in(question, "ConfirmSubscription")
        assert goru.get(link[link.index("/", 8):])[0] == 200
    return topic


def mark(goru, topic, post, count=1):
    """What is published last arrives after everything that was on its way: nothing more comes."""
    goru.client("sns").publish(TopicArn=topic, Subject=MARK, Message="x")
    wait_until(lambda: len(post.found(MARK)) == count, RETRY_DEADLINE, "the last mail")


@pytest.mark.parametrize("trouble", ["down", "refuse", "hold"])
def test_mails_that_wait_for_their_server_arrive_once_after_a_kill(start_goru, post, trouble):
    goru = start(start_goru, post)
    topic = topic_with(goru, post, ["owner@example.com"])
    if trouble == "down":
        post.go_down()
    else:
        post.mode = trouble
    sns = goru.client("sns")
    for number in range(MESSAGES):
        sns.publish(TopicArn=topic, Subject=f"message {number}", Message=f"text {number}")
    if trouble == "down":
        wait_until(lambda: "not delivered" in goru.log(), what="a try that failed")
    else:
        wait_until(lambda: post.turned_away, what="a mail that the server has")
    goru.kill()
    if trouble != "down":
        # What the killed sender left in the server's buffers must not be taken after its death.
        post.go_down()
    tried = set(post.turned_away)
    assert post.taken() == []
    post.come_back()
    goru.start()
    wait_until(lambda: len(post.taken()) >= MESSAGES, RETRY_DEADLINE, "all mails")
    mark(goru, topic, post)
    taken = post.taken()
    assert sorted(subject for _, subject, _ in taken) == sorted([f"message {number}" for number in range(MESSAGES)] + [MARK])
    assert len({identity for _, _, identity in taken}) == MESSAGES + 1
    assert tried <= {identity for _, _, identity in taken}, "a second try has the name of the first"


@pytest.mark.parametrize("trouble", ["hold", "mute"])
def test_a_kill_between_two_mails_of_one_message_repeats_none(start_goru, post, trouble):
    goru = start(start_goru, post)
    addresses = [f"owner{number}@example.com" for number in range(MESSAGES)]
    topic = topic_with(goru, post, addresses)
    post.mode, post.first = trouble, 2
    goru.client("sns").publish(TopicArn=topic, Subject="to all", Message="x")
    # One conversation, one mail after the other: the third is begun when what became of the second is written down.
    (cut,) = wait_until(lambda: post.turned_away + post.unanswered, what="the third mail to be with the server")
    goru.kill()
    assert len(post.taken()) == (2 if trouble == "hold" else 3)
    post.come_back()
    goru.start()
    wait_until(lambda: {to for to, _, _ in post.taken()} == set(addresses), RETRY_DEADLINE, "everybody's mail")
    mark(goru, topic, post, MESSAGES)
    copies = [identity for _, subject, identity in post.taken() if subject == "to all"]
    assert len(set(copies)) == MESSAGES
    assert copies.count(cut) == (1 if trouble == "hold" else 2), "only what was taken without an answer comes again"
    assert len(copies) == MESSAGES + (trouble == "mute")


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.3])
def test_an_alarm_that_was_set_just_before_a_kill_mails_once(start_goru, post, moment):
    goru = start(start_goru, post)
    topic = topic_with(goru, post, ["owner@example.com"])
    cloudwatch = goru.client("cloudwatch")
    put_alarm(cloudwatch, topic)
    # No mail is taken before the kill, so that none can be sent twice for want of an answer.
    post.mode = "refuse"
    cloudwatch.set_alarm_state(AlarmName="load-high", StateValue="ALARM", StateReason="by hand")
    threading.Event().wait(moment)
    check_one_alarm_mail(goru, topic, post)


def test_an_alarm_that_rose_by_itself_just_before_a_kill_mails_once(start_goru, post):
    goru = start(start_goru, post)
    topic = topic_with(goru, post, ["owner@example.com"])
    cloudwatch = goru.client("cloudwatch")
    put_alarm(cloudwatch, topic)
    post.mode = "refuse"

    def raised():
        cloudwatch.put_metric_data(Namespace="E2E", MetricData=[{"MetricName": "load", "Value": 95.0, "StorageResolution": 1}])
        return cloudwatch.describe_alarms(AlarmNames=["load-high"])["MetricAlarms"][0]["StateValue"] == "ALARM"

    wait_until(raised, what="the alarm", interval=0.2)
    check_one_alarm_mail(goru, topic, post)


def put_alarm(cloudwatch, topic):
    cloudwatch.put_metric_alarm(
        AlarmName="load-high", Namespace="E2E", MetricName="load", Statistic="Average", Period=10, EvaluationPeriods=1,
        Threshold=70.0, ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore", AlarmActions=[topic],
    )


def check_one_alarm_mail(goru, topic, post):
    goru.kill()
    # What the killed sender left in the server's buffers must not be taken after its death.
    post.go_down()
    post.come_back()
    goru.start()
    wait_until(lambda: post.found("^ALARM"), RETRY_DEADLINE, "the mail of the alarm")
    mark(goru, topic, post)
    assert [subject[:5] for _, subject, _ in post.taken()] == ["ALARM", MARK[:5]]
    cloudwatch = goru.client("cloudwatch")
    history = {
        kind: [item["HistorySummary"] for item in cloudwatch.describe_alarm_history(AlarmName="load-high", HistoryItemType=kind)["AlarmHistoryItems"]]
        for kind in ("Action", "StateUpdate")
    }
    assert history == {
        "Action": [f"Successfully executed action {topic}"],
        "StateUpdate": ["Alarm updated from INSUFFICIENT_DATA to ALARM"],
    }
