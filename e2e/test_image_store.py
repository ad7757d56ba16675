"""`goru image import|list|remove`: root file systems and OCI images, from archives and directories, good ones and others."""

import hashlib
import io
import json
import os
import pathlib
import platform
import subprocess
import tarfile

import pytest

from conftest import wait_until
from stack import needs_sandboxes
from vpcs import QUICK, Vpc, launch

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="images keep the owners of their files, which only root can set")

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
# Of the host; small, and with its libraries a system that runs a shell.
PROGRAMS = ["/bin/sh", "/bin/sleep", "/bin/cat"]
SECRET = "of the host alone"


def entry(name, content=b"", kind=tarfile.REGTYPE, link="", mode=0o644):
    one = tarfile.TarInfo(name)
    one.type, one.linkname, one.mode, one.size = kind, link, mode, len(content)
    one.devmajor, one.devminor = (1, 3) if kind == tarfile.CHRTYPE else (0, 0)
    return one, content


def tar(*entries):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for one, content in entries:
            archive.addfile(one, io.BytesIO(content))
    return packed.getvalue()


def small_system():
    """What a shell needs, and nothing else."""
    files = {}
    for program in PROGRAMS:
        told = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        for path in [program, *(word for word in told.split() if word.startswith("/"))]:
            files[path.lstrip("/")] = pathlib.Path(path).read_bytes()
    return tar(*(entry(path, content, mode=0o755) for path, content in sorted(files.items())), entry("root", kind=tarfile.DIRTYPE, mode=0o700))


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Layout:
    """An OCI layout in a directory."""

    def __init__(self, path, layers, **config):
        self.path, self.blobs = path, path / "blobs" / "sha256"
        self.blobs.mkdir(parents=True)
        described = [self.put(layer, "application/vnd.oci.image.layer.v1.tar") for layer in layers]
        configuration = {
            "architecture": ARCHITECTURE, "os": "linux", "config": config,
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        }
        manifest = {"schemaVersion": 2, "config": self.put(configuration, "application/vnd.oci.image.config.v1+json"), "layers": described}
        index = {"schemaVersion": 2, "manifests": [self.put(manifest, "application/vnd.oci.image.manifest.v1+json")]}
        (path / "index.json").write_text(json.dumps(index))
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def put(self, content, media_type):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.blob(digest(content)).write_bytes(content)
        return {"mediaType": media_type, "digest": digest(content), "size": len(content)}

    def blob(self, named):
        return self.blobs / named.removeprefix("sha256:")

    def archive(self, path):
        with tarfile.open(path, "w") as archive:
            for file in sorted(self.path.rglob("*")):
                archive.add(file, file.relative_to(self.path), recursive=False)
        return path


class Images:
    """The commands on one data directory, and what they leave there."""

    def __init__(self, goru):
        self.goru, self.store = goru, goru.data / "images"

    def imports(self, source):
        return self.goru.cli("image", "import", source).stdout

    def refuses(self, command, source):
        done = self.goru.cli("image", command, source, check=False)
        assert done.returncode == 1 and done.stdout == "", done
        assert "panicked" not in done.stderr, done.stderr
        return done.stderr

    def list(self):
        return json.loads(self.goru.cli("image", "list", "--output", "json").stdout)["images"]

    def files(self):
        """Names and inodes of everything in the store but its lock."""
        found = {str(path.relative_to(self.store)): path.lstat().st_ino for path in self.store.rglob("*")}
        return {name: inode for name, inode in found.items() if name != "lock"}

    def layers(self):
        return sorted(f"sha256:{path.name}" for path in (self.store / "sha256").iterdir())


@pytest.fixture
def images(start_goru):
    """Without a server: the commands need none."""
    return Images(start_goru(started=False))


