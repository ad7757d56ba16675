"""SNS with real clients at both ends: boto3 publishes, a real SMTP server and a real HTTP server receive.

The links of mails are followed as a mail program does, unsigned; signatures of posted messages are checked by an
independent implementation against the certificate that the message names.
"""

import base64
import email
import email.policy
import http.server
import json
import queue
import re
import threading
import urllib.error
import urllib.request

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from conftest import free_ports, wait_until

# aiosmtpd warns of passwords in plain text, which is what loopback is for, and leaves connections open when it stops.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

LINK = re.compile(r"http://\S+\?Action=\S+")
PASSWORD = "correct horse battery staple"
# Published and not expected to arrive: something published later to the same place has to arrive first.
MARK = "the end"


class Inbox:
    """A mail server that keeps what it takes. `refuse` is how many mails it turns away for the moment first."""

    def __init__(self, port, refuse=0, password=None):
        self.mails, self.refuse, self.logins = [], refuse, []
        options = {}
        if password:
            options = {"authenticator": self.authenticate, "auth_required": True, "auth_require_tls": False}
        self.password = password
        self.server = Controller(self, hostname="127.0.0.1", port=port, **options)
        self.server.start()

    def stop(self):
        if self.server.loop.is_running():
            self.server.stop()

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password.decode() == self.password)

    async def handle_DATA(self, _server, _session, envelope):
        if self.refuse > 0:
            self.refuse -= 1
            return "451 try again later"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 taken"

    def wait(self, subject, count=1, to=None):
        """The newest of `count` mails with that subject, to anybody or to one address."""

        def enough():
            found = [mail for to_, mail in self.mails if mail["Subject"] == subject and to in (None, to_[0])]
            return found[-1] if len(found) >= count else None

        return wait_until(enough, what=f"{count} mails `{subject}`")


class Endpoint:
    """An HTTP server that keeps what is posted to it. `answers` are the statuses of the first answers; then 200."""

    def __init__(self, answers=()):
        self.posts, self.answers = queue.Queue(), list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.posts.put((dict(self.headers), body.decode(), self.path))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        headers, body, path = self.posts.get(timeout=60)
        assert path == "/hook?x=1"
        return {name.lower(): value for name, value in headers.items()}, body


@pytest.fixture
def inbox():
    inboxes = []

    def start(port=None, **options):
        inboxes.append(Inbox(port or free_ports()[0], **options))
        return inboxes[-1]

    yield start
    for one in inboxes:
        one.stop()


@pytest.fixture
def endpoint():
    endpoints = []

    def start(answers=()):
        endpoints.append(Endpoint(answers))
        return endpoints[-1]

    yield start
    for one in endpoints:
        one.server.shutdown()
        one.server.server_close()


def mail_config(port, extra=""):
    return f'[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "alarms@example.com"\n{extra}'


def follow(link, accept="text/html,*/*"):
    """Opens a link as a browser does; status and text."""
    request = urllib.request.Request(link, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def link_of(mail):
    return LINK.search(mail.get_content())[0]


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def confirmed(sns, topic, inbox, address, **arguments):
    """Subscribes an address, confirms by the link of the mail; the subscription's ARN."""
    answer = sns.subscribe(TopicArn=topic, Protocol=arguments.pop("Protocol", "email"), Endpoint=address, **arguments)
    assert answer["SubscriptionArn"] == "pending confirmation"
    mail = inbox.wait("AWS Notification - Subscription Confirmation", to=address)
    content = mail.get_content()
    link = json.loads(content)["SubscribeURL"] if content.startswith("{") else link_of(mail)
    status, page = follow(link)
    assert status == 200 and "Subscription confirmed" in page, page
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return next(one["SubscriptionArn"] for one in listed if one["Endpoint"] == address)


def check_signature(message, names, digest):
    """What AWS's documentation asks receivers to do, by another implementation."""
    with urllib.request.urlopen(message["SigningCertURL"], timeout=30) as answer:
        certificate = x509.load_pem_x509_certificate(answer.read())
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()
    signature = base64.b64decode(message["Signature"])
    certificate.public_key().verify(signature, signed, padding.PKCS1v15(), digest)
    with pytest.raises(InvalidSignature):
        certificate.public_key().verify(signature, signed + b"x", padding.PKCS1v15(), digest)


NOTIFICATION = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
CONFIRMATION = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]


