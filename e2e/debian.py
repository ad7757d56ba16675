"""A Debian root file system with nginx and PHP, as an archive: made once by `debootstrap` and kept below `target/`.

It is made in a file system of memory that only the maker sees: that is quicker than a disk, because `dpkg` waits for each
file to be on it, and nothing is left of a run that was cut off. Which archive of packages it comes from is what `apt` of this
machine is configured with.
"""

import hashlib
import os
import pathlib
import platform
import shlex
import shutil
import subprocess

import pytest

PACKAGES = ["nginx", "php-fpm"]
# What no server needs: half of the bytes.
LEFT_OUT = ["dev/*", "usr/share/doc/*", "usr/share/locale/*", "usr/share/man/*", "var/cache/apt/*", "var/lib/apt/lists/*"]
# Seconds; it takes about half a minute, and packages come over the network.
DEADLINE = 600
KEPT = pathlib.Path(__file__).parents[1] / "target" / "e2e"

needs_debian = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("debootstrap"),
    reason="Debian root file systems are made by debootstrap, as root: run `cargo xtask install` as root",
)


def archive_of_packages():
    """Release, address and components from which this machine itself is installed."""
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    words = ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI) $(COMPONENT)", "Created-By: Packages"]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    lines = [line.split() for line in told.splitlines()]
    addresses = [address for name, address, _ in lines if name == release]
    assert addresses, f"apt is not configured with an archive of {release}:\n{told}"
    return release, addresses[0], sorted({component for name, address, component in lines if (name, address) == (release, addresses[0])})


def with_the_hosts_network():
    """What a command begins with that needs packages: workers have networks of their own, whoever started them has the host's."""
    return ["nsenter", f"--net=/proc/{os.getppid()}/ns/net"] if "PYTEST_XDIST_WORKER" in os.environ else []


def make(target):
    release, address, components = archive_of_packages()
    unfinished = target.with_suffix(f".{os.getpid()}")
    root = unfinished.with_suffix(".root")
    root.mkdir(parents=True)
    making = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", f"--components={','.join(components)}"]
    packing = ["tar", "-C", root, "-cf", unfinished, *(f"--exclude=./{path}" for path in LEFT_OUT), "."]
    script = f"""
        set -e
        mount -t tmpfs -o mode=755,size=1g none {shlex.quote(str(root))}
        {shlex.join([*making, release, str(root), address])} >&2
        {shlex.join(map(str, packing))}
    """
    try:
        words = [*with_the_hosts_network(), "unshare", "--mount", "sh", "-c", script]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=DEADLINE, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, "debootstrap failed:\n" + "\n".join(done.stderr.splitlines()[-20:])
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
        root.rmdir()


@pytest.fixture(scope="session")
def debian():
    """The archive's path."""
    recipe = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:12]
    target = KEPT / f"debian-{recipe}.tar"
    if not target.exists():
        for old in KEPT.glob("debian-*.tar"):
            old.unlink()
        make(target)
    return target
