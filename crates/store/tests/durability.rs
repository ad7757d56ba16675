//! The state file under hardship: killed writers, flipped bits, cut files, full disks, other programs' files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{Scope, Timestamp, event::Event};
use rusqlite::Connection;
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    fs,
    io::{BufRead, BufReader, Write as _},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use store::{
    BackendError, OpenError, Revision, Store, StoreError, StoredKey, TransactError,
    backend::{
        Backend, Batch, Write, WriteValue,
        embedded::{EmbeddedBackend, FILE_NAME, FILE_VERSION},
    },
    probe::Probe,
};

fn scope() -> Scope {
    Scope::new("123456789012", "ap-northeast-2")
}

async fn put(store: &Store, probe: Probe) -> Result<(), TransactError<Infallible>> {
    store
        .transact(|txn| {
            txn.put(&scope(), probe.clone());
            Ok(())
        })
        .await
}

fn probes(store: &Store) -> BTreeMap<String, u64> {
    store.view().list::<Probe>(&scope()).map(|probe| (probe.name.clone(), probe.value)).collect()
}

fn refusal(directory: &Path) -> OpenError {
    match Store::open(directory) {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    }
}

/// A repeatable stream of numbers; the seed is told when a test fails.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

// --- many writers -----------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_lose_nothing_and_revisions_are_strictly_ordered() {
    const EACH: u64 = 100;
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut revisions = Vec::new();
                for n in 0..EACH {
                    let name = format!("{task}-{n}");
                    let made = store.transact(|txn| {
                        let count = txn.get::<Probe>(&scope(), "count").map_or(0, |probe| probe.value);
                        txn.put(&scope(), Probe::new("count", count + 1));
                        txn.put(&scope(), Probe::new(name.clone(), count));
                        Ok::<_, Infallible>(txn.get_with_revision::<Probe>(&scope(), &name).unwrap().created)
                    });
                    let revision = made.await.unwrap();
                    assert!(store.view().contains::<Probe>(&scope(), &name), "a caller sees what was acknowledged");
                    revisions.push(revision);
                }
                revisions
            })
        })
        .collect();
    let mut all = BTreeSet::new();
    for task in tasks {
        let revisions = task.await.unwrap();
        assert!(revisions.is_sorted_by(|one, next| one < next), "in the order of the caller's own writes");
        all.extend(revisions);
    }
    assert_eq!(all, (1..=8 * EACH).map(Revision).collect(), "each transaction has a revision of its own");
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    let found = probes(&store);
    assert_eq!((found.len() as u64, found["count"]), (8 * EACH + 1, 8 * EACH));
    // No two transactions saw the same state.
    let seen: BTreeSet<u64> = found.iter().filter(|(name, _)| *name != "count").map(|(_, value)| *value).collect();
    assert_eq!(seen.len() as u64, 8 * EACH);
}

// --- kill -9 ----------------------------------------------------------------------------------------------------

const KILL_DIRECTORY: &str = "GORU_STORE_KILL_TEST_DIRECTORY";
const KILL_TASKS: usize = 8;
/// Afterwards the test ends, however few kills there were; a slow machine gets fewer.
const KILL_TIME: Duration = Duration::from_secs(22);
const KILLS: usize = 300;
const FEWEST_KILLS: usize = 25;
/// A new directory now and then keeps the check of everything written quick.
const KILLS_PER_DIRECTORY: usize = 15;

/// What the writer writes per task when nobody kills it.
const WRITES_UNKILLED: u64 = 20;

