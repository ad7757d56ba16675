//! Virtual time: a clock that moves only when it is told to, and lets nothing that happens on the way be jumped over.
//!
//! The way to the goal goes from wish to wish: wait until every controller rests and has nothing to look at, set the
//! clock to the earliest wish, let that one controller run, and again. Of two wishes for the same moment the controller
//! that was given its seat earlier goes first, so that the same calls lead to the same end. What is not driven by
//! controllers (processes, the load balancer node, mail on its way) goes by real time and is not waited for.

use model::{Timestamp, time::Clock};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// How far one call moves the clock at the most.
pub const MAXIMUM_ADVANCE: Duration = Duration::from_secs(400 * 86_400);
/// How long, by real time, the controllers may take to come to rest at one moment of virtual time.
pub const SETTLE_DEADLINE: Duration = Duration::from_secs(60);
/// How often controllers may wake each other at one moment of virtual time before that counts as endless.
pub const MAXIMUM_ACTIVATIONS: u64 = 20_000;
/// How often one controller may want to look again at once, without pause, before that counts as endless.
pub const MAXIMUM_HURRIES: u32 = 1000;

/// The clock and its coordinator.
pub struct VirtualTime {
    now: AtomicI64,
    state: Mutex<State>,
    /// Some seat has changed.
    changed: Notify,
    /// Held while the clock is being moved.
    advancing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    next_seat: u64,
    seats: BTreeMap<u64, SeatState>,
    /// The number of the newest question whether everybody still rests.
    round: u64,
    /// Counts what all seats began.
    activations: u64,
}

struct SeatState {
    name: &'static str,
    phase: Phase,
    /// The newest round in which it said that it rests and has nothing to look at.
    confirmed: u64,
    /// It is to begin: its time has come.
    due: bool,
    /// What it began at this moment of virtual time.
    activations: u64,
    call: Arc<Notify>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Busy,
    Resting(Option<Timestamp>),
    /// It wanted to look again at once too often.
    Stuck,
}

/// Where the clock was moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// What it shows.
    pub now: Timestamp,
    /// How many wishes were carried out on the way.
    pub steps: u64,
}

/// Why the clock was not moved to the goal; it stays where it came to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// The goal is in the past.
    #[error("the clock shows {now} and cannot go back to {goal}")]
    Backwards {
        /// What it shows.
        now: Timestamp,
        /// What was asked for.
        goal: Timestamp,
    },
    /// The goal is more than [`MAXIMUM_ADVANCE`] away.
    #[error("one call moves the clock 400 days at the most; make several calls")]
    TooFar,
    /// A controller does not come to rest.
    #[error("controller `{controller}` wants to look again at once, time after time, at {now}")]
    Stuck {
        /// Its name.
        controller: &'static str,
        /// When.
        now: Timestamp,
    },
    /// Controllers wake each other without end.
    #[error("controllers wake each other without end at {now}, most of all `{controller}`")]
    Restless {
        /// The one that ran most often.
        controller: &'static str,
        /// When.
        now: Timestamp,
    },
    /// Controllers are at work for longer than [`SETTLE_DEADLINE`].
    #[error("still at work after {SETTLE_DEADLINE:?} of real time at {now}: {}", controllers.join(", "))]
    Busy {
        /// Their names.
        controllers: Vec<&'static str>,
        /// When.
        now: Timestamp,
    },
}

impl Clock for VirtualTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }
}

