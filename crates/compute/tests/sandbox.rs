//! The sandbox driver beyond what every driver does: what an instance sees, may and keeps, and what is left of it. Needs
//! root and runc.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

mod support;

use base64::Engine;
use compute::{ComputeDriver, InstanceSpec, cleanup};
use model::ec2::instance_state::{Ending, Exit, MainProcess, Presence};
use rustix::process::Signal;
use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};
use support::{
    GRACE, ROOT_VOLUME_BYTES, Sandbox, Subject, eventually, id, kill, observed, runs, spec, until, until_down,
    until_gone, until_up,
};

const FOREVER: Option<&str> = Some("exec sleep 600");

fn with_user_data(spec: InstanceSpec, user_data: impl AsRef<[u8]>) -> InstanceSpec {
    InstanceSpec { user_data: Some(user_data.as_ref().to_vec()), ..spec }
}

/// Everything outside of data directories that a sandbox could leave behind.
fn left_on_the_host() -> BTreeSet<String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mounts = mounts.lines().map(|line| line.split(' ').skip(4).collect::<Vec<_>>().join(" "));
    let roots = fs::read_dir("/sys/fs/cgroup").unwrap().flatten().map(|entry| entry.path());
    let groups = roots.flat_map(|root| fs::read_dir(root).into_iter().flatten().flatten());
    let groups = groups.map(|entry| entry.path().display().to_string()).filter(|path| path.contains("goru-"));
    mounts.filter(|line| line.contains("goru") || line.contains("overlay")).chain(groups).collect()
}

fn groups_of(subject: &Sandbox, n: u32) -> Vec<String> {
    let plan: serde_json::Value =
        serde_json::from_slice(&fs::read(subject.instance(n).join("plan.json")).unwrap()).unwrap();
    let name = plan["sandbox"]["cgroup"].as_str().unwrap().to_owned();
    left_on_the_host().into_iter().filter(|path| path.ends_with(&name)).collect()
}

#[tokio::test]
async fn an_instance_sees_a_machine_of_its_own() {
    let Some(subject) = Sandbox::new().await else { return };
    let check = "echo name $(hostname) pid $(cat /proc/1/comm) of $(ls -d /proc/[0-9]* | wc -l)
echo home $(find /root /home -mindepth 1 | wc -l)
echo shadow $(grep -cv ':[*]:' /etc/shadow)
echo interfaces $(tail -n +3 /proc/net/dev | cut -d: -f1)
echo hosts $(getent hosts $(hostname))
echo resolver $(cat /etc/resolv.conf)
echo environment $HOST $PORT $GORU_INSTANCE_TYPE $HOME $PWD ${GORU_INSTANCE_DIRECTORY:-none}
exec sleep 600";
    let spec = InstanceSpec { resolver: Some("10.0.0.2".parse().unwrap()), ..spec(1, 1, Some(check)) };
    subject.driver().start(&spec).await.unwrap();
    let console = subject.console_has(1, "environment ").await;
    for line in [
        "name ip-172-31-0-4 pid ",
        "home 0\n",
        "shadow 0\n",
        "interfaces lo\n",
        "hosts 172.31.0.4 ip-172-31-0-4\n",
        "resolver nameserver 10.0.0.2\n",
        "environment 127.64.0.9 3000 t3.micro /root /root none\n",
    ] {
        assert!(console.contains(line), "{line:?} is not in\n{console}");
    }
    let processes = console.split(" pid ").nth(1).and_then(|rest| rest.split(" of ").nth(1));
    let processes: u32 = processes.unwrap().split_whitespace().next().unwrap().parse().unwrap();
    assert!(processes < 8, "{console}");
    assert!(!subject.data().join("instances").join("x").exists());
    let usage = subject.driver().usage().await.unwrap()[&id(1)];
    assert!(usage.network.is_some_and(|network| network.received == 0 && network.sent == 0));
    assert!(usage.memory_bytes > 0 && usage.memory_bytes < 64 << 20, "{usage:?}");
}

