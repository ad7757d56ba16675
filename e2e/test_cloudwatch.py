"""CloudWatch over its three protocols, and that AWS/EC2 and AWS/ApplicationELB are really measured."""

import datetime
import itertools

import cbor2
import pytest

import protocols
import signed
from conftest import wait_until
from stack import PYTHON_IMAGE, Stack, images

PROTOCOLS = ("json", "query", "smithy-rpc-v2-cbor")
# Instances are sampled every ten seconds; a point of before and one of after need a little more than two of those.
MEASURED_DEADLINE = 90
REQUESTS = 60
BURN_SECONDS = 45


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(images())


@pytest.fixture(scope="module")
def clients(goru):
    return {protocol: protocols.client(goru, "cloudwatch", protocol) for protocol in PROTOCOLS}


@pytest.fixture(scope="module")
def stack(goru):
    return Stack.build(goru, image=PYTHON_IMAGE)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def this_minute():
    return now().replace(second=0, microsecond=0)


def statistics(client, namespace, name, dimensions, *wanted, period=60, minutes=15):
    """The datapoints of the last minutes, oldest first."""
    end = this_minute() + datetime.timedelta(minutes=1)
    answer = client.get_metric_statistics(
        Namespace=namespace, MetricName=name, Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()],
        StartTime=end - datetime.timedelta(minutes=minutes), EndTime=end, Period=period, Statistics=list(wanted),
    )
    return sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])


# --- protocols


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_client_really_speaks_the_protocol(clients, protocol):
    seen = {}
    client = clients[protocol]
    client.meta.events.register("before-send", lambda request, **_: seen.update(request.headers, url=request.url))
    client.list_metrics(Namespace="Nobody")
    kind = {name.lower(): value for name, value in seen.items()}["content-type"]
    kind = kind.decode() if isinstance(kind, bytes) else kind
    expected = {"json": "application/x-amz-json-1.0", "query": "application/x-www-form-urlencoded", "smithy-rpc-v2-cbor": "application/cbor"}
    assert kind.startswith(expected[protocol])
    assert ("/service/GraniteServiceVersion20100801/operation/ListMetrics" in seen["url"]) == (protocol == "smithy-rpc-v2-cbor")


@pytest.mark.parametrize(("writer", "reader"), list(itertools.product(PROTOCOLS, PROTOCOLS)))
def test_what_one_protocol_writes_every_protocol_reads(clients, writer, reader):
    name = f"{writer}-to-{reader}"
    minute = this_minute() - datetime.timedelta(minutes=5)
    dimensions = [{"Name": "Stage", "Value": "test <&> +%"}]
    data = [
        {"MetricName": name, "Dimensions": dimensions, "Timestamp": minute, "Values": [1.5, 4.0], "Counts": [2.0, 1.0], "Unit": "Seconds"},
        {"MetricName": name, "Dimensions": dimensions, "Timestamp": minute, "Unit": "Seconds",
         "StatisticValues": {"SampleCount": 2, "Sum": 10, "Minimum": 0.25, "Maximum": 9.75}},
    ]
    clients[writer].put_metric_data(Namespace="E2E", MetricData=data)
    points = statistics(clients[reader], "E2E", name, {"Stage": "test <&> +%"}, "SampleCount", "Sum", "Minimum", "Maximum", "Average")
    assert points == [{
        "Timestamp": minute, "SampleCount": 5.0, "Sum": 17.0, "Minimum": 0.25, "Maximum": 9.75, "Average": 3.4, "Unit": "Seconds",
    }]
    metrics = clients[reader].list_metrics(Namespace="E2E", MetricName=name)["Metrics"]
    assert metrics == [{"Namespace": "E2E", "MetricName": name, "Dimensions": dimensions}]
    metric = {"Namespace": "E2E", "MetricName": name, "Dimensions": dimensions}
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    found = clients[reader].get_metric_data(
        MetricDataQueries=[query], StartTime=minute, EndTime=minute + datetime.timedelta(minutes=1)
    )["MetricDataResults"]
    assert [(one["Id"], one["Timestamps"], one["Values"], one["StatusCode"]) for one in found] == [("m1", [minute], [17.0], "Complete")]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_errors_have_the_same_code_in_every_protocol(clients, protocol):
    client = clients[protocol]
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.put_metric_data(Namespace="E2E", MetricData=[{"MetricName": "x", "Value": float("nan")}])
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    # With the query codes that AWS sends along, clients of all protocols show the same.
    assert answer["Error"]["Code"] in ("InvalidParameterValue", "InvalidParameterValueException"), answer
    assert isinstance(refused.value, client.exceptions.InvalidParameterValueException)


