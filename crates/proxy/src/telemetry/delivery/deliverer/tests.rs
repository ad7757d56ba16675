//! Files of load balancers, nodes and intervals, in time that the tests move; and what becomes of them when a bucket is
//! missing or its disk is full.

use super::*;
use crate::telemetry::delivery::place::LogKind;
use model::{Arn, elbv2::snapshot::LogBucket};
use std::{fs, io::Read};

/// 2026-11-20T12:00:00Z.
const NOON: i64 = 1_795_176_000_000_000;
const SECOND: i64 = 1_000_000;

struct Buckets {
    folder: tempfile::TempDir,
    deliverer: Deliverer,
}

impl Buckets {
    fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        names.iter().for_each(|name| fs::create_dir(folder.path().join(name)).unwrap());
        Self { folder, deliverer: Deliverer::new("test") }
    }

    fn place(&self, balancer: &str, bucket: &str, prefix: &str) -> Arc<LogPlace> {
        let arn =
            Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", format!("loadbalancer/app/{balancer}/1"));
        let bucket = LogBucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
        Arc::new(LogPlace::new(LogKind::Access, self.folder.path(), &bucket, &arn).unwrap())
    }

    fn take(&mut self, place: &Arc<LogPlace>, node: &str, at: i64, lines: &str) {
        self.deliverer.take(Chunk {
            place: Arc::clone(place),
            node: node.parse().unwrap(),
            interval: Interval::of(at),
            lines: lines.as_bytes().to_vec(),
            count: lines.lines().count() as u64,
        });
    }

    /// All files of a bucket: name (without what is random) and content, in order.
    fn files(&self, bucket: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().join(bucket)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let path = entry.path();
                let name = path.strip_prefix(self.folder.path().join(bucket)).unwrap().to_str().unwrap().to_owned();
                let mut text = String::new();
                let whole =
                    flate2::read::GzDecoder::new(fs::File::open(&path).unwrap()).read_to_string(&mut text).is_ok();
                let name = match name.rsplit_once('_') {
                    Some((stem, random)) if whole => {
                        assert_eq!(random.len(), "abcdefgh.log.gz".len(), "{name}");
                        format!("{stem}_*.log.gz")
                    }
                    Some(_) | None => name,
                };
                found.push((name, text));
            }
        }
        found.sort();
        found
    }
}

fn name(balancer: &str, end: &str, node: &str) -> String {
    format!(
        "AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/11/20/123456789012_elasticloadbalancing_eu-west-1_\
         app.{balancer}.1_{end}_{node}_*.log.gz"
    )
}

#[test]
fn each_load_balancer_node_and_interval_has_a_file_of_its_own_in_one_bucket() {
    let mut buckets = Buckets::new(&["logs"]);
    let (web, shop) = (buckets.place("web", "logs", ""), buckets.place("shop", "logs", "a/b"));
    buckets.take(&web, "192.0.2.1", NOON + 299 * SECOND, "1\n2\n");
    buckets.take(&web, "192.0.2.2", NOON + 299 * SECOND, "3\n");
    buckets.take(&shop, "192.0.2.1", NOON + 299 * SECOND, "4\n");
    buckets.take(&web, "192.0.2.1", NOON + 300 * SECOND, "5\n");
    // A snapshot later: the same place, made anew.
    buckets.take(&buckets.place("web", "logs", ""), "192.0.2.1", NOON + 298 * SECOND, "6\n");
    buckets.deliverer.look(NOON + 301 * SECOND);
    assert_eq!(buckets.files("logs"), [], "lines may still be on their way");
    buckets.deliverer.look(NOON + 302 * SECOND);
    let first = [
        (name("web", "20261120T1205Z", "192.0.2.1"), "1\n2\n6\n".to_owned()),
        (name("web", "20261120T1205Z", "192.0.2.2"), "3\n".to_owned()),
        (format!("a/b/{}", name("shop", "20261120T1205Z", "192.0.2.1")), "4\n".to_owned()),
    ];
    assert_eq!(buckets.files("logs"), first);
    // Nothing more comes: the second interval is delivered all the same, and the third makes no file.
    buckets.deliverer.look(NOON + 602 * SECOND);
    buckets.deliverer.look(NOON + 902 * SECOND);
    let files = buckets.files("logs");
    assert_eq!(files.len(), 4);
    assert!(files.contains(&(name("web", "20261120T1210Z", "192.0.2.1"), "5\n".to_owned())), "{files:?}");
    assert!(buckets.deliverer.is_idle());
    assert_eq!(buckets.deliverer.take_lost(), 0);
}

