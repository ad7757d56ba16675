"""One server that restarts, behind a load balancer: requests that wait for it, or the owner's page meanwhile (U28, U33)."""

import collections
import os
import pathlib
import signal
import sys
import threading
import time

import pytest

from conftest import free_ports, wait_until
from stack import Stack, images

SUPERVISED_IMAGE = "ami-0e2e0000000000004"
PAGE = "<h1>Back in a minute</h1>"
RATE = 200


@pytest.fixture
def site(start_goru):
    """A site whose server is started again, as systemd would, two seconds after it has ended."""
    port = free_ports(host="127.64.0.2")[0]
    program = pathlib.Path(__file__).with_name("site.py")
    image = f"""
[[images]]
id = "{SUPERVISED_IMAGE}"
name = "supervised"
source = "host"
boot = "while :; do '{sys.executable}' '{program}'; sleep 2; done"
port = {port}
"""
    return Stack.build(start_goru(images(port) + image), image=SUPERVISED_IMAGE, count=1)


def set_attributes(site, **values):
    pairs = [f"Key={key.replace('__', '.')},Value={value}" for key, value in values.items()]
    site.goru.aws("elbv2", "modify-target-group-attributes", "--target-group-arn", site.group, "--attributes", *pairs)


class Load:
    """Requests at a fixed rate, from as many threads as are needed for those that wait."""

    def __init__(self, site):
        self.site, self.answers, self.begun = site, collections.Counter(), 0
        self.slowest, self.others, self.lock = 0.0, [], threading.Lock()

    def ask(self):
        began = time.monotonic()
        try:
            status, headers, body = self.site.get("/", timeout=60)
        except OSError as error:
            status, headers, body = repr(error), {}, b""
        with self.lock:
            self.answers[status] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            if status != 200:
                self.others.append((status, headers, body))

    def run(self, seconds, disturb):
        """Asks for so long; after a second `disturb` is called once. Returns when all are answered."""
        threads, begin = [], time.monotonic()
        for number in range(int(RATE * seconds)):
            if number == RATE:
                disturb()
            pause = begin + number / RATE - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            threads.append(threading.Thread(target=self.ask, daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(90)
        return self


def restart(site):
    """Ends the server; the instance goes on."""
    pid = site.json()["pid"]
    return lambda: os.kill(pid, signal.SIGKILL)


def test_no_request_is_lost_while_a_server_restarts_and_requests_are_held(site):
    set_attributes(site, goru__hold__timeout_seconds="30")
    before = site.json()["pid"]
    load = Load(site).run(6, restart(site))
    assert load.answers == {200: 6 * RATE}, (load.answers, load.others[:3])
    assert site.json()["pid"] != before, "it has restarted"
    assert 1.5 < load.slowest < 20, f"requests waited for it: {load.slowest} s"


def test_the_owners_page_is_all_that_clients_see_while_a_server_restarts(site):
    set_attributes(
        site, goru__maintenance__enabled="true", goru__maintenance__body=PAGE, goru__maintenance__retry_after_seconds="7"
    )
    load = Load(site).run(6, restart(site))
    assert set(load.answers) == {200, 503}, (load.answers, load.others[:3])
    for status, headers, body in load.others:
        assert (status, headers.get("Retry-After"), body) == (503, "7", PAGE.encode()), (status, headers, body)
    wait_until(lambda: site.get()[0] == 200, what="the site to be back")
