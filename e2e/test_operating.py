"""Running Goru: check, env, aws, status, events, backup, doctor, health and metrics pages, locks, reloads, secrets."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

from conftest import GORU_BIN, free_ports, wait_until
from stack import FAST_IMAGE, HOST_IMAGE, Stack, images

# How long a server that refuses to start may take to say so.
REFUSAL_DEADLINE = 30


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(images())


@pytest.fixture(scope="module")
def stack(goru):
    return Stack.build(goru)


def clean_environment(**extra):
    return {**{k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GORU_"))}, **extra}


def program(*arguments, cwd=None, **environment):
    return subprocess.run(
        [GORU_BIN, *map(str, arguments)], env=clean_environment(**environment), cwd=cwd, capture_output=True, text=True,
        timeout=REFUSAL_DEADLINE, check=False,
    )


# --- the configuration


def test_check_accepts_a_good_file_and_needs_none_of_its_keys(tmp_path):
    good = tmp_path / "goru.toml"
    good.write_text('region = "eu-central-1"\nport_offset = 9000\n[auth]\nmode = "sigv4"\n' + images(3000))
    done = program("check", good)
    assert (done.returncode, done.stderr) == (0, ""), done
    good.write_text("\ufeff")
    assert program("check", good).returncode == 0, "an empty file with a byte order mark"
    assert program("check", cwd=tmp_path).returncode == 0, "./goru.toml is what is checked when no file is named"


BAD_FILES = [
    ("unknown key", "region = \"us-east-1\"\nregin = 1\n", "2:1", "unknown"),
    ("wrong type", "port_offset = \"x\"\n", "1:15", "invalid type"),
    ("number out of range", "port_offset = 70000\n", "1:15", "65535"),
    ("negative number", "port_offset = -1\n", "1:15", "-1"),
    ("duplicate key", "region = \"us-east-1\"\nregion = \"us-east-1\"\n", "2:1", "duplicate"),
    ("no address", "api = \"localhost\"\n", "1:7", "127.0.0.1:4566"),
    ("no region", "region = \"moon-1\"\n", "1:10", "region"),
    ("short account", "account_id = \"123\"\n", "1:14", "twelve digits"),
    ("unknown driver", "driver = \"magic\"\n", "1:10", "magic"),
    ("no public address", "public_addresses = []\n", "1:20", "at least one"),
    ("broken text", "region = \"us-east-1\n", "1:", ""),
    ("open to all", "api = \"0.0.0.0:4566\"\n[auth]\nmode = \"none\"\n", "3:1", "loopback"),
    ("unknown mode", "[auth]\nmode = \"maybe\"\n", "2:8", "maybe"),
    ("image without id", "[[images]]\nname = \"x\"\nsource = \"host\"\n", "1:1", "id"),
    ("image of a missing directory", "[[images]]\nid = \"ami-01234567\"\nname = \"x\"\nsource = \"directory:/nowhere\"\n", "1:1", "/nowhere"),
    ("image without files", "[[images]]\nid = \"ami-01234567\"\nname = \"x\"\nsource = \"oci:x\"\n", "1:1", "OCI layout `x` does not exist"),
]


@pytest.mark.parametrize(("name", "text", "place", "hint"), BAD_FILES, ids=[case[0] for case in BAD_FILES])
def test_check_names_file_line_column_and_what_to_do(tmp_path, name, text, place, hint):
    bad = tmp_path / "goru.toml"
    bad.write_text(text)
    done = program("check", bad)
    assert done.returncode == 1, name
    first = done.stderr.splitlines()[0]
    assert first.startswith(f"{bad}:{place}"), first
    assert hint in done.stderr, done.stderr
    assert program("up", "--config", bad, "--data-dir", tmp_path / "data").returncode == 1, "nor does it start"
    assert not (tmp_path / "data").exists(), "and it leaves nothing behind"


@pytest.mark.parametrize("kind", ["missing", "a directory", "not text"])
def test_check_says_when_a_file_cannot_be_read(tmp_path, kind):
    file = tmp_path / "goru.toml"
    if kind == "a directory":
        file.mkdir()
    elif kind == "not text":
        file.write_bytes(b"region = \"\xff\"\n")
    done = program("check", file)
    assert done.returncode == 1 and str(file) in done.stderr, done


def test_flags_beat_the_environment_and_the_environment_beats_the_file(start_goru):
    config = 'region = "eu-central-1"\ndns_suffix = "file.localhost"\naccount_id = "111111111111"\ndriver = "simulated"\n'
    environment = {"GORU_REGION": "us-east-1", "GORU_DNS_SUFFIX": "environment.localhost"}
    goru = start_goru(config, ["--region", "us-west-2"], environment)
    assert (goru.region, goru.account) == ("us-west-2", "111111111111")
    ec2, elbv2 = goru.client("ec2"), goru.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    name = elbv2.create_load_balancer(Name="named", Subnets=subnets)["LoadBalancers"][0]["DNSName"]
    assert re.fullmatch(r"named-\d+\.us-west-2\.environment\.localhost", name)


# --- starting, and not


def test_one_ready_line_and_nothing_else_on_stdout(goru):
    assert len(goru.ready_lines) == 1
    assert re.fullmatch(r"goru ready api=http://127\.0\.0\.1:\d+ region=ap-northeast-2 account=\d{12}", goru.ready_lines[0])


def test_a_second_server_on_the_same_directory_is_told_who_holds_it(goru):
    done = program("up", "--data-dir", goru.data, "--api", "127.0.0.1:0")
    assert done.returncode == 1 and done.stdout == ""
    assert f"in use by process {goru.process.pid}" in done.stderr and str(goru.data) in done.stderr
    assert goru.get("/healthz")[0] == 200, "the first one does not mind"


def test_a_port_in_use_is_named(goru, tmp_path):
    done = program("up", "--data-dir", tmp_path / "data", "--api", goru.api.removeprefix("http://"))
    assert done.returncode == 1
    assert goru.api.removeprefix("http://") in done.stderr and "--api" in done.stderr, done.stderr


def test_a_state_file_of_a_newer_version_is_refused_and_not_touched(start_goru):
    goru = start_goru(arguments=["--driver", "simulated"])
    assert goru.stop() == 0
    file = goru.data / "state.db"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 4711")
    database.close()
    before = file.read_bytes()
    done = program("up", "--data-dir", goru.data, "--api", "127.0.0.1:0")
    assert done.returncode == 1
    assert "4711" in done.stderr and str(file) in done.stderr and "newer" in done.stderr, done.stderr
    assert file.read_bytes() == before


def test_a_state_file_that_is_none_is_refused_by_name(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    content = b"not a database at all, but long enough to be looked at\n" * 100
    (data / "state.db").write_bytes(content)
    done = program("up", "--data-dir", data, "--api", "127.0.0.1:0")
    assert done.returncode == 1 and str(data / "state.db") in done.stderr, done.stderr
    assert (data / "state.db").read_bytes() == content


def test_an_empty_state_file_is_a_new_one(start_goru):
    """A crash right after its creation leaves it so."""
    goru = start_goru(arguments=["--driver", "simulated"], started=False)
    goru.data.mkdir()
    (goru.data / "state.db").touch()
    goru.start()
    assert goru.client("sts").get_caller_identity()["Account"] == goru.account


def test_auth_none_is_refused_where_others_could_call(tmp_path):
    done = program("up", "--auth-mode", "none", "--api", "0.0.0.0:0", "--data-dir", tmp_path / "data")
    assert done.returncode == 1 and "loopback" in done.stderr, done.stderr
    assert not (tmp_path / "data").exists()


def test_a_second_signal_ends_at_once(start_goru):
    """A stuck request would keep an orderly stop waiting; whoever presses Ctrl-C twice does not want to wait."""
    goru = start_goru(arguments=["--driver", "simulated"])
    with socket.create_connection(("127.0.0.1", goru.port)) as stuck:
        stuck.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        wait_until(lambda: goru.get("/healthz")[0] == 200)
        goru.process.send_signal(signal.SIGINT)
        wait_until(lambda: "stopping" in goru.log(), what="the orderly stop")
        began = time.monotonic()
        goru.process.send_signal(signal.SIGINT)
        code = goru.process.wait(30)
    assert time.monotonic() - began < 10
    assert code in (0, 130)


# --- commands


def test_env_prints_what_a_shell_can_evaluate(goru):
    script = 'eval "$("$GORU" env --data-dir "$DATA")" && exec aws sts get-caller-identity --output text --query Arn'
    environment = {**clean_environment(), "GORU": GORU_BIN, "DATA": str(goru.data), "AWS_CONFIG_FILE": os.devnull}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == f"arn:aws:iam::{goru.account}:root", done


def test_aws_runs_the_installed_cli_against_the_server(goru):
    done = goru.cli("aws", "ec2", "describe-vpcs", "--query", "Vpcs[0].CidrBlock", "--output", "text")
    assert done.stdout.strip() == "172.31.0.0/16"
    failed = goru.cli("aws", "ec2", "describe-vpcs", "--vpc-ids", "vpc-00000000000000000", check=False)
    assert failed.returncode != 0 and "InvalidVpcID.NotFound" in failed.stderr


def test_commands_say_when_no_server_runs(tmp_path):
    for command in (["status"], ["env"], ["events"], ["aws", "sts", "get-caller-identity"]):
        done = program(*command, GORU_DATA_DIR=str(tmp_path))
        assert done.returncode == 1 and "no server runs" in done.stderr and str(tmp_path) in done.stderr, done


def test_status_shows_what_runs(goru, stack):
    shown = goru.status()
    assert (shown["api"], shown["pid"], shown["account"], shown["region"]) == (goru.api, goru.process.pid, goru.account, goru.region)
    assert shown["node"]["connected"] and shown["node"]["failed_fronts"] == []
    balancer = next(lb for lb in shown["load_balancers"] if lb["arn"] == stack.balancer)
    assert (balancer["state"], balancer["target_groups"]) == ("active", [stack.name])
    assert {one["state"] for one in shown["targets"]} == {"healthy"}
    assert {one["id"] for one in shown["instances"]} == set(stack.instances)
    printed = goru.cli("status").stdout
    for word in (goru.api, stack.dns_name, balancer["urls"][0], "healthy", *stack.instances):
        assert word in printed, printed


def test_events_tell_what_happened_and_follow_on(goru, stack):
    events = [json.loads(line) for line in goru.cli("events", "--output", "json", "-n", "1000").stdout.splitlines()]
    assert any(stack.instances[0] in event["subject"] for event in events), events
    assert any(event["what"] == "target-healthy" for event in events), events
    follower = subprocess.Popen(
        [GORU_BIN, "events", "-f", "--output", "json"], env=clean_environment(GORU_DATA_DIR=str(goru.data)), stdout=subprocess.PIPE, text=True
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(follower.stdout.readline, "")), daemon=True)
    reader.start()
    try:
        wait_until(lambda: len(lines) >= len(events), what="the past events")
        id = stack.launch(HOST_IMAGE, stack.subnets[0])
        wait_until(lambda: any(json.loads(line)["subject"] == id for line in list(lines)), what="the event of a new instance")
    finally:
        follower.kill()
        follower.wait()
        reader.join(10)
        follower.stdout.close()
    stack.ec2.terminate_instances(InstanceIds=[id])


def test_a_backup_taken_while_running_is_a_state_to_start_from(goru, stack, start_goru, tmp_path):
    file = tmp_path / "backup.db"
    stack.ec2.create_security_group(GroupName="in-the-backup", Description="x", VpcId=stack.vpc)
    assert goru.cli("backup", file).stdout.strip() == str(file)
    stack.ec2.create_security_group(GroupName="after-the-backup", Description="x", VpcId=stack.vpc)
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, "it holds secrets"
    again = goru.cli("backup", file, check=False)
    assert again.returncode == 1 and "exists" in again.stderr
    restored = start_goru(arguments=["--driver", "simulated"], started=False)
    restored.data.mkdir()
    shutil.copy(file, restored.data / "state.db")
    restored.start()
    assert restored.account == goru.account
    assert restored.credentials() == goru.credentials(), "the keys are part of the state"
    groups = {group["GroupName"] for group in restored.client("ec2").describe_security_groups()["SecurityGroups"]}
    assert "in-the-backup" in groups and "after-the-backup" not in groups
    assert restored.client("elbv2").describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"] == stack.balancer


def test_a_backup_is_possible_without_a_server(start_goru, tmp_path):
    goru = start_goru(arguments=["--driver", "simulated"])
    goru.client("iam").create_user(UserName="kept")
    assert goru.stop() == 0
    file = tmp_path / "backup.db"
    goru.cli("backup", file)
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM record WHERE id LIKE '%kept%'").fetchone()[0] >= 1
    database.close()


def test_doctor_says_what_this_host_can_do(tmp_path):
    done = program("doctor", "--data-dir", tmp_path / "data")
    assert done.returncode == 0, done
    for word in ("sandbox", "port"):
        assert word in done.stdout, done.stdout
    assert re.search(r'driver = "auto" picks (sandbox|process): ', done.stdout), done.stdout


def test_version_and_help(goru):
    assert re.fullmatch(r"goru \d+\.\d+\.\d+\S*\n", program("--version").stdout)
    shown = program("--help").stdout
    for command in ("up", "demo", "env", "aws", "status", "events", "backup", "check", "doctor"):
        assert re.search(rf"^  {command} ", shown, re.MULTILINE), command
    assert program("nonsense").returncode == 2


# --- pages


def test_health_and_readiness_pages(goru):
    assert goru.get("/healthz") == (200, "ok\n")
    assert goru.get("/readyz") == (200, "ready\n")


def test_readiness_follows_the_node(start_goru):
    """While the node that was killed is not replaced, the server says that it should get no requests, and why."""
    goru = start_goru(arguments=["--driver", "simulated"])
    before = goru.status()["node"]["pid"]
    seen = []
    watching = threading.Event()

    def watch():
        while not watching.is_set():
            seen.append(goru.get("/readyz"))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: goru.status()["node"]["pid"] != before and goru.get("/readyz")[0] == 200, 30, "another node")
    watching.set()
    watcher.join(30)
    assert goru.get("/healthz")[0] == 200
    assert {answer for answer in seen if answer[0] != 200} <= {(503, "the load balancer node is not connected\n")}
    assert len(seen) > 1


def test_the_metrics_page_is_openmetrics_and_counts_requests(goru, stack):
    def sample(name, **labels):
        for line in goru.get("/metrics")[1].splitlines():
            if line.startswith(name + "{") or line.startswith(name + " "):
                if all(f'{key}="{value}"' in line for key, value in labels.items()):
                    return float(line.rsplit(" ", 1)[1])
        return None

    page = goru.get("/metrics")[1]
    assert page.endswith("# EOF\n") and "# HELP goru_build" in page
    for line in page.splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z_]+(\{[^{}]*\})? [0-9.e+-]+", line), line
    assert sample("goru_node_connected") == 1
    group = "targetgroup/" + stack.group.partition("targetgroup/")[2]
    assert sample("goru_targets", target_group=group, state="healthy") == 2
    victim = stack.instances[0]
    before = sample("goru_target_requests_total", target=f"{victim}:{stack.port}") or 0
    for _ in range(10):
        stack.get()
    # Two threads of the node take turns on their own, so "half" may be one off for each.
    wait_until(lambda: (sample("goru_target_requests_total", target=f"{victim}:{stack.port}") or 0) - before >= 3, what="counted requests")


def test_tools_are_not_open_where_signatures_count(goru):
    for path in ("/_goru/status", "/_goru/events", "/_goru/reset", "/_goru/backup"):
        for method in ("GET", "POST"):
            request = urllib.request.Request(goru.api + path, method=method, data=b"{}" if method == "POST" else None)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            assert refused.value.code in (400, 403, 404), (path, method)
            refused.value.close()


def test_reset_forgets_everything_but_the_key(start_goru):
    config = 'driver = "simulated"\n[auth]\nmode = "none"\n'
    goru = start_goru(config)
    ec2, iam = goru.client("ec2"), goru.client("iam")
    default = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    ec2.run_instances(ImageId=HOST_IMAGE, MinCount=1, MaxCount=1)
    iam.create_user(UserName="gone")
    goru.client("cloudwatch").put_metric_data(Namespace="Gone", MetricData=[{"MetricName": "x", "Value": 1}])
    key = goru.credentials()
    with urllib.request.urlopen(urllib.request.Request(goru.api + "/_goru/reset", method="POST"), timeout=30) as answer:
        assert answer.status == 200
    vpcs = ec2.describe_vpcs()["Vpcs"]
    assert len(vpcs) == 1 and vpcs[0]["IsDefault"] and vpcs[0]["VpcId"] != default
    assert ec2.describe_instances()["Reservations"] == [] and iam.list_users()["Users"] == []
    assert goru.client("cloudwatch").list_metrics(Namespace="Gone")["Metrics"] == []
    assert goru.credentials() == key and goru.client("sts").get_caller_identity()["Account"] == goru.account


def test_without_authentication_nobody_needs_a_good_key(start_goru):
    goru = start_goru(arguments=["--driver", "simulated", "--auth-mode", "none"])
    done = subprocess.run(
        [goru.aws.program, "--no-sign-request", "--endpoint-url", goru.api, "--region", goru.region, "sts", "get-caller-identity"],
        env=clean_environment(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true"), capture_output=True, text=True, timeout=60, check=False,
    )
    assert json.loads(done.stdout)["Account"] == goru.account, done.stderr


# --- reload


def test_reload_keeps_connections_and_takes_the_new_configuration(start_goru):
    goru = start_goru(images())
    stack = Stack.build(goru)
    more = '[[images]]\nid = "ami-0fedcba9876543210"\nname = "later"\nsource = "host"\n'

    def image_ids():
        return {image["ImageId"] for image in stack.ec2.describe_images()["Images"]}

    with socket.create_connection((stack.address, stack.front_port), timeout=30) as connection:
        request = f"GET / HTTP/1.1\r\nHost: {stack.dns_name}\r\n\r\n".encode()
        assert exchange(connection, request).startswith(b"HTTP/1.1 200 ")
        goru.config_file.write_text(goru.config_file.read_text() + more)
        goru.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "ami-0fedcba9876543210" in image_ids(), what="the new image")
        assert exchange(connection, request).startswith(b"HTTP/1.1 200 "), "the same connection serves on"
        good = goru.config_file.read_text()
        goru.config_file.write_text(good + "nonsense = 1\n")
        goru.process.send_signal(signal.SIGHUP)
        line = good.count("\n") + 1
        wait_until(lambda: f"{goru.config_file}:{line}:1" in goru.log(), what="the complaint about the line that was added")
        assert "the old one stays in force" in goru.log()
        assert {"ami-0fedcba9876543210", FAST_IMAGE} <= image_ids()
        assert exchange(connection, request).startswith(b"HTTP/1.1 200 ")
    assert goru.running()
    goru.config_file.write_text(good)


def exchange(connection, request):
    """One request and its answer on a connection that stays open."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or pytest.fail(f"the connection was closed after {received!r}")
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: *(\d+)", head.lower())[1])
    while len(body) < length:
        body += connection.recv(65536) or pytest.fail("the connection was closed within the answer")
    return head + b"\r\n\r\n" + body


