//! The process driver beyond what every driver does: real processes, their environment, output, end and adoption.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

mod support;

use compute::{ComputeDriver, DriverError, InstanceSpec};
use model::ec2::{
    image::ImageSource,
    instance_state::{Ending, Exit, MainProcess, Presence},
};
use rustix::process::Signal;
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};
use support::{GRACE, Process, Subject, eventually, id, kill, runs, spec, until, until_down, until_gone, until_up};

const FOREVER: Option<&str> = Some("exec sleep 600");

fn with_user_data(spec: InstanceSpec, user_data: &str) -> InstanceSpec {
    InstanceSpec { user_data: Some(user_data.as_bytes().to_vec()), ..spec }
}

async fn until_failed(subject: &Process, n: u32) -> Exit {
    let failed = |presence: &Presence| matches!(presence, Presence::Up(live) if !live.reachable());
    let observed = until(subject, n, "its boot command has failed", failed).await;
    match observed.live().unwrap().main {
        MainProcess::Failed(exit) => exit,
        MainProcess::Running | MainProcess::Absent => unreachable!(),
    }
}

#[tokio::test]
async fn the_environment_is_that_of_the_instance_and_nothing_of_the_server() {
    let subject = Process::new().await;
    subject.driver().start(&spec(1, 7, Some("env -0 > e; mv e env; echo > done; exec sleep 600"))).await.unwrap();
    subject.file(1, "done").await;
    let text = fs::read_to_string(subject.instance(1).join("root/env")).unwrap();
    let variables: BTreeMap<&str, &str> = text.split_terminator('\0').filter_map(|line| line.split_once('=')).collect();
    let root = fs::canonicalize(subject.instance(1)).unwrap().join("root");
    for (name, value) in [
        ("HOST", "127.64.0.9"),
        ("PORT", "3000"),
        ("HOME", root.to_str().unwrap()),
        ("PWD", root.to_str().unwrap()),
        ("GORU_INSTANCE_ID", id(1).as_str()),
        ("GORU_BOOT", "7"),
        ("GORU_VCPUS", "2"),
        ("GORU_ACCOUNT_ID", "123456789012"),
        ("GORU_REGION", "ap-northeast-2"),
        ("GORU_ZONE", "ap-northeast-2a"),
        ("GORU_INSTANCE_TYPE", "t3.micro"),
        ("GORU_IMAGE_ID", "ami-0123456789abcdef0"),
        ("GORU_PRIVATE_ADDRESS", "172.31.0.4"),
        ("GORU_SECURITY_GROUPS", "sg-0123456789abcdef0,sg-0123456789abcdef1"),
        ("GORU_TAGS", r#"{"Name":"web \"1\"\n"}"#),
        ("AWS_REGION", "ap-northeast-2"),
        ("AWS_DEFAULT_REGION", "ap-northeast-2"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
    ] {
        assert_eq!(variables.get(name), Some(&value), "{name}");
    }
    assert!(std::env::vars().any(|(name, _)| name.starts_with("CARGO_")), "the test has something to leak");
    let known = ["HOST", "PORT", "PATH", "HOME", "PWD", "SHELL", "LANG", "_", "SHLVL", "OLDPWD"];
    for name in variables.keys() {
        assert!(known.contains(name) || name.starts_with("GORU_") || name.starts_with("AWS_"), "{name} leaked");
    }
}

#[tokio::test]
async fn instances_begin_without_blocked_or_ignored_signals_and_without_foreign_descriptors() {
    let subject = Process::new().await;
    let command =
        "grep -E '^Sig(Blk|Ign):' /proc/self/status > s; ls /proc/$$/fd > fds; echo >> s; mv s signals; exec sleep 600";
    subject.driver().start(&spec(1, 1, Some(command))).await.unwrap();
    let signals = subject.file(1, "signals").await;
    for line in signals.lines().filter(|line| !line.is_empty()) {
        let mask = u64::from_str_radix(line.split('\t').next_back().unwrap(), 16).unwrap();
        // 32 and 33 belong to the C library, which lets nobody change them: they are as the test itself inherited them.
        assert_eq!(mask & !(0b11 << 31), 0, "{signals}");
    }
    let descriptors = fs::read_to_string(subject.instance(1).join("root/fds")).unwrap();
    let inherited: Vec<&str> = descriptors.lines().filter(|fd| *fd != "10").collect();
    assert_eq!(inherited, ["0", "1", "2"], "the shell itself may use 10");
}

#[tokio::test]
async fn user_data_runs_once_before_the_boot_command_which_runs_at_every_boot() {
    let subject = Process::new().await;
    let boots = "echo boot >> order; exec sleep 600";
    let data = "#!/bin/sh\nsleep 0.2\necho user data >> order\necho on the console\n";
    for boot in 1..=3 {
        subject.driver().start(&with_user_data(spec(1, boot, Some(boots)), data)).await.unwrap();
        let lines = boot as usize + 1;
        eventually("it has booted", async || (subject.file(1, "order").await.lines().count() == lines).then_some(()))
            .await;
        subject.driver().stop(&id(1), GRACE).await.unwrap();
        until_down(&subject, 1).await;
    }
    assert_eq!(subject.file(1, "order").await, "user data\nboot\nboot\nboot\n");
    assert!(subject.console(1).await.contains("on the console\n"));
}

#[tokio::test]
async fn user_data_without_an_interpreter_is_for_the_shell_and_its_failure_stops_nothing() {
    let subject = Process::new().await;
    let spec = with_user_data(spec(1, 1, FOREVER), "echo \"here is $GORU_INSTANCE_ID in $PWD\"; exit 9");
    subject.driver().start(&spec).await.unwrap();
    subject.console_has(1, "user data exited with code 9").await;
    subject.console_has(1, &format!("here is {} in /", id(1))).await;
    let up = |presence: &Presence| matches!(presence, Presence::Up(live) if live.main == MainProcess::Running);
    until(&subject, 1, "its boot command runs", up).await;
}

#[tokio::test]
async fn user_data_of_a_kind_that_is_no_script_is_refused_on_the_console() {
    let subject = Process::new().await;
    subject.driver().start(&with_user_data(spec(1, 1, FOREVER), "#cloud-config\nruncmd: [touch x]\n")).await.unwrap();
    subject.console_has(1, "#cloud-config is not supported").await;
}

#[tokio::test]
async fn a_server_started_by_user_data_does_not_hold_up_the_boot_command_and_ends_with_the_instance() {
    let subject = Process::with(|options| options.user_data_wait = Duration::from_millis(200)).await;
    let data = "echo $$ > server; exec sleep 600";
    subject
        .driver()
        .start(&with_user_data(spec(1, 1, Some("echo booted > boot; exec sleep 600")), data))
        .await
        .unwrap();
    subject.file(1, "boot").await;
    let server: u32 = subject.file(1, "server").await.trim().parse().unwrap();
    assert!(runs(server));
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
    assert!(!runs(server));
}

#[tokio::test]
async fn without_a_boot_command_the_instance_stays_for_what_user_data_left_running() {
    let subject = Process::new().await;
    let data = "#!/bin/sh\n(sleep 600 & echo $! > server)\n";
    subject.driver().start(&with_user_data(spec(1, 1, None), data)).await.unwrap();
    let server: u32 = subject.file(1, "server").await.trim().parse().unwrap();
    let (observed, live) = until_up(&subject, 1).await;
    assert!(observed.reachable() && live.main == MainProcess::Absent);
    assert_eq!(live.pid, Some(subject.shim(1)));
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    until_down(&subject, 1).await;
    assert!(!runs(server));
}

#[tokio::test]
async fn stop_lets_processes_end_by_themselves() {
    let subject = Process::new().await;
    let command = "trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    subject.driver().start(&spec(1, 1, Some(command))).await.unwrap();
    subject.console_has(1, "ready\n").await;
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped, "not a shutdown from inside");
    assert!(subject.console(1).await.contains("goodbye\n"));
}

#[tokio::test]
async fn stop_kills_after_the_grace_and_a_second_stop_shortens_it() {
    let subject = Process::new().await;
    let command = "trap '' TERM; echo $$ > main; while :; do sleep 0.05; done";
    subject.driver().start(&spec(1, 1, Some(command))).await.unwrap();
    let main: u32 = subject.file(1, "main").await.trim().parse().unwrap();
    subject.driver().stop(&id(1), Duration::from_secs(3600)).await.unwrap();
    let stopping = until(&subject, 1, "it is stopping", |p| matches!(p, Presence::Stopping { .. })).await;
    assert!(runs(main) && !stopping.reachable());
    subject.driver().stop(&id(1), Duration::from_millis(100)).await.unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
    assert!(!runs(main));
    assert!(subject.console(1).await.contains("killed"));
}

#[tokio::test]
async fn daemons_and_stopped_processes_end_with_the_instance_too() {
    let subject = Process::new().await;
    let command =
        "setsid sh -c 'env -i sleep 600 & echo $! > daemon' & sleep 600 & echo $! > stopped; kill -STOP $!; wait";
    subject.driver().start(&spec(1, 1, Some(command))).await.unwrap();
    let daemon: u32 = subject.file(1, "daemon").await.trim().parse().unwrap();
    let stopped: u32 = subject.file(1, "stopped").await.trim().parse().unwrap();
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    until_down(&subject, 1).await;
    assert!(!runs(daemon) && !runs(stopped));
}

#[tokio::test]
async fn a_boot_command_that_ends_with_success_is_a_shutdown_from_inside() {
    let subject = Process::new().await;
    let mut changes = subject.driver().changes();
    subject
        .driver()
        .start(&spec(1, 1, Some("sleep 600 & echo $! > other; while ! test -e go; do sleep 0.05; done")))
        .await
        .unwrap();
    let other: u32 = subject.file(1, "other").await.trim().parse().unwrap();
    until_up(&subject, 1).await;
    changes.mark_unchanged();
    fs::write(subject.instance(1).join("root/go"), "").unwrap();
    tokio::time::timeout(support::DEADLINE, changes.changed()).await.expect("the driver says so").unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::ShutDown);
    assert!(!runs(other));
    until_gone(subject.shim(1)).await;
}