def test_an_image_is_imported_once_whatever_brings_it_and_goes_with_its_last_source(images, tmp_path):
    below, above = tar(entry("a", b"below")), tar(entry("b", b"above"))
    layout = Layout(tmp_path / "layout", [below, above], Entrypoint=["/bin/serve"], Cmd=["--all\x1b"])
    archive, plain = layout.archive(tmp_path / "image.tar"), tmp_path / "plain.tar"
    plain.write_bytes(below)
    assert images.goru.cli("image", "list").stdout == "no images were unpacked\n"
    sources = [f"oci:{layout.path}", f"oci:{archive}", f"rootfs:{plain}"]
    said = [images.imports(source) for source in sources]
    assert said[0].split(": ", 1)[1].split(",")[0] == said[1].split(": ", 1)[1].split(",")[0], said
    assert images.layers() == sorted([digest(below), digest(above)]), "each layer once"
    before = images.files()
    for source in sources:
        images.imports(source)
    assert images.files().keys() == before.keys()
    assert [before[f"sha256/{layer.removeprefix('sha256:')}"] for layer in images.layers()] == [
        images.files()[f"sha256/{layer.removeprefix('sha256:')}"] for layer in images.layers()
    ], "nothing was unpacked again"
    listed = {image["source"]: image for image in images.list()}
    assert sorted(listed) == sorted(sources)
    assert listed[sources[0]]["command"] == listed[sources[1]]["command"] == ["/bin/serve", "--all\x1b"]
    assert listed[sources[2]]["command"] is None and listed[sources[2]]["digest"] == digest(below)
    table = images.goru.cli("image", "list").stdout
    assert "runs /bin/serve --all" in table and "\x1b" not in table, "no terminal is sent what an image says"
    # A file that changed is another image.
    plain.write_bytes(above)
    images.imports(sources[2])
    assert {image["source"]: image["digest"] for image in images.list()}[sources[2]] == digest(above)
    for source, left in [(sources[0], 2), (sources[1], 1), (sources[2], 0)]:
        images.goru.cli("image", "remove", source)
        assert len(images.layers()) == left, source
    assert images.list() == [] and set(images.files()) == {"sha256", "sources", "snapshots"}
    assert f"there is no image `{sources[0]}`" in images.refuses("remove", sources[0])


def broken_layouts(at, layers):
    """Layouts with one thing wrong each, and what is said about them."""
    make = lambda name, **config: Layout(at / name, layers, **config)  # noqa: E731
    flipped = make("flipped")
    blob = flipped.blob(digest(layers[-1]))
    content = bytearray(blob.read_bytes())
    content[512] ^= 1
    blob.write_bytes(content)
    yield flipped.path, "a layer should be sha256:"
    short = make("short")
    blob = short.blob(digest(layers[0]))
    blob.write_bytes(blob.read_bytes()[:-512])
    yield short.path, "bytes instead of"
    missing = make("missing")
    missing.blob(digest(layers[0])).unlink()
    yield missing.path, "is missing"
    linked = make("linked")
    blob = linked.blob(digest(layers[0]))
    blob.rename(at / "elsewhere")
    blob.symlink_to(at / "elsewhere")
    yield linked.path, "is missing"
    yield make("relative", WorkingDir="srv", Cmd=["x"]).path, "WorkingDir `srv` is not an absolute path"
    other = make("other")
    index = json.loads((other.path / "index.json").read_text())
    index["manifests"][0]["platform"] = {"architecture": "s390x", "os": "linux"}
    (other.path / "index.json").write_text(json.dumps(index))
    yield other.path, "no image for this kind of machine"
    cut = make("cut").archive(at / "cut.tar")
    cut.write_bytes(cut.read_bytes()[:700])
    yield cut, ""
    yield at, "not an OCI image layout"


def test_what_is_broken_or_means_harm_is_refused_with_a_sentence_and_leaves_nothing(images, tmp_path):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_text(SECRET)
    big = tar(entry("file", b"x" * 100_000))
    bad = {
        "cut": (big[:50_000], ""),
        "text": (b"not an archive" * 100, ""),
        "up": (tar(entry("../victim/new", b"x")), "leads out"),
        "up-within": (tar(entry("a/../../victim/new", b"x")), "leads out"),
        "link-up": (tar(entry("a", kind=tarfile.LNKTYPE, link="../victim/file")), "leads out"),
        "link-absolute": (tar(entry("a", kind=tarfile.LNKTYPE, link=str(victim / "file"))), "not there"),
        "through": (tar(entry("out", kind=tarfile.SYMTYPE, link=str(victim)), entry("out/new", b"x")), "File exists"),
        "xz": (b"\xfd7zXZ\x00xx", "compressed with xz"),
    }
    layouts = list(broken_layouts(tmp_path / "layouts", [tar(entry("a", b"below")), tar(entry("b", b"above"))]))
    sources = [("oci", path, reason) for path, reason in layouts]
    for name, (content, reason) in bad.items():
        path = tmp_path / f"{name}.tar"
        path.write_bytes(content)
        sources.append(("rootfs", path, reason))
    sources += [("rootfs", tmp_path / "nowhere.tar", "No such file"), ("oci", tmp_path / "nowhere", "No such file")]
    for kind, path, reason in sources:
        said = images.refuses("import", f"{kind}:{path}")
        assert str(path) in said and reason in said, (path, said)
        assert images.list() == [] and set(images.files()) == {"sha256", "sources", "snapshots"}, path
    assert {path.name: path.read_text() for path in victim.iterdir()} == {"file": SECRET}
    assert (victim / "file").stat().st_nlink == 1
    for source, said in [("directory:/srv", "not imported"), ("host", "not imported"), ("docker:x", "not an image source")]:
        assert said in images.refuses("import", source)