/// The process that is killed: it writes as fast as it can and prints what was acknowledged. As a test of its own it ends
/// by itself, and everything is there.
#[test]
fn writer_that_is_killed() {
    let given = std::env::var_os(KILL_DIRECTORY).map(PathBuf::from);
    let own = tempfile::tempdir().unwrap();
    let writes = if given.is_some() { u64::MAX } else { WRITES_UNKILLED };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let store = Store::open(given.as_deref().unwrap_or(own.path())).unwrap();
    let run = store.view().revision().0;
    runtime.block_on(async {
        let tasks: Vec<_> =
            (0..KILL_TASKS).map(|task| tokio::spawn(write_many(store.clone(), run, task, writes))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        store.close(Timestamp::from_seconds(0)).await.unwrap();
    });
    drop(store);
    let count = Store::open(own.path()).unwrap().view().get::<Probe>(&scope(), "count").unwrap().value;
    assert_eq!(count, WRITES_UNKILLED * KILL_TASKS as u64);
}

async fn write_many(store: Store, run: u64, task: usize, writes: u64) {
    for n in 0..writes {
        let name = format!("{run}-{task}-{n}");
        let written = store.transact(|txn| {
            let count = txn.get::<Probe>(&scope(), "count").map_or(0, |probe| probe.value);
            txn.put(&scope(), Probe::new("count", count + 1));
            txn.put(&scope(), Probe::new(format!("{name}/a"), n));
            txn.put(&scope(), Probe::new(format!("{name}/b"), n));
            txn.append_event(Event {
                at: Timestamp::from_seconds(0),
                scope: scope(),
                subject: name.clone(),
                what: "written".to_owned(),
                message: String::new(),
            });
            Ok::<_, Infallible>(())
        });
        written.await.unwrap();
        // One call, so that the line is there wholly or not at all.
        std::io::stdout().write_all(format!("acknowledged {name}\n").as_bytes()).unwrap();
    }
}

fn start_writer(directory: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer_that_is_killed", "--nocapture"])
        .env(KILL_DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a writer acknowledge so many writes, kills it, and returns every write that it acknowledged.
fn write_and_kill(directory: &Path, writes: u64) -> Vec<String> {
    let mut child = start_writer(directory);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    let mut take = |line: String| {
        // The harness prints the test's name without a line end before the first line.
        if let Some((_, name)) = line.split_once("acknowledged ") {
            acknowledged.push(name.to_owned());
        }
        acknowledged.len() as u64
    };
    while let Some(Ok(line)) = lines.next() {
        if take(line) >= writes {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines.map_while(Result::ok) {
        take(line);
    }
    acknowledged
}

async fn check_after_kill(directory: &Path, acknowledged: &[String]) {
    let began = Instant::now();
    let store = Store::open(directory).unwrap();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "opening took {took:?}");
    assert_eq!(store.quarantined(), []);
    let found = probes(&store);
    for name in acknowledged {
        assert!(found.contains_key(&format!("{name}/a")), "{name} was acknowledged and is lost");
    }
    let count = found.get("count").copied().unwrap_or(0);
    for (name, value) in found.iter().filter(|(name, _)| *name != "count") {
        let other =
            if let Some(stem) = name.strip_suffix("/a") { format!("{stem}/b") } else { name.replace("/b", "/a") };
        assert_eq!(found.get(&other), Some(value), "{name} is half done");
    }
    assert_eq!(found.len() as u64, if count == 0 { 0 } else { 2 * count + 1 }, "the count belongs to the records");
    assert_eq!(store.view().revision(), Revision(count));
    let newest = store.events(count.saturating_sub(1), 10).await.unwrap();
    assert_eq!(newest.len(), usize::from(count > 0), "one event for each transaction");
}

#[tokio::test]
async fn killed_at_any_moment_every_acknowledged_write_is_there_and_none_is_half_done() {
    let seed = std::process::id().into();
    let mut numbers = Numbers(seed);
    let began = Instant::now();
    let (mut kills, mut writes) = (0, 0);
    while kills < KILLS && (began.elapsed() < KILL_TIME || kills < FEWEST_KILLS) {
        let directory = tempfile::tempdir().unwrap();
        let mut acknowledged = Vec::new();
        for _ in 0..KILLS_PER_DIRECTORY {
            acknowledged.extend(write_and_kill(directory.path(), numbers.below(40)));
            check_after_kill(directory.path(), &acknowledged).await;
            kills += 1;
        }
        writes += acknowledged.len();
    }
    eprintln!("{kills} kills, {writes} acknowledged writes, seed {seed}");
    assert!(writes > kills, "the writers hardly wrote anything");
}

// --- damage -----------------------------------------------------------------------------------------------------

/// A directory with fifty records in a closed, merged file.
async fn filled() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    for n in 0..50 {
        put(&store, Probe { note: "x".repeat(200), ..Probe::new(format!("name-{n:02}"), n) }).await.unwrap();
    }
    store.close(Timestamp::from_seconds(0)).await.unwrap();
    drop(store);
    directory
}

fn copy_of(bytes: &[u8]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(FILE_NAME), bytes).unwrap();
    directory
}

#[tokio::test]
async fn a_flipped_bit_in_a_record_costs_that_record_only_and_is_reported() {
    let directory = filled().await;
    let path = directory.path().join(FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    let text = br#""name":"name-07","value":7"#;
    // Pages keep stale copies of rows that were moved, so the bit is flipped in all of them.
    let places: Vec<usize> = (0..bytes.len() - text.len()).filter(|at| bytes[*at..].starts_with(text)).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place + text.len() - 1] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    let store = Store::open(directory.path()).unwrap();
    let quarantined = store.quarantined();
    assert_eq!(quarantined.len(), 1);
    assert_eq!(quarantined[0].key.id, "name-07");
    assert!(quarantined[0].reason.contains("checksum"), "{}", quarantined[0].reason);
    let found = probes(&store);
    assert_eq!((found.len(), found.get("name-07"), found["name-08"]), (49, None, 8));
    put(&store, Probe::new("another", 1)).await.unwrap();
    assert!(matches!(put(&store, Probe::new("name-07", 1)).await, Err(TransactError::Refused(_))));
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.quarantined(), quarantined, "it stays set aside");
    assert_eq!(store.discard_quarantined(quarantined[0].key.clone()).await, Ok(true));
    put(&store, Probe::new("name-07", 70)).await.unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!((store.quarantined().len(), probes(&store)["name-07"], probes(&store).len()), (0, 70, 51));
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_noticed_or_harmless() {
    let directory = filled().await;
    let sound = probes(&Store::open(directory.path()).unwrap());
    let bytes = fs::read(directory.path().join(FILE_NAME)).unwrap();
    let mut numbers = Numbers(7);
    let (mut refused, mut set_aside) = (0, 0);
    for _ in 0..400 {
        let (position, bit) = (numbers.below(bytes.len() as u64), numbers.below(8));
        let mut flipped = bytes.clone();
        flipped[usize::try_from(position).unwrap()] ^= 1 << bit;
        let copy = copy_of(&flipped);
        match Store::open(copy.path()) {
            Err(error) => {
                refused += 1;
                assert!(error.to_string().contains(FILE_NAME), "byte {position}: {error}");
            }
            Ok(store) => {
                let found = probes(&store);
                let missing = sound.len() - found.len();
                set_aside += store.quarantined().len();
                assert!(missing <= store.quarantined().len(), "byte {position} bit {bit}: a record is silently gone");
                assert!(found.iter().all(|(name, value)| sound[name] == *value), "byte {position} bit {bit}");
            }
        }
    }
    assert!(refused > 0 && set_aside > 0, "{refused} refused, {set_aside} set aside: the flips hit nothing");
}

#[tokio::test]
async fn records_that_vanished_or_come_from_the_future_are_noticed() {
    let table = [
        ("DELETE FROM record WHERE id = 'name-07'", "49 records are there instead of 50"),
        ("UPDATE meta SET value = 30 WHERE name = 'revision'", "the newest is 30"),
        ("DELETE FROM meta WHERE name = 'revision'", FILE_NAME),
        ("DROP TABLE lease", FILE_NAME),
    ];
    for (statement, expected) in table {
        let directory = filled().await;
        let path = directory.path().join(FILE_NAME);
        Connection::open(&path).unwrap().execute_batch(statement).unwrap();
        let error = refusal(directory.path()).to_string();
        assert!(error.contains(expected) && error.contains(path.to_str().unwrap()), "{statement}: {error}");
    }
}

#[tokio::test]
async fn a_cut_file_opens_with_whole_transactions_or_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    for n in 1..=60 {
        let both = store.transact(|txn| {
            txn.put(&scope(), Probe::new("a", n));
            txn.put(&scope(), Probe::new(format!("b-{n}"), n));
            Ok::<_, Infallible>(())
        });
        both.await.unwrap();
    }
    // The files as a power cut would leave them: the log is not merged.
    let file = fs::read(directory.path().join(FILE_NAME)).unwrap();
    let log_name = format!("{FILE_NAME}-wal");
    let log = fs::read(directory.path().join(&log_name)).unwrap();
    assert!(log.len() > 50_000, "there is a log to cut");
    let mut numbers = Numbers(11);
    let (mut opened, mut older) = (0, 0);
    for _ in 0..150 {
        let cut = usize::try_from(numbers.below(log.len() as u64 + 1)).unwrap();
        let copy = copy_of(&file);
        fs::write(copy.path().join(&log_name), &log[..cut]).unwrap();
        let Ok(store) = Store::open(copy.path()) else { continue };
        opened += 1;
        let found = probes(&store);
        let newest = found.get("a").copied().unwrap_or(0);
        older += usize::from(newest < 60);
        assert_eq!(store.view().revision(), Revision(newest), "cut at {cut}");
        assert!((1..=newest).all(|n| found[&format!("b-{n}")] == n), "cut at {cut}");
        assert_eq!(found.len() as u64, newest + u64::from(newest > 0), "cut at {cut}");
    }
    assert!(opened > 100 && older > 0, "{opened} opened, {older} of them without the newest transactions");
    drop(store);
    let whole = fs::read(directory.path().join(FILE_NAME)).unwrap();
    for _ in 0..50 {
        let cut = usize::try_from(1 + numbers.below(whole.len() as u64 - 1)).unwrap();
        let copy = copy_of(&whole[..cut]);
        if let Ok(store) = Store::open(copy.path()) {
            assert_eq!(probes(&store).len(), 61, "cut at {cut}");
        }
    }
}

// --- the directory and the file's version -----------------------------------------------------------------------

#[tokio::test]
async fn a_directory_has_one_process_and_the_second_is_told_which() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let error = refusal(directory.path());
    assert!(matches!(&error, OpenError::Locked { holder, .. } if *holder == std::process::id().to_string()));
    let message = error.to_string();
    assert!(message.contains(&std::process::id().to_string()) && message.contains(directory.path().to_str().unwrap()));
    drop(store);
    Store::open(directory.path()).unwrap();
}