def test_a_mail_subscription_from_the_question_to_the_farewell(start_goru, inbox):
    mails = inbox(password=PASSWORD)
    goru = start_goru(mail_config(mails.server.port, f'username = "kim"\npassword = "{PASSWORD}"\n'))
    sns = goru.client("sns")
    topic = sns.create_topic(Name="web-alarms", Attributes={"DisplayName": "Web alarms"})["TopicArn"]
    assert sns.create_topic(Name="web-alarms")["TopicArn"] == topic
    assert sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="lee@example.com")["SubscriptionArn"] == "pending confirmation"
    subscription = confirmed(sns, topic, mails, "kim@example.com")
    pending = [one["SubscriptionArn"] for one in sns.list_subscriptions()["Subscriptions"] if one["Endpoint"] == "lee@example.com"]
    assert pending == ["PendingConfirmation"]

    published = sns.publish(TopicArn=topic, Subject="ALARM: web", Message="95 % 점유율\nsecond line")
    mail = mails.wait("ALARM: web")
    assert mail["To"] == "kim@example.com" and mail["From"] == "Web alarms <alarms@example.com>"
    assert mail.get_content().startswith("95 % 점유율\r\nsecond line\r\n") and published["MessageId"]
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (attributes["SubscriptionsConfirmed"], attributes["SubscriptionsPending"]) == ("1", "1")

    status, page = follow(link_of(mail))
    assert status == 200 and "Subscription removed" in page
    farewell = mails.wait("AWS Notification - Unsubscribe Confirmation")
    assert code_of(sns.get_subscription_attributes, SubscriptionArn=subscription) == "NotFound"
    sns.publish(TopicArn=topic, Subject="to nobody", Message="x")
    assert follow(link_of(farewell))[0] == 200  # the way back
    sns.publish(TopicArn=topic, Subject=MARK, Message="x")
    mails.wait(MARK)
    sent = [(to, mail["Subject"]) for to, mail in mails.mails]
    assert not [one for one in sent if one[1] == "to nobody"]
    # One mail for each of what was to be sent, none twice, and nothing to who did not agree.
    assert len(sent) == len({mail["Message-ID"] for _, mail in mails.mails}) == 5, sent
    assert [subject for to, subject in sent if to == ["lee@example.com"]] == ["AWS Notification - Subscription Confirmation"]
    assert set(mails.logins) == {"kim"}
    assert PASSWORD not in goru.log() and PASSWORD not in json.dumps(goru.status())


def test_filter_policies_choose_and_json_mails_are_signed(start_goru, inbox):
    mails = inbox()
    goru = start_goru(mail_config(mails.server.port))
    sns = goru.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    confirmed(sns, topic, mails, "high@example.com", Attributes={"FilterPolicy": '{"level":["high"]}'})
    confirmed(sns, topic, mails, "json@example.com", Protocol="email-json")
    level = lambda value: {"level": {"DataType": "String", "StringValue": value}}  # noqa: E731
    sns.publish(TopicArn=topic, Subject="low", Message="x", MessageAttributes=level("low"))
    sns.publish(TopicArn=topic, Subject=MARK, Message="x", MessageAttributes=level("high"))
    mails.wait(MARK, 2)
    mails.wait("low")
    to = lambda subject: sorted(to[0] for to, mail in mails.mails if mail["Subject"] == subject)  # noqa: E731
    assert to("low") == ["json@example.com"]
    assert to(MARK) == ["high@example.com", "json@example.com"]
    message = json.loads(next(mail.get_content() for to, mail in mails.mails if mail["Subject"] == "low"))
    assert message["MessageAttributes"] == {"level": {"Type": "String", "Value": "low"}}
    check_signature(message, NOTIFICATION, hashes.SHA1())


