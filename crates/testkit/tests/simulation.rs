//! Ten thousand seeded histories of Auto Scaling groups, each checked at every step.
//!
//! `GORU_SEEDS=4711` plays one history, `GORU_SEEDS=0..100000` more of them.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};
use testkit::simulation::{Summary, run};

const SEEDS: Range<u64> = 0..10_000;

#[test]
fn ten_thousand_histories_keep_their_promises() {
    let seeds = chosen().unwrap_or(SEEDS);
    let (next, started) = (AtomicU64::new(seeds.start), Instant::now());
    let worker = || {
        let mut total = Summary::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return total;
            }
            total = sum(total, run(seed));
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let total = thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        handles.into_iter().map(|handle| handle.join().expect("a promise was broken")).fold(Summary::default(), sum)
    });
    println!("{} histories in {:.1?}: {total:?}", seeds.end - seeds.start, started.elapsed());
    if seeds == SEEDS {
        // Histories in which nothing happens keep every promise: most must be about something.
        let Summary { steps, changes, held, launches, chosen, events, refreshed, replaced } = total;
        for count in [steps, changes, held, launches, chosen, events, replaced] {
            assert!(count > SEEDS.end, "{total:?}");
        }
        assert!(refreshed > SEEDS.end / 10, "{total:?}");
    }
}

#[test]
fn the_same_seed_plays_the_same_history() {
    for seed in 0..20 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}

fn chosen() -> Option<Range<u64>> {
    let text = std::env::var("GORU_SEEDS").ok()?;
    match text.split_once("..") {
        Some((from, to)) => Some(from.parse().ok()?..to.parse().ok()?),
        None => text.parse().ok().map(|seed| seed..seed + 1),
    }
}

fn sum(one: Summary, other: Summary) -> Summary {
    Summary {
        steps: one.steps + other.steps,
        changes: one.changes + other.changes,
        held: one.held + other.held,
        launches: one.launches + other.launches,
        chosen: one.chosen + other.chosen,
        events: one.events + other.events,
        refreshed: one.refreshed + other.refreshed,
        replaced: one.replaced + other.replaced,
    }
}
