//! When one target is checked, and what a check's outcome does to its health: the pure part of the health checker.
//!
//! Checks run on a fixed grid (slots, one interval apart): how long an answer takes does not shift the next check. So a
//! target that dies right after a passed check is unhealthy after at most `interval x unhealthy threshold + timeout`.
//!
//! A new target is not made to wait for its first slot. It is checked at once, and while nobody answers at its address
//! (connection refused, or closed before a byte) it is asked again every [`QUICK_PAUSE`], so that it takes traffic in
//! less than a second after its server listens. Only a pass among these extra checks counts, because AWS makes a new
//! target healthy after one passed check; failures keep AWS's arithmetic, at most one per interval:
//!
//! | check | passed | nobody there | another failure |
//! |---|---|---|---|
//! | at once, on registration | counts | not counted | counts (it is the first interval's check) |
//! | quick, between slots | counts | not counted | not counted; a new target waits for its next slot then |
//! | slot | counts | counts | counts |
//!
//! Where requests wait for a target to come back or get the owner's page until then (`goru.…` attributes), one that is unhealthy, or that requests
//! found gone, is looked for every [`AWAITED_PAUSE`] as well, by the same rule: of these extra checks only a pass counts.
//!
//! Nothing here reads a clock: `now` is an argument, and a test moves it.

use super::{http::Outcome, settings::CheckSettings};
use model::{
    Timestamp,
    elbv2::target_health::{CheckResult, CheckedHealth, CheckedState, HealthState},
};
use std::time::{Duration, Instant};

/// Between two extra checks of a new target at whose address nobody answers yet.
pub const QUICK_PAUSE: Duration = Duration::from_millis(250);

/// Between two extra checks of a target that requests wait for.
pub const AWAITED_PAUSE: Duration = Duration::from_secs(1);

/// So many targets may be asked that often at the same time; with more of them the pause grows in proportion, so that
/// the work of waiting for servers is bounded (at most 400 connection attempts a second for the whole node).
pub const QUICK_TARGETS: u32 = 100;

/// Which of a target's checks this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// The first one of a new target.
    AtOnce,
    /// One on the grid.
    Slot,
    /// An extra one while nobody answers yet, or again.
    Quick,
}

/// One target's health and when it is looked at next.
#[derive(Clone, Debug)]
pub struct TargetChecks {
    health: HealthState,
    interval: Duration,
    active: bool,
    next_slot: Instant,
    at_once: bool,
    quick: Option<Instant>,
}

impl TargetChecks {
    /// A target that this node has not checked yet. One whose health is known from before (a restart) goes on from it
    /// and has its first slot after `spread`, a random part of the interval; any other is checked at once.
    pub fn new(known: Option<CheckedHealth>, settings: &CheckSettings, now: Instant, wall: Timestamp) -> Self {
        let health = known.map_or_else(|| HealthState::new(wall), HealthState::resumed);
        // Inactive until `follow` says otherwise: it plans the first check.
        Self { health, interval: settings.interval, active: false, next_slot: now, at_once: false, quick: None }
    }

    /// What is known of the target.
    pub fn health(&self) -> &CheckedHealth {
        &self.health.health
    }

    /// Takes over changed settings. What was found stays; only the grid moves when the interval changes. `spread`, a
    /// random time shorter than the interval, keeps the checks of a large group from falling on one moment.
    pub fn follow(&mut self, settings: &CheckSettings, now: Instant, spread: Duration) {
        if settings.active && !self.active {
            self.begin_grid(settings.interval, now, spread);
        } else if settings.interval != self.interval {
            let kept = self.next_slot.checked_sub(self.interval).map(|last| last + settings.interval);
            self.next_slot = kept.filter(|slot| *slot > now).unwrap_or(now + spread);
        }
        self.active = settings.active;
        self.interval = settings.interval;
        if settings.missed && self.quick.is_none() {
            self.quick = Some(now);
        }
    }

    fn begin_grid(&mut self, interval: Duration, now: Instant, spread: Duration) {
        self.at_once = self.health().state == CheckedState::Initial;
        self.quick = None;
        self.next_slot = now + if self.at_once { interval } else { spread };
    }

    /// Whether extra checks are going on because nobody answers yet.
    pub fn is_waiting(&self) -> bool {
        self.quick.is_some()
    }

    /// When the next check is due; `now` for one that is due at once.
    pub fn due(&self, now: Instant) -> Instant {
        if self.at_once { now } else { self.quick.map_or(self.next_slot, |quick| quick.min(self.next_slot)) }
    }