#[tokio::test]
async fn a_closed_store_refuses_and_its_directory_is_free() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    put(&store, Probe::new("a", 1)).await.unwrap();
    store.close(Timestamp::from_seconds(0)).await.unwrap();
    assert!(matches!(put(&store, Probe::new("a", 2)).await, Err(TransactError::Closed)));
    assert_eq!(probes(&store)["a"], 1, "the last view stays readable");
    assert_eq!(probes(&Store::open(directory.path()).unwrap())["a"], 1);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_with_both_versions_and_left_alone() {
    let directory = filled().await;
    let path = directory.path().join(FILE_NAME);
    let newer = FILE_VERSION + 6;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", newer).unwrap();
    let before = fs::read(&path).unwrap();
    let error = refusal(directory.path());
    assert!(matches!(error, OpenError::Newer { found, known, .. } if (found, known) == (newer, FILE_VERSION)));
    let message = error.to_string();
    assert!(message.contains(&format!("version {newer}")) && message.contains(&format!("up to {FILE_VERSION}")));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn files_of_other_programs_are_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(refusal(directory.path()), OpenError::Foreign { .. }));
    for content in [b"not a database at all, but long enough to look at it".repeat(100), b"short".to_vec()] {
        fs::write(&path, &content).unwrap();
        let error = refusal(directory.path());
        assert!(matches!(error, OpenError::Backend(BackendError::Damaged { .. })), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[tokio::test]
async fn an_empty_file_is_a_first_start_that_was_interrupted() {
    let directory = copy_of(b"");
    let store = Store::open(directory.path()).unwrap();
    put(&store, Probe::new("a", 1)).await.unwrap();
}

#[tokio::test]
async fn secrets_are_readable_by_their_owner_only() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("new").join("data");
    let store = Store::open(&directory).unwrap();
    put(&store, Probe::new("a", 1)).await.unwrap();
    let copy = parent.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for path in [directory.join(FILE_NAME), directory.join(format!("{FILE_NAME}-wal")), copy] {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn records_of_an_older_version_in_the_file_are_read_and_written_in_the_new_form() {
    let directory = tempfile::tempdir().unwrap();
    let key =
        StoredKey { kind: "probe".to_owned(), account: scope().account, region: scope().region, id: "old".to_owned() };
    let stored = br#"{"name":"old","count":"41"}"#.as_slice().into();
    let batch = Batch {
        writes: vec![Write { key: key.clone(), value: WriteValue::Put { schema: 1, bytes: stored } }],
        ..Batch::default()
    };
    EmbeddedBackend::open(directory.path()).unwrap().commit(Revision::ZERO, &[batch]).unwrap();
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(probes(&store)["old"], 41);
    put(&store, Probe::new("old", 42)).await.unwrap();
    drop(store);
    let rows = EmbeddedBackend::open(directory.path()).unwrap().load().unwrap().rows;
    assert_eq!((rows[0].schema, rows[0].created, rows[0].modified), (3, Revision(1), Revision(2)));
}

// --- backup -----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_backup_is_a_whole_state_while_writes_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    for n in 0..200 {
        put(&store, Probe { note: "x".repeat(5_000), ..Probe::new(format!("filler-{n}"), n) }).await.unwrap();
    }
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        let mut n = 0;
        while stopped.try_recv().is_err() {
            n += 1;
            let both = writer.transact(|txn| {
                txn.put(&scope(), Probe::new("a", n));
                txn.put(&scope(), Probe::new("b", n));
                Ok::<_, Infallible>(())
            });
            both.await.unwrap();
        }
        n
    });
    for round in 0..3 {
        let before = store.view().get::<Probe>(&scope(), "a").map_or(0, |probe| probe.value);
        let copies = tempfile::tempdir().unwrap();
        let path = copies.path().join(FILE_NAME);
        store.backup(&path).await.unwrap();
        assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 1, "nothing but the copy is left");
        let taken = fs::read(&path).unwrap();
        let again = store.backup(&path).await;
        assert_eq!(again, Err(StoreError::Backend(BackendError::Exists(path.display().to_string()))));
        assert_eq!(fs::read(&path).unwrap(), taken, "the first copy is untouched");
        let copy = Store::open(copies.path()).unwrap();
        let found = probes(&copy);
        let (a, b) = (found.get("a").copied().unwrap_or(0), found.get("b").copied().unwrap_or(0));
        assert!(a == b && a >= before, "round {round}: {a}, {b} and at least {before}");
        assert_eq!(found.keys().filter(|name| name.starts_with("filler")).count(), 200);
        assert_eq!(copy.view().revision(), Revision(200 + a));
        put(&copy, Probe::new("c", 1)).await.unwrap();
    }
    stop.send(()).unwrap();
    let last = writing.await.unwrap();
    assert!(last > 3 && probes(&store)["a"] == last, "writes went on");
}

