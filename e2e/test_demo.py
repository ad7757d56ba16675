"""`goru demo`: what the README promises a newcomer (U32)."""

import contextlib
import os
import re
import signal
import subprocess

import pytest

from conftest import GORU_BIN, alive, mentions, processes, wait_until

# Start, four seconds of load, detection of the killed server, three seconds more, and a slow machine.
ONCE_DEADLINE = 180
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


def test_u32_the_demo_runs_by_itself_and_no_request_fails(demo):
    run = demo("--once")
    code = run.process.wait(ONCE_DEADLINE)
    printed = run.printed()
    counted = re.search(r"^(\d+) requests, 0 failed$", printed, re.MULTILINE)
    assert code == 0 and counted, printed
    assert int(counted[1]) > 1000, "seven seconds of load are more than this"
    assert re.search(r"^kill -9 \d+, which is i-[0-9a-f]{17}$", printed, re.MULTILINE), printed
    assert re.search(r"its target is (unhealthy|unused) after", printed), printed
    for command in ("run-instances", "create-target-group", "register-targets", "create-load-balancer", "create-listener"):
        assert re.search(rf"^ *aws (ec2|elbv2) {command} ", printed, re.MULTILINE), printed
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
