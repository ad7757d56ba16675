"""`goru demo`: what the README promises a newcomer: a site that grows, heals, mails and shrinks (U48, U59, U62)."""

import contextlib
import os
import re
import signal
import subprocess

import pytest

from conftest import GORU_BIN, alive, mentions, processes, wait_until

pytestmark = pytest.mark.alone

# Start, growing, the replacement of the killed server, shrinking, and a slow machine.
ONCE_DEADLINE = 400
END_DEADLINE = 60


class Demo:
    """A running `goru demo` whose temporary files are all below one directory."""

    def __init__(self, directory, *arguments):
        self.directory = directory
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GORU_"))}
        environment["TMPDIR"] = str(directory)
        self.output = directory.parent / "demo.out"
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [GORU_BIN, "demo", *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )

    def printed(self):
        return self.output.read_text()

    def left_behind(self):
        """Processes and files that should be gone."""
        mine = [pid for pid in processes() if pid != os.getpid() and alive(pid) and mentions(pid, str(self.directory))]
        return mine + sorted(self.directory.iterdir())

    def end_what_is_left(self):
        """True once nothing is left: a server that was just starting may still start others."""
        pids = [left for left in self.left_behind() if isinstance(left, int)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not pids

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(END_DEADLINE)


@pytest.fixture
def demo(tmp_path):
    started = []

    def start(*arguments):
        directory = tmp_path / "tmp"
        directory.mkdir()
        started.append(Demo(directory, *arguments))
        return started[0]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        wait_until(one.end_what_is_left, what="the end of what a demo left behind")


def test_u48_u59_u62_the_demo_runs_by_itself_and_no_request_fails(demo):
    run = demo("--once")
    code = run.process.wait(ONCE_DEADLINE)
    printed = run.printed()
    counted = re.search(r"^(\d+) requests, 0 failed$", printed, re.MULTILINE)
    assert code == 0 and counted, printed
    assert int(counted[1]) > 300, "half a minute of load is more than this"
    told = [
        r"^The group grew from 1 to 3 after [\d.]+ s of load\.$",
        r"^  mail: ALARM: \"high\" in Asia Pacific \(Seoul\)$",
        r"^kill -9 \d+, which is i-[0-9a-f]{17}$",
        r"^It was replaced: 3 instances serve again after [\d.]+ s\.$",
        r"^The group shrank from 3 to 1 after [\d.]+ s\.$",
        r"^  mail: ALARM: \"low\" in Asia Pacific \(Seoul\)$",
    ]
    for line in told:
        assert re.search(line, printed, re.MULTILINE), f"{line} in\n{printed}"
    commands = (
        "elbv2 create-target-group", "elbv2 create-load-balancer", "elbv2 create-listener", "sns create-topic", "sns subscribe",
        "ec2 create-launch-template", "autoscaling create-auto-scaling-group", "autoscaling put-scaling-policy",
        "cloudwatch put-metric-alarm",
    )
    for command in commands:
        assert re.search(rf"^ *aws {command} ", printed, re.MULTILINE), printed
    print("\n".join(line for line in printed.splitlines() if " after " in line))
    assert run.left_behind() == []


@pytest.mark.parametrize("moment", ["while the server starts", "while things are made", "while the load runs"])
def test_ctrl_c_ends_the_demo_cleanly_at_any_moment(demo, moment):
    run = demo()
    if moment == "while the server starts":
        wait_until(lambda: list(run.directory.iterdir()), what="the data directory of the demo")
    elif moment == "while things are made":
        wait_until(lambda: "Goru runs at" in run.printed(), what="the demo's server")
    else:
        wait_until(lambda: "The load balancer answers at" in run.printed(), what="the load balancer of the demo")
    code = run.interrupt()
    assert code == 0, run.printed()
    assert run.left_behind() == []
