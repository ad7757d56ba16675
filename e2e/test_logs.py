"""Logs in directories that stand for buckets, and `goru why` for requests that went wrong (U33, U34)."""

import gzip
import http.client
import os
import re
import shlex
import ssl
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from certificates import self_signed
from conftest import free_ports, wait_until
from stack import PYTHON_IMAGE, Stack, images

# A target that was idle for less was not ended for that.
IDLE_SECONDS = 0.6


@pytest.fixture
def buckets(tmp_path):
    directory = tmp_path / "buckets"
    for name in ("requests", "others"):
        (directory / name).mkdir(parents=True)
    return directory


@pytest.fixture
def stack(start_goru, buckets):
    # One worker, so that requests that follow each other meet the same connection to the target.
    goru = start_goru(f'bucket_dir = "{buckets}"\nworkers = 1\n' + images())
    return Stack.build(goru, image=PYTHON_IMAGE, count=1)


def set_attributes(stack, **values):
    pairs = [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]
    stack.elbv2.modify_load_balancer_attributes(LoadBalancerArn=stack.balancer, Attributes=pairs)


def files(directory):
    # Unlike `rglob`, which fails on directories that go away meanwhile, as those of unfinished files do.
    return sorted(Path(place) / name for place, _, names in os.walk(directory) for name in names)


def lines(path):
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def why(stack, *arguments, check=True):
    return stack.goru.cli("why", *arguments, check=check)


def check_names(found, directory, prefix, stack, beginning):
    """Names as AWS gives them, in the folder of the interval's end."""
    account, region = stack.goru.account, stack.goru.region
    identity = stack.balancer.split("loadbalancer/")[1].replace("/", ".")
    name = re.compile(
        rf"{prefix}AWSLogs/{account}/elasticloadbalancing/{region}/(\d{{4}})/(\d\d)/(\d\d)/"
        rf"{beginning}{account}_elasticloadbalancing_{region}_{re.escape(identity)}_\1\2\3T\d\d[0-5][05]Z_127\.0\.0\.1_[a-z2-7]{{8}}\.log\.gz"
    )
    assert found
    for path in found:
        assert name.fullmatch(str(path.relative_to(directory))), path


def test_logs_are_delivered_to_buckets_from_the_change_of_attributes_on(stack, buckets):
    elbv2, goru = stack.elbv2, stack.goru
    with pytest.raises(ClientError) as error:
        set_attributes(stack, access_logs__s3__enabled="true", access_logs__s3__bucket="missing")
    assert error.value.response["Error"]["Code"] == "InvalidConfigurationRequest"
    assert stack.get("/before")[0] == 200
    set_attributes(
        stack,
        access_logs__s3__enabled="true", access_logs__s3__bucket="requests", access_logs__s3__prefix="my/logs",
        connection_logs__s3__enabled="true", connection_logs__s3__bucket="others",
        health_check_logs__s3__enabled="true", health_check_logs__s3__bucket="others",
    )
    https_port = free_ports()[0]
    made = self_signed("logs.example.com")
    arn = goru.client("acm").import_certificate(Certificate=made.certificate, PrivateKey=made.key)["CertificateArn"]
    elbv2.create_listener(
        LoadBalancerArn=stack.balancer, Protocol="HTTPS", Port=https_port, Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": stack.group}],
    )

    def over_tls():
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(stack.address, https_port, context=context, timeout=10)
        connection.request("GET", "/secure?a=b", headers={"Host": "logs.example.com", "User-Agent": 'a "quoted" one'})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status == 200

    wait_until(over_tls, what="the HTTPS listener")
    assert stack.get("/plain")[0] == 200
    # What is under way is in a directory of the node's own, and has no file's name.
    assert not [path for path in files(buckets) if path.suffix == ".gz"]
    # A check of the target comes within its interval.
    partial = lambda: [path for path in files(buckets / "others") if "health_check_log_" in path.name]  # noqa: E731
    wait_until(partial, what="a health check to be logged")
    assert goru.stop() == 0

    requests, others = files(buckets / "requests"), files(buckets / "others")
    check_names(requests, buckets / "requests", "my/logs/", stack, "")
    by_path = {}
    for line in (line for path in requests for line in lines(path)):
        fields = shlex.split(line)
        assert len(fields) == 34, line
        by_path[fields[12].split(" ")[1]] = fields
    assert not any("/before" in path for path in by_path)
    plain = by_path[f"http://{stack.dns_name}:{stack.listener_port}/plain"]
    assert plain[0] == "http" and plain[2] == stack.balancer.split("loadbalancer/")[1] and plain[3].startswith("127.0.0.1:")
    assert plain[4].endswith(f":{stack.port}") and plain[8:10] == ["200", "200"] and plain[14:16] == ["-", "-"]
    assert plain[16] == stack.group and plain[17].startswith("Root=1-") and plain[20] == "0" and plain[22] == "forward"
    secure = by_path[f"https://logs.example.com:{https_port}/secure?a=b"]
    assert secure[0] == "https" and secure[13] == r"a \x22quoted\x22 one" and secure[15] == "TLSv1.2" and secure[19] == arn
    connections = [path for path in others if path.name.startswith("conn_log_")]
    checks = [path for path in others if path.name.startswith("health_check_log_")]
    assert len(connections) + len(checks) == len(others)
    check_names(connections, buckets / "others", "", stack, "conn_log_")
    check_names(checks, buckets / "others", "", stack, "health_check_log_")
    shaken = [shlex.split(line) for path in connections for line in lines(path)]
    good = next(fields for fields in shaken if fields[3] == str(https_port) and fields[10] == "Success")
    assert good[4] == "TLSv1.2" and float(good[6]) >= 0 and good[11] == secure[29], "the connection has one name in both logs"
    assert any(fields[3] == str(stack.listener_port) and fields[4] == "-" for fields in shaken), "also those in clear text"
    passed = [line.split(" ") for path in checks for line in lines(path)]
    assert all(fields[0] == "http" and fields[4:7] == ["web", "PASS", "200"] for fields in passed), passed