#[tokio::test]
async fn an_instance_may_not_what_reaches_past_it() {
    let Some(subject) = Sandbox::new().await else { return };
    let data = fs::canonicalize(subject.data()).unwrap();
    let check = format!(
        "try() {{ name=$1; shift; if \"$@\" >/dev/null 2>&1; then echo \"$name works\"; else echo \"$name refused\"; fi; }}
try mount mount -t tmpfs none /mnt
try user-namespace unshare -U true
try mount-namespace unshare -m true
try device mknod /tmp/disk b 254 0
try clock date -s '2001-01-01'
try log dmesg
try sysctl sh -c 'echo 1 > /proc/sys/kernel/panic'
try trigger sh -c 'echo h > /proc/sysrq-trigger'
try data ls {data}/instances
try itself sh -c 'echo x >> /run/goru/init'
try name hostname other
try write sh -c 'echo x > /etc/something'
try owner chown 1000:1000 /etc/something
grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
echo checked; exec sleep 600",
        data = data.display()
    );
    subject.driver().start(&spec(1, 1, Some(&check))).await.unwrap();
    let console = subject.console_has(1, "checked").await;
    for name in [
        "mount",
        "user-namespace",
        "mount-namespace",
        "device",
        "clock",
        "log",
        "sysctl",
        "trigger",
        "data",
        "itself",
        "name",
    ] {
        assert!(console.contains(&format!("\n{name} refused")), "{name}:\n{console}");
    }
    for name in ["write", "owner"] {
        assert!(console.contains(&format!("\n{name} works")), "{name}:\n{console}");
    }
    assert!(console.contains("Seccomp:\t2"), "{console}");
    assert!(!fs::exists("/etc/something").unwrap(), "the host has nothing of it");
}

#[tokio::test]
async fn the_root_volume_is_kept_over_stop_and_start_and_goes_with_the_instance() {
    let Some(subject) = Sandbox::new().await else { return };
    let command = "echo boot >> /var/count; cat /var/count | wc -l > /srv/number; echo counted $(cat /srv/number); rm -f /etc/issue; exec sleep 600";
    for boot in 1..=3 {
        subject.driver().start(&spec(1, boot, Some(command))).await.unwrap();
        subject.console_has(1, &format!("counted {boot}\n")).await;
        subject.driver().stop(&id(1), GRACE).await.unwrap();
        assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
        assert_eq!(groups_of(&subject, 1), Vec::<String>::new());
    }
    let boots = subject.look(1, |upper| fs::read_to_string(upper.join("var/count")).unwrap());
    assert_eq!(boots.lines().count(), 3);
    subject.driver().remove(&id(1)).await.unwrap();
    assert!(!subject.instance(1).exists());
}

