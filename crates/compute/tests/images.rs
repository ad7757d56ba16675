//! Images of sandboxes: the formats that are imported, archives that mean harm, layers that are shared and collected, and
//! images that are made of instances. Needs root; what starts instances needs runc too.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

mod support;

use compute::{ComputeDriver, ImageStore, InstanceSpec};
use flate2::{Compression, write::GzEncoder};
use model::{
    ec2::{
        image::ImageSource,
        instance_state::{Exit, MainProcess, Presence},
    },
    id::SnapshotId,
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::Write,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
    process::Command,
};
use support::{GRACE, Sandbox, Subject, id, spec, until, until_down, until_up};
use tempfile::TempDir;

/// One entry of an archive: kind, path, link, content.
type Entry<'a> = (u8, &'a str, &'a str, &'a [u8]);

/// An archive of the plainest form.
fn tar(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (kind, path, link, content) in entries {
        let mut header = [0_u8; 512];
        header[..path.len()].copy_from_slice(path.as_bytes());
        header[157..157 + link.len()].copy_from_slice(link.as_bytes());
        header[100..107].copy_from_slice(if *kind == b'5' { b"0000755" } else { b"0000644" });
        header[108..115].copy_from_slice(b"0000000");
        header[116..123].copy_from_slice(b"0000000");
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[136..147].copy_from_slice(b"00000000001");
        header[156] = *kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend_from_slice(&header);
        archive.extend_from_slice(content);
        archive.resize(archive.len().div_ceil(512) * 512, 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A store in a directory of its own; `None` without root, which importing needs.
fn store() -> Option<(TempDir, ImageStore)> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: images keep the owners of their files, which only root can set");
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = ImageStore::open(&directory.path().join("data")).unwrap();
    Some((directory, store))
}

fn layers(directory: &TempDir) -> Vec<PathBuf> {
    let mut layers: Vec<PathBuf> =
        fs::read_dir(directory.path().join("data/images/sha256")).unwrap().map(|entry| entry.unwrap().path()).collect();
    layers.sort();
    layers
}

fn import_tar(directory: &TempDir, store: &ImageStore, archive: &[u8]) -> Result<PathBuf, String> {
    let path = directory.path().join(format!("{}.tar", sha256(archive)));
    fs::write(&path, archive).unwrap();
    let image = store.import(&ImageSource::RootFs(path.display().to_string())).map_err(|error| error.to_string())?;
    let digest = image.digest.to_string();
    Ok(directory.path().join("data/images/sha256").join(digest.strip_prefix("sha256:").unwrap()))
}

/// An archive, how it is compressed, and what that adds to the name of its type.
type LayerOf<'a> = (Vec<u8>, fn(&[u8]) -> Vec<u8>, &'a str);

/// A layout with these layers, whose own command ends at once.
fn layout(at: &Path, layers: &[LayerOf<'_>]) {
    let execution = serde_json::json!({
        "Env": ["PATH=/bin:/own", "COLOUR=blue"], "Entrypoint": ["/bin/sh"], "Cmd": ["-c", "true"],
    });
    layout_of(at, layers, &execution);
}

/// A layout with these layers, and what its configuration says about the command.
fn layout_of(at: &Path, layers: &[LayerOf<'_>], execution: &serde_json::Value) {
    let blobs = at.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8], media_type: &str| {
        let digest = sha256(bytes);
        fs::write(blobs.join(&digest), bytes).unwrap();
        serde_json::json!({ "mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len() })
    };
    let ids: Vec<String> = layers.iter().map(|(tar, ..)| format!("sha256:{}", sha256(tar))).collect();
    let architecture = if std::env::consts::ARCH == "x86_64" { "amd64" } else { "arm64" };
    let config = serde_json::json!({
        "architecture": architecture, "os": "linux", "rootfs": { "type": "layers", "diff_ids": ids },
        "config": execution,
    });
    let config = put(config.to_string().as_bytes(), "application/vnd.oci.image.config.v1+json");
    let layers: Vec<_> = layers
        .iter()
        .map(|(tar, compress, kind)| put(&compress(tar), &format!("application/vnd.oci.image.layer.v1.tar{kind}")))
        .collect();
    let manifest = serde_json::json!({ "schemaVersion": 2, "config": config, "layers": layers });
    let manifest = put(manifest.to_string().as_bytes(), "application/vnd.oci.image.manifest.v1+json");
    fs::write(at.join("index.json"), serde_json::json!({ "schemaVersion": 2, "manifests": [manifest] }).to_string())
        .unwrap();
    fs::write(at.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}

/// The host's shell and some programs, with the libraries that they need, as the entries of an archive.
fn small_system() -> Vec<u8> {
    let programs = ["/bin/sh", "/bin/sleep", "/bin/cat", "/bin/ls", "/bin/rm"];
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |inside: String, path: &str| {
        if !files.iter().any(|(known, _)| *known == inside) {
            files.push((inside, fs::read(path).unwrap()));
        }
    };
    for program in programs {
        add(program[1..].to_owned(), program);
        let told = Command::new("ldd").arg(program).output().unwrap();
        let text = String::from_utf8(told.stdout).unwrap();
        for path in text.split_whitespace().filter(|word| word.starts_with('/')) {
            add(path[1..].to_owned(), path);
        }
    }
    let mut archive = tar(&[(b'5', "root/", "", b""), (b'5', "etc/", "", b""), (b'0', "etc/remove", "", b"below")]);
    archive.truncate(archive.len() - 1024);
    for (inside, bytes) in &files {
        let mut one = tar(&[(b'0', inside, "", bytes)]);
        // Programs are to be executed.
        one[100..107].copy_from_slice(b"0000755");
        one[148..156].copy_from_slice(b"        ");
        let sum: u32 = one[..512].iter().map(|byte| u32::from(*byte)).sum();
        one[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend_from_slice(&one[..one.len() - 1024]);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

#[test]
fn an_archive_is_one_layer_however_it_is_compressed() {
    let Some((directory, store)) = store() else { return };
    let archive = tar(&[
        (b'5', "./bin/", "", b""),
        (b'0', "bin/a", "", b"content"),
        (b'2', "sbin", "bin", b""),
        (b'0', "sbin/b", "", b"through a link"),
        (b'1', "hard", "bin/a", b""),
        (b'3', "dev/null", "", b""),
        (b'6', "pipe", "", b""),
        (b'0', "implied/deep/file", "", b"x"),
        (b'0', "bin/a2", "", b"first"),
        (b'0', "bin/a2", "", b"second"),
    ]);
    let layer = import_tar(&directory, &store, &archive).unwrap();
    assert_eq!(layer.file_name().unwrap().to_str().unwrap(), sha256(&archive));
    assert_eq!(fs::read_to_string(layer.join("bin/b")).unwrap(), "through a link");
    assert_eq!(fs::metadata(layer.join("hard")).unwrap().ino(), fs::metadata(layer.join("bin/a")).unwrap().ino());
    assert_eq!(fs::read_to_string(layer.join("bin/a2")).unwrap(), "second");
    assert!(fs::symlink_metadata(layer.join("pipe")).unwrap().file_type().is_fifo());
    assert!(!layer.join("dev/null").exists(), "instances have no devices but the usual");
    assert_eq!(fs::read_to_string(layer.join("implied/deep/file")).unwrap(), "x");
    assert_eq!(import_tar(&directory, &store, &gzip(&archive)).unwrap(), layer);
    if let Ok(mut zstd) = Command::new("zstd")
        .args(["-q", "-c"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
    {
        zstd.stdin.take().unwrap().write_all(&archive).unwrap();
        let packed = zstd.wait_with_output().unwrap().stdout;
        assert_eq!(import_tar(&directory, &store, &packed).unwrap(), layer);
    }
    assert_eq!(layers(&directory), [layer]);
}

#[test]
fn an_archive_that_means_harm_touches_nothing_outside() {
    let Some((directory, store)) = store() else { return };
    let outside = directory.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("victim"), "unharmed").unwrap();
    let out = outside.display().to_string();
    let victim = format!("{out}/victim");
    let (too_long, too_deep) = ("a/".repeat(2700), "a/".repeat(135));
    let long = vec![b'x'; 2 << 20];
    let refused: &[(&[Entry<'_>], &str)] = &[
        (&[(b'0', "../escape", "", b"x")], "leads out"),
        (&[(b'0', "a/../../escape", "", b"x")], "leads out"),
        (&[(b'1', "a", "../outside/victim", b"")], "leads out"),
        (&[(b'1', "a", &victim, b"")], "not there"),
        (&[(b'2', "out", &out, b""), (b'0', "out/new", "", b"x")], "File exists"),
        (&[(b'5', "a", "", b""), (b'0', "a", "", b"x")], "a directory before"),
        (&[(b'Z', "a", "", b"")], "'Z'"),
        (&[(b'x', "a", "", &long)], "extended header is larger"),
        (&[(b'x', "a", "", b"99 path=x\n")], "malformed"),
        (&[(b'x', "a", "", b"22 GNU.sparse.major=1\n"), (b'0', "a", "", b"")], "sparse"),
        (&[(b'L', "a", "", too_long.as_bytes()), (b'0', "a", "", b"")], "too long"),
        (&[(b'L', "a", "", too_deep.as_bytes()), (b'0', "a", "", b"")], "nested deeper"),
    ];
    for (entries, reason) in refused {
        let error = import_tar(&directory, &store, &tar(entries)).unwrap_err();
        assert!(error.contains(reason), "{reason:?}: {error}");
    }
    // The same path by a link that leads out: within the image it is a path of the image.
    let inside = tar(&[(b'5', "t/", "", b""), (b'2', "out", "/t", b""), (b'0', "out/new", "", b"inside")]);
    let layer = import_tar(&directory, &store, &inside).unwrap();
    assert_eq!(fs::read_to_string(layer.join("t/new")).unwrap(), "inside");
    let up = tar(&[(b'2', "up", "../../../../../..", b""), (b'0', "up/etc/goru-was-here", "", b"inside")]);
    let layer = import_tar(&directory, &store, &up).unwrap();
    assert!(layer.join("etc/goru-was-here").exists() && !fs::exists("/etc/goru-was-here").unwrap());
    for bytes in
        [b"not an archive".repeat(100), tar(&[(b'0', "a", "", b"xyz")])[..700].to_vec(), b"\xfd7zXZ\0xx".to_vec()]
    {
        import_tar(&directory, &store, &bytes).unwrap_err();
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "unharmed");
    assert_eq!(fs::metadata(&victim).unwrap().nlink(), 1);
    let entries = fs::read_dir(directory.path().join("data/images")).unwrap();
    let mut left: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["lock", "sha256", "snapshots", "sources"], "nothing unfinished is left");
}

#[test]
fn an_oci_image_has_its_layers_verified_and_shared() {
    let Some((directory, store)) = store() else { return };
    let below =
        tar(&[(b'0', "a", "", b"below"), (b'0', "gone", "", b"x"), (b'0', "d/old", "", b"x"), (b'0', "w", "", b"x")]);
    let above = tar(&[
        (b'0', ".wh.gone", "", b""),
        (b'0', "d/.wh..wh..opq", "", b""),
        (b'0', "d/new", "", b"y"),
        (b'0', ".wh.w", "", b""),
        (b'0', ".wh..wh.plnk", "", b""),
    ]);
    let plain: fn(&[u8]) -> Vec<u8> = |bytes| bytes.to_vec();
    let at = directory.path().join("layout");
    layout(&at, &[(below.clone(), gzip, "+gzip"), (above.clone(), plain, "")]);
    let source = ImageSource::Oci(at.display().to_string());
    let image = store.import(&source).unwrap();
    assert_eq!(image.command(), Some(vec!["/bin/sh", "-c", "true"]));
    let top = directory.path().join("data/images/sha256").join(sha256(&above));
    let gone = fs::symlink_metadata(top.join("gone")).unwrap();
    assert!(gone.file_type().is_char_device() && gone.rdev() == 0);
    let mut value = [0_u8; 8];
    let length = rustix::fs::lgetxattr(top.join("d"), "trusted.overlay.opaque", &mut value).unwrap();
    assert_eq!(&value[..length], b"y");
    assert_eq!(fs::read_dir(&top).unwrap().count(), 3, "gone, w and d");
    // The same as an archive: the same image, and no layer twice.
    let archive = directory.path().join("image.tar");
    let made = Command::new("tar").arg("-C").arg(&at).arg("-cf").arg(&archive).arg(".").status().unwrap();
    assert!(made.success());
    let packed = store.import(&ImageSource::Oci(archive.display().to_string())).unwrap();
    assert_eq!(packed.digest, image.digest);
    assert_eq!(layers(&directory).len(), 2);
    // One flipped bit in a blob.
    store.forget(&source).unwrap();
    store.forget(&packed.source).unwrap();
    assert_eq!(store.collect().unwrap(), 2);
    assert_eq!(layers(&directory), Vec::<PathBuf>::new());
    let blob = at.join("blobs/sha256").join(sha256(&above));
    let mut bytes = fs::read(&blob).unwrap();
    bytes[1536] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let error = store.import(&source).unwrap_err().to_string();
    assert!(error.contains("should be sha256:"), "{error}");
    fs::remove_file(&blob).unwrap();
    let error = store.import(&source).unwrap_err().to_string();
    assert!(error.contains("is missing"), "{error}");
    fs::write(at.join("oci-layout"), r#"{"imageLayoutVersion":"2.0.0"}"#).unwrap();
    assert!(store.import(&source).unwrap_err().to_string().contains("version 2.0.0"));
    assert!(store.list().is_empty());
}

#[tokio::test]
async fn instances_run_from_images_without_anything_of_the_host() {
    let Some(subject) = Sandbox::new().await else { return };
    let archive = small_system();
    let path = subject.temporary().join("small.tar");
    fs::write(&path, &archive).unwrap();
    let at = subject.temporary().join("layout");
    let plain: fn(&[u8]) -> Vec<u8> = |bytes| bytes.to_vec();
    let above = tar(&[(b'0', "etc/.wh.remove", "", b""), (b'0', "etc/added", "", b"above")]);
    layout(&at, &[(archive, gzip, "+gzip"), (above, plain, "")]);
    let unpacked = subject.temporary().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    assert!(Command::new("tar").arg("-C").arg(&unpacked).arg("-xf").arg(&path).status().unwrap().success());
    let command = "echo ETC $(ls /etc) ROOT $(ls /) COLOUR $COLOUR PATH $PATH END; exec sleep 600";
    let sources = [
        (ImageSource::RootFs(path.display().to_string()), "remove", ""),
        (ImageSource::Oci(at.display().to_string()), "added", "blue"),
        (ImageSource::Directory(unpacked.display().to_string()), "remove", ""),
    ];
    for (n, (source, file, colour)) in (1..).zip(sources) {
        let spec = InstanceSpec { image: source, ..spec(n, 1, Some(command)) };
        subject.driver().start(&spec).await.unwrap();
        let console = subject.console_has(n, " END\n").await;
        let etc = console.split("ETC ").nth(1).unwrap().split(" ROOT").next().unwrap();
        assert_eq!(
            etc,
            format!(
                "{}hostname hosts{}",
                if file == "added" { "added " } else { "" },
                if file == "remove" { " remove" } else { "" }
            )
        );
        assert!(console.contains(&format!("COLOUR {colour}")) && !console.contains(" usr "), "{console}");
    }
    assert!(subject.console(2).await.contains("PATH /run/goru/bin:/bin:/own"));
}

/// Says as what it runs, and stays.
const OWN: &str = "while read key value; do case $key in Uid:|Groups:) all=\"$all $key $value\";; esac; done < /proc/self/status; \
    echo RAN $PWD in $(pwd) at $HOME speaks $LANG on $PORT as$all END; exec sleep 600";

#[tokio::test]
async fn an_oci_image_runs_its_own_command_unless_there_is_a_boot_command() {
    let Some(subject) = Sandbox::new().await else { return };
    let at = subject.temporary().join("layout");
    let passwd: &[u8] = b"root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/var/app:/bin/sh\n";
    let accounts =
        tar(&[(b'0', "etc/passwd", "", passwd), (b'0', "etc/group", "", b"app:x:1001:\nlog:x:2000:app\nx:x:3:root\n")]);
    let plain: fn(&[u8]) -> Vec<u8> = |bytes| bytes.to_vec();
    let image = |execution: serde_json::Value| {
        fs::remove_dir_all(&at).ok();
        layout_of(&at, &[(small_system(), gzip, "+gzip"), (accounts.clone(), plain, "")], &execution);
        ImageSource::Oci(at.display().to_string())
    };
    let execution = |user: &str| {
        serde_json::json!({
            "Env": ["PATH=/bin", "LANG=ko_KR.UTF-8", "PORT=8080"], "WorkingDir": "/srv/app", "User": user,
            "Entrypoint": ["sh", "-c"], "Cmd": [OWN],
        })
    };
    let source = image(execution("app"));
    let own = |n: u32, image: &ImageSource| InstanceSpec { image: image.clone(), ..spec(n, 1, None) };
    let as_app = "RAN /srv/app in /srv/app at /var/app speaks ko_KR.UTF-8 on 8080 as";
    subject.driver().start(&own(1, &source)).await.unwrap();
    let console = subject.console_has(1, " END\n").await;
    assert!(
        console.contains(as_app) && console.contains("Uid: 1000 1000 1000 1000 Groups: 1001 2000 END"),
        "{console}"
    );
    // A boot command stands instead of all of it, and is root's.
    let other = InstanceSpec { boot_command: Some(OWN.to_owned()), ..own(2, &source) };
    subject.driver().start(&other).await.unwrap();
    let console = subject.console_has(2, " END\n").await;
    assert!(console.contains("RAN /srv/app in /srv/app at /root speaks C.UTF-8 on 3000 as"), "{console}");
    assert!(console.contains("Uid: 0 0 0 0"), "{console}");
    // What is made of an instance runs it too.
    let snapshot: SnapshotId = "snap-0123456789abcdef4".parse().unwrap();
    subject.driver().capture(&id(1), &snapshot, true).await.unwrap();
    subject.driver().start(&own(3, &ImageSource::Snapshot(snapshot))).await.unwrap();
    assert!(subject.console_has(3, " END\n").await.contains(as_app));
    // Somebody who is not there is named, and it is a boot command that failed.
    subject.driver().start(&own(4, &image(execution("nginx")))).await.unwrap();
    subject.console_has(4, "cannot be started: its user `nginx` is not in /etc/passwd").await;
    let failed = |presence: &Presence| matches!(presence, Presence::Up(live) if live.main == MainProcess::Failed(Exit::Code(127)));
    until(&subject, 4, "its command is said to have failed", failed).await;
    // Numbers need no entry. A shell alone would end at once, and is what nobody meant.
    subject.driver().start(&own(5, &image(execution("65532:7")))).await.unwrap();
    let console = subject.console_has(5, " END\n").await;
    assert!(
        console.contains(" at / speaks") && console.contains("Uid: 65532 65532 65532 65532 Groups: 7 END"),
        "{console}"
    );
    subject.driver().start(&own(6, &image(serde_json::json!({ "Cmd": ["/bin/sh"] })))).await.unwrap();
    assert_eq!(until_up(&subject, 6).await.1.main, MainProcess::Absent);
    let relative = image(serde_json::json!({ "Cmd": ["x"], "WorkingDir": "srv" }));
    let error = subject.driver().start(&own(7, &relative)).await.unwrap_err().to_string();
    assert!(error.contains("its WorkingDir `srv` is not an absolute path"), "{error}");
}

#[tokio::test]
async fn an_application_directory_is_copied_over_the_host_image() {
    let Some(subject) = Sandbox::new().await else { return };
    let image = subject.temporary().join("app");
    fs::create_dir(&image).unwrap();
    fs::write(image.join("page"), "hello\n").unwrap();
    let spec = InstanceSpec {
        image: ImageSource::Directory(image.display().to_string()),
        ..spec(1, 1, Some("echo $PWD has $(cat page); echo changed > page; exec sleep 600"))
    };
    subject.driver().start(&spec).await.unwrap();
    subject.console_has(1, "/srv has hello\n").await;
    until_up(&subject, 1).await;
    assert_eq!(fs::read_to_string(image.join("page")).unwrap(), "hello\n");
}

#[tokio::test]
async fn an_image_is_made_of_a_running_instance_and_others_start_from_it() {
    let Some(subject) = Sandbox::new().await else { return };
    let command = "rm -f /etc/issue; mkdir -p /srv/www; echo page > /srv/www/index; chmod 4755 /srv/www/index; mkfifo /srv/pipe; ln /srv/www/index /srv/same; echo prepared; exec sleep 600";
    subject.driver().start(&spec(1, 1, Some(command))).await.unwrap();
    subject.console_has(1, "\nprepared\n").await;
    let init = subject.pid(1, "init");
    let snapshot: SnapshotId = "snap-0123456789abcdef0".parse().unwrap();
    let image = subject.driver().capture(&id(1), &snapshot, true).await.unwrap();
    assert!(image.size_bytes > 0);
    assert_eq!(subject.pid(1, "init"), init, "it goes on");
    until_up(&subject, 1).await;
    let again: SnapshotId = "snap-0123456789abcdef1".parse().unwrap();
    assert_eq!(subject.driver().capture(&id(1), &again, false).await.unwrap().digest, image.digest, "the same content");
    let command = "echo $(cat /srv/www/index) $(stat -c %a,%h /srv/www/index) $(ls -d /etc/issue 2>&1 | grep -c No) $(hostname); echo mine > /srv/www/index; exec sleep 600";
    for n in [2, 3] {
        let spec = InstanceSpec { image: ImageSource::Snapshot(snapshot.clone()), ..spec(n, 1, Some(command)) };
        subject.driver().start(&spec).await.unwrap();
        subject.console_has(n, "page 4755,2 1 ip-172-31-0-4\n").await;
    }
    // An image of an instance of an image, of one that is stopped.
    subject.driver().stop(&id(2), GRACE).await.unwrap();
    until_down(&subject, 2).await;
    let third: SnapshotId = "snap-0123456789abcdef2".parse().unwrap();
    subject.driver().capture(&id(2), &third, true).await.unwrap();
    let spec = InstanceSpec {
        image: ImageSource::Snapshot(third.clone()),
        ..spec(4, 1, Some("cat /srv/www/index; exec sleep 600"))
    };
    subject.driver().start(&spec).await.unwrap();
    subject.console_has(4, "\nmine\n").await;
    // Layers stay as long as an image or an instance needs them.
    let images = subject.driver().images();
    for gone in [&snapshot, &again, &third] {
        assert!(images.forget(&ImageSource::Snapshot(gone.clone())).unwrap());
    }
    assert_eq!(images.collect().unwrap(), 0);
    for n in [2, 3, 4] {
        subject.driver().remove(&id(n)).await.unwrap();
    }
    assert_eq!(images.collect().unwrap(), 2);
    let error = subject.driver().capture(&id(9), &snapshot, true).await.unwrap_err().to_string();
    assert!(error.contains("nothing to make an image of"), "{error}");
}