def test_what_leads_out_by_name_only_and_devices_hurt_nobody(images, tmp_path):
    """A symbolic link to an absolute path is a name within the image; devices are left out."""
    archive = tmp_path / "odd.tar"
    archive.write_bytes(tar(
        entry("link", kind=tarfile.SYMTYPE, link="/etc/shadow"), entry("dev/null", kind=tarfile.CHRTYPE), entry("dev/sda", kind=tarfile.BLKTYPE),
        entry("t", kind=tarfile.DIRTYPE, mode=0o755), entry("out", kind=tarfile.SYMTYPE, link="/t"), entry("out/new", b"inside"),
    ))
    images.imports(f"rootfs:{archive}")
    [layer] = (images.store / "sha256").iterdir()
    assert os.readlink(layer / "link") == "/etc/shadow" and (layer / "t" / "new").read_text() == "inside"
    assert not (layer / "dev" / "null").exists() and not (layer / "dev" / "sda").exists()


@needs_sandboxes
def test_an_imported_image_runs_its_own_command_and_its_files_stay_while_somebody_needs_them(sandboxes, tmp_path):
    passwd = b"root:x:0:0::/root:/bin/sh\nweb:x:1234:1234::/srv/web:/bin/sh\n"
    own = "echo $GREETING from $(cat message) in $(pwd) at $HOME; cat /proc/self/status; exec sleep 100000"
    layers = [small_system(), tar(entry("srv/web/message", b"the image\n"), entry("etc/passwd", passwd))]
    layout = Layout(
        tmp_path / "layout", layers, Env=["PATH=/bin", "GREETING=hello"], WorkingDir="/srv/web", User="web", Entrypoint=["sh", "-c"], Cmd=[own]
    )
    goru = sandboxes()
    images, vpc = Images(goru), Vpc(ec2 := goru.client("ec2"))
    source = f"oci:{layout.archive(tmp_path / 'image.tar')}"
    images.imports(source)
    assert len(images.layers()) == 2
    image = ec2.register_image(Name="web", ImageLocation=source)["ImageId"]
    [instance] = launch(ec2, vpc.private, [vpc.group], "#!/bin/sh\n:\n", image)
    id = instance["InstanceId"]
    console = lambda: ec2.get_console_output(InstanceId=id)["Output"]  # noqa: E731
    wait_until(lambda: "Groups:" in console(), what="what its own command says")
    assert "hello from the image in /srv/web at /srv/web\n" in console()
    assert "Uid:\t1234\t1234\t1234\t1234\n" in console()
    # Removed while an instance is there, its files stay for it, also over a stop.
    assert "removed, with 0 layers" in goru.cli("image", "remove", source).stdout
    assert images.list() == [] and len(images.layers()) == 2
    ec2.stop_instances(InstanceIds=[id])
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[id], WaiterConfig=QUICK)
    ec2.start_instances(InstanceIds=[id])
    wait_until(lambda: console().count("hello from the image") == 2, what="its second boot")
    ec2.terminate_instances(InstanceIds=[id])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[id], WaiterConfig=QUICK)
    # Nobody needs them any more: the next that removes an image takes them along.
    images.imports(source)
    assert "removed, with 2 layers" in goru.cli("image", "remove", source).stdout
    assert images.layers() == []
