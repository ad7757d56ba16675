"""CloudWatch alarms with boto3 and the aws CLI: from a value to ALARM and back, math, bad input, mail."""

import datetime
import json

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import mail
import protocols
from conftest import wait_until

PROTOCOLS = ("json", "query", "smithy-rpc-v2-cbor")
# A ten-second alarm is decided a second after its period; the rest is for a slow machine.
FAST_DEADLINE = 40
DEFINITION = {
    "AlarmName": "load-high", "Namespace": "E2E", "MetricName": "load", "Statistic": "Average", "Period": 10,
    "EvaluationPeriods": 1, "Threshold": 70.0, "ComparisonOperator": "GreaterThanThreshold",
}
CONFIG = 'driver = "simulated"\n'


@pytest.fixture(scope="module")
def inbox():
    with mail.Inbox() as inbox:
        yield inbox


@pytest.fixture(scope="module")
def goru(start_shared_goru, inbox):
    return start_shared_goru(CONFIG + inbox.config())


@pytest.fixture(scope="module")
def cloudwatch(goru):
    return goru.client("cloudwatch")


def load(cloudwatch, value, metric="load"):
    cloudwatch.put_metric_data(Namespace="E2E", MetricData=[{"MetricName": metric, "Value": value, "StorageResolution": 1}])


def alarm(cloudwatch, name):
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])["MetricAlarms"] or [None]
    return found


def keep_loading_until(cloudwatch, value, name, state, metric="load"):
    """Values come in all the while, as from a thing that is measured."""
    def there():
        load(cloudwatch, value, metric)
        return alarm(cloudwatch, name)["StateValue"] == state

    wait_until(there, FAST_DEADLINE, f"{name} to be in {state}", interval=0.5)
    return alarm(cloudwatch, name)


def test_a_value_raises_an_alarm_and_another_one_ends_it(cloudwatch):
    cloudwatch.put_metric_alarm(**DEFINITION)
    cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["load-high"], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    assert alarm(cloudwatch, "load-high")["StateReason"] == "Unchecked: Initial alarm creation"
    raised = keep_loading_until(cloudwatch, 95.5, "load-high", "ALARM")
    assert raised["StateReason"].startswith("Threshold Crossed: 1 datapoint [95.5 (")
    assert raised["StateReason"].endswith(")] was greater than the threshold (70.0).")
    assert json.loads(raised["StateReasonData"])["recentDatapoints"] == [95.5]
    ended = keep_loading_until(cloudwatch, 5.0, "load-high", "OK")
    assert "was not greater than the threshold (70.0)." in ended["StateReason"]
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(AlarmName="load-high", HistoryItemType="StateUpdate", PaginationConfig={"PageSize": 1})
    summaries = [item["HistorySummary"] for page in pages for item in page["AlarmHistoryItems"]]
    assert summaries[0] == "Alarm updated from ALARM to OK"
    assert summaries[-1] == "Alarm updated from INSUFFICIENT_DATA to ALARM"


def test_an_alarm_sends_mail_once_and_says_why(goru, cloudwatch, inbox):
    sns = goru.client("sns")
    topic = sns.create_topic(Name="owner")["TopicArn"]
    asked = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="owner@example.com")
    assert asked["SubscriptionArn"]
    link = mail.link_in(inbox.wait_for("Subscription"), "ConfirmSubscription")
    assert goru.get(link[link.index("/", 8):])[0] == 200
    cloudwatch.put_metric_alarm(**{**DEFINITION, "AlarmName": "mailed", "MetricName": "other-load", "AlarmActions": [topic]})
    keep_loading_until(cloudwatch, 88.0, "mailed", "ALARM", metric="other-load")
    found = inbox.wait_for('ALARM: "mailed" in ')
    text = mail.text_of(found)
    assert "has entered the ALARM state" in text.replace("\n", " ") and "88.0 (" in text
    history = cloudwatch.describe_alarm_history(AlarmName="mailed", HistoryItemType="Action")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [f"Successfully executed action {topic}"]
    assert len(inbox.found('ALARM: "mailed"')) == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_puts_describes_and_deletes_alarms(goru, protocol):
    client = protocols.client(goru, "cloudwatch", protocol)
    name = f"by-{protocol}"
    wanted = {
        **DEFINITION, "AlarmName": name, "Period": 60, "EvaluationPeriods": 5, "DatapointsToAlarm": 3, "Threshold": 0.5,
        "TreatMissingData": "notBreaching", "Dimensions": [{"Name": "Stage", "Value": "a <&> b"}], "AlarmDescription": "점유율",
    }
    client.put_metric_alarm(**wanted, Tags=[{"Key": "team", "Value": "web"}])
    (shown,) = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert {key: shown[key] for key in wanted} == wanted
    assert isinstance(shown["StateUpdatedTimestamp"], datetime.datetime)
    assert client.list_tags_for_resource(ResourceARN=shown["AlarmArn"])["Tags"] == [{"Key": "team", "Value": "web"}]
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    (shown,) = client.describe_alarms(AlarmNamePrefix=name, StateValue="ALARM")["MetricAlarms"]
    assert shown["StateReason"] == "a drill"
    client.delete_alarms(AlarmNames=[name])
    assert client.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []
    with pytest.raises(client.exceptions.ResourceNotFound):
        client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="gone")


