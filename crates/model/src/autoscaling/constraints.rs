//! What a request makes of a group's limits and of its desired capacity, and the cause that activities quote.
//!
//! UpdateAutoScalingGroup, SetDesiredCapacity and scheduled actions come here; scaling policies are decided in
//! `capacity`. The fleet follows the desired capacity by itself.

use super::group::{AutoScalingGroup, CapacityCause};
use crate::Timestamp;
use std::time::Duration;

/// Who changes a group's constraints, in the words of AWS's causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An operation.
    UserRequest,
    /// A scheduled action.
    ScheduledAction,
}

impl Origin {
    const fn words(self) -> &'static str {
        match self {
            Self::UserRequest => "a user request",
            Self::ScheduledAction => "a scheduled action",
        }
    }
}

/// New limits and capacity; what is absent stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    /// `MinSize`
    pub minimum: Option<u32>,
    /// `MaxSize`
    pub maximum: Option<u32>,
    /// `DesiredCapacity`; within the limits. When absent, the present one moves to the nearer limit if it must.
    pub desired: Option<u32>,
}

/// Why constraints are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConstraints {
    /// The limits are the wrong way round.
    #[error("the minimum size {minimum} is above the maximum size {maximum}")]
    Limits {
        /// `MinSize`
        minimum: u32,
        /// `MaxSize`
        maximum: u32,
    },
    /// Desired capacity below the minimum.
    #[error("the desired capacity {desired} is below the minimum size {minimum} of the group; lower the minimum first")]
    BelowMinimum {
        /// What was asked for.
        desired: u32,
        /// `MinSize`
        minimum: u32,
    },
    /// Desired capacity above the maximum.
    #[error("the desired capacity {desired} is above the maximum size {maximum} of the group; raise the maximum first")]
    AboveMaximum {
        /// What was asked for.
        desired: u32,
        /// `MaxSize`
        maximum: u32,
    },
}

/// Why a capacity cannot be set while the cooldown is honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooldown {
    /// The scaling activity itself is not over.
    Activity,
    /// So much of the cooldown is left.
    Left(Duration),
}

/// Checks a desired capacity.
///
/// # Errors
/// [`InvalidConstraints`] unless `minimum <= desired <= maximum`.
pub fn check(minimum: u32, maximum: u32, desired: u32) -> Result<(), InvalidConstraints> {
    if minimum > maximum {
        return Err(InvalidConstraints::Limits { minimum, maximum });
    }
    if desired < minimum {
        return Err(InvalidConstraints::BelowMinimum { desired, minimum });
    }
    if desired > maximum {
        return Err(InvalidConstraints::AboveMaximum { desired, maximum });
    }
    Ok(())
}

impl AutoScalingGroup {
    /// Takes on new constraints.
    ///
    /// # Errors
    /// [`InvalidConstraints`]; the group is as it was then.
    pub fn constrain(&mut self, new: Constraints, origin: Origin, now: Timestamp) -> Result<(), InvalidConstraints> {
        let Constraints { minimum, maximum, desired } = new;
        let (minimum, maximum) = (minimum.unwrap_or(self.minimum), maximum.unwrap_or(self.maximum));
        if minimum > maximum {
            return Err(InvalidConstraints::Limits { minimum, maximum });
        }
        let desired = desired.unwrap_or(self.desired.clamp(minimum, maximum));
        check(minimum, maximum, desired)?;
        (self.minimum, self.maximum) = (minimum, maximum);
        let text = format!(
            "{} update of AutoScalingGroup constraints to min: {minimum}, max: {maximum}, desired: {desired}",
            origin.words()
        );
        self.change_desired(desired, &text, now);
        Ok(())
    }

    /// Sets the desired capacity as SetDesiredCapacity does.
    ///
    /// # Errors
    /// [`InvalidConstraints`] when it is not within the limits.
    pub fn set_desired(&mut self, desired: u32, now: Timestamp) -> Result<(), InvalidConstraints> {
        check(self.minimum, self.maximum, desired)?;
        self.change_desired(desired, "a user request explicitly set group desired capacity", now);
        Ok(())
    }