#[tokio::test]
async fn a_boot_command_that_fails_leaves_the_instance_up_but_not_reachable() {
    let subject = Process::new().await;
    let mut changes = subject.driver().changes();
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    let (_, live) = until_up(&subject, 1).await;
    changes.mark_unchanged();
    kill(live.pid.unwrap(), Signal::KILL);
    tokio::time::timeout(support::DEADLINE, changes.changed()).await.expect("the driver says so").unwrap();
    assert_eq!(until_failed(&subject, 1).await, Exit::Signal(9));
    subject.console_has(1, "was ended by signal 9").await;

    subject.driver().start(&spec(2, 1, Some("exit 3"))).await.unwrap();
    assert_eq!(until_failed(&subject, 2).await, Exit::Code(3));
    subject.driver().start(&spec(3, 1, Some("exec /nonexistent"))).await.unwrap();
    assert_eq!(until_failed(&subject, 3).await, Exit::Code(127));
    assert!(runs(subject.shim(3)));
}

#[tokio::test]
async fn a_new_driver_adopts_what_runs_and_sees_it_end() {
    let mut subject = Process::new().await;
    subject.driver().start(&spec(1, 5, FOREVER)).await.unwrap();
    let before = until_up(&subject, 1).await;
    subject.reopen().await;
    assert_eq!(until_up(&subject, 1).await, before);
    let error = subject.driver().start(&spec(1, 6, FOREVER)).await.unwrap_err();
    assert!(matches!(error, DriverError::AlreadyRuns { boot: 5, .. }), "{error}");

    let mut changes = subject.driver().changes();
    changes.mark_unchanged();
    kill(before.1.pid.unwrap(), Signal::KILL);
    tokio::time::timeout(support::DEADLINE, changes.changed()).await.expect("the driver says so").unwrap();
    assert_eq!(until_failed(&subject, 1).await, Exit::Signal(9));
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
}