#[tokio::test]
async fn user_data_runs_once_as_root_in_each_of_its_forms() {
    let Some(subject) = Sandbox::new().await else { return };
    let gzip = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"#!/bin/sh\necho unpacked\n").unwrap();
        encoder.finish().unwrap()
    };
    let cloud = format!(
        "#cloud-config
hostname: web1
packages: [nginx]
ssh_authorized_keys: ['ssh-ed25519 AAAA me@example']
write_files:
- path: /opt/app/hello
  permissions: '0750'
  owner: daemon:daemon
  encoding: b64
  content: {}
runcmd:
- cat /opt/app/hello
- [sh, -c, 'echo commands ran by $(id -u)']
",
        base64::engine::general_purpose::STANDARD.encode("written by cloud-config\n")
    );
    let forms: [(&[u8], &[&str]); 5] = [
        (b"#!/bin/sh\necho script by $(id -u) in $0\n", &["script by 0 in /run/goru/user-data\n"]),
        (b"echo shell; exit 3", &["shell\n", "user data exited with code 3\n"]),
        (
            cloud.as_bytes(),
            &[
                "written by cloud-config\n",
                "commands ran by 0\n",
                "the module packages of #cloud-config is not supported",
                "user data exited with code 1\n",
            ],
        ),
        (&gzip, &["unpacked\n"]),
        (b"Content-Type: multipart/mixed\n", &["user data was not run: a MIME document is not supported"]),
    ];
    for (n, (user_data, lines)) in (1..).zip(forms) {
        subject
            .driver()
            .start(&with_user_data(spec(n, 1, Some("echo boot command; exec sleep 600")), user_data))
            .await
            .unwrap();
        subject.console_has(n, "\nboot command\n").await;
        for line in lines {
            subject.console_has(n, line).await;
        }
    }
    subject.look(3, |upper| {
        use std::os::unix::fs::MetadataExt;
        let hello = fs::metadata(upper.join("opt/app/hello")).unwrap();
        assert_eq!((hello.mode() & 0o7777, hello.uid(), hello.gid()), (0o750, 1, 1));
        let read = |name: &str| fs::read_to_string(upper.join(name)).unwrap();
        assert_eq!(read("root/.ssh/authorized_keys"), "ssh-ed25519 AAAA me@example\n");
        assert_eq!(read("etc/hostname"), "web1\n");
    });
    // A second boot: nothing of it runs again, the name stays.
    subject.driver().stop(&id(3), GRACE).await.unwrap();
    until_down(&subject, 3).await;
    let again = with_user_data(spec(3, 2, Some("sleep 0.2; echo second boot of $(hostname); exec sleep 600")), cloud);
    subject.driver().start(&again).await.unwrap();
    let console = subject.console_has(3, "second boot of web1\n").await;
    assert_eq!(console.matches("commands ran").count(), 1, "{console}");
}

#[tokio::test]
async fn a_key_is_put_where_people_log_in() {
    let Some(subject) = Sandbox::new().await else { return };
    let key = "ssh-ed25519 AAAA me@example".to_owned();
    let spec = InstanceSpec {
        authorized_key: Some(key.clone()),
        ..spec(1, 1, Some("cat ~root/.ssh/authorized_keys; exec sleep 600"))
    };
    subject.driver().start(&spec).await.unwrap();
    subject.console_has(1, &key).await;
}

#[tokio::test]
async fn the_end_of_the_boot_command_and_commands_from_inside_end_or_restart_the_instance() {
    let Some(subject) = Sandbox::new().await else { return };
    for (n, command) in [(1, "true"), (2, "shutdown -h now; exec sleep 600"), (3, "poweroff; exec sleep 600")] {
        subject.driver().start(&spec(n, 1, Some(command))).await.unwrap();
        assert_eq!(until_down(&subject, n).await, Ending::ShutDown, "{command}");
    }
    subject.driver().start(&spec(4, 1, Some("exit 7"))).await.unwrap();
    let failed =
        |presence: &Presence| matches!(presence, Presence::Up(live) if live.main == MainProcess::Failed(Exit::Code(7)));
    until(&subject, 4, "its boot command has failed", failed).await;
    let command = "echo here; if [ -e /var/again ]; then echo restarted; exec sleep 600; fi; touch /var/again; reboot; exec sleep 600";
    subject.driver().start(&spec(5, 1, Some(command))).await.unwrap();
    subject.console_has(5, "\nrestarted\n").await;
    assert_eq!(until_up(&subject, 5).await.0.boot, 1);
}

#[tokio::test]
async fn a_stop_asks_first_and_kills_after_the_grace() {
    let Some(subject) = Sandbox::new().await else { return };
    let polite = "trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    subject.driver().start(&spec(1, 1, Some(polite))).await.unwrap();
    subject.console_has(1, "\nready\n").await;
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
    assert!(subject.console(1).await.contains("\nasked\n"));
    let stubborn = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    subject.driver().start(&spec(2, 1, Some(stubborn))).await.unwrap();
    subject.console_has(2, "\nready\n").await;
    subject.driver().stop(&id(2), Duration::from_millis(300)).await.unwrap();
    assert_eq!(until_down(&subject, 2).await, Ending::Stopped);
    assert!(subject.console(2).await.contains("not ended in time: killed"));
}

