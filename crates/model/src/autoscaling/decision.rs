//! Decision records: why a group did and did not scale, with the figures that decided. `goru why` reads them.
//!
//! One record per decision. The same decision made again (an alarm that repeats its wish during a cooldown) only moves
//! the end of the record and counts, so that a long quiet time costs one record.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most decisions that are kept of one group; older ones go first.
pub const MAXIMUM_KEPT: usize = 100;

/// A decision about a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingDecision {
    /// The group's name.
    pub group: String,
    /// Counts up within the group.
    pub sequence: u64,
    /// When it was first made.
    pub at: Timestamp,
    /// When it was last made.
    pub last_at: Timestamp,
    /// How often.
    pub times: u32,
    /// What asked: a policy's name, `scheduled action x`, `user request`, `health check`, `instance refresh` …
    pub origin: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Capacity before.
    pub from: u32,
    /// Capacity asked for (before or after the limits, see `outcome`).
    pub to: u32,
    /// A sentence with all figures, for example `CPU 74.2 > 70; cooldown 212 s left; would go 1 -> 3`.
    pub why: String,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It would have changed nothing.
    NoChange,
    /// The cooldown is not over.
    Cooldown,
    /// Instances are still warming up.
    WarmingUp,
    /// A process is suspended.
    Suspended,
    /// The group is at its limit.
    AtLimit,
    /// Something else held it back; `why` says what.
    Held,
    /// It failed.
    Failed,
}

/// DECIDER: writes a decision down beside those that are `kept` of its group, in their order: as a new record with the
/// next number, or as a repetition of the newest one of its origin, unless something was done since. Gives the record to
/// put and the ids of those to delete.
pub fn added(kept: &[Arc<ScalingDecision>], decision: ScalingDecision) -> (ScalingDecision, Vec<String>) {
    let newest = kept.last();
    // Several wishes may be held back in turn: each has its own record, not a new one each minute.
    let is_undone = |other: &&Arc<ScalingDecision>| other.outcome != Outcome::Done;
    let of_origin = kept.iter().rev().take_while(is_undone).find(|other| other.origin == decision.origin);
    if let Some(repeated) = of_origin.filter(|other| other.repeats(&decision)) {
        let times = repeated.times.saturating_add(1);
        let ScalingDecision { last_at, why, .. } = decision;
        return (ScalingDecision { last_at, why, times, ..ScalingDecision::clone(repeated) }, Vec::new());
    }
    let sequence = newest.map_or(0, |newest| newest.sequence + 1);
    let surplus = (kept.len() + 1).saturating_sub(MAXIMUM_KEPT);
    let forgotten = kept.iter().take(surplus).map(|old| old.record_id()).collect();
    (ScalingDecision { sequence, ..decision }, forgotten)
}

impl ScalingDecision {
    /// The id of the record; in order within the group.
    pub fn record_id(&self) -> String {
        format!("{}:{:012}", self.group, self.sequence)
    }

    /// Whether `other` is the same decision made again.
    pub fn repeats(&self, other: &Self) -> bool {
        (&self.origin, self.outcome, self.from, self.to) == (&other.origin, other.outcome, other.from, other.to)
            && self.outcome != Outcome::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(second: i64, outcome: Outcome, to: u32) -> ScalingDecision {
        let at = Timestamp::from_seconds(second);
        let why = format!("at {second}");
        let (group, origin) = ("web".to_owned(), "up".to_owned());
        ScalingDecision { group, sequence: 0, at, last_at: at, times: 1, origin, outcome, from: 1, to, why }
    }

    /// The sequence, the number of times and the sentence of what is written beside one decision.
    fn beside(kept: ScalingDecision, new: ScalingDecision) -> (u64, u32, String) {
        let (written, forgotten) = added(&[Arc::new(kept)], new);
        assert!(forgotten.is_empty());
        (written.sequence, written.times, written.why)
    }

    #[test]
    fn only_the_same_wish_that_came_to_nothing_is_a_repetition() {
        use Outcome::{AtLimit, Cooldown, Done};
        let table = [
            (Cooldown, Cooldown, 2, (0, 2)),
            (Cooldown, Cooldown, 3, (1, 1)),
            (Cooldown, AtLimit, 2, (1, 1)),
            (Done, Done, 2, (1, 1)),
        ];
        for (before, outcome, to, (sequence, times)) in table {
            let found = beside(decision(0, before, 2), decision(60, outcome, to));
            assert_eq!(found, (sequence, times, "at 60".to_owned()), "{before:?} {outcome:?} {to}");
        }
        let (repeated, _) = added(&[Arc::new(decision(0, Cooldown, 2))], decision(60, Cooldown, 2));
        assert_eq!((repeated.at.seconds(), repeated.last_at.seconds()), (0, 60));
        assert_eq!(added(&[], decision(0, Done, 2)).0.sequence, 0);
    }

    #[test]
    fn wishes_that_are_held_back_in_turn_keep_a_record_each_until_something_is_done() {
        let of = |origin: &str, second, outcome| ScalingDecision {
            origin: origin.to_owned(),
            ..decision(second, outcome, 2)
        };
        let mut kept: Vec<Arc<ScalingDecision>> = Vec::new();
        let mut write = |decision| {
            let (written, _) = added(&kept, decision);
            let found = (written.sequence, written.times);
            kept.retain(|old| old.sequence != written.sequence);
            kept.push(Arc::new(written));
            kept.sort_by_key(|one| one.sequence);
            found
        };
        assert_eq!(write(of("up", 0, Outcome::Cooldown)), (0, 1));
        assert_eq!(write(of("other", 1, Outcome::AtLimit)), (1, 1));
        assert_eq!(write(of("up", 60, Outcome::Cooldown)), (0, 2));
        assert_eq!(write(of("other", 61, Outcome::AtLimit)), (1, 2));
        assert_eq!(write(of("up", 120, Outcome::Done)), (2, 1));
        assert_eq!(write(of("other", 121, Outcome::AtLimit)), (3, 1), "something was done since");
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut kept: Vec<Arc<ScalingDecision>> = Vec::new();
        for number in 0..250 {
            let (new, forgotten) = added(&kept, decision(number, Outcome::Done, 2));
            kept.retain(|old| !forgotten.contains(&old.record_id()));
            kept.push(Arc::new(new));
        }
        assert_eq!(kept.iter().map(|one| one.sequence).collect::<Vec<_>>(), (150..250).collect::<Vec<u64>>());
    }
}