@pytest.mark.parametrize(("version", "digest"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
def test_http_endpoints_get_signed_messages(goru, endpoint, version, digest):
    hook, raw = endpoint(), endpoint()
    sns = goru.client("sns")
    topic = sns.create_topic(Name="hooks", Attributes={"SignatureVersion": version})["TopicArn"]
    arns = {}
    for one, attributes in ((hook, {}), (raw, {"RawMessageDelivery": "true"})):
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=one.url, Attributes=attributes)
        headers, body = one.next()
        question = json.loads(body)
        assert headers["x-amz-sns-message-type"] == question["Type"] == "SubscriptionConfirmation"
        check_signature(question, CONFIRMATION, digest)
        status, answer = follow(question["SubscribeURL"], accept="*/*")
        assert status == 200 and "ConfirmSubscriptionResult" in answer
        arns[one] = re.search("<SubscriptionArn>(.*)</SubscriptionArn>", answer)[1]
    message_id = sns.publish(
        TargetArn=topic, Subject="s", Message="hello\n세계",
        MessageAttributes={"n": {"DataType": "Number", "StringValue": "5"}, "b": {"DataType": "Binary", "BinaryValue": b"x"}},
    )["MessageId"]
    headers, body = hook.next()
    message = json.loads(body)
    assert message["MessageId"] == headers["x-amz-sns-message-id"] == message_id
    assert headers["x-amz-sns-topic-arn"] == topic and headers["x-amz-sns-subscription-arn"] == arns[hook]
    assert (message["Message"], message["Subject"], message["SignatureVersion"]) == ("hello\n세계", "s", version)
    assert message["MessageAttributes"]["b"] == {"Type": "Binary", "Value": "eA=="}
    check_signature(message, NOTIFICATION, digest)
    headers, body = raw.next()
    assert body == "hello\n세계" and headers["x-amz-sns-rawdelivery"] == "true"
    assert follow(message["UnsubscribeURL"], accept="*/*")[0] == 200
    headers, body = hook.next()
    assert json.loads(body)["Type"] == "UnsubscribeConfirmation"
    assert hook.posts.empty() and raw.posts.empty()


def test_failed_deliveries_are_tried_again_also_after_a_kill(start_goru, inbox, endpoint):
    mails = inbox()
    goru = start_goru(mail_config(mails.server.port))
    sns = goru.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    confirmed(sns, topic, mails, "kim@example.com")
    policy = '{"healthyRetryPolicy":{"numRetries":5,"minDelayTarget":1,"maxDelayTarget":1}}'
    hook = endpoint()
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url, Attributes={"DeliveryPolicy": policy})
    sns.confirm_subscription(TopicArn=topic, Token=json.loads(hook.next()[1])["Token"])
    hook.answers = [500, 429]
    mails.stop()
    sns.publish(TopicArn=topic, Subject="in the middle", Message="x")
    ids = [hook.next()[0]["x-amz-sns-message-id"]]
    goru.kill()
    again = inbox(port=mails.server.port)
    goru.start()
    again.wait("in the middle")
    ids += [hook.next()[0]["x-amz-sns-message-id"] for _ in range(2)]
    assert len(set(ids)) == 1
    sns = goru.client("sns")
    sns.publish(TopicArn=topic, Subject=MARK, Message="x")
    again.wait(MARK)
    hook.next()
    assert [mail["Subject"] for _, mail in again.mails] == ["in the middle", MARK]
    assert hook.posts.empty()


def test_without_a_mail_server_mails_are_in_the_outbox(goru):
    sns = goru.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="kim@example.com")

    def mails():
        return [json.loads(line) for line in goru.cli("outbox", "--output", "json").stdout.splitlines()]

    mail = wait_until(lambda: mails() and mails()[0], what="the mail in the outbox")
    assert (mail["to"], mail["subject"]) == ("kim@example.com", "AWS Notification - Subscription Confirmation")
    assert follow(LINK.search(mail["body"])[0])[0] == 200
    for n in range(3):
        sns.publish(TopicArn=topic, Subject=f"mail {n}", Message="x" * 2000)
    wait_until(lambda: len(mails()) == 4, what="all mails")
    shown = goru.cli("outbox", "--last", "1").stdout
    assert "to kim@example.com" in shown and "Subject: mail 2" in shown and "mail 1" not in shown
    assert "x" * 2000 in shown
    assert goru.cli("outbox", "--raw", "-n", "1").stdout.startswith("From: ")