#[tokio::test]
async fn a_new_control_plane_finds_everything_again_and_restarts_nothing() {
    let Some(mut subject) = Sandbox::new().await else { return };
    for n in 1..=3 {
        subject.driver().start(&spec(n, 1, FOREVER)).await.unwrap();
        until_up(&subject, n).await;
    }
    let before: Vec<u32> = (1..=3).map(|n| subject.pid(n, "init")).collect();
    subject.reopen().await;
    for n in 1..=3 {
        let (observed, live) = until_up(&subject, n).await;
        assert_eq!((observed.boot, live.pid), (1, Some(before[n as usize - 1])));
        assert!(observed.reachable());
    }
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
}

#[tokio::test]
async fn nothing_outlives_a_shim_that_is_killed() {
    let Some(subject) = Sandbox::new().await else { return };
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    until_up(&subject, 1).await;
    let init = subject.pid(1, "init");
    kill(subject.pid(1, "shim"), Signal::KILL);
    assert_eq!(until_down(&subject, 1).await, Ending::Lost);
    until_gone(init).await;
    eventually("its control groups are gone", async || groups_of(&subject, 1).is_empty().then_some(())).await;
    subject.driver().start(&spec(1, 2, FOREVER)).await.unwrap();
    assert_eq!(until_up(&subject, 1).await.0.boot, 2);
}

#[tokio::test]
async fn nothing_is_left_on_the_host() {
    let Some(mut subject) = Sandbox::new().await else { return };
    let own = |subject: &Sandbox| -> Vec<String> { (1..=3).flat_map(|n| groups_of(subject, n)).collect() };
    for n in 1..=3 {
        subject.driver().start(&spec(n, 1, FOREVER)).await.unwrap();
        until_up(&subject, n).await;
    }
    assert!(!own(&subject).is_empty());
    let data = fs::canonicalize(subject.data()).unwrap();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(data.to_str().unwrap()), "mounts of instances are nobody else's");
    let shims: Vec<u32> = (1..=3).map(|n| subject.pid(n, "shim")).collect();
    // As after kill -9 of the server: nobody stops what runs but `goru cleanup`.
    subject.close();
    let cleaned = cleanup(&data).unwrap();
    assert_eq!(cleaned.instances, 3);
    assert_eq!(own(&subject), Vec::<String>::new());
    assert!(shims.iter().all(|pid| !runs(*pid)));
    assert_eq!(fs::read_dir(data.join("sandbox/runtime")).unwrap().count(), 0);
    assert_eq!(cleanup(&data).unwrap().instances, 0, "a second time there is nothing to do");
}

#[tokio::test]
async fn a_fork_bomb_and_a_memory_hog_hurt_only_their_instances() {
    let Some(subject) = Sandbox::new().await else { return };
    let beat = "while :; do echo beat; sleep 0.1; done";
    subject.driver().start(&spec(1, 1, Some(beat))).await.unwrap();
    let bomb = "bomb() { bomb | bomb & }; bomb; sleep 3600";
    subject.driver().start(&spec(2, 1, Some(bomb))).await.unwrap();
    let hog = "head -c 2000M /dev/zero | tail; echo tail ended with $?; exec sleep 600";
    subject.driver().start(&spec(3, 1, Some(hog))).await.unwrap();
    subject.console_has(3, "tail ended with ").await;
    let full = || {
        let groups = groups_of(&subject, 2);
        let group = groups.iter().find(|path| path.contains("/pids/") || !path.contains("/unified/")).cloned();
        let path =
            groups.into_iter().map(|path| format!("{path}/pids.max")).find(|path| fs::exists(path).unwrap_or(false));
        (group, path.map(|path| fs::read_to_string(path).unwrap().trim().to_owned()))
    };
    assert_eq!(full().1.as_deref(), Some("512"));
    let beats = subject.console(1).await.matches("beat").count();
    eventually("the first instance goes on", async || {
        (subject.console(1).await.matches("beat").count() > beats + 3).then_some(())
    })
    .await;
    let before = Instant::now();
    subject.driver().start(&spec(4, 1, FOREVER)).await.unwrap();
    until_up(&subject, 4).await;
    println!("a start beside a fork bomb took {:?}", before.elapsed());
    subject.driver().kill(&id(2)).await.unwrap();
    assert_eq!(observed(subject.driver(), 2).await.map(|o| o.presence), Some(Presence::Down(Ending::Stopped)));
    assert!(until_up(&subject, 3).await.0.reachable(), "the hog's machine is still there");
}