    /// A check begins: which one it is. Slots that passed unused while the process was held up are left out rather than
    /// made up for, and a late one leaves at least half an interval to the next, so that a target's failures in a row
    /// always span real time.
    pub fn begin(&mut self, now: Instant) -> CheckKind {
        if self.at_once {
            self.at_once = false;
            return CheckKind::AtOnce;
        }
        if self.quick.is_some_and(|quick| quick < self.next_slot) && now < self.next_slot {
            self.quick = None;
            return CheckKind::Quick;
        }
        self.quick = None;
        let earliest = now + self.interval / 2;
        while self.next_slot < earliest {
            self.next_slot = self.next_slot_after(earliest);
        }
        CheckKind::Slot
    }

    fn next_slot_after(&self, earliest: Instant) -> Instant {
        let behind = earliest.saturating_duration_since(self.next_slot).as_nanos();
        let interval = self.interval.as_nanos().max(1);
        let slots = u32::try_from(behind.div_ceil(interval).max(1)).unwrap_or(u32::MAX);
        self.next_slot + self.interval.saturating_mul(slots)
    }

    /// How long this check may take. A quick one ends before the next slot, whose check counts.
    pub fn timeout(&self, kind: CheckKind, settings: &CheckSettings, now: Instant) -> Duration {
        match kind {
            CheckKind::AtOnce | CheckKind::Slot => settings.timeout,
            CheckKind::Quick => settings.timeout.min(self.next_slot.saturating_duration_since(now)),
        }
    }

    /// A check ended. Returns the target's health if it (or its cause) changed. `pause` is the time to the next quick
    /// check, if one follows.
    pub fn finish(
        &mut self,
        kind: CheckKind,
        outcome: Outcome,
        settings: &CheckSettings,
        (now, wall): (Instant, Timestamp),
        pause: Duration,
    ) -> Option<CheckedHealth> {
        let changed = counted(kind, outcome).is_some_and(|result| self.take(result, settings, wall));
        let nobody_there = match outcome {
            Outcome::NobodyThere | Outcome::NotMeasured => true,
            Outcome::Found(_) => false,
        };
        self.quick = match self.health().state {
            CheckedState::Initial if nobody_there => Some(now + pause),
            CheckedState::Unhealthy if settings.awaited => Some(now + pause.max(AWAITED_PAUSE)),
            CheckedState::Initial | CheckedState::Healthy | CheckedState::Unhealthy if settings.missed => {
                Some(now + pause.max(AWAITED_PAUSE))
            }
            CheckedState::Initial | CheckedState::Healthy | CheckedState::Unhealthy => None,
        };
        changed.then(|| self.health().clone())
    }

    fn take(&mut self, result: CheckResult, settings: &CheckSettings, wall: Timestamp) -> bool {
        let (next, changed) = self.health.after(result, &settings.check, wall);
        self.health = next;
        changed
    }
}

/// What a check counts as; `None` when it does not. The table is in the head of this file.
pub(super) fn counted(kind: CheckKind, outcome: Outcome) -> Option<CheckResult> {
    match (outcome, kind) {
        (Outcome::Found(CheckResult::Passed), _) => Some(CheckResult::Passed),
        (Outcome::Found(failure), CheckKind::AtOnce | CheckKind::Slot) => Some(failure),
        (Outcome::NobodyThere, CheckKind::Slot) => Some(CheckResult::Failed),
        (Outcome::Found(_), CheckKind::Quick)
        | (Outcome::NobodyThere, CheckKind::AtOnce | CheckKind::Quick)
        | (Outcome::NotMeasured, _) => None,
    }
}

