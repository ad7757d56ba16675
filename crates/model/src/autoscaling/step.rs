//! Adjustments of a capacity and the steps that choose one: the arithmetic of simple and step scaling (Auto Scaling user
//! guide, "Step and simple scaling policies").
//!
//! Knows neither limits nor cooldowns nor instances; [`super::capacity`] does.

use serde::{Deserialize, Serialize};

/// The most steps of one policy (Auto Scaling user guide, quotas).
pub const MAXIMUM_STEPS: usize = 20;

/// How the number of an adjustment is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdjustmentType {
    /// So many instances more or fewer.
    ChangeInCapacity,
    /// So many instances; not negative.
    ExactCapacity,
    /// So many per cent more or fewer.
    PercentChangeInCapacity,
}

/// One adjustment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// How `amount` is meant.
    pub adjustment_type: AdjustmentType,
    /// Instances or per cent.
    pub amount: i32,
    /// The least change by per cent, in instances; at least 1.
    pub minimum_magnitude: Option<u32>,
}

/// One step: an interval of distances from the alarm's threshold and what is done in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepAdjustment {
    /// Where it begins; negative infinity when absent. Belongs to the step at and above the threshold.
    pub lower: Option<f64>,
    /// Where it ends; infinity when absent. Belongs to the step at and below the threshold.
    pub upper: Option<f64>,
    /// Instances or per cent.
    pub adjustment: i32,
}

/// Why an adjustment is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAdjustment {
    /// There is no negative capacity.
    #[error("ScalingAdjustment {0} is negative, but with ExactCapacity it is the capacity itself; use 0 or more")]
    NegativeCapacity(i32),
    /// It would be ignored.
    #[error("MinAdjustmentMagnitude goes with PercentChangeInCapacity only, and is at least 1")]
    Magnitude,
}

/// Why steps are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSteps {
    /// None, or too many.
    #[error("give 1 to {MAXIMUM_STEPS} step adjustments, not {0}")]
    Count(usize),
    /// Not a number, or infinite.
    #[error("the bounds of step adjustments must be finite numbers; leave one out for infinity")]
    NotFinite,
    /// A step without any bound says nothing that simple scaling does not.
    #[error("a step adjustment must have a lower or an upper bound")]
    Unbounded,
    /// Empty interval.
    #[error("the lower bound of a step adjustment must be below its upper bound")]
    Reversed,
    /// Two steps for one distance.
    #[error("step adjustments must not overlap; let each begin where the one before ends")]
    Overlap,
    /// A distance without a step.
    #[error("there is a gap between step adjustments; let each begin where the one before ends")]
    Gap,
    /// Distances below the least lower bound have no step.
    #[error("a step adjustment has a negative lower bound, so one must have no lower bound at all")]
    NoLowest,
    /// Distances above the greatest upper bound have no step.
    #[error("a step adjustment has a positive upper bound, so one must have no upper bound at all")]
    NoHighest,
}

/// Checks the steps of one policy; any order.
///
/// # Errors
/// [`InvalidSteps`] for the first rule that is broken.
pub fn check(steps: &[StepAdjustment]) -> Result<(), InvalidSteps> {
    if !(1..=MAXIMUM_STEPS).contains(&steps.len()) {
        return Err(InvalidSteps::Count(steps.len()));
    }
    steps.iter().try_for_each(StepAdjustment::check)?;
    let mut ordered = steps.to_vec();
    ordered.sort_by(|one, other| one.start().total_cmp(&other.start()));
    for pair in ordered.windows(2) {
        let (end, start) = (pair[0].end(), pair[1].start());
        if start < end {
            return Err(InvalidSteps::Overlap);
        }
        if start > end {
            return Err(InvalidSteps::Gap);
        }
    }
    let bounded = |bound: f64, infinity: f64| bound != infinity;
    if steps.iter().any(|step| step.start() < 0.0) && bounded(ordered[0].start(), f64::NEG_INFINITY) {
        return Err(InvalidSteps::NoLowest);
    }
    if steps.iter().any(|step| step.end() > 0.0) && bounded(ordered[ordered.len() - 1].end(), f64::INFINITY) {
        return Err(InvalidSteps::NoHighest);
    }
    Ok(())
}

/// The step for a distance from the threshold (metric less threshold). At and above the threshold a step has its lower
/// bound and not its upper one; below it is the other way round. The threshold itself belongs to both sides: the upper
/// one is asked first.
pub fn choose(steps: &[StepAdjustment], distance: f64) -> Option<&StepAdjustment> {
    let above = |step: &&StepAdjustment| step.start() <= distance && distance < step.end();
    let below = |step: &&StepAdjustment| step.start() < distance && distance <= step.end();
    let upper = steps.iter().find(above).filter(|_| distance >= 0.0);
    upper.or_else(|| steps.iter().find(below).filter(|_| distance <= 0.0))
}