#[tokio::test]
async fn what_ended_while_no_driver_was_there_is_seen_afterwards() {
    let mut subject = Process::new().await;
    subject.driver().start(&spec(1, 1, Some("echo $$ > main; exec sleep 600"))).await.unwrap();
    subject.driver().start(&spec(2, 1, Some("while ! test -e go; do sleep 0.05; done"))).await.unwrap();
    let main: u32 = subject.file(1, "main").await.trim().parse().unwrap();
    let shim = subject.shim(2);
    subject.close();
    kill(main, Signal::TERM);
    fs::write(subject.instance(2).join("root/go"), "").unwrap();
    until_gone(shim).await;
    subject.reopen().await;
    assert_eq!(until_failed(&subject, 1).await, Exit::Signal(15));
    assert_eq!(until_down(&subject, 2).await, Ending::ShutDown);
}

/// Daemonises once with the environment kept and once without; both in the shim's session.
const FAMILY: &str = "sleep 600 & echo $! > child; (setsid sleep 600 & echo $! > daemon); (env -i sleep 600 & echo $! > bare); exec sleep 600";

async fn family(subject: &Process) -> Vec<u32> {
    let mut pids = vec![until_up(subject, 1).await.1.pid.unwrap()];
    for name in ["child", "daemon", "bare"] {
        pids.push(subject.file(1, name).await.trim().parse().unwrap());
    }
    pids
}

