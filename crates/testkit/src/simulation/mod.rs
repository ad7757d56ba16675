//! Seeded histories of one Auto Scaling group in virtual time: load, deaths, failed launches, lost zones, operations and
//! instance refreshes, through the very deciders that the server runs.
//!
//! [`run`] plays one history and checks `promises` at every step; it panics with the seed when one is broken, and the
//! same seed plays the same history again.

mod dice;
mod events;
mod promises;
mod start;

use dice::Dice;
use events::Weather;
use model::{
    Timestamp,
    autoscaling::{simulation::World, trigger::PolicyTrigger},
};
use promises::Promises;
use std::time::Duration;

/// Minutes in which anything may happen.
const WILD_MINUTES: u32 = 45;
/// Minutes without faults and load at the end: long enough for the longest pause between launches and for replacing.
const CALM_MINUTES: u32 = 90;
const MINUTE: Duration = Duration::from_secs(60);

/// What a history was about; sums of it show that histories are not empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Steps of the deciders that changed something.
    pub steps: u64,
    /// Changes of the desired capacity.
    pub changes: u64,
    /// Wishes of alarms that were not followed.
    pub held: u64,
    /// Launches that were ordered.
    pub launches: u64,
    /// Members that scale-in chose.
    pub chosen: u64,
    /// Faults and operations.
    pub events: u64,
    /// Refreshes that ended well.
    pub refreshed: u64,
    /// Members that a refresh took out.
    pub replaced: u64,
}

/// Plays the history of a seed.
///
/// # Panics
/// When a promise is broken; the message begins with the seed.
pub fn run(seed: u64) -> Summary {
    let _told = TellSeed(seed);
    let mut dice = Dice::new(seed);
    let mut world = start::world(&mut dice, seed);
    let mut promises = Promises::new(seed);
    let mut weather = Weather::new(&mut dice);
    for minute in 0..WILD_MINUTES {
        let events = weather.strike(&mut world, &mut dice, minute);
        promises.summary.events += events;
        ask(&mut world, weather.load());
        pass(&mut world, &mut promises, events > 0);
    }
    weather.clear(&mut world);
    for minute in 0..CALM_MINUTES {
        pass(&mut world, &mut promises, minute == 0);
    }
    promises.rest(&world);
    promises.summary
}

/// Names the seed when the deciders themselves give up.
struct TellSeed(u64);

impl Drop for TellSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}: this history failed; play it alone with GORU_SEEDS={}", self.0, self.0);
        }
    }
}

/// A minute passes; quiet ones are not worth a look.
fn pass(world: &mut World, promises: &mut Promises, touched: bool) {
    let to = world.now.plus(MINUTE);
    let due = world.next_change().is_some_and(|at| at <= to);
    if touched || due || !world.triggers.is_empty() {
        world.pass(to, &mut |world, decided| promises.check(world, decided));
    } else {
        world.now = to;
    }
}

/// Alarms at 70 and 30 per cent, without delay, repeated each minute. A policy with alarms of its own is asked by those.
fn ask(world: &mut World, load: f64) {
    let serving = world.serving();
    if serving == 0 {
        return;
    }
    let value = (load / f64::from(serving)).min(100.0);
    let now = world.now;
    let asked = world.policies.iter().filter_map(|policy| {
        let own = |position: usize| policy.alarms.get(position).cloned();
        let (grows, threshold, position) = match value {
            70.0.. => (true, 70.0, 0),
            ..=30.0 => (false, 30.0, 1),
            _ => return None,
        };
        let (alarm_name, alarm_arn) = match own(position) {
            Some(alarm) => alarm,
            None if policy.alarms.is_empty() && policy.name.starts_with(if grows { "out" } else { "in" }) => {
                (format!("{}-alarm", policy.name), policy.arn.clone())
            }
            None => return None,
        };
        let policy_arn = policy.arn.clone();
        Some(PolicyTrigger {
            policy_arn,
            alarm_name,
            alarm_arn,
            threshold: Some(threshold),
            value: Some(value),
            at: now,
        })
    });
    let asked: Vec<PolicyTrigger> = asked.collect();
    world.triggers.extend(asked);
}

/// The moment at which histories begin.
const START: Timestamp = Timestamp::from_seconds(1_795_176_000);