#[tokio::test]
async fn a_backup_into_a_missing_directory_says_which() {
    let directory = filled().await;
    let store = Store::open(directory.path()).unwrap();
    let path = directory.path().join("missing").join("copy.db");
    let error = store.backup(&path).await.unwrap_err().to_string();
    assert!(error.contains("missing"), "{error}");
}

// --- full disk --------------------------------------------------------------------------------------------------

/// A small file system of its own, gone when dropped; `None` where mounting is not allowed.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(directory.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[tokio::test]
async fn a_full_disk_is_a_clear_error_and_the_store_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount("8m") else {
        eprintln!("SKIPPED: mounting a small tmpfs needs root");
        return;
    };
    let directory = disk.0.path().join("data");
    let store = Store::open(&directory).unwrap();
    put(&store, Probe::new("first", 1)).await.unwrap();
    let ballast = disk.0.path().join("ballast");
    let _ = fs::write(&ballast, vec![0; 6 << 20]);
    let mut acknowledged = 0;
    let error = loop {
        match put(&store, Probe { note: "x".repeat(100_000), ..Probe::new(format!("n-{acknowledged}"), 1) }).await {
            Ok(()) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 1_000, "the disk never fills");
    };
    assert!(matches!(&error, TransactError::Storage(BackendError::Full { .. })), "{error}");
    assert!(error.to_string().contains(FILE_NAME), "{error}");
    let full = probes(&store);
    assert_eq!(full.len(), acknowledged + 1, "what failed is not there, what was acknowledged is");
    assert!(put(&store, Probe { note: "x".repeat(900_000), ..Probe::new("more", 1) }).await.is_err());
    fs::remove_file(&ballast).unwrap();
    put(&store, Probe { note: "x".repeat(100_000), ..Probe::new("after", 1) }).await.unwrap();
    let expected = probes(&store);
    drop(store);
    let store = Store::open(&directory).unwrap();
    assert_eq!((probes(&store), store.quarantined().len()), (expected, 0));
}