    /// Changes the desired capacity, which has been checked, and says why: `text` and the two numbers. The same
    /// capacity again leaves the cause alone.
    pub fn change_desired(&mut self, desired: u32, text: &str, now: Timestamp) {
        if desired == self.desired {
            return;
        }
        let text = format!("{text} changing the desired capacity from {} to {desired}", self.desired);
        self.capacity_cause = Some(CapacityCause { at: now, text });
        self.desired = desired;
    }

    /// What is left of the cooldown after the newest simple scaling (Auto Scaling user guide, scaling cooldowns).
    pub fn cooldown(&self, now: Timestamp) -> Option<Cooldown> {
        let scaling = self.simple_scaling.as_ref()?;
        let Some(ended_at) = scaling.ended_at else { return Some(Cooldown::Activity) };
        let left = Duration::from_secs(scaling.cooldown_seconds.into()).saturating_sub(now.since(ended_at));
        (!left.is_zero()).then_some(Cooldown::Left(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autoscaling::{group::SimpleScaling, membership::samples::group};

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn the_capacity_moves_to_the_nearer_limit_unless_it_is_given() {
        // Minimum, maximum and desired as given; the three that come of 1, 5 and 3.
        let table = [
            (None, None, Some(4), Ok((1, 5, 4))),
            (Some(4), None, None, Ok((4, 5, 4))),
            (None, Some(2), None, Ok((1, 2, 2))),
            (Some(0), Some(9), None, Ok((0, 9, 3))),
            (Some(0), Some(0), Some(0), Ok((0, 0, 0))),
            (Some(6), None, None, Err(InvalidConstraints::Limits { minimum: 6, maximum: 5 })),
            (None, None, Some(6), Err(InvalidConstraints::AboveMaximum { desired: 6, maximum: 5 })),
            (Some(2), None, Some(1), Err(InvalidConstraints::BelowMinimum { desired: 1, minimum: 2 })),
        ];
        for (minimum, maximum, desired, expected) in table {
            let mut group = group(1, 5, 3);
            let done = group.constrain(Constraints { minimum, maximum, desired }, Origin::UserRequest, NOW);
            let came = done.map(|()| (group.minimum, group.maximum, group.desired));
            assert_eq!(came, expected);
            let unchanged = (group.minimum, group.maximum, group.desired) == (1, 5, 3);
            assert!(expected.is_ok() || unchanged);
        }
    }

    #[test]
    fn causes_are_worded_as_aws_does() {
        let mut group = group(1, 20, 14);
        let new = Constraints { minimum: Some(12), maximum: None, desired: Some(13) };
        group.constrain(new, Origin::UserRequest, NOW).unwrap();
        let update = "a user request update of AutoScalingGroup constraints to min: 12, max: 20, desired: 13 changing \
                      the desired capacity from 14 to 13";
        assert_eq!(group.capacity_cause.take().unwrap().text, update);

        group.set_desired(13, NOW).unwrap();
        assert_eq!(group.capacity_cause, None, "nothing changed");
        group.set_desired(15, NOW).unwrap();
        let set = "a user request explicitly set group desired capacity changing the desired capacity from 13 to 15";
        assert_eq!(group.capacity_cause.unwrap().text, set);
    }

    #[test]
    fn a_cooldown_begins_when_the_activity_ends() {
        let at = |seconds| NOW.plus(Duration::from_secs(seconds));
        let scaling = |ended_at| Some(SimpleScaling { policy: "out".into(), at: NOW, cooldown_seconds: 300, ended_at });
        let table = [
            (None, at(0), None),
            (scaling(None), at(9_999), Some(Cooldown::Activity)),
            (scaling(Some(at(10))), at(10), Some(Cooldown::Left(Duration::from_secs(300)))),
            (scaling(Some(at(10))), at(309), Some(Cooldown::Left(Duration::from_secs(1)))),
            (scaling(Some(at(10))), at(310), None),
        ];
        for (simple_scaling, now, expected) in table {
            let group = AutoScalingGroup { simple_scaling, ..group(0, 9, 1) };
            assert_eq!(group.cooldown(now), expected);
        }
    }
}