#[test]
fn a_line_that_comes_after_its_file_was_finished_makes_another_file_of_the_interval() {
    let mut buckets = Buckets::new(&["logs"]);
    let web = buckets.place("web", "logs", "");
    for line in ["1\n", "2\n"] {
        buckets.take(&web, "192.0.2.1", NOON, line);
        buckets.deliverer.look(NOON + 302 * SECOND);
    }
    let expected = name("web", "20261120T1205Z", "192.0.2.1");
    assert_eq!(buckets.files("logs"), [(expected.clone(), "1\n".to_owned()), (expected, "2\n".to_owned())]);
}

#[test]
fn a_large_file_is_finished_before_its_time() {
    let mut buckets = Buckets::new(&["logs"]);
    buckets.deliverer.maximum_file_bytes = 4 << 10;
    let web = buckets.place("web", "logs", "");
    let mut state = 1_u64;
    let mut all = 0;
    for _ in 0..40 {
        let lines: String = (0..1_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                format!("{state:016x}\n")
            })
            .collect();
        all += lines.len();
        buckets.take(&web, "192.0.2.1", NOON, &lines);
    }
    let early = buckets.files("logs").iter().filter(|(name, _)| name.ends_with(".gz")).count();
    assert!(early >= 3, "{early}");
    buckets.deliverer.look(NOON + 302 * SECOND);
    let files = buckets.files("logs");
    assert_eq!(files.iter().map(|(_, text)| text.len()).sum::<usize>(), all);
    assert!(files.iter().all(|(path, _)| *path == name("web", "20261120T1205Z", "192.0.2.1")), "{files:?}");
}

#[test]
fn all_is_delivered_at_the_end() {
    let mut buckets = Buckets::new(&["logs"]);
    let web = buckets.place("web", "logs", "");
    buckets.take(&web, "2001:db8::1", NOON, "1\n");
    buckets.deliverer.end();
    assert_eq!(buckets.files("logs"), [(name("web", "20261120T1205Z", "2001-db8--1"), "1\n".to_owned())]);
}

#[test]
fn a_missing_bucket_costs_its_own_lines_until_it_is_there() {
    let mut buckets = Buckets::new(&["logs"]);
    let (web, lost) = (buckets.place("web", "logs", ""), buckets.place("shop", "missing", ""));
    buckets.take(&lost, "192.0.2.1", NOON, "1\n2\n");
    buckets.take(&web, "192.0.2.1", NOON, "3\n");
    buckets.deliverer.look(NOON + 302 * SECOND);
    assert_eq!(buckets.deliverer.take_lost(), 2);
    assert_eq!(buckets.files("logs").len(), 1);
    assert!(!buckets.folder.path().join("missing").exists());
    fs::create_dir(buckets.folder.path().join("missing")).unwrap();
    buckets.take(&lost, "192.0.2.1", NOON + 400 * SECOND, "4\n");
    buckets.deliverer.look(NOON + 602 * SECOND);
    assert_eq!(buckets.files("missing"), [(name("shop", "20261120T1210Z", "192.0.2.1"), "4\n".to_owned())]);
    assert_eq!(buckets.deliverer.take_lost(), 0);
}

#[test]
fn a_bucket_that_is_removed_under_way_costs_its_lines_only() {
    let mut buckets = Buckets::new(&["logs"]);
    let web = buckets.place("web", "logs", "");
    buckets.take(&web, "192.0.2.1", NOON, &"x\n".repeat(PIECE_BYTES));
    fs::remove_dir_all(buckets.folder.path().join("logs")).unwrap();
    buckets.deliverer.look(NOON + 302 * SECOND);
    assert!(buckets.deliverer.take_lost() > 0);
    assert!(buckets.deliverer.files.is_empty() && buckets.deliverer.unfinished.is_empty());
}