impl StepAdjustment {
    fn start(&self) -> f64 {
        self.lower.unwrap_or(f64::NEG_INFINITY)
    }

    fn end(&self) -> f64 {
        self.upper.unwrap_or(f64::INFINITY)
    }

    fn check(&self) -> Result<(), InvalidSteps> {
        if [self.lower, self.upper].into_iter().flatten().any(|bound| !bound.is_finite()) {
            return Err(InvalidSteps::NotFinite);
        }
        if self.lower.is_none() && self.upper.is_none() {
            return Err(InvalidSteps::Unbounded);
        }
        if self.start() < self.end() { Ok(()) } else { Err(InvalidSteps::Reversed) }
    }
}

impl Adjustment {
    /// Checks an adjustment.
    ///
    /// # Errors
    /// [`InvalidAdjustment`].
    pub fn check(&self) -> Result<(), InvalidAdjustment> {
        if self.adjustment_type == AdjustmentType::ExactCapacity && self.amount < 0 {
            return Err(InvalidAdjustment::NegativeCapacity(self.amount));
        }
        let percent = self.adjustment_type == AdjustmentType::PercentChangeInCapacity;
        match self.minimum_magnitude {
            Some(0) => Err(InvalidAdjustment::Magnitude),
            Some(_) if !percent => Err(InvalidAdjustment::Magnitude),
            Some(_) | None => Ok(()),
        }
    }

    /// What it makes of a capacity, before the group's limits; may be negative.
    pub fn applied_to(&self, capacity: u32) -> i64 {
        let (capacity, amount) = (i64::from(capacity), i64::from(self.amount));
        match self.adjustment_type {
            AdjustmentType::ChangeInCapacity => capacity + amount,
            AdjustmentType::ExactCapacity => amount,
            AdjustmentType::PercentChangeInCapacity => capacity + self.by_percent(capacity),
        }
    }

    /// The change by per cent: beyond one instance toward zero, within one to a whole one, never less than the
    /// minimum magnitude.
    fn by_percent(&self, capacity: i64) -> i64 {
        let hundredths = capacity * i64::from(self.amount);
        let change = if hundredths.abs() < 100 { hundredths.signum() } else { hundredths / 100 };
        let least = self.minimum_magnitude.map_or(0, i64::from);
        if change.abs() >= least { change } else { least * i64::from(self.amount.signum()) }
    }
}