def test_a_cbor_client_without_botocore_reads_and_writes(goru, clients):
    """RPC v2 CBOR made by hand: a Go client of AWS sends this."""
    minute = int(this_minute().timestamp()) - 300
    headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "accept": "application/cbor"}

    def operation(name, value):
        path = f"/service/{signed.TARGET}/operation/{name}"
        return signed.send_signed(goru, signed.Signer(goru, "monitoring"), cbor2.dumps(value), path=path, headers=headers)

    datum = {"MetricName": "by-hand", "Value": 2.5, "Timestamp": cbor2.CBORTag(1, minute), "Unit": "Count"}
    put = operation("PutMetricData", {"Namespace": "E2E", "MetricData": [datum]})
    assert put.status == 200, put
    assert put.headers["smithy-protocol"] == "rpc-v2-cbor"
    got = operation("GetMetricStatistics", {
        "Namespace": "E2E", "MetricName": "by-hand", "Period": 60, "Statistics": ["Sum"],
        "StartTime": cbor2.CBORTag(1, minute), "EndTime": cbor2.CBORTag(1, minute + 60),
    })
    point = cbor2.loads(got.body)["Datapoints"][0]
    assert point["Sum"] == 2.5 and point["Unit"] == "Count" and point["Timestamp"].timestamp() == minute
    assert statistics(clients["json"], "E2E", "by-hand", {}, "Sum")[0]["Sum"] == 2.5
    refused = operation("GetMetricStatistics", {"Namespace": "E2E"})
    assert refused.status == 400 and cbor2.loads(refused.body)["__type"].endswith("Exception"), refused