#[test]
fn files_of_an_earlier_process_are_finished_when_their_bucket_is_named_and_nobody_elses() {
    let mut buckets = Buckets::new(&["logs"]);
    let web = buckets.place("web", "logs", "");
    buckets.take(&web, "192.0.2.1", NOON, &"x\n".repeat(PIECE_BYTES));
    let bucket = buckets.folder.path().join("logs");
    let other = bucket.join(".goru-other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("y.log.gz.partial"), "of another node").unwrap();
    // The process is gone without a word.
    buckets.deliverer = Deliverer::new("test");
    buckets.deliverer.recover(&bucket);
    let files = buckets.files("logs");
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(files[1], (name("web", "20261120T1205Z", "192.0.2.1"), "x\n".repeat(PIECE_BYTES)));
    assert_eq!(files[0].0, ".goru-other/y.log.gz.partial");
}

/// A file system of 1 MiB, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where the system does not let us.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = ["-t", "tmpfs", "-o", "size=1m", "tmpfs"];
        let done = std::process::Command::new("mount").args(mount).arg(folder.path()).output();
        done.is_ok_and(|done| done.status.success()).then(|| Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0.path()).output();
    }
}

/// Lines that do not compress well.
fn noise(lines: u64) -> String {
    let number = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (0..lines).map(|n| format!("{:016x}{:016x}\n", number(n), number(number(n)))).collect()
}

#[test]
fn a_disk_with_no_more_than_its_reserve_gets_no_lines_and_gets_some_again() {
    let mut buckets = Buckets::new(&["logs"]);
    let web = buckets.place("web", "logs", "");
    let bucket = buckets.folder.path().join("logs");
    buckets.take(&web, "192.0.2.1", NOON, "1\n");
    let soon = Instant::now() + Duration::from_secs(3600);
    buckets.deliverer.spaces.insert(bucket.clone(), (soon, true));
    buckets.take(&web, "192.0.2.1", NOON, &"2\n".repeat(PIECE_BYTES));
    assert_eq!(buckets.deliverer.take_lost(), PIECE_BYTES as u64 + 1);
    buckets.deliverer.spaces.insert(bucket, (soon, false));
    buckets.take(&web, "192.0.2.1", NOON, "3\n");
    buckets.deliverer.look(NOON + 302 * SECOND);
    assert_eq!(buckets.files("logs"), [(name("web", "20261120T1205Z", "192.0.2.1"), "3\n".to_owned())]);
    assert_eq!(buckets.deliverer.take_lost(), 0);
}

#[test]
fn a_full_disk_costs_lines_and_harms_no_file() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!(
            "no right to mount a small disk: what a full one does is tested with a device that is full (file.rs)"
        );
        return;
    };
    let mut buckets = Buckets { folder: tempfile::tempdir().unwrap(), deliverer: Deliverer::new("test") };
    std::os::unix::fs::symlink(disk.0.path(), buckets.folder.path().join("logs")).unwrap();
    let web = buckets.place("web", "logs", "");
    let lines = noise(4_000);
    let mut rounds: u64 = 0;
    while buckets.deliverer.lost == 0 {
        rounds += 1;
        assert!(rounds < 100);
        buckets.take(&web, "192.0.2.1", NOON, &lines);
        buckets.deliverer.spaces.clear();
    }
    let left = Space::of(disk.0.path()).unwrap();
    assert!(left.free > 0, "the reserve is left: {left:?}");
    buckets.deliverer.look(NOON + 302 * SECOND);
    let delivered: u64 = buckets.files("logs").iter().map(|(_, text)| text.lines().count() as u64).sum();
    assert_eq!(delivered + buckets.deliverer.take_lost(), rounds * 4_000, "every line is delivered or counted");
    // Somebody makes room.
    for entry in fs::read_dir(disk.0.path()).unwrap().map(Result::unwrap) {
        fs::remove_dir_all(entry.path()).unwrap();
    }
    buckets.deliverer.spaces.clear();
    buckets.take(&web, "192.0.2.1", NOON + 400 * SECOND, "again\n");
    buckets.deliverer.look(NOON + 602 * SECOND);
    assert_eq!(buckets.files("logs"), [(name("web", "20261120T1210Z", "192.0.2.1"), "again\n".to_owned())]);
}