#[tokio::test]
async fn when_the_shim_is_killed_everything_of_the_instance_ends() {
    let subject = Process::new().await;
    subject.driver().start(&spec(1, 1, Some(FAMILY))).await.unwrap();
    let family = family(&subject).await;
    let mut changes = subject.driver().changes();
    changes.mark_unchanged();
    kill(subject.shim(1), Signal::KILL);
    tokio::time::timeout(support::DEADLINE, changes.changed()).await.expect("the driver says so").unwrap();
    assert_eq!(until_down(&subject, 1).await, Ending::Lost);
    assert!(family.iter().all(|pid| !runs(*pid)), "{family:?}");
}

#[tokio::test]
async fn what_a_dead_shim_left_behind_is_ended_by_the_next_driver() {
    let mut subject = Process::new().await;
    subject.driver().start(&spec(1, 1, Some(FAMILY))).await.unwrap();
    let family = family(&subject).await;
    let shim = subject.shim(1);
    subject.close();
    kill(shim, Signal::KILL);
    until_gone(shim).await;
    assert!(family.iter().any(|pid| runs(*pid)), "grandchildren survive their shim");
    subject.reopen().await;
    assert!(family.iter().all(|pid| !runs(*pid)), "{family:?}");
    assert_eq!(until_down(&subject, 1).await, Ending::Lost);
}

#[tokio::test]
async fn processes_whose_directory_was_deleted_are_ended_by_the_next_driver() {
    let mut subject = Process::new().await;
    subject
        .driver()
        .start(&spec(1, 1, Some("trap '' HUP; (setsid sleep 600 & echo $! > daemon); exec sleep 600")))
        .await
        .unwrap();
    let daemon: u32 = subject.file(1, "daemon").await.trim().parse().unwrap();
    let shim = subject.shim(1);
    subject.close();
    fs::remove_dir_all(subject.instance(1)).unwrap();
    subject.reopen().await;
    assert!(!runs(daemon) && !runs(shim));
    assert!(subject.driver().inventory().await.unwrap().is_empty());
}

#[tokio::test]
async fn after_a_restart_of_the_host_an_instance_is_down_for_that_reason() {
    let mut subject = Process::new().await;
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    until_up(&subject, 1).await;
    let shim = subject.shim(1);
    subject.close();
    kill(shim, Signal::KILL);
    until_gone(shim).await;
    let path = subject.instance(1).join("state.json");
    let mut state: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    state["host_boot"] = "another".into();
    fs::write(&path, state.to_string()).unwrap();
    subject.reopen().await;
    assert_eq!(until_down(&subject, 1).await, Ending::HostRestarted);
}