def test_a_query_client_without_botocore_reads_and_writes(goru, clients):
    """A form, signed and sent by hand: clients of ten years ago send this."""
    minute = (this_minute() - datetime.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    data = {"Namespace": "E2E", "MetricData.member.1.MetricName": "old", "MetricData.member.1.Value": "7", "MetricData.member.1.Timestamp": minute}
    assert signed.call(goru, "monitoring", "PutMetricData", data).status == 200
    end = this_minute().strftime("%Y-%m-%dT%H:%M:%SZ")
    got = signed.call(goru, "monitoring", "GetMetricStatistics", {
        "Namespace": "E2E", "MetricName": "old", "Period": "60", "Statistics.member.1": "Sum", "StartTime": minute, "EndTime": end,
    })
    assert got.status == 200 and "<Sum>7.0</Sum>" in got.text.replace("<Sum>7</Sum>", "<Sum>7.0</Sum>"), got
    assert statistics(clients["smithy-rpc-v2-cbor"], "E2E", "old", {}, "Sum")[0]["Sum"] == 7.0


# --- what is measured


def cpu(stack, instance):
    """CPUUtilization: the highest sample so far, and how many samples there are."""
    points = statistics(stack.goru.client("cloudwatch"), "AWS/EC2", "CPUUtilization", {"InstanceId": instance}, "Maximum", "SampleCount")
    return max((point["Maximum"] for point in points), default=0.0), sum(point["SampleCount"] for point in points)


def test_the_cpu_of_an_instance_that_works_rises(stack):
    wait_until(lambda: all(cpu(stack, id)[1] >= 1 for id in stack.instances), MEASURED_DEADLINE, "a sample of each instance")
    before = {id: cpu(stack, id)[0] for id in stack.instances}
    assert max(before.values()) < 25, f"nothing to do, and yet {before}"
    busy = stack.json(f"/burn?seconds={BURN_SECONDS}")["instance"]
    # One busy process has half a processor even where two others want all of two.
    wait_until(lambda: cpu(stack, busy)[0] > 45, MEASURED_DEADLINE, "the CPU of the busy instance to rise above 45 %")
    (idle,) = set(stack.instances) - {busy}
    assert cpu(stack, idle)[0] < 25, "the other one did nothing"


def test_the_traffic_of_a_load_balancer_is_counted(stack):
    cloudwatch = stack.goru.client("cloudwatch")
    balancer = {"LoadBalancer": stack.balancer.partition("loadbalancer/")[2]}
    group = {**balancer, "TargetGroup": "targetgroup/" + stack.group.partition("targetgroup/")[2]}

    def total(name, dimensions=balancer):
        return sum(point["Sum"] for point in statistics(cloudwatch, "AWS/ApplicationELB", name, dimensions, "Sum"))

    for _ in range(REQUESTS):
        assert stack.get()[0] == 200
    for _ in range(5):
        assert stack.get("/status?code=404")[0] == 404
    for _ in range(3):
        assert stack.get("/", {"Expect": "nonsense"})[0] == 417
    assert stack.get("/slow?seconds=1")[0] == 200
    seen = stack.answers
    expected = {
        "RequestCount": seen[200] + seen[404], "HTTPCode_Target_2XX_Count": seen[200], "HTTPCode_Target_4XX_Count": seen[404],
        "HTTPCode_ELB_4XX_Count": seen[417],
    }

    def counted():
        found = {name: total(name) for name in expected}
        assert found == expected, found
        return True

    wait_until(counted, MEASURED_DEADLINE, "every request to be counted once")
    assert total("RequestCount", group) == total("RequestCount")
    times = statistics(cloudwatch, "AWS/ApplicationELB", "TargetResponseTime", balancer, "Maximum", "Average", "SampleCount")
    assert max(point["Maximum"] for point in times) >= 1, times
    assert all(0 < point["Average"] <= point["Maximum"] for point in times), times
    assert {metric["Unit"] for metric in times} == {"Seconds"}


def test_network_traffic_of_instances_is_measured(stack):
    cloudwatch = stack.goru.client("cloudwatch")
    for name in ("NetworkIn", "NetworkOut"):
        for instance in stack.instances:
            def bytes_of(name=name, instance=instance):
                points = statistics(cloudwatch, "AWS/EC2", name, {"InstanceId": instance}, "Sum")
                assert {point["Unit"] for point in points} == {"Bytes"}
                return sum(point["Sum"] for point in points)

            wait_until(lambda: bytes_of() > REQUESTS / 3 * 100, MEASURED_DEADLINE, f"the {name} of {instance}")


def test_healthy_and_unhealthy_hosts_are_counted(stack):
    """Breaks a target; the last test that uses the stack."""
    cloudwatch = stack.goru.client("cloudwatch")
    balancer = {"LoadBalancer": stack.balancer.partition("loadbalancer/")[2]}
    group = {**balancer, "TargetGroup": "targetgroup/" + stack.group.partition("targetgroup/")[2]}

    def newest(name, statistic):
        points = statistics(cloudwatch, "AWS/ApplicationELB", name, group, statistic)
        return points[-1][statistic] if points else None

    assert wait_until(lambda: newest("HealthyHostCount", "Maximum"), MEASURED_DEADLINE, "the count of healthy hosts") == 2
    stack.ec2.stop_instances(InstanceIds=stack.instances[:1])
    wait_until(lambda: newest("HealthyHostCount", "Minimum") == 1, MEASURED_DEADLINE, "one healthy host")
