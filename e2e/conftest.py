"""Fixtures for the end-to-end tests: the real `goru` binary, driven by the real `aws` CLI and boto3.

A test asks for `goru` (one fresh server per test), for `shared_goru` (one per file, for tests that only read or that
keep their names apart), or for `start_goru` (a function that starts servers as the test wants them). Each server has a
data directory and an API port of its own. When a test fails, the server's log is shown; and every server must end in
time on SIGTERM, leave no process behind, and have no `panicked` in its log.

Several workers may share the tests (pytest-xdist, as root): each has a network namespace of its own, so that their servers do
not meet. A file stays with one worker, and so does everything that has sandboxes, because those tests compare the host
before and after. Tests marked `alone` need the processors for themselves and are run without company.

Nothing here sleeps for a fixed time and hopes: `wait_until` polls a condition up to a deadline and says what it waited
for. Only processes that a fixture started are ended, by their pid.
"""

import configparser
import contextlib
import ctypes
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from xdist.scheduler import LoadScopeScheduling

# Fixtures for tests with real networks, and for those that need a whole system as an image.
pytest_plugins = ["vpcs", "debian"]

GORU_BIN = os.environ.get("GORU_BIN")
REGION = "ap-northeast-2"
# What instances run in where a test does not say it. To see the others with real networks: GORU_E2E_DRIVER=sandbox, one worker, and
# the binary and a copy of the tests somewhere below /usr, which instances see. Tests that signal an instance's process by the
# number that `goru status` shows mean its server, and meet the first process of a sandbox instead.
DRIVER = os.environ.get("GORU_E2E_DRIVER", "process")

# Deadlines in seconds: generous, because two cores run everything; a healthy run needs a small part of them.
START_DEADLINE = 60
STOP_DEADLINE = 60
WAIT_DEADLINE = 60
CALL_DEADLINE = 120
# Lines of a failed test's server log that are shown.
LOG_TAIL_LINES = 200

READY = re.compile(r"^goru ready api=(?P<api>\S+) region=(?P<region>\S+) account=(?P<account>\d{12})(?:\s|$)")


def wait_until(condition, deadline=WAIT_DEADLINE, what=None, interval=0.05):
    """Calls `condition` until it returns something true, and returns that.

    An exception counts as "not yet" and is shown if the deadline passes. `deadline` is in seconds from now.
    """
    what = what or getattr(condition, "__name__", "the condition")
    end = time.monotonic() + deadline
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = f"last value: {value!r}"
        except Exception as error:  # noqa: BLE001 - any failure means "not yet"
            last = f"last error: {error!r}"
        if time.monotonic() >= end:
            raise AssertionError(f"waited {deadline} s for {what}; {last}")
        time.sleep(interval)


def free_ports(count=1, host="127.0.0.1"):
    """TCP ports that nobody listens on now, all different. (Somebody else may take one later: prefer port 0 where that works.)"""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for bound in sockets:
            bound.bind((host, 0))
        return [bound.getsockname()[1] for bound in sockets]


def processes():
    """pid -> (parent pid, start time in ticks, state) of every process that this user can see."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # ended while we looked
        found[int(entry)] = (int(fields[1]), int(fields[19]), fields[0])
    return found


def alive(pid):
    """True while a process runs; a zombie does not."""
    return processes().get(pid, (0, 0, "Z"))[2] != "Z"


def mentions(pid, text):
    """True when a process's command line or working directory holds `text`."""
    try:
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        return text in command or os.readlink(f"/proc/{pid}/cwd").startswith(text)
    except OSError:
        return False


class Aws:
    """The `aws` CLI, pointed at one server."""

    def __init__(self, environment):
        self.environment = environment
        self.program = shutil.which("aws", path=environment["PATH"])
        assert self.program, "no aws CLI on PATH: run the tests by `cargo xtask e2e`"

    def run(self, *arguments, check=True, timeout=CALL_DEADLINE):
        """Runs `aws …` and returns the CompletedProcess; with `check`, a failure fails the test and shows stderr."""
        words = [self.program, *map(str, arguments)]
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"aws {' '.join(words[1:])} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done

    def __call__(self, *arguments, **options):
        """Runs `aws … --output json` and returns what it printed, parsed (None when it printed nothing)."""
        printed = self.run(*arguments, "--output", "json", **options).stdout
        return json.loads(printed) if printed.strip() else None

    def text(self, *arguments, **options):
        """Runs `aws … --output text` and returns what it printed, stripped: what shell scripts do."""
        return self.run(*arguments, "--output", "text", **options).stdout.strip()