#[tokio::test]
async fn a_shim_that_hangs_is_killed_with_its_instance() {
    let subject = Process::new().await;
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    let (_, live) = until_up(&subject, 1).await;
    kill(subject.shim(1), Signal::STOP);
    subject.driver().stop(&id(1), Duration::from_millis(1)).await.unwrap();
    until(&subject, 1, "it is seen as stopping", |p| matches!(p, Presence::Stopping { .. })).await;
    subject.driver().kill(&id(1)).await.unwrap();
    assert!(!runs(live.pid.unwrap()) && !runs(subject.shim(1)));
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
}

#[tokio::test]
async fn a_shim_asked_to_end_by_anybody_stops_its_instance_in_order() {
    let subject = Process::new().await;
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    let (_, live) = until_up(&subject, 1).await;
    kill(subject.shim(1), Signal::TERM);
    assert_eq!(until_down(&subject, 1).await, Ending::Stopped);
    assert!(!runs(live.pid.unwrap()));
}

#[tokio::test]
async fn the_console_is_bounded_and_survives_stop_start_and_removal() {
    let subject = Process::new().await;
    subject.driver().start(&spec(1, 1, Some("echo first words; exec sleep 600"))).await.unwrap();
    subject.console_has(1, "first words\n").await;
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    until_down(&subject, 1).await;
    subject.driver().start(&spec(1, 2, Some("echo second words >&2; exec sleep 600"))).await.unwrap();
    subject.console_has(1, "second words\n").await;
    assert!(subject.console(1).await.contains("first words\n"));
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    until_down(&subject, 1).await;

    let much = "head -c 2000000 /dev/zero | tr '\\0' x; echo; echo last words; exec sleep 600";
    subject.driver().start(&spec(1, 3, Some(much))).await.unwrap();
    subject.console_has(1, "last words\n").await;
    let console = subject.console(1).await;
    assert_eq!(console.len(), compute::driver::MAXIMUM_CONSOLE_OUTPUT);
    assert!(!console.contains("first words"));
    assert!(fs::metadata(subject.instance(1).join("console.log")).unwrap().len() <= 128 << 10);
    subject.driver().remove(&id(1)).await.unwrap();
    assert!(subject.console(1).await.contains("last words\n"));
    assert!(!subject.instance(1).exists());
}

#[tokio::test]
async fn usage_grows_with_work_and_counts_processes_that_have_ended() {
    let subject = Process::new().await;
    let burn = "timeout 0.5 sh -c 'while :; do :; done'; echo > burnt; exec sleep 600";
    subject.driver().start(&spec(1, 1, Some(burn))).await.unwrap();
    subject.driver().start(&spec(2, 1, FOREVER)).await.unwrap();
    let shown = async |n: u32| subject.driver().usage().await.unwrap()[&id(n)];
    eventually("work shows while it runs or after", async || (shown(1).await.cpu > Duration::ZERO).then_some(())).await;
    subject.file(1, "burnt").await;
    // On a loaded machine half a second of wall time may be little processor time; but what was used stays counted.
    let after =
        eventually("the work is counted", async || Some(shown(1).await).filter(|u| u.cpu >= Duration::from_millis(20)))
            .await;
    let later = shown(1).await;
    assert!(later.cpu >= after.cpu && later.memory_bytes > 0, "{later:?}");
    assert!(shown(2).await.cpu < after.cpu, "the idle one has its own figures");
    assert_eq!(later.network, None);
}