# --- secrets


def test_credentials_and_state_are_for_their_owner_alone(goru):
    assert stat.S_IMODE(goru.data.stat().st_mode) == 0o700
    for name in ("credentials", "state.db", "control"):
        assert stat.S_IMODE((goru.data / name).stat().st_mode) == 0o600, name
    key, secret = goru.credentials()
    assert re.fullmatch(r"AKIA[A-Z0-9]{16}", key) and len(secret) == 40


def test_secrets_are_in_no_log_and_no_listing(start_goru):
    goru = start_goru(images(), environment={"GORU_LOG": "debug"})
    iam, ec2 = goru.client("iam"), goru.client("ec2")
    iam.create_user(UserName="kim")
    made = iam.create_access_key(UserName="kim")["AccessKey"]["SecretAccessKey"]
    password = "correct-horse-battery-staple"
    id = ec2.run_instances(ImageId=HOST_IMAGE, MinCount=1, MaxCount=1, UserData=f"#!/bin/sh\nPASSWORD={password}\n")["Instances"][0]["InstanceId"]
    wait_until(lambda: ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]["State"]["Name"] == "running")
    root = goru.credentials()[1]
    shown = [str(iam.list_access_keys(UserName="kim")), str(ec2.describe_instances()), goru.cli("status", "--output", "json").stdout]
    shown += [goru.cli("events", "--output", "json").stdout, goru.get("/metrics")[1]]
    assert goru.stop() == 0
    for secret in (root, made, password):
        assert secret not in goru.log() and not any(secret in text for text in shown)
    environment = {**clean_environment(), "GORU_API": "nonsense", "AWS_SECRET_ACCESS_KEY": root}
    done = subprocess.run([GORU_BIN, "up"], env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0 and root not in done.stderr


def test_deleting_the_credentials_file_does_not_lock_out(start_goru):
    goru = start_goru(arguments=["--driver", "simulated"])
    key = goru.credentials()
    assert goru.stop() == 0
    (goru.data / "credentials").unlink()
    goru.start()
    assert goru.credentials() == key
    assert goru.client("sts").get_caller_identity()["Account"] == goru.account


# --- addresses


def test_several_load_balancers_share_an_address_by_host(start_goru):
    goru = start_goru(images())
    one = Stack.build(goru, "one", count=1)
    other = Stack.build(goru, "other", count=1, listener_port=one.listener_port)
    assert (one.address, one.front_port) == (other.address, other.front_port)
    assert one.who() == one.instances[0] and other.who() == other.instances[0]
    status, _, body = one.get(headers={"Host": "unknown.example"})
    assert status == 404
    assert one.dns_name.encode() not in body and other.dns_name.encode() not in body, "it lists nothing"
    assert one.get(headers={"Host": one.dns_name.upper() + "."})[0] == 200, "case and a trailing dot do not matter"
    goru.client("elbv2").delete_load_balancer(LoadBalancerArn=other.balancer)
    wait_until(lambda: one.get(headers={"Host": "unknown.example"})[0] == 200, what="any host, where one uses the address")


def test_a_port_that_another_program_has_is_reported_and_served_when_it_is_free(start_goru):
    goru = start_goru(images())
    port = free_ports()[0]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        stack = Stack.build(goru, count=1, listener_port=free_ports()[0])
        stack.listen(port)

        def reported():
            return goru.status()["node"]["failed_fronts"]

        assert str(port) in wait_until(reported, what="the port in use to be reported")[0]["front"]
        assert stack.get()[0] == 200, "the other listener serves"
    wait_until(lambda: not goru.status()["node"]["failed_fronts"], 60, "the port to be taken once it is free")
    stack.front_port = port
    assert stack.get()[0] == 200
