"""Sites that people log in to: who stays logged in over several requests, and stickiness, which makes them stay."""

import subprocess

from conftest import wait_until

# The kinds of stickiness, and the cookies that load balancers add to the answers.
COOKIES = {"lb_cookie": "AWSALB", "app_cookie": "AWSALBAPP-0"}


def logged_in(site, jar, times):
    """Logs in, and asks so many times who one is; the statuses of the answers."""
    base = ["curl", "-sS", "--max-time", "20", "-b", str(jar), "-c", str(jar), "-H", f"Host: {site.dns_name}"]
    address = f"http://{site.address}:{site.front_port}"
    entered = subprocess.run([*base, "-o", "/dev/null", "-w", "%{http_code}", f"{address}/login?user=kim"], capture_output=True, text=True, check=True)
    assert entered.stdout == "200", entered
    asked = [subprocess.run([*base, "-w", "\n%{http_code}", f"{address}/me"], capture_output=True, text=True, check=True) for _ in range(times)]
    return [one.stdout.rpartition("\n")[2] for one in asked]


def make_sticky(site, kind, **more):
    """Switches stickiness of that kind on, and waits until answers have its cookie."""
    attributes = {"stickiness.enabled": "true", "stickiness.type": kind, **more}
    site.goru.aws(
        "elbv2", "modify-target-group-attributes", "--target-group-arn", site.group,
        "--attributes", *(f"Key={key},Value={value}" for key, value in attributes.items()),
    )
    wait_until(lambda: COOKIES[kind] in str(site.get("/login?user=lee")[1]), what=f"stickiness by {kind}")