def post(connection, stack, path):
    connection.request("POST", path, body=b"hello", headers={"Host": stack.dns_name})
    answer = connection.getresponse()
    answer.read()
    return answer


def test_why_explains_a_kept_alive_connection_that_the_target_closed_and_what_is_not_known(stack):
    client = http.client.HTTPConnection(stack.address, stack.front_port, timeout=10)
    assert post(client, stack, "/").status == 200
    answered = time.monotonic()
    wait_until(lambda: time.monotonic() - answered > IDLE_SECONDS, what="the connection to the target to be idle")
    answer = post(client, stack, "/hang-up")
    assert answer.status == 502
    client.close()
    trace = answer.headers["X-Amzn-Trace-Id"]
    told = why(stack, trace).stdout
    for part in [
        f"POST http://{stack.dns_name}:{stack.listener_port}/hang-up from 127.0.0.1:",
        "got a 502 from the load balancer after", "target closed the connection", "It went to 127.", "of target group web.",
        "closed a kept-alive connection (it was", "had been idle for", "without a byte of an answer.",
        "Goru keeps them for", "What to change\n  Raise the server's keep-alive timeout above",
        "It was not sent again: a POST may have been carried out already.",
    ]:
        assert part in told, told
    assert why(stack, trace.removeprefix("Root=")).stdout == told
    # By the client's connection, which the log names: both of its requests, the failed one in full.
    connection = re.search(r"TID_[0-9a-f]{32}", told)[0]
    both = why(stack, connection).stdout
    assert told in both and f"POST http://{stack.dns_name}:{stack.listener_port}/ from" in both
    unknown = why(stack, "1-58337262-36d228ad5d99923122bbe354", check=False)
    assert unknown.returncode != 0 and unknown.stdout == ""
    assert "no request with the id `1-58337262-36d228ad5d99923122bbe354` is remembered (any more): the node remembers the last" in unknown.stderr
    assert "that failed since" in unknown.stderr
    group = why(stack, "nobody", check=False)
    assert "there is no Auto Scaling group `nobody`" in group.stderr


def test_why_explains_a_502_of_a_target_that_refuses(stack):
    # The target group asks a port where nobody listens.
    group = stack.elbv2.create_target_group(
        Name="refusing", Protocol="HTTP", Port=free_ports()[0], VpcId=stack.vpc, HealthCheckIntervalSeconds=300, HealthCheckTimeoutSeconds=5
    )["TargetGroups"][0]["TargetGroupArn"]
    stack.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": stack.instances[0]}])
    stack.elbv2.modify_listener(ListenerArn=stack.listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    status, headers, _ = wait_until(lambda: (got := stack.get("/nobody"))[0] == 502 and got, what="a 502")
    told = why(stack, dict(headers)["X-Amzn-Trace-Id"]).stdout
    for part in ["Nobody listens at the target 127.", "it refused the connection", "See whether the server runs", "fail open"]:
        assert part in told, told
    status, text = stack.goru.get("/_goru/why?request=1-58337262-36d228ad5d99923122bbe354")
    assert status != 200 and "remembered" not in text, "only the owner of the data directory is told"
