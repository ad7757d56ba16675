"""Clients that people have, through the load balancer: curl, h2load, a WebSocket library, a site with sessions (U19, U22, U25)."""

import pathlib
import re
import socket
import subprocess
import sys

import pytest
from websockets.sync.client import connect

from certificates import Authority
from conftest import free_ports, wait_until
from sessions import logged_in, make_sticky
from stack import PYTHON_IMAGE, Stack, images

ECHO_IMAGE = "ami-0e2e0000000000003"
NAME = "shop.example.com"


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    port = free_ports(host="127.64.0.2")[0]
    echo = pathlib.Path(__file__).with_name("echo.py")
    image = f"""
[[images]]
id = "{ECHO_IMAGE}"
name = "echo"
source = "host"
boot = "exec '{sys.executable}' '{echo}'"
port = {port}
"""
    return start_shared_goru(images(port) + image)


@pytest.fixture(scope="module")
def site(goru):
    return Stack.build(goru, name="site", image=PYTHON_IMAGE)


@pytest.fixture(scope="module")
def secure(goru, site, tmp_path_factory):
    """The port of an HTTPS listener, and the file of the authority that its clients trust."""
    authority, directory = Authority("Example CA"), tmp_path_factory.mktemp("tls")
    signed = authority.sign(NAME)
    imported = goru.client("acm").import_certificate(
        Certificate=signed.certificate, PrivateKey=signed.key, CertificateChain=authority.certificate
    )
    port, trusted = free_ports()[0], directory / "ca.pem"
    trusted.write_text(authority.certificate)
    site.elbv2.create_listener(
        LoadBalancerArn=site.balancer, Protocol="HTTPS", Port=port, Certificates=[{"CertificateArn": imported["CertificateArn"]}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": site.group}],
    )
    wait_until(lambda: curl(site, port, trusted, "/")[0] == 200, what="the HTTPS listener")
    return port, trusted


def curl(site, port, trusted, path, *arguments):
    """Status, version of HTTP and body."""
    command = ["curl", "-sS", "--max-time", "20", "--cacert", str(trusted), "--resolve", f"{NAME}:{port}:{site.address}", "-w", "\n%{http_code} %{http_version}"]
    done = subprocess.run([*command, *arguments, f"https://{NAME}:{port}{path}"], capture_output=True, text=True, check=True)
    body, _, figures = done.stdout.rpartition("\n")
    status, version = figures.split()
    return int(status), version, body


@pytest.mark.parametrize(("option", "version"), [("--http1.0", "1.1"), ("--http1.1", "1.1"), ("--http2", "2")])
def test_curl_speaks_each_version(site, secure, option, version):
    status, spoken, body = curl(site, *secure, "/a?b=c", option, "-d", "x" * 100_000)
    assert (status, spoken) == (200, version) and '"method": "POST"' in body and "x" * 100_000 in body
    for policy in (["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3"]):
        assert curl(site, *secure, "/", option, *policy)[0] == 200


def test_curl_is_told_of_the_chain_and_of_names_that_nobody_has(site, secure):
    port, trusted = secure
    verbose = subprocess.run(
        ["curl", "-sSv", "--cacert", str(trusted), "--resolve", f"other.example.com:{port}:{site.address}", f"https://other.example.com:{port}/"],
        capture_output=True, text=True, check=False,
    )
    assert verbose.returncode == 60, "the default certificate is shown, and it is for another name"
    plain = subprocess.run(["curl", "-sS", "-i", f"http://{site.address}:{port}/"], capture_output=True, text=True, check=True)
    assert plain.stdout.startswith("HTTP/1.1 400 "), plain.stdout


def test_half_a_body_is_no_request(site):
    """The target waits for the rest; the client has ended: 460 in the log, 400 if it can still hear it."""
    with socket.create_connection((site.address, site.front_port), timeout=20) as client:
        client.sendall(f"POST / HTTP/1.1\r\nHost: {site.dns_name}\r\nContent-Length: 10\r\n\r\nhalf".encode())
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 "), answer
    assert site.get()[0] == 200


def test_h2load_gets_every_answer(site, secure):
    port, _ = secure
    command = ["h2load", "-n", "2000", "-c", "8", "-m", "16", "--connect-to", f"{site.address}:{port}", f"https://{NAME}:{port}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert "Application protocol: h2" in done.stdout, done.stdout
    assert re.search(r"2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout", done.stdout), done.stdout
    assert "status codes: 2000 2xx" in done.stdout, done.stdout


def test_a_websocket_library_talks_through_the_load_balancer(goru):
    stack = Stack.build(goru, name="echo", image=ECHO_IMAGE, count=1)
    with connect(f"ws://{stack.address}:{stack.front_port}/", additional_headers={"Cookie": "a=b"}, max_size=None) as socket:
        for length in (0, 1, 125, 126, 65_535, 65_536, 1_000_000):
            socket.send("x" * length)
            assert socket.recv(timeout=20) == "x" * length
            socket.send(bytes(length))
            assert socket.recv(timeout=20) == bytes(length)
        assert socket.ping().wait(10)


def test_who_logged_in_stays_logged_in_only_with_stickiness(site, tmp_path):
    without = logged_in(site, tmp_path / "without", 8)
    assert sorted(set(without)) == ["200", "401"], without
    for kind, more in [("lb_cookie", {}), ("app_cookie", {"stickiness.app_cookie.cookie_name": "session"})]:
        make_sticky(site, kind, **more)
        assert logged_in(site, tmp_path / kind, 12) == ["200"] * 12