def test_links_give_no_more_than_they_say(goru):
    sns = goru.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="kim@example.com", ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(topic + ":")
    for query, status in (
        (f"Action=ConfirmSubscription&TopicArn={topic}&Token={'0' * 64}", 400),
        (f"Action=ConfirmSubscription&TopicArn={topic}x&Token=1", 404),
        (f"Action=Unsubscribe&SubscriptionArn={arn}x", 404),
        (f"Action=DeleteTopic&TopicArn={topic}", 403),
        (f"Action=Publish&TopicArn={topic}&Message=x&Version=2010-03-31", 403),
        ("Action=ListTopics&Version=2010-03-31", 403),
    ):
        found, text = follow(f"{goru.api}/?{query}", accept="*/*")
        assert 400 <= found < 500 and (found == status or status == 403), (query, found, text)
    _, page = follow(f"{goru.api}/?Action=ConfirmSubscription&TopicArn={topic}&Token=%3Cscript%3E")
    assert "<script>" not in page
    assert sns.list_topics()["Topics"] == [{"TopicArn": topic}]


def test_what_cannot_be_is_refused_in_the_codes_of_aws(goru):
    sns = goru.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    other = topic.replace(goru.account, "999999999999")
    subscribe = lambda protocol, endpoint, **more: code_of(  # noqa: E731
        sns.subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint, **more
    )
    assert code_of(sns.create_topic, Name="t.fifo", Attributes={"FifoTopic": "true"}) == "InvalidParameter"
    assert code_of(sns.create_topic, Name="a b") == "InvalidParameter"
    assert code_of(sns.publish, TopicArn=topic + "x", Message="x") == "NotFound"
    assert code_of(sns.publish, TopicArn=other, Message="x") == "AuthorizationError"
    assert code_of(sns.publish, TopicArn="x", Message="x") == "InvalidParameter"
    assert code_of(sns.publish, PhoneNumber="+15555550100", Message="x") == "InvalidParameter"
    for subject in ("a\r\nBcc: x@example.com", "a\nb", "s" * 101, "알람"):
        assert code_of(sns.publish, TopicArn=topic, Subject=subject, Message="x") == "InvalidParameter"
    assert code_of(sns.publish, TopicArn=topic, Message="x" * 262145) == "InvalidParameter"
    assert code_of(sns.publish, TopicArn=topic, Message="{}", MessageStructure="json") == "InvalidParameter"
    for protocol, endpoint in (
        ("sqs", "arn:aws:sqs:us-east-1:123456789012:q"),
        ("sms", "+15555550100"),
        ("email", "kim@example.com\r\nBcc: x@example.com"),
        ("email", "nobody"),
        ("http", "https://example.com/"),
        ("http", "http://169.254.169.254/latest/meta-data/"),
        ("http", goru.api),
    ):
        assert subscribe(protocol, endpoint) == "InvalidParameter", (protocol, endpoint)
    assert subscribe("email", "kim@example.com", Attributes={"FilterPolicy": "{"}) == "InvalidParameter"
    assert subscribe("email", "kim@example.com", Attributes={"RedrivePolicy": "{}"}) == "InvalidParameter"
    assert code_of(sns.confirm_subscription, TopicArn=topic, Token="x") == "InvalidParameter"
    assert code_of(sns.tag_resource, ResourceArn=topic + "x", Tags=[{"Key": "a", "Value": "b"}]) == "ResourceNotFound"
    # A name that stands for the API itself is given up when it is resolved, and says so.
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://localhost:{goru.port}/")
    events = lambda: goru.cli("events", "--output", "json").stdout.splitlines()  # noqa: E731
    wait_until(lambda: any("the API of this server" in line for line in events()), what="the event of the dropped delivery")


def test_batches_and_tags(goru):
    sns = goru.client("sns")
    topic = sns.create_topic(Name="t", Tags=[{"Key": "team", "Value": "web"}])["TopicArn"]
    entries = [{"Id": "a", "Message": "x"}, {"Id": "b", "Message": "x", "Subject": "a\nb"}]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["a"]
    assert [(one["Id"], one["Code"], one["SenderFault"]) for one in answer["Failed"]] == [("b", "InvalidParameter", True)]
    batch = lambda entries: code_of(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries)  # noqa: E731
    assert batch([{"Id": "a", "Message": "x"}] * 2) == "BatchEntryIdsNotDistinct"
    assert batch([{"Id": str(n), "Message": "x"} for n in range(11)]) == "TooManyEntriesInBatchRequest"
    assert batch([{"Id": "a b", "Message": "x"}]) == "InvalidBatchEntryId"
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "1"}])
    sns.untag_resource(ResourceArn=topic, TagKeys=["team"])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "1"}]
    sns.delete_topic(TopicArn=topic)
    sns.delete_topic(TopicArn=topic)
    assert sns.list_topics()["Topics"] == []