#[tokio::test]
async fn a_directory_image_is_copied_once_and_kept_over_boots() {
    let subject = Process::new().await;
    let image = subject.temporary().join("image");
    fs::create_dir(&image).unwrap();
    fs::write(image.join("page"), "from the image\n").unwrap();
    let command = "cat page; echo changed > page; cp page copy; exec sleep 600";
    let of = |boot| InstanceSpec {
        image: ImageSource::Directory(image.to_str().unwrap().to_owned()),
        ..spec(1, boot, Some(command))
    };
    subject.driver().start(&of(1)).await.unwrap();
    subject.console_has(1, "from the image\n").await;
    subject.file(1, "copy").await;
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    until_down(&subject, 1).await;
    subject.driver().start(&of(2)).await.unwrap();
    subject.console_has(1, "changed\n").await;
    assert_eq!(fs::read_to_string(image.join("page")).unwrap(), "from the image\n");
}

#[tokio::test]
async fn images_with_a_root_file_system_are_refused_by_name() {
    let subject = Process::new().await;
    for image in [
        ImageSource::RootFs("/srv/debian.tar".into()),
        ImageSource::Oci("/srv/oci".into()),
        ImageSource::Snapshot("snap-00000001".parse().unwrap()),
    ] {
        let named = image.to_string();
        let error = subject.driver().start(&InstanceSpec { image, ..spec(1, 1, FOREVER) }).await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains(&named) && said.contains("the process driver has no root file systems"), "{said}");
        assert_eq!(until_down(&subject, 1).await, Ending::NeverStarted);
    }
}

#[tokio::test]
async fn a_start_that_fails_says_why_and_can_be_repeated() {
    let mut subject = Process::new().await;
    let image = subject.temporary().join("image");
    let spec =
        InstanceSpec { image: ImageSource::Directory(image.to_str().unwrap().to_owned()), ..spec(1, 1, FOREVER) };
    let error = subject.driver().start(&spec).await.unwrap_err().to_string();
    assert!(error.contains("image") && error.contains("No such file"), "{error}");
    assert_eq!(until_down(&subject, 1).await, Ending::NeverStarted);
    fs::create_dir(&image).unwrap();

    let program = std::mem::replace(&mut subject.options.command.program, "/nonexistent/goru".into());
    subject.reopen().await;
    let error = subject.driver().start(&spec).await.unwrap_err().to_string();
    assert!(error.contains("/nonexistent/goru"), "{error}");
    subject.options.command.program = "/bin/false".into();
    subject.reopen().await;
    let error = subject.driver().start(&spec).await.unwrap_err().to_string();
    assert!(error.contains("did not start"), "{error}");

    subject.options.command.program = program;
    subject.reopen().await;
    subject.driver().start(&spec).await.unwrap();
    until_up(&subject, 1).await;
}

#[tokio::test]
async fn a_removal_that_was_cut_off_is_finished_by_the_next_driver() {
    let mut subject = Process::new().await;
    let doomed = subject.options.data_directory.join("instances").join(format!("removed-{}", id(1)));
    fs::create_dir_all(doomed.join("root")).unwrap();
    subject.reopen().await;
    assert!(!doomed.exists());
}

#[tokio::test]
async fn the_site_image_answers_at_the_address_of_the_instance() {
    let subject = Process::new().await;
    let address = "127.64.0.11".parse().unwrap();
    // Freed at once, so that the instance can have it.
    let port = TcpListener::bind((address, 0)).unwrap().local_addr().unwrap().port();
    let spec = InstanceSpec { image: ImageSource::Site, address, port, ..spec(1, 1, None) };
    subject.driver().start(&spec).await.unwrap();
    let mut stream = eventually("it listens", async || TcpStream::connect((address, port)).ok()).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(id(1).as_str()) && answer.contains("ap-northeast-2a"), "{answer}");
    let (observed, live) = until_up(&subject, 1).await;
    assert!(observed.reachable() && live.main == MainProcess::Running);
}

#[tokio::test]
async fn two_starts_of_one_instance_at_a_time_make_one_instance() {
    let subject = Process::new().await;
    let spec = spec(1, 1, FOREVER);
    let (one, other) = tokio::join!(subject.driver().start(&spec), subject.driver().start(&spec));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
    let error = one.err().or(other.err()).unwrap();
    assert!(matches!(error, DriverError::AlreadyRuns { .. }), "{error}");
}