impl AdjustmentType {
    /// All, in the order of DescribeAdjustmentTypes.
    pub const ALL: [Self; 3] = [Self::ChangeInCapacity, Self::ExactCapacity, Self::PercentChangeInCapacity];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChangeInCapacity => "ChangeInCapacity",
            Self::ExactCapacity => "ExactCapacity",
            Self::PercentChangeInCapacity => "PercentChangeInCapacity",
        }
    }

    /// The one of that name in the API.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn step(lower: Option<f64>, upper: Option<f64>, adjustment: i32) -> StepAdjustment {
        StepAdjustment { lower, upper, adjustment }
    }

    #[test]
    fn per_cent_are_rounded_as_published() {
        // Capacity, per cent, minimum magnitude, change.
        let table = [
            (10, 10, None, 1),
            (11, 30, None, 3),
            (14, -10, None, -1),
            (13, -30, None, -3),
            (10, 5, None, 1),
            (10, -5, None, -1),
            (1, 1, None, 1),
            (1, -1, None, -1),
            (127, 10, None, 12),
            (1, 190, None, 1),
            (67, -10, None, -6),
            (10, 100, None, 10),
            (4, 25, Some(2), 2),
            (4, -25, Some(2), -2),
            (100, 25, Some(2), 25),
            (10, 0, None, 0),
            (0, 50, None, 0),
            (0, 50, Some(2), 2),
        ];
        for (capacity, amount, minimum_magnitude, change) in table {
            let adjustment =
                Adjustment { adjustment_type: AdjustmentType::PercentChangeInCapacity, amount, minimum_magnitude };
            let after = adjustment.applied_to(capacity);
            assert_eq!(after - i64::from(capacity), change, "{capacity} {amount}% {minimum_magnitude:?}");
        }
    }

    #[test]
    fn changes_and_exact_capacities_are_taken_as_they_are() {
        let of = |adjustment_type, amount| Adjustment { adjustment_type, amount, minimum_magnitude: None };
        assert_eq!(of(AdjustmentType::ChangeInCapacity, 2).applied_to(3), 5);
        assert_eq!(of(AdjustmentType::ChangeInCapacity, -5).applied_to(3), -2);
        assert_eq!(of(AdjustmentType::ExactCapacity, 3).applied_to(1), 3);
        assert_eq!(of(AdjustmentType::ExactCapacity, 1).applied_to(3), 1);
    }

    #[test]
    fn the_guides_example_grows_to_fourteen_and_back_to_ten() {
        // Alarms at 60 (out) and 40 (in), as in the guide's worked example: metric, threshold, capacity after it.
        let out = [step(Some(0.0), Some(10.0), 0), step(Some(10.0), Some(20.0), 10), step(Some(20.0), None, 30)];
        let inward =
            [step(Some(-10.0), Some(0.0), 0), step(Some(-20.0), Some(-10.0), -10), step(None, Some(-20.0), -30)];
        assert_eq!((check(&out), check(&inward)), (Ok(()), Ok(())));
        let mut capacity = 10;
        for (steps, metric, threshold, after) in
            [(out, 60.0, 50.0, 11), (out, 70.0, 50.0, 14), (inward, 40.0, 50.0, 13), (inward, 30.0, 50.0, 10)]
        {
            let chosen = choose(&steps, metric - threshold).unwrap();
            let adjustment = Adjustment {
                adjustment_type: AdjustmentType::PercentChangeInCapacity,
                amount: chosen.adjustment,
                minimum_magnitude: None,
            };
            let next = adjustment.applied_to(capacity);
            assert_eq!(next, i64::from(after), "at {metric}");
            capacity = after;
        }
    }

    #[test]
    fn bounds_belong_to_the_side_away_from_the_threshold() {
        let steps = [
            step(None, Some(-20.0), -2),
            step(Some(-20.0), Some(0.0), -1),
            step(Some(0.0), Some(15.0), 1),
            step(Some(15.0), None, 2),
        ];
        let table =
            [(-20.1, -2), (-20.0, -2), (-19.9, -1), (-0.1, -1), (0.0, 1), (14.9, 1), (15.0, 2), (1e9, 2), (-1e9, -2)];
        for (distance, adjustment) in table {
            assert_eq!(choose(&steps, distance).map(|step| step.adjustment), Some(adjustment), "{distance}");
        }
        assert_eq!(choose(&[step(None, Some(0.0), -1)], 0.0).map(|step| step.adjustment), Some(-1));
        assert_eq!(choose(&[step(None, Some(0.0), -1)], 0.1), None);
        assert_eq!(choose(&[step(Some(0.0), None, 1)], f64::NAN), None);
    }

    #[test]
    fn steps_that_overlap_or_leave_gaps_are_refused() {
        use InvalidSteps as E;
        let table = [
            (vec![], Err(E::Count(0))),
            (vec![step(Some(0.0), None, 1)], Ok(())),
            (vec![step(None, Some(0.0), -1)], Ok(())),
            (vec![step(None, None, 1)], Err(E::Unbounded)),
            (vec![step(Some(10.0), Some(10.0), 1)], Err(E::Reversed)),
            (vec![step(Some(f64::NAN), None, 1)], Err(E::NotFinite)),
            (vec![step(Some(10.0), None, 2), step(Some(0.0), Some(10.0), 1)], Ok(())),
            (vec![step(Some(0.0), Some(10.0), 1), step(Some(11.0), None, 2)], Err(E::Gap)),
            (vec![step(Some(0.0), Some(10.0), 1), step(Some(9.0), None, 2)], Err(E::Overlap)),
            (vec![step(Some(0.0), None, 1), step(Some(10.0), None, 2)], Err(E::Overlap)),
            (vec![step(None, Some(0.0), 1), step(None, Some(10.0), 2)], Err(E::Overlap)),
            (vec![step(Some(0.0), Some(10.0), 1)], Err(E::NoHighest)),
            (vec![step(Some(-10.0), Some(0.0), 1)], Err(E::NoLowest)),
            (vec![step(None, Some(-10.0), -2), step(Some(-10.0), Some(0.0), -1), step(Some(0.0), None, 1)], Ok(())),
            (vec![step(Some(0.0), None, 1); 21], Err(E::Count(21))),
        ];
        for (steps, expected) in table {
            assert_eq!(check(&steps), expected, "{steps:?}");
        }
    }
}
