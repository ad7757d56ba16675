//! Why a scaling policy is not accepted. AWS answers all of these with ValidationError.

use super::super::step::{InvalidAdjustment, InvalidSteps};

/// Why a scaling policy is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// Empty, too long, or with control characters.
    #[error("PolicyName must have 1 to 255 characters and no control characters")]
    Name,
    /// Of an adjustment.
    #[error(transparent)]
    Adjustment(InvalidAdjustment),
    /// Of step adjustments.
    #[error(transparent)]
    Steps(InvalidSteps),
    /// Zero, negative or no number.
    #[error("TargetValue must be a number above 0")]
    Target,
    /// It is needed to know which target group is meant.
    #[error(
        "{0} needs a ResourceLabel of the form app/<load balancer>/<id>/targetgroup/<target group>/<id>; join the last \
         parts of both ARNs"
    )]
    ResourceLabel(&'static str),
    /// It would be ignored.
    #[error("{0} takes no ResourceLabel")]
    UnexpectedResourceLabel(&'static str),
    /// Namespace or name is empty or too long.
    #[error("a customized metric needs MetricName and Namespace of 1 to 255 characters, and at most 30 dimensions")]
    Metric,
    /// A resolution that the API does not know.
    #[error("Period is {0}; use 10, 30 or 60 seconds")]
    Period(i32),
    /// None, or more than ten.
    #[error("give 1 to 10 metric queries, not {0}")]
    QueryCount(usize),
    /// An id that expressions could not use.
    #[error("the Id `{0}` of a metric query must begin with a lower-case letter, then letters, digits and underscores")]
    QueryId(String),
    /// Two queries share an id.
    #[error("the Id `{0}` is used by two metric queries")]
    RepeatedQueryId(String),
    /// An expression is empty or too long.
    #[error("the expression of `{0}` must have 1 to 1023 characters")]
    Expression(String),
    /// None or several queries give the result.
    #[error("exactly one metric query must have ReturnData true, not {0}; it is true where it is not given")]
    ReturnData(usize),
    /// Only the load's unit of time is an hour.
    #[error("SchedulingBufferTime must be below 3600 seconds, not {0}")]
    SchedulingBuffer(u32),
    /// A buffer without effect, or beyond 100 per cent.
    #[error("MaxCapacityBuffer must be 0 to 100 and goes with MaxCapacityBreachBehavior IncreaseMaxCapacity only")]
    MaximumCapacityBuffer,
    /// IncreaseMaxCapacity needs it.
    #[error("MaxCapacityBreachBehavior IncreaseMaxCapacity needs MaxCapacityBuffer; 0 raises the maximum just enough")]
    MissingMaximumCapacityBuffer,
}
