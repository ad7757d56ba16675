//! When which alarms are due: three grids of time, and the names of the alarms on each.
//!
//! Nothing is remembered of single alarms: an alarm is due whenever its grid is. Names are read again only when alarms
//! have changed.

use crate::controller::Next;
use model::{
    Scope, Timestamp,
    cloudwatch::{alarm::Alarm, alarm_state::cadence_seconds},
};
use std::time::Duration;
use store::{Kind, Revision, View};

/// How long after the end of a period its last points are waited for.
pub(super) const SETTLE: Duration = Duration::from_secs(1);
/// The grids, in seconds.
const CADENCES: [i64; 3] = [10, 60, 3600];

/// What is due.
pub(super) struct Tick {
    grid: usize,
    boundary: Timestamp,
    /// The moment that alarms are evaluated for.
    pub(super) at: Timestamp,
    /// Whether actions of states that go on are repeated: not right after the start, when nobody knows whether this
    /// boundary was evaluated already.
    pub(super) repeats: bool,
    /// Which alarms.
    pub(super) alarms: Vec<(Scope, String)>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Schedule {
    grids: [Grid; CADENCES.len()],
    read_at: Option<Revision>,
}

#[derive(Default)]
struct Grid {
    alarms: Vec<(Scope, String)>,
    /// The boundary that was evaluated last.
    done: Option<Timestamp>,
}

impl Schedule {
    /// The next grid whose boundary has passed and is not done. Boundaries that were missed are not made up for: the
    /// newest one says what is true now.
    pub(super) fn due(&mut self, view: &View, now: Timestamp) -> Option<Tick> {
        self.read(view, now);
        for (grid, (state, cadence)) in self.grids.iter().zip(CADENCES).enumerate() {
            let boundary = boundary(now, cadence);
            if state.done != Some(boundary) && !state.alarms.is_empty() {
                let repeats = state.done.is_some();
                return Some(Tick { grid, boundary, at: boundary.plus(SETTLE), repeats, alarms: state.alarms.clone() });
            }
        }
        None
    }

    /// The tick has been evaluated.
    pub(super) fn done(&mut self, tick: &Tick) {
        self.grids[tick.grid].done = Some(tick.boundary);
    }

    /// When something is due next.
    pub(super) fn next(&mut self, view: &View, now: Timestamp) -> Next {
        self.read(view, now);
        let busy = self.grids.iter().zip(CADENCES).filter(|(grid, _)| !grid.alarms.is_empty());
        let due = |cadence: i64| {
            let length = Duration::from_secs(cadence.unsigned_abs());
            boundary(now, cadence).plus(length).plus(SETTLE)
        };
        Next::earliest(busy.map(|(_, cadence)| due(cadence)))
    }

    fn read(&mut self, view: &View, now: Timestamp) {
        let revision = view.modified(Kind::Alarm);
        if self.read_at == Some(revision) {
            return;
        }
        for (grid, cadence) in self.grids.iter_mut().zip(CADENCES) {
            // The first alarm on a grid waits for the next boundary as all others do. What was there at the start does not:
            // its last boundary may have been missed.
            if grid.alarms.is_empty() && self.read_at.is_some() {
                grid.done = Some(boundary(now, cadence));
            }
            grid.alarms.clear();
        }
        self.read_at = Some(revision);
        for (scope, alarm) in view.all::<Alarm>() {
            let cadence = cadence_seconds(&alarm);
            if let Some(grid) = CADENCES.iter().position(|known| *known == cadence) {
                self.grids[grid].alarms.push((scope, alarm.name.clone()));
            }
        }
    }
}

/// The newest boundary of a grid whose points are in.
fn boundary(now: Timestamp, cadence: i64) -> Timestamp {
    now.minus(SETTLE).period_start(cadence)
}
