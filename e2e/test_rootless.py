"""Sandboxes of a server that is not root: everything is in a user namespace, and the host sees nothing of it.

The tests themselves are root: they start the server as a user that has no name and no rights, and look into its namespaces.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from conftest import GORU_BIN, Goru, free_ports, wait_until
from stack import needs_sandboxes
from vpcs import HERE, OUTSIDE, PORT, SERVER, Vpc, admit, get, launch, left_behind, second_zone, system

NOBODY = "1234"
needs_a_way_out = pytest.mark.skipif(
    not (shutil.which("pasta") or shutil.which("slirp4netns")), reason="no pasta and no slirp4netns: run `cargo xtask install` as root"
)
pytestmark = [needs_sandboxes, needs_a_way_out]

# On most hosts everybody may open this device; on this one perhaps nobody. In a mount namespace of its own each test has its way.
# Programs that are to be missing are taken out of a copy of /usr that only changes there.
AS_NOBODY = f"""
set -e
tun=$1; program=$2; scratch=$3; shift 3
mount --bind "$tun" /dev/net/tun
if [ "$MISSING" ]; then
    mount -t tmpfs tmpfs "$scratch"
    mkdir "$scratch/upper" "$scratch/work"
    mount -t overlay overlay -o "lowerdir=/usr,upperdir=$scratch/upper,workdir=$scratch/work" /usr
    rm $MISSING
fi
exec setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --bounding-set=-all "$program" "$@"
"""


def as_nobody(directory):
    """The words before `goru`'s arguments that run it as somebody without rights."""
    return ["unshare", "--mount", "sh", "-c", AS_NOBODY, "sh", *(str(directory / name) for name in ("tun", "goru", "scratch"))]


@pytest.fixture
def nobodys():
    """A directory that belongs to nobody, with the program and a device for the way out."""
    # Others may not look into pytest's own directories.
    directory = pathlib.Path(tempfile.mkdtemp(prefix="goru-rootless-", dir="/var/tmp"))
    directory.chmod(0o755)
    shutil.copy(GORU_BIN, directory / "goru")
    system("mknod", "-m", "0666", directory / "tun", "c", "10", "200")
    (directory / "home").mkdir()
    (directory / "scratch").mkdir()
    system("chown", NOBODY, directory / "home")
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def rootless(nobodys, clean):
    """A function that starts a server without root; the host is as before when it has ended."""
    del clean
    servers = []

    def start(config=""):
        server = Goru(nobodys / "home", config, ["--driver", "sandbox"], {"HOME": str(nobodys / "home"), "MISSING": ""}, as_nobody(nobodys))
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        wrong = server.end_everything()
        if wrong:
            print(server.log_tail())
        assert not wrong, "\n".join(wrong)


def holder(goru):
    return json.loads((goru.data / "rootless.json").read_text())["holder"]["pid"]


def within(goru, instance, *words):
    """What a command says in an instance's network, which has a name only in the server's namespaces."""
    enter = ["nsenter", "--target", holder(goru), "--user", "--mount"]
    [name] = [line.split()[0] for line in system(*enter, "ip", "netns").splitlines() if line.split()[0].endswith(instance)]
    return system(*enter, "ip", "netns", "exec", name, *words, check=False)