class Goru:
    """One `goru up`, its data directory and clients for it. Start and stop as often as a test needs."""

    def __init__(self, directory, config="", arguments=(), environment=None, program=(GORU_BIN,)):
        # The words that start the program: something before it may make it another user's.
        self.program = list(program)
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.config_file = self.directory / "goru.toml"
        self.config_file.write_text(config)
        self.log_file = self.directory / "goru.log"
        self.arguments = list(arguments)
        if "--driver" not in arguments and "driver =" not in config:
            self.arguments += ["--driver", DRIVER]
        self.extra_environment = dict(environment or {})
        self.process = None
        self.api = self.region = self.account = None
        self.port = 0
        self.ready_lines = []

    # --- life

    def start(self, deadline=START_DEADLINE):
        """Starts `goru up` and waits for its ready line. A second start uses the same data directory and port."""
        assert self.process is None or self.process.poll() is not None, "it already runs"
        assert GORU_BIN, "GORU_BIN is not set: run the tests by `cargo xtask e2e`"
        command = [*self.program, "up", "--config", str(self.config_file), "--data-dir", str(self.data)]
        command += ["--api", f"127.0.0.1:{self.port}", *self.arguments]
        self.ready_lines = []
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self._own_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd=self.directory
            )
        threading.Thread(target=self._read_stdout, args=(self.process.stdout,), daemon=True).start()
        match = wait_until(self._ready, deadline, "the ready line of goru up")
        self.api, self.region, self.account = match["api"], match["region"], match["account"]
        self.port = int(self.api.rsplit(":", 1)[1])
        return self

    def _own_environment(self):
        """Ours without anything that would configure Goru or AWS by accident."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GORU_"))}
        return {**kept, **self.extra_environment}

    def _read_stdout(self, stream):
        with stream:
            for line in stream:
                self.ready_lines.append(line.decode(errors="replace").rstrip("\n"))

    def _ready(self):
        if self.process.poll() is not None:
            pytest.fail(f"goru up ended with {self.process.returncode} before it was ready\n{self.log_tail()}", pytrace=False)
        return next((match for line in self.ready_lines if (match := READY.match(line))), None)

    def kill(self):
        """SIGKILL to the control plane alone: the node and the instances live on."""
        self.process.kill()
        self.process.wait(STOP_DEADLINE)

    def stop(self, deadline=STOP_DEADLINE):
        """SIGTERM and a bounded wait; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"goru up did not end within {deadline} s of SIGTERM\n{self.log_tail()}") from None

    def running(self):
        return self.process is not None and self.process.poll() is None

    # --- what it left

    def log(self):
        """What all its processes wrote to their logs so far."""
        files = [self.log_file, *sorted(self.data.glob("**/*.log"))] if self.data.exists() else [self.log_file]
        return "".join(file.read_text(errors="replace") for file in files if file.is_file())

    def log_tail(self):
        lines = self.log().splitlines()[-LOG_TAIL_LINES:]
        return "\n".join(["--- end of the log of goru", *lines, "---"])

    def own_processes(self):
        """pids of every live process of this server: its data directory is on their command line or around them."""
        return [pid for pid in processes() if pid != os.getpid() and alive(pid) and mentions(pid, str(self.data))]

    def end_everything(self):
        """After a test: no process stays, whatever the test did. Returns what is wrong, if anything."""
        wrong = []
        if self.running():
            try:
                if (code := self.stop()) != 0:
                    wrong.append(f"goru up ended with {code} on SIGTERM")
            except AssertionError as error:
                wrong.append(str(error).splitlines()[0])
                self.kill()
            try:
                wait_until(lambda: not self.own_processes(), 10, "the end of its processes")
            except AssertionError:
                wrong.append(f"processes left behind after SIGTERM: {self._describe(self.own_processes())}")
        for pid in self.own_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if "panicked" in (log := self.log()):
            wrong.append("a thread panicked:\n" + "\n".join(line for line in log.splitlines() if "panicked" in line))
        return wrong

    @staticmethod
    def _describe(pids):
        def command(pid):
            with contextlib.suppress(OSError):
                return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            return "(ended)"

        return ", ".join(f"{pid} {command(pid)}" for pid in pids)

    # --- clients

    def credentials(self):
        """Access key id and secret of the profile that the first start wrote."""
        ini = configparser.ConfigParser()
        assert ini.read(self.data / "credentials"), "the first start writes DIR/credentials"
        return ini["goru"]["aws_access_key_id"], ini["goru"]["aws_secret_access_key"]

    def environment(self, **extra):
        """The environment in which an unmodified client finds this server."""
        key, secret = self.credentials()
        ours = {
            "AWS_ENDPOINT_URL": self.api,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }
        return {**self._own_environment(), **ours, **extra}

    @property
    def aws(self):
        """The `aws` CLI for this server: `goru.aws("elbv2", "describe-load-balancers")`."""
        return Aws(self.environment())

    def client(self, service, region=None, **options):
        """A boto3 client for this server, without retries, so that a test sees every error."""
        import boto3
        from botocore.config import Config

        key, secret = self.credentials()
        settings = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=CALL_DEADLINE)
        session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region or self.region)
        return session.client(service, endpoint_url=self.api, config=options.pop("config", settings), **options)

    def cli(self, *arguments, check=True, timeout=CALL_DEADLINE):
        """Runs a `goru …` command on this server's data directory."""
        environment = {**self._own_environment(), "GORU_DATA_DIR": str(self.data)}
        done = subprocess.run(
            [*self.program, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )
        if check and done.returncode != 0:
            raise AssertionError(f"goru {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done

    def status(self):
        """What `goru status --output json` says."""
        return json.loads(self.cli("status", "--output", "json").stdout)

    def get(self, path, timeout=10):
        """GET on the API's port; returns (status, body as text)."""
        try:
            with urllib.request.urlopen(self.api + path, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")


def _server_factory(tmp_path_factory, request):
    """Returns (start, finish) for a fixture of any scope."""
    servers = []

    def start(config="", arguments=(), environment=None, directory=None, started=True):
        directory = directory or tmp_path_factory.mktemp("goru")
        server = Goru(directory, config, arguments, environment)
        servers.append(server)
        return server.start() if started else server

    def finish():
        wrong = [problem for server in reversed(servers) for problem in server.end_everything()]
        if wrong or request.session.stash.get(FAILED, set()) & _nodes_of(request):
            for server in servers:
                print(server.log_tail(), file=sys.stderr)
        assert not wrong, "\n".join(wrong)

    return start, finish


FAILED = pytest.StashKey()


def _nodes_of(request):
    """Ids of the tests that a fixture of this request served."""
    prefix = request.node.nodeid
    return {node for node in request.session.stash.get(FAILED, set()) if node.startswith(prefix)}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.session.stash.setdefault(FAILED, set()).add(item.nodeid)
    return report


@pytest.fixture
def start_goru(tmp_path_factory, request):
    """A function that starts servers: `start_goru(config='public_addresses = ["127.0.0.9"]')` -> Goru."""
    start, finish = _server_factory(tmp_path_factory, request)
    yield start
    finish()


@pytest.fixture
def goru(start_goru):
    """A fresh server for this test alone."""
    return start_goru()


@pytest.fixture(scope="module")
def start_shared_goru(tmp_path_factory, request):
    """`start_goru` for servers that a whole file uses."""
    start, finish = _server_factory(tmp_path_factory, request)
    yield start
    finish()


@pytest.fixture(scope="module")
def shared_goru(start_shared_goru):
    """One server for a whole file."""
    return start_shared_goru()


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: needs the machine's processors for itself")
    config.addinivalue_line("markers", "sandboxes: makes sandboxes, whose traces on the host are compared before and after")
    if "PYTEST_XDIST_WORKER" in os.environ:
        _enter_network_of_its_own()


def _enter_network_of_its_own():
    """A network namespace for this process and all that it starts, with a loopback device and nothing else."""
    clone_newnet = 0x40000000
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(clone_newnet) != 0:
        raise OSError(ctypes.get_errno(), "workers need networks of their own (as root)")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def pytest_collection_modifyitems(config, items):
    del config
    assert GORU_BIN or not items, "GORU_BIN is not set: run the tests by `cargo xtask e2e`"
    _skip_what_cannot_be_run(items)
    _put_long_ones_first(items)


def _skip_what_cannot_be_run(items):
    if os.geteuid() == 0 and shutil.which("runc") and shutil.which("nft"):
        return
    for item in items:
        if item.get_closest_marker("sandboxes"):
            item.add_marker(pytest.mark.skip(reason="sandboxes need root, runc and nft: run `cargo xtask ci` as root"))


# What takes long comes first: the last worker to end should have little left to do.
LONG = ["sandboxes", "test_self_healing.py", "test_mail_survives.py", "test_failures.py", "test_alarms.py", "test_images.py"]


def _put_long_ones_first(items):
    group = {file: _group_of(file) for file in {item.path.name for item in items}}
    items.sort(key=lambda item: LONG.index(group[item.path.name]) if group[item.path.name] in LONG else len(LONG))


@functools.cache
def _group_of(file):
    """What stays with one worker: a file, or all files with tests that make sandboxes."""
    return "sandboxes" if "needs_sandboxes" in pathlib.Path(__file__).with_name(file).read_text() else file


class Scheduler(LoadScopeScheduling):
    """Shares out groups of files among the workers, in the order of the tests."""

    def _split_scope(self, nodeid):
        return _group_of(nodeid.partition("::")[0].rpartition("/")[2])


def pytest_xdist_make_scheduler(config, log):
    return Scheduler(config, log)