impl VirtualTime {
    /// A clock that shows `start` until it is moved.
    pub fn starting_at(start: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(start.millis()),
            state: Mutex::default(),
            changed: Notify::new(),
            advancing: tokio::sync::Mutex::default(),
        })
    }

    /// Moves the clock to `goal` by way of everything that controllers want to do until then (the goal included), and
    /// returns when all of them rest. Calls wait for each other. Dropping the future leaves the clock where it is.
    ///
    /// # Errors
    /// When the goal is not acceptable or a controller does not come to rest.
    pub async fn advance_to(&self, goal: Timestamp) -> Result<Advanced, AdvanceError> {
        let _only_one = self.advancing.lock().await;
        self.go(goal).await
    }

    /// Moves the clock forward like [`Self::advance_to`]; of two calls at once the second goes on from the first's goal.
    ///
    /// # Errors
    /// The same.
    pub async fn advance_by(&self, duration: Duration) -> Result<Advanced, AdvanceError> {
        let _only_one = self.advancing.lock().await;
        self.go(self.now().plus(duration)).await
    }

    async fn go(&self, goal: Timestamp) -> Result<Advanced, AdvanceError> {
        let now = self.now();
        if goal < now {
            return Err(AdvanceError::Backwards { now, goal });
        }
        if goal.since(now) > MAXIMUM_ADVANCE {
            return Err(AdvanceError::TooFar);
        }
        let mut steps = 0;
        loop {
            self.settle().await?;
            if self.call_next(goal) {
                steps += 1;
            } else if !self.set(goal) {
                return Ok(Advanced { now: goal, steps });
            }
        }
    }

    /// Sets the clock to the earliest wish up to `goal` and calls who has it; false when there is none.
    fn call_next(&self, goal: Timestamp) -> bool {
        let mut state = self.state();
        let wish = |(number, seat): (&u64, &SeatState)| match seat.phase {
            Phase::Resting(Some(wish)) if wish <= goal => Some((wish, *number)),
            Phase::Resting(_) | Phase::Busy | Phase::Stuck => None,
        };
        let Some((wish, number)) = state.seats.iter().filter_map(wish).min() else { return false };
        self.now.fetch_max(wish.millis(), Ordering::SeqCst);
        if let Some(seat) = state.seats.get_mut(&number) {
            seat.phase = Phase::Busy;
            seat.due = true;
            seat.call.notify_one();
        }
        true
    }

    /// Whether the clock had to be moved.
    fn set(&self, goal: Timestamp) -> bool {
        // Under the lock: whoever goes to rest compares its wish with the clock.
        let _state = self.state();
        self.now.fetch_max(goal.millis(), Ordering::SeqCst) < goal.millis()
    }

    /// Waits until every controller rests and has said, after the last one went to rest, that there is nothing to do.
    async fn settle(&self) -> Result<(), AdvanceError> {
        let before = {
            let mut state = self.state();
            state.seats.values_mut().for_each(|seat| seat.activations = 0);
            state.activations
        };
        let settled = async {
            let mut asked = None;
            while !self.is_settled(before, &mut asked)? {
                self.changed.notified().await;
            }
            Ok(())
        };
        tokio::time::timeout(SETTLE_DEADLINE, settled).await.unwrap_or_else(|_| Err(self.busy()))
    }

    /// Looks, and asks everybody once all rest. `asked` is the round and how much had happened when it was begun.
    fn is_settled(&self, before: u64, asked: &mut Option<(u64, u64)>) -> Result<bool, AdvanceError> {
        let mut state = self.state();
        let now = self.now();
        if let Some(seat) = state.seats.values().find(|seat| seat.phase == Phase::Stuck) {
            return Err(AdvanceError::Stuck { controller: seat.name, now });
        }
        if state.activations - before > MAXIMUM_ACTIVATIONS {
            let most = state.seats.values().max_by_key(|seat| seat.activations);
            return Err(AdvanceError::Restless { controller: most.map_or("none", |seat| seat.name), now });
        }
        if state.seats.values().any(|seat| seat.phase == Phase::Busy) {
            return Ok(false);
        }
        match *asked {
            Some((round, activations)) if activations == state.activations => {
                Ok(state.seats.values().all(|seat| seat.confirmed >= round))
            }
            Some(_) | None => {
                state.round += 1;
                *asked = Some((state.round, state.activations));
                state.seats.values().for_each(|seat| seat.call.notify_one());
                Ok(state.seats.is_empty())
            }
        }
    }

    fn busy(&self) -> AdvanceError {
        let state = self.state();
        let at_work = |seat: &&SeatState| seat.phase == Phase::Busy || seat.confirmed < state.round;
        AdvanceError::Busy {
            controllers: state.seats.values().filter(at_work).map(|seat| seat.name).collect(),
            now: self.now(),
        }
    }

    /// A place for a runner; it counts as busy until it rests.
    pub(crate) fn seat(self: &Arc<Self>, name: &'static str) -> Seat {
        let call = Arc::new(Notify::new());
        let mut state = self.state();
        let number = state.next_seat;
        state.next_seat += 1;
        let seat = SeatState { name, phase: Phase::Busy, confirmed: 0, due: false, activations: 0, call: call.clone() };
        state.seats.insert(number, seat);
        drop(state);
        Seat { time: self.clone(), number, call }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A runner's place at the coordinator; given up when it is dropped.
pub(crate) struct Seat {
    time: Arc<VirtualTime>,
    number: u64,
    call: Arc<Notify>,
}

impl Seat {
    /// An activation begins.
    pub(crate) fn begin(&self) {
        let mut state = self.time.state();
        state.activations += 1;
        if let Some(seat) = state.seats.get_mut(&self.number) {
            seat.phase = Phase::Busy;
            seat.due = false;
            seat.activations += 1;
        }
    }

    /// Rests until the wish; false when its time has come already.
    pub(crate) fn rest(&self, wish: Option<Timestamp>) -> bool {
        let mut state = self.time.state();
        if wish.is_some_and(|wish| wish <= self.time.now()) {
            return false;
        }
        self.enter(&mut state, Phase::Resting(wish));
        true
    }

    /// Rests although it wants to go on, so that the process does not spin; moving the clock fails meanwhile.
    pub(crate) fn give_up(&self) {
        self.enter(&mut self.time.state(), Phase::Stuck);
    }

    fn enter(&self, state: &mut State, phase: Phase) {
        if let Some(seat) = state.seats.get_mut(&self.number) {
            seat.phase = phase;
        }
        self.time.changed.notify_one();
    }

    /// Returns when its time has come; meanwhile says, whenever asked, that it rests. To be polled after everything
    /// that could wake the runner, or that would not be true.
    pub(crate) async fn called(&self) {
        loop {
            self.call.notified().await;
            let Some((round, due)) = self.asked() else { return };
            if due {
                return;
            }
            // What happened before the question may have come after the others were polled: they are polled once more.
            tokio::task::yield_now().await;
            self.confirm(round);
        }
    }

    /// The newest question, and whether its time has come.
    fn asked(&self) -> Option<(u64, bool)> {
        let state = self.time.state();
        let seat = state.seats.get(&self.number)?;
        Some((state.round, seat.due))
    }

    fn confirm(&self, round: u64) {
        if let Some(seat) = self.time.state().seats.get_mut(&self.number) {
            seat.confirmed = round;
        }
        self.time.changed.notify_one();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.time.state().seats.remove(&self.number);
        self.time.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_795_176_000);

    #[tokio::test]
    async fn without_controllers_the_clock_goes_straight_to_the_goal() {
        let time = VirtualTime::starting_at(START);
        let goal = START.plus(Duration::from_secs(90));
        assert_eq!(time.advance_to(goal).await, Ok(Advanced { now: goal, steps: 0 }));
        assert_eq!(time.now(), goal);
    }

    #[tokio::test]
    async fn goals_in_the_past_or_too_far_away_are_refused() {
        let time = VirtualTime::starting_at(START);
        let goal = START.minus(Duration::from_secs(1));
        assert_eq!(time.advance_to(goal).await, Err(AdvanceError::Backwards { now: START, goal }));
        assert_eq!(time.advance_by(MAXIMUM_ADVANCE + Duration::from_secs(1)).await, Err(AdvanceError::TooFar));
        assert_eq!(time.now(), START);
        assert!(time.advance_by(MAXIMUM_ADVANCE).await.is_ok());
    }

    #[tokio::test]
    async fn a_seat_that_is_given_up_is_not_waited_for() {
        let time = VirtualTime::starting_at(START);
        drop(time.seat("short"));
        assert!(time.advance_by(Duration::from_secs(1)).await.is_ok());
    }
}
