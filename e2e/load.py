"""Open-loop HTTP load in a process of its own, so that a busy test does not slow it down.

`Load` is what tests use. Run as a script, this file sends GET requests at a fixed rate over keep-alive connections:
request N is due at N / rate whatever became of those before it, and its time counts from then. A request has failed when
it got no 200 within five seconds, or its connection broke. It is a client that never tries twice.

On standard input it takes `report` and `stop`, and answers each with one line of JSON.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import re
import subprocess
import sys
import time

# A request that is not answered in this time has failed.
TIMEOUT_SECONDS = 5.0
MAXIMUM_CONNECTIONS = 256
# The first connections are opened before the first request is due.
FIRST_CONNECTIONS = 10
SHOWN_FAILURES = 20
MAXIMUM_LATENCIES = 200_000
SWEEP_SECONDS = 0.1
REPORT_DEADLINE_SECONDS = 30

INSTANCE = re.compile(rb"^x-instance-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
CLOSE = re.compile(rb"^connection:\s*close", re.IGNORECASE | re.MULTILINE)


class Load:
    """Load that runs beside a test: `with Load(address, port, host, rate) as load: …; report = load.stop()`."""

    def __init__(self, address, port, host, rate, path="/"):
        command = [sys.executable, str(pathlib.Path(__file__)), str(address), str(port), host, str(rate), path]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(REPORT_DEADLINE_SECONDS)
        self.process.stdin.close()
        self.process.stdout.close()

    def report(self):
        """What came of the requests so far."""
        return self._ask("report")

    def stop(self):
        """Sends no more, waits for the answers that are outstanding, and returns the last report."""
        report = self._ask("stop")
        self.process.wait(REPORT_DEADLINE_SECONDS)
        return report

    def _ask(self, command):
        self.process.stdin.write(command + "\n")
        line = self.process.stdout.readline()
        assert line, f"the load generator ended with {self.process.poll()}"
        return json.loads(line)


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request outstanding."""

    def __init__(self, generator, due):
        self.generator = generator
        self.due = due
        self.transport = None
        self.received = b""

    def connection_made(self, transport):
        self.transport = transport
        if self.due is None:
            self.generator.free(self)
        else:
            self.send(self.due)

    def send(self, due):
        self.due = due
        self.transport.write(self.generator.request)

    def data_received(self, data):
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.received[:end]
        length = LENGTH.search(head)
        if length is None:
            self.fail("an answer without Content-Length")
            return
        whole = end + 4 + int(length[1])
        if len(self.received) < whole:
            return
        if self.due is None or len(self.received) > whole:
            self.fail("bytes that nobody asked for")
            return
        self.received = b""
        due, self.due = self.due, None
        self.generator.answered(due, head)
        if CLOSE.search(head):
            self.transport.close()
        else:
            self.generator.free(self)

    def connection_lost(self, error):
        self.generator.lost(self)
        if self.due is not None:
            due, self.due = self.due, None
            self.generator.failed(due, f"the connection was lost: {error or 'closed'}")

    def fail(self, why):
        if self.due is not None:
            due, self.due = self.due, None
            self.generator.failed(due, why)
        self.transport.abort()


class Generator:
    """Sends what is due and counts what came back."""

    def __init__(self, options):
        self.address, self.port, self.rate = options.address, options.port, options.rate
        self.request = f"GET {options.path} HTTP/1.1\r\nHost: {options.host}\r\nUser-Agent: e2e-load\r\n\r\n".encode()
        self.connections = set()
        self.opening = 0
        self.idle = collections.deque()
        self.waiting = collections.deque()
        self.outstanding = 0
        self.tasks = set()
        self.stopped = False
        self.began = time.monotonic()
        self.sent = self.good = self.bad = 0
        self.failures = []
        self.answers = collections.Counter()
        self.last = {}
        self.latencies = []

    # --- sending

    async def run(self):
        for _ in range(FIRST_CONNECTIONS):
            self.open(None)
        await asyncio.gather(*self.tasks)
        self.began = time.monotonic()
        sweeper = asyncio.ensure_future(self.sweep())
        while not self.stopped:
            now = time.monotonic()
            while not self.stopped and (due := self.began + self.sent / self.rate) <= now:
                self.sent += 1
                self.dispatch(due)
            await asyncio.sleep(max(0.001, self.began + self.sent / self.rate - time.monotonic()))
        while self.outstanding:
            await asyncio.sleep(0.01)
        sweeper.cancel()

    def dispatch(self, due):
        self.outstanding += 1
        while self.idle:
            connection = self.idle.popleft()
            if not connection.transport.is_closing():
                connection.send(due)
                return
        if len(self.connections) + self.opening < MAXIMUM_CONNECTIONS:
            self.open(due)
        else:
            self.waiting.append(due)

    def open(self, due):
        task = asyncio.ensure_future(self.connect(due))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def connect(self, due):
        self.opening += 1
        loop = asyncio.get_running_loop()
        try:
            opening = loop.create_connection(lambda: Connection(self, due), self.address, self.port)
            _, connection = await asyncio.wait_for(opening, TIMEOUT_SECONDS)
            self.connections.add(connection)
        except (OSError, asyncio.TimeoutError) as error:
            if due is not None:
                self.failed(due, f"cannot connect: {error!r}")
        finally:
            self.opening -= 1

    async def sweep(self):
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            late = time.monotonic() - TIMEOUT_SECONDS
            for connection in [one for one in self.connections if one.due is not None and one.due < late]:
                connection.fail("no answer in time")
            while self.waiting and self.waiting[0] < late:
                self.failed(self.waiting.popleft(), "no connection was free in time")

    # --- what connections tell

    def free(self, connection):
        if self.waiting:
            connection.send(self.waiting.popleft())
        else:
            self.idle.append(connection)

    def lost(self, connection):
        self.connections.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)

    def answered(self, due, head):
        status = head[9:12].decode(errors="replace")
        if status != "200":
            self.failed(due, head.split(b"\r\n")[0].decode(errors="replace"))
            return
        self.outstanding -= 1
        self.good += 1
        if len(self.latencies) < MAXIMUM_LATENCIES:
            self.latencies.append(time.monotonic() - due)
        instance = INSTANCE.search(head)
        instance = instance[1].decode() if instance else "unknown"
        self.answers[instance] += 1
        self.last[instance] = time.time()

    def failed(self, due, why):
        self.outstanding -= 1
        self.bad += 1
        if len(self.failures) < SHOWN_FAILURES:
            self.failures.append({"at": round(time.time(), 3), "second": round(due - self.began, 3), "why": why})

    def report(self):
        times = sorted(self.latencies)
        quantile = lambda q: round(1000 * times[min(len(times) - 1, int(q * len(times)))], 1) if times else None  # noqa: E731
        elapsed = max(time.monotonic() - self.began, 1e-9)
        return {
            "sent": self.sent, "good": self.good, "failed": self.bad, "failures": self.failures,
            "rate": round((self.good + self.bad) / elapsed, 1), "answers": dict(self.answers), "last": self.last,
            "p50_ms": quantile(0.5), "p99_ms": quantile(0.99), "max_ms": quantile(1),
        }


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("host")
    parser.add_argument("rate", type=float)
    parser.add_argument("path")
    generator = Generator(parser.parse_args())
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    running = asyncio.ensure_future(generator.run())
    while command := (await commands.readline()).decode().strip():
        if command == "stop":
            generator.stopped = True
            await running
        print(json.dumps(generator.report()), flush=True)
        if command == "stop":
            return
    running.cancel()  # whoever started us is gone


if __name__ == "__main__":
    asyncio.run(main())