#[tokio::test]
async fn a_full_disk_hurts_only_its_instance() {
    let Some(subject) = Sandbox::new().await else { return };
    let fill = "head -c 100M /dev/zero > /srv/much; echo head ended with $?; rm /srv/much; echo room > /srv/little; echo $(cat /srv/little) again; exec sleep 600";
    subject.driver().start(&spec(1, 1, Some(fill))).await.unwrap();
    let console = subject.console_has(1, "room again").await;
    assert!(console.contains("No space left on device") && console.contains("head ended with 1"), "{console}");
    // Another one, which begins while the first one has filled its own.
    let other = "head -c 10M /dev/zero > /srv/some && echo written; exec sleep 600";
    subject.driver().start(&spec(2, 1, Some(other))).await.unwrap();
    subject.console_has(2, "written").await;
    use std::os::unix::fs::MetadataExt;
    let volume = fs::metadata(subject.instance(1).join("volume.ext4")).unwrap();
    assert!(volume.len() == ROOT_VOLUME_BYTES && volume.blocks() * 512 <= ROOT_VOLUME_BYTES, "{volume:?}");
}

#[tokio::test]
async fn the_probe_runs_a_sandbox_and_leaves_nothing() {
    let Some(subject) = Sandbox::new().await else { return };
    let place = subject.temporary().join("place");
    fs::create_dir(&place).unwrap();
    let probed = compute::sandbox::probe::probe(&support::self_command(), &place).await;
    for finding in &probed.findings {
        println!("{} {} -> {}", finding.good, finding.what, finding.remedy.as_deref().unwrap_or("nothing to do"));
        assert!(finding.good || finding.remedy.is_some(), "whatever is missing can be had by something");
    }
    assert!(probed.runtime.is_ok(), "{:?}", probed.runtime);
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
}

#[tokio::test]
async fn starts_are_quick_and_idle_instances_small() {
    let Some(subject) = Sandbox::new().await else { return };
    let mut times = Vec::new();
    for n in 1..=20 {
        let begin = Instant::now();
        subject.driver().start(&spec(n, 1, FOREVER)).await.unwrap();
        times.push(begin.elapsed());
        until_up(&subject, n).await;
        subject.driver().remove(&id(n)).await.unwrap();
    }
    times.sort();
    println!("20 starts, one after the other: p50 {:?}, longest {:?}", times[10], times[19]);
    let begin = Instant::now();
    let specs: Vec<InstanceSpec> = (21..=40).map(|n| spec(n, 1, FOREVER)).collect();
    let mut starts = Vec::new();
    for spec in &specs {
        starts.push(subject.driver().start(spec));
    }
    for started in futures_all(starts).await {
        started.unwrap();
    }
    println!("20 starts at once: {:?}", begin.elapsed());
    for n in 21..=40 {
        until_up(&subject, n).await;
    }
    let usage = subject.driver().usage().await.unwrap();
    let inside = usage.values().map(|usage| usage.memory_bytes).sum::<u64>() / 20;
    let shims = (21..=40).map(|n| resident(subject.pid(n, "shim"))).sum::<u64>() / 20;
    println!("an idle instance holds {} KiB, its shim {} KiB not shared", inside >> 10, shims >> 10);
    assert!(times[10] < Duration::from_secs(2), "{times:?}");
}

/// All of them at the same time.
async fn futures_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in &mut futures {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(cx)
            {
                *output = Some(ready);
            }
        }
        if futures.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    futures.into_iter().filter_map(|(_, output)| output).collect()
}

/// Memory that a process shares with nobody, in bytes.
fn resident(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or_default()
    };
    (of("Private_Clean:") + of("Private_Dirty:")) << 10
}