/// The pause between quick checks when so many targets wait.
pub fn quick_pause(waiting: usize) -> Duration {
    let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
    QUICK_PAUSE.saturating_mul(waiting.div_ceil(QUICK_TARGETS).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::elbv2::{health_check::HealthCheck, target_group::ProtocolVersion};
    use std::net::{Ipv4Addr, SocketAddr};

    const SECOND: Duration = Duration::from_secs(1);

    fn settings(interval: u32, timeout: u32) -> CheckSettings {
        let check = HealthCheck {
            interval_seconds: interval,
            timeout_seconds: timeout,
            unhealthy_threshold: 2,
            healthy_threshold: 3,
            ..HealthCheck::default()
        };
        CheckSettings::new(&check, ProtocolVersion::Http1, SocketAddr::from((Ipv4Addr::LOCALHOST, 80)), true)
    }

    /// What a target does to a check that begins `at` (since the start): its outcome and how long it takes.
    type Behaviour<'a> = &'a dyn Fn(Duration) -> (Outcome, Duration);

    struct Seen {
        changes: Vec<(Duration, CheckedState)>,
        checks: Vec<(Duration, CheckKind)>,
    }

    /// Runs one target's checks in virtual time; a check that hangs takes its timeout.
    fn simulate(
        known: Option<CheckedHealth>,
        settings: &CheckSettings,
        until: Duration,
        target: Behaviour<'_>,
    ) -> Seen {
        let start = Instant::now();
        let mut now = start;
        let mut seen = Seen { changes: Vec::new(), checks: Vec::new() };
        let mut checks = TargetChecks::new(known, settings, now, Timestamp::default());
        checks.follow(settings, now, settings.interval / 3);
        loop {
            now = checks.due(now).max(now);
            if now - start > until {
                return seen;
            }
            let kind = checks.begin(now);
            seen.checks.push((now - start, kind));
            let (outcome, takes) = target(now - start);
            let allowed = checks.timeout(kind, settings, now);
            let (outcome, takes) =
                if takes >= allowed { (Outcome::Found(CheckResult::TimedOut), allowed) } else { (outcome, takes) };
            now += takes;
            let wall = Timestamp::default().plus(now - start);
            if let Some(health) = checks.finish(kind, outcome, settings, (now, wall), QUICK_PAUSE) {
                seen.changes.push((now - start, health.state));
            }
        }
    }

    fn passed() -> (Outcome, Duration) {
        (Outcome::Found(CheckResult::Passed), Duration::from_millis(3))
    }

    fn refused() -> (Outcome, Duration) {
        (Outcome::NobodyThere, Duration::from_millis(1))
    }

    fn hangs() -> (Outcome, Duration) {
        (Outcome::Found(CheckResult::TimedOut), Duration::from_secs(3600))
    }

    fn healthy() -> Option<CheckedHealth> {
        Some(CheckedHealth { state: CheckedState::Healthy, since: Timestamp::default(), failure: None })
    }

    #[test]
    fn a_new_target_is_healthy_at_once_when_its_server_listens() {
        let seen = simulate(None, &settings(30, 5), 10 * SECOND, &|_| passed());
        assert_eq!(seen.changes, [(Duration::from_millis(3), CheckedState::Healthy)]);
    }

    #[test]
    fn a_new_target_is_healthy_soon_after_its_server_begins_to_listen() {
        for listens_at in [100, 4_900, 5_100, 29_999, 45_000, 59_000].map(Duration::from_millis) {
            let seen = simulate(None, &settings(30, 5), 70 * SECOND, &|at| {
                if at < listens_at { refused() } else { passed() }
            });
            let (at, state) = *seen.changes.last().unwrap();
            assert_eq!(state, CheckedState::Healthy, "{listens_at:?}");
            assert!(at >= listens_at && at < listens_at + Duration::from_millis(300), "{listens_at:?} {at:?}");
        }
    }

    #[test]
    fn a_new_target_that_never_listens_fails_once_per_interval_only() {
        let settings = settings(10, 2);
        let seen = simulate(None, &settings, 60 * SECOND, &|_| refused());
        let states: Vec<_> = seen.changes.iter().map(|(at, state)| (at.as_secs(), *state)).collect();
        assert_eq!(states, [(10, CheckedState::Initial), (20, CheckedState::Unhealthy)]);
        let quick_after = |at| seen.checks.iter().filter(|(t, k)| *k == CheckKind::Quick && *t > at).count();
        assert!(quick_after(Duration::ZERO) > 60, "asked about four times a second");
        assert_eq!(quick_after(20 * SECOND), 0, "not once it is unhealthy");
    }

    #[test]
    fn a_new_target_that_answers_wrongly_is_not_asked_more_often() {
        let wrong = (Outcome::Found(CheckResult::Mismatch(503)), Duration::from_millis(1));
        let seen = simulate(None, &settings(10, 2), 35 * SECOND, &|_| wrong);
        let times: Vec<_> = seen.checks.iter().map(|(at, _)| at.as_secs()).collect();
        assert_eq!(times, [0, 10, 20, 30]);
        assert_eq!(seen.changes.last().unwrap(), &(10 * SECOND + Duration::from_millis(1), CheckedState::Unhealthy));
    }

    #[test]
    fn the_answers_time_does_not_shift_the_next_check() {
        for takes in [1, 500, 1_900].map(Duration::from_millis) {
            let seen = simulate(None, &settings(5, 2), 100 * SECOND, &|_| (Outcome::Found(CheckResult::Passed), takes));
            let times: Vec<_> = seen.checks.iter().map(|(at, _)| *at).collect();
            assert_eq!(times, (0..=20).map(|i| i * 5 * SECOND).collect::<Vec<_>>(), "{takes:?}");
        }
    }

    #[test]
    fn as_many_checks_are_made_whether_all_pass_or_all_fail() {
        let count = |target: Behaviour<'_>| simulate(healthy(), &settings(5, 2), 500 * SECOND, target).checks.len();
        assert_eq!(count(&|_| passed()), 100);
        assert_eq!(count(&|_| refused()), 100);
        assert_eq!(count(&|_| hangs()), 100);
    }

    #[test]
    fn a_failure_is_detected_within_interval_times_threshold_plus_timeout() {
        let settings = settings(5, 2);
        let longest = settings.interval * settings.check.unhealthy_threshold + settings.timeout;
        for tenths in 0..100 {
            let dies_at = 20 * SECOND + Duration::from_millis(100) * tenths;
            for dead in [refused, hangs] {
                let seen = simulate(None, &settings, 60 * SECOND, &|at| if at < dies_at { passed() } else { dead() });
                let (at, state) = *seen.changes.last().unwrap();
                assert_eq!(state, CheckedState::Unhealthy);
                assert!(at > dies_at + settings.interval && at <= dies_at + longest, "{dies_at:?} {at:?}");
            }
        }
    }

    #[test]
    fn a_target_known_from_before_keeps_its_state_and_is_checked_on_its_grid() {
        let seen = simulate(healthy(), &settings(30, 5), 40 * SECOND, &|_| passed());
        assert_eq!(seen.changes, []);
        assert_eq!(seen.checks, [(10 * SECOND, CheckKind::Slot), (40 * SECOND, CheckKind::Slot)]);
    }

    #[test]
    fn slots_missed_while_the_process_was_held_up_are_left_out() {
        let settings = settings(10, 2);
        let start = Instant::now();
        let mut checks = TargetChecks::new(healthy(), &settings, start, Timestamp::default());
        checks.follow(&settings, start, 4 * SECOND);
        assert_eq!(checks.due(start), start + 4 * SECOND);
        // Held up from 0 to 93.5 s: the slots at 4, 14 … 84 are gone, the late one runs now, 94 would be too close.
        let late = start + Duration::from_millis(93_500);
        assert_eq!(checks.begin(late), CheckKind::Slot);
        assert_eq!(checks.due(late), start + 104 * SECOND);
    }

    #[test]
    fn what_could_not_be_measured_changes_nothing() {
        let seen =
            simulate(healthy(), &settings(5, 2), 300 * SECOND, &|_| (Outcome::NotMeasured, Duration::from_millis(1)));
        assert_eq!(seen.changes, []);
    }

    #[test]
    fn a_changed_interval_moves_the_grid_and_keeps_what_was_found() {
        let slow = settings(300, 2);
        let start = Instant::now();
        let mut checks = TargetChecks::new(healthy(), &slow, start, Timestamp::default());
        checks.follow(&slow, start, SECOND);
        let now = start + SECOND;
        let kind = checks.begin(now);
        assert_eq!(checks.finish(kind, Outcome::NobodyThere, &slow, (now, Timestamp::default()), QUICK_PAUSE), None);
        let fast = settings(5, 2);
        checks.follow(&fast, start + 2 * SECOND, 3 * SECOND);
        assert_eq!(checks.due(now), start + 6 * SECOND, "the last slot plus the new interval");
        checks.follow(&slow, start + 3 * SECOND, 3 * SECOND);
        checks.follow(&fast, start + 100 * SECOND, 3 * SECOND);
        assert_eq!(checks.due(now), start + 103 * SECOND, "the last slot is too long ago: spread");
        let now = start + 103 * SECOND;
        let kind = checks.begin(now);
        let health = checks.finish(kind, Outcome::NobodyThere, &fast, (now, Timestamp::default()), QUICK_PAUSE);
        assert_eq!(health.unwrap().state, CheckedState::Unhealthy, "the failure under the old interval still counts");
    }

    #[test]
    fn checks_switched_on_again_begin_a_new_grid() {
        let on = settings(10, 2);
        let off = CheckSettings { active: false, ..on.clone() };
        let start = Instant::now();
        let mut checks = TargetChecks::new(healthy(), &on, start, Timestamp::default());
        checks.follow(&on, start, SECOND);
        checks.follow(&off, start + SECOND, SECOND);
        let later = start + 1000 * SECOND;
        checks.follow(&on, later, 4 * SECOND);
        assert_eq!(checks.due(later), later + 4 * SECOND);
        assert_eq!(checks.health().state, CheckedState::Healthy);
    }

    #[test]
    fn the_pause_grows_with_the_number_of_waiting_targets() {
        let table = [(0, 250), (1, 250), (100, 250), (101, 500), (1000, 2500)];
        for (waiting, millis) in table {
            assert_eq!(quick_pause(waiting), Duration::from_millis(millis), "{waiting}");
        }
    }
}
