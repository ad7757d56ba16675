//! Decider: where a boot is and what is due now. Shared by the shim of bare processes, by the shim of a sandbox (which
//! knows no user data: its first process does) and by the first process inside a sandbox.

use model::ec2::instance_state::Ending;
use std::time::{Duration, Instant};

/// Between two rounds of killing what is left.
const KILL_PAUSE: Duration = Duration::from_millis(10);
/// How long killing goes on before one gives up on processes that cannot be killed.
const KILL_LIMIT: Duration = Duration::from_secs(10);

/// Where a boot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// User data runs; the boot command starts when it has ended, or at this moment.
    UserData { until: Instant },
    /// Everything was started.
    Up,
    /// Everything is being ended.
    Ending { why: Ending, kill_at: Instant, told: bool },
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing.
    Nothing,
    /// The boot command is to be started; perhaps beside user data that still runs.
    StartMain { beside_user_data: bool },
    /// Whatever is left is to be killed; the first time that is worth a line.
    Kill { first: bool },
    /// Some processes cannot be ended: the boot is over all the same.
    GiveUp,
    /// Nothing runs any more: the boot is over.
    Over,
}

impl Phase {
    /// When something will be due by itself.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::UserData { until } => Some(*until),
            Self::Up => None,
            Self::Ending { kill_at, told: false, .. } => Some(*kill_at),
            Self::Ending { told: true, .. } => Some(now + KILL_PAUSE),
        }
    }

    /// Whether everything is being ended.
    pub(crate) fn ends(&self) -> bool {
        matches!(self, Self::Ending { .. })
    }

    /// A further request to end, which can make an end that is under way come earlier.
    pub(crate) fn hurry(&mut self, kill_by: Instant) {
        if let Self::Ending { kill_at, .. } = self {
            *kill_at = (*kill_at).min(kill_by);
        }
    }

    /// Moves on to what is due now. `alone`: nothing of the instance runs.
    pub(crate) fn step(&mut self, now: Instant, alone: bool, user_data_runs: bool) -> Step {
        match self {
            Self::UserData { until } if !user_data_runs || now >= *until => {
                *self = Self::Up;
                Step::StartMain { beside_user_data: user_data_runs }
            }
            Self::UserData { .. } | Self::Up => Step::Nothing,
            Self::Ending { .. } if alone => Step::Over,
            Self::Ending { kill_at, .. } if now >= *kill_at + KILL_LIMIT => Step::GiveUp,
            Self::Ending { kill_at, told, .. } if now >= *kill_at => {
                let first = !*told;
                *told = true;
                Step::Kill { first }
            }
            Self::Ending { .. } => Step::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_command_waits_for_user_data_but_not_for_ever() {
        let start = Instant::now();
        let until = start + Duration::from_secs(5);
        for (now, runs, expected) in [
            (start, true, Step::Nothing),
            (start, false, Step::StartMain { beside_user_data: false }),
            (until, true, Step::StartMain { beside_user_data: true }),
        ] {
            let mut phase = Phase::UserData { until };
            assert_eq!(phase.step(now, false, runs), expected);
            assert_eq!(phase == Phase::Up, expected != Step::Nothing);
        }
    }

    #[test]
    fn an_end_kills_after_the_grace_and_gives_up_in_the_end() {
        let start = Instant::now();
        let kill_at = start + Duration::from_secs(30);
        let mut phase = Phase::Ending { why: Ending::Stopped, kill_at, told: false };
        assert_eq!(phase.step(start, false, false), Step::Nothing);
        phase.hurry(start + Duration::from_secs(60));
        assert_eq!(phase.due(start), Some(kill_at), "a longer grace prolongs nothing");
        let earlier = start + Duration::from_secs(1);
        phase.hurry(earlier);
        assert_eq!(phase.step(earlier, false, false), Step::Kill { first: true });
        assert_eq!(phase.step(earlier, false, false), Step::Kill { first: false });
        assert_eq!(phase.step(earlier + KILL_LIMIT, false, false), Step::GiveUp);
        assert_eq!(phase.step(start, true, false), Step::Over);
    }
}