def test_composite_alarms_follow(cloudwatch):
    for name in ("one", "two"):
        cloudwatch.put_metric_alarm(**{**DEFINITION, "AlarmName": name, "MetricName": "nothing", "TreatMissingData": "ignore"})
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule='ALARM("one") AND NOT OK("two")')
    kinds = {"AlarmNames": ["both"], "AlarmTypes": ["CompositeAlarm"]}
    cloudwatch.get_waiter("composite_alarm_exists").wait(**kinds, WaiterConfig={"Delay": 1, "MaxAttempts": 5})

    def state():
        return cloudwatch.describe_alarms(**kinds)["CompositeAlarms"][0]["StateValue"]

    wait_until(lambda: state() == "OK", FAST_DEADLINE, "the rule to be looked at")
    cloudwatch.set_alarm_state(AlarmName="one", StateValue="ALARM", StateReason="a drill")
    wait_until(lambda: state() == "ALARM", FAST_DEADLINE, "the rule to hold")
    children = cloudwatch.describe_alarms(ChildrenOfAlarmName="both")["MetricAlarms"]
    assert [child["AlarmName"] for child in children] == ["one", "two"]
    with pytest.raises(ClientError, match="depends on it"):
        cloudwatch.delete_alarms(AlarmNames=["one"])


def test_metric_math(cloudwatch):
    minute = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=5)
    data = [{"MetricName": name, "Value": value, "Timestamp": minute} for name, value in (("errors", 8.0), ("requests", 10.0))]
    cloudwatch.put_metric_data(Namespace="E2E", MetricData=data)

    def metric(id, name):
        metric = {"Namespace": "E2E", "MetricName": name}
        return {"Id": id, "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}

    metrics = [metric("m1", "errors"), metric("m2", "requests")]
    window = {"StartTime": minute - datetime.timedelta(minutes=2), "EndTime": minute + datetime.timedelta(minutes=1), "ScanBy": "TimestampAscending"}

    def compute(text):
        queries = [*metrics, {"Id": "e", "Expression": text}]
        return cloudwatch.get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"][0]["Values"]

    assert compute("100 * m1 / m2") == [80.0]
    assert compute("FILL(m1, 0)") == [0.0, 0.0, 8.0]
    assert compute("IF(m1 > 5 AND m2 > 5, SUM(METRICS()), 0)") == [18.0]
    with pytest.raises(ClientError, match="SEARCH is not supported"):
        compute("SEARCH('{E2E} errors', 'Sum', 60)")


@pytest.mark.parametrize(
    "change",
    [
        {"EvaluationPeriods": 0}, {"EvaluationPeriods": 10_000}, {"Period": 15}, {"Period": 0}, {"Period": 90},
        {"Threshold": float("nan")}, {"Threshold": float("inf")}, {"DatapointsToAlarm": 2}, {"TreatMissingData": "maybe"},
        {"ComparisonOperator": "GreaterThanUpperThreshold"}, {"ExtendedStatistic": "p90"}, {"AlarmActions": ["nonsense"]},
        {"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, {"AlarmName": "x" * 256}, {"MetricName": ""},
    ],
    ids=str,
)
def test_bad_alarms_are_refused(goru, change):
    client = goru.client("cloudwatch", config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError) as refused:
        client.put_metric_alarm(**{**DEFINITION, "AlarmName": "bad", **change})
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert client.describe_alarms(AlarmNames=["bad"])["MetricAlarms"] == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers_never_reach_an_alarm(cloudwatch, value):
    with pytest.raises(ClientError):
        load(cloudwatch, value)


def test_the_aws_cli_puts_sets_and_deletes_an_alarm(goru):
    aws = goru.aws
    aws(
        "cloudwatch", "put-metric-alarm", "--alarm-name", "cli", "--namespace", "AWS/EC2", "--metric-name", "CPUUtilization",
        "--statistic", "Average", "--period", "60", "--evaluation-periods", "1", "--threshold", "70",
        "--comparison-operator", "GreaterThanThreshold", "--dimensions", "Name=AutoScalingGroupName,Value=web", "--unit", "Percent",
    )
    aws("cloudwatch", "wait", "alarm-exists", "--alarm-names", "cli")
    aws("cloudwatch", "disable-alarm-actions", "--alarm-names", "cli")
    aws("cloudwatch", "set-alarm-state", "--alarm-name", "cli", "--state-value", "ALARM", "--state-reason", "a drill")
    (shown,) = aws("cloudwatch", "describe-alarms", "--alarm-names", "cli")["MetricAlarms"]
    assert (shown["StateValue"], shown["ActionsEnabled"], shown["Threshold"]) == ("ALARM", False, 70.0)
    found = aws(
        "cloudwatch", "describe-alarms-for-metric", "--namespace", "AWS/EC2", "--metric-name", "CPUUtilization",
        "--dimensions", "Name=AutoScalingGroupName,Value=web",
    )
    assert [one["AlarmName"] for one in found["MetricAlarms"]] == ["cli"]
    aws("cloudwatch", "delete-alarms", "--alarm-names", "cli")
    assert aws("cloudwatch", "describe-alarms", "--alarm-names", "cli")["MetricAlarms"] == []
