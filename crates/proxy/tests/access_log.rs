//! The access log as a thread and files: what is written where, rotation, and what happens when files vanish or cannot be
//! written. How a line looks is tested beside the code.

// Tests may panic and wait in plain threads.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use model::{
    Arn,
    elbv2::{
        action::Action,
        snapshot::{ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot},
    },
};
use proxy::{
    config::CompiledSnapshot,
    target::TargetStates,
    telemetry::{
        access_log::{AccessLog, AccessLogOptions, Sources},
        batch::{self, Notes, Records},
        check,
        record::{Note, RequestKind, Texts, put_text},
    },
};
use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

const DEADLINE: Duration = Duration::from_secs(30);

/// What a worker has.
struct Worker {
    snapshot: Arc<CompiledSnapshot>,
    notes: Notes,
}

impl Worker {
    /// A worker with a queue of so many batches.
    fn new(capacity: usize) -> (Self, Records) {
        let (sink, records) = batch::channel(capacity);
        let arn = |resource: &str| Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", resource);
        let group = arn("targetgroup/web/1");
        let listener = ListenerPlan::new(arn("listener/app/web/1/1"), 80, Action::forward_to(group.clone()));
        let snapshot = LoadBalancingSnapshot {
            load_balancers: vec![LoadBalancerPlan {
                listeners: vec![listener],
                ..LoadBalancerPlan::new(arn("loadbalancer/app/web/1"), "web.elb.localhost")
            }],
            target_groups: vec![model::elbv2::snapshot::TargetGroupPlan::new(group, Default::default())],
            ..LoadBalancingSnapshot::default()
        };
        let snapshot = CompiledSnapshot::compile(&snapshot, &TargetStates::new(1)).unwrap();
        (Self { snapshot, notes: sink.notes() }, records)
    }

    /// Notes a request to this path that was answered well, and hands it over.
    fn note(&self, path: &str) {
        self.answered(200, path);
    }

    fn answered(&self, status: u16, path: &str) {
        let mut text = Vec::new();
        let texts = Texts {
            method: put_text(&mut text, b"GET"),
            host: put_text(&mut text, b"a"),
            path: put_text(&mut text, path.as_bytes()),
            ..Texts::default()
        };
        let client = "192.0.2.7:51034".parse().unwrap();
        let note = Note::new(1_000_000, RequestKind::Http, 0, client, 1);
        let note = Note { took: Duration::from_secs(1), elb_status: status, version: "1.1", texts, ..note };
        self.notes.add(&self.snapshot, &note, &text);
        self.notes.flush();
    }
}

fn start(options: AccessLogOptions, records: Records) -> AccessLog {
    let (_, checks) = check::channel();
    AccessLog::start(Some(&options), "test", Sources { records, checks }).unwrap().0
}

/// The usual file, and JSON.
fn both(folder: &Path) -> AccessLogOptions {
    AccessLogOptions { json: true, ..AccessLogOptions::new(folder.to_owned()) }
}

/// The paths of the requests in a file, in order.
fn paths(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| Some(line.split("http://a:80").nth(1)?.split(' ').next()?.to_owned())).collect()
}

fn until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "the condition was not met in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn both_files_have_every_record_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, records) = Worker::new(1000);
    let log = start(both(&folder.path().join("logs")), records);
    for i in 0..500 {
        worker.note(&format!("/{i}"));
    }
    log.stop();
    let expected: Vec<_> = (0..500).map(|i| format!("/{i}")).collect();
    assert_eq!(paths(&folder.path().join("logs/access.log")), expected);
    let json = fs::read_to_string(folder.path().join("logs/access.json.log")).unwrap();
    let seen: Vec<String> = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["path"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn json_has_what_failed_where_not_all_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, records) = Worker::new(10);
    let log = start(AccessLogOptions::new(folder.path().to_owned()), records);
    worker.answered(200, "/good");
    worker.answered(503, "/bad");
    log.stop();
    assert_eq!(paths(&folder.path().join("access.log")), ["/good", "/bad"]);
    let json = fs::read_to_string(folder.path().join("access.json.log")).unwrap();
    assert!(json.lines().count() == 1 && json.contains("/bad"), "{json}");
}

#[test]
fn the_disk_that_the_log_takes_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, records) = Worker::new(100);
    // Every batch that is written fills a file.
    let options =
        AccessLogOptions { maximum_file_bytes: 1, kept_files: 2, ..AccessLogOptions::new(folder.path().to_owned()) };
    let log = start(options, records);
    let newest = folder.path().join("access.log.1");
    for round in 0..8 {
        (0..10).for_each(|i| worker.note(&format!("/{round}-{i}")));
        until(|| paths(&newest).last() == Some(&format!("/{round}-9")));
    }
    log.stop();
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["access.json.log", "access.log", "access.log.1", "access.log.2"]);
    assert!(!paths(&folder.path().join("access.log.2")).is_empty());
    assert!(paths(&folder.path().join("access.log")).is_empty());
}

#[test]
fn a_file_that_was_moved_away_or_removed_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let (file, moved) = (folder.path().join("access.log"), folder.path().join("moved"));
    let (worker, records) = Worker::new(100);
    let log = start(AccessLogOptions::new(folder.path().to_owned()), records);
    worker.note("/1");
    until(|| paths(&file) == ["/1"]);
    fs::rename(&file, &moved).unwrap();
    log.reopen();
    until(|| file.exists());
    worker.note("/2");
    until(|| paths(&file) == ["/2"]);
    assert_eq!(paths(&moved), ["/1"]);
    // Nobody says anything this time.
    fs::remove_file(&file).unwrap();
    until(|| file.exists());
    worker.note("/3");
    until(|| paths(&file) == ["/3"]);
    log.stop();
}

#[test]
fn a_line_that_was_cut_short_does_not_swallow_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access.log");
    fs::write(&file, "half a li").unwrap();
    let (worker, records) = Worker::new(10);
    let log = start(AccessLogOptions::new(folder.path().to_owned()), records);
    worker.note("/1");
    log.stop();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("half a li\nhttp 1970-01-01T00:00:02"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_costs_lines_which_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::write(&logs, "a file where the folder should be").unwrap();
    let (worker, records) = Worker::new(10);
    let log = start(both(&logs), records);
    worker.note("/1");
    until(|| log.lost().unwritten == 2);
    fs::remove_file(&logs).unwrap();
    until(|| logs.join("access.log").exists());
    worker.note("/2");
    log.stop();
    assert_eq!(paths(&logs.join("access.log")), ["/2"]);
}

#[test]
fn a_full_queue_drops_and_counts() {
    let (worker, records) = Worker::new(3);
    (0..10).for_each(|i| worker.note(&format!("/{i}")));
    assert_eq!(records.dropped(), 7);
    assert_eq!(std::iter::from_fn(|| records.take()).map(|batch| batch.len()).sum::<usize>(), 3);
}