def test_u51_without_root_an_instance_serves_goes_out_by_its_gateway_and_survives_the_control_plane(rootless, outside):
    del outside
    port = free_ports()[0]
    before = left_behind()
    goru = rootless()
    assert pathlib.Path(f"/proc/{goru.process.pid}/loginuid").exists() and os.stat(goru.data).st_uid == int(NOBODY)
    vpc, elbv2 = Vpc(ec2 := goru.client("ec2")), goru.client("elbv2")
    gateway, _ = vpc.nat()
    vpc.table(vpc.private, NatGatewayId=gateway)
    [server] = launch(ec2, vpc.private, [vpc.group])
    front = ec2.create_security_group(GroupName="front", Description="front", VpcId=vpc.id)["GroupId"]
    admit(ec2, front, port)
    balancer = elbv2.create_load_balancer(Name="web", Subnets=[vpc.public, second_zone(ec2, vpc)], SecurityGroups=[front])["LoadBalancers"][0]
    group = elbv2.create_target_group(Name="apps", Protocol="HTTP", Port=PORT, VpcId=vpc.id, HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2)
    group = group["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": server["InstanceId"]}])
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=forward)
    name = server["PrivateDnsName"].split(".")[0]
    served = lambda: (get(None, "127.0.0.1", port) or "").startswith(f"{name} 10.0.")  # noqa: E731
    wait_until(served, what="an answer of the instance through the load balancer")
    # The host has no more of it than processes.
    assert {**left_behind(), "mounts": []} == {**before, "mounts": []}
    assert "10.0." not in system("ip", "route", "show", "table", "all")
    # Out it goes as the user's own programs would, from the host's address.
    fetch = ["curl", "-s", "-m", "5", f"http://{OUTSIDE}:{PORT}/"]
    wait_until(lambda: within(goru, server["InstanceId"], *fetch) == f"outside {HERE}", what="an answer of the outside host")
    # But not to what listens on the host's loopback addresses.
    inside = within(goru, server["InstanceId"], "curl", "-s", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}", f"http://169.254.1.1:{goru.port}/healthz")
    assert inside == "000"
    held, processes = holder(goru), set(goru.own_processes()) - {goru.process.pid}
    goru.kill()
    assert served(), "the node and the instance go on"
    goru.start()
    assert holder(goru) == held and processes <= set(goru.own_processes()), "the next one is in the same namespaces"
    [again] = [i for r in goru.client("ec2").describe_instances()["Reservations"] for i in r["Instances"]]
    assert again["State"]["Name"] == "running" and served()
    # What ends the server in order ends it all.
    goru.stop()
    wait_until(lambda: not goru.own_processes() and not (goru.data / "rootless.json").exists(), what="the end of everything")


def test_cleanup_removes_what_a_killed_server_without_root_left(rootless):
    goru = rootless()
    vpc = Vpc(ec2 := goru.client("ec2"))
    launch(ec2, vpc.private, [vpc.group], "#!/bin/sh\nexec sleep 100000\n")
    goru.kill()
    assert "removed 1 instance, 0 control groups" in goru.cli("cleanup").stdout
    assert not (goru.data / "rootless.json").exists()
    [node] = goru.own_processes()
    assert b"node" in pathlib.Path(f"/proc/{node}/cmdline").read_bytes()


@pytest.mark.parametrize(
    ("root", "missing", "expected"),
    [
        (True, [], "ok       sandboxes run here\n"),
        (True, ["runc"], "apt-get install runc"),
        (False, [], "instances reach the outside by "),
        (False, ["runc"], "sudo apt-get install runc"),
        (False, ["pasta", "slirp4netns"], "sudo apt-get install passt"),
    ],
)
def test_doctor_says_what_is_missing_and_the_one_command_that_gets_it(nobodys, root, missing, expected):
    files = [path for name in [*missing, *(["crun"] if "runc" in missing else [])] if (path := shutil.which(name, path="/usr/sbin:/usr/bin"))]
    words = as_nobody(nobodys)
    if root:
        words[4] = words[4].replace(f"--reuid {NOBODY} --regid {NOBODY} --clear-groups --bounding-set=-all", "--keep-groups")
    environment = {**os.environ, "HOME": str(nobodys / "home"), "MISSING": " ".join(files)}
    words += ["doctor", "--data-dir", str(nobodys / "home" / "data"), "--api", f"127.0.0.1:{free_ports()[0]}"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout, done.stdout
    assert len(done.stdout.splitlines()) < 40, "one screen"
    assert ("sandboxes run here without root" in done.stdout) == (not root and "runc" not in missing), done.stdout
