//! Scheduled actions: limits and capacity that a group takes on at a time, once or again and again (Auto Scaling API
//! reference, PutScheduledUpdateGroupAction and ScheduledUpdateGroupAction).
//!
//! The record, its constructor, and when it is due; [`super::capacity`] carries it out.

use super::{
    constraints::{Constraints, InvalidConstraints},
    cron::{self, Cron, InvalidCron},
    policy::MAXIMUM_NAME,
};
use crate::{Arn, Scope, Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most scheduled actions of one group (Auto Scaling user guide, quotas).
pub const MAXIMUM_ACTIONS: usize = 125;
/// How late an action still runs. AWS is at most minutes late; this server may have been switched off over night, and the
/// newest start that it missed then says what the group should be now. Older ones are dropped.
pub const MAXIMUM_DELAY: Duration = Duration::from_secs(86_400);

/// A scheduled action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduledAction {
    /// The group's name.
    pub group: String,
    /// 1 to 255 characters; unique in the group.
    pub name: String,
    /// `arn:aws:autoscaling:<region>:<account>:scheduledUpdateGroupAction:<uuid>:autoScalingGroupName/<group>:scheduledActionName/<name>`
    pub arn: Arn,
    /// When it runs next; what Describe shows as StartTime.
    pub next_start: Timestamp,
    /// When a recurring action ends: it does not run at or after this.
    pub end: Option<Timestamp>,
    /// How it recurs; absent: it runs once.
    pub recurrence: Option<Recurrence>,
    /// MinSize from then on.
    pub minimum: Option<u32>,
    /// MaxSize from then on.
    pub maximum: Option<u32>,
    /// DesiredCapacity then.
    pub desired: Option<u32>,
}

/// When an action runs again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// Five fields.
    pub cron: Cron,
    /// An IANA name, checked; UTC when absent.
    pub time_zone: Option<String>,
}

/// What a caller wants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request<'a> {
    /// StartTime.
    pub start: Option<Timestamp>,
    /// EndTime.
    pub end: Option<Timestamp>,
    /// Recurrence.
    pub recurrence: Option<&'a str>,
    /// TimeZone.
    pub time_zone: Option<&'a str>,
    /// MinSize.
    pub minimum: Option<u32>,
    /// MaxSize.
    pub maximum: Option<u32>,
    /// DesiredCapacity.
    pub desired: Option<u32>,
}

/// Why a scheduled action is not accepted. AWS answers all of these with ValidationError.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScheduledAction {
    /// Empty, too long, or with control characters.
    #[error("ScheduledActionName must have 1 to 255 characters and no control characters")]
    Name,
    /// It would change nothing.
    #[error("give at least one of MinSize, MaxSize and DesiredCapacity")]
    Nothing,
    /// It would never run.
    #[error("give StartTime, Recurrence, or both")]
    NoStart,
    /// StartTime is over.
    #[error("StartTime {0} is in the past")]
    StartInThePast(Timestamp),
    /// EndTime is not after the first start.
    #[error("EndTime {end} must be after the first start {start}")]
    End {
        /// EndTime.
        end: Timestamp,
        /// The first start.
        start: Timestamp,
    },
    /// Of the recurrence.
    #[error(transparent)]
    Recurrence(#[from] InvalidCron),
    /// The recurrence has no moment that the calendar reaches.
    #[error("the Recurrence has no moment within the next eight years")]
    NeverStarts,
    /// Not in the IANA database.
    #[error("TimeZone `{0}` is not a name of the IANA time zone database, such as Europe/Berlin")]
    TimeZone(String),
    /// It would be ignored.
    #[error("TimeZone goes with Recurrence only; StartTime and EndTime are in UTC")]
    TimeZoneWithoutRecurrence,
    /// The three numbers contradict each other.
    #[error(transparent)]
    Constraints(InvalidConstraints),
}

impl ScheduledAction {
    /// An action that was checked; `uuid` is a new one.
    ///
    /// # Errors
    /// [`InvalidScheduledAction`] names what is not right.
    pub fn new(
        scope: &Scope,
        group: &str,
        name: &str,
        uuid: &str,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<Self, InvalidScheduledAction> {
        let Request { start, end, recurrence, time_zone, minimum, maximum, desired } = request.clone();
        if name.is_empty() || name.chars().count() > MAXIMUM_NAME || name.chars().any(char::is_control) {
            return Err(InvalidScheduledAction::Name);
        }
        check_numbers(minimum, maximum, desired)?;
        let recurrence = Recurrence::new(recurrence, time_zone)?;
        let next_start = first_start(start, recurrence.as_ref(), now)?;
        if let Some(end) = end.filter(|end| *end <= next_start) {
            return Err(InvalidScheduledAction::End { end, start: next_start });
        }
        let resource =
            format!("scheduledUpdateGroupAction:{uuid}:autoScalingGroupName/{group}:scheduledActionName/{name}");
        let arn = Arn::new("autoscaling", &scope.region, &scope.account, resource);
        let (group, name) = (group.to_owned(), name.to_owned());
        Ok(Self { group, name, arn, next_start, end, recurrence, minimum, maximum, desired })
    }

    /// The id of the record.
    pub fn id(&self) -> String {
        Self::id_of(&self.group, &self.name)
    }

    /// The id of the record of that action.
    pub fn id_of(group: &str, name: &str) -> String {
        format!("{group}:{name}")
    }

    /// What the group takes on.
    pub const fn constraints(&self) -> Constraints {
        Constraints { minimum: self.minimum, maximum: self.maximum, desired: self.desired }
    }

    /// The newest start that has come by `now`, if one has; earlier ones that were missed do not count any more.
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.next_start > now {
            return None;
        }
        // Starts that are too old are not looked through one by one.
        let mut newest = self.next_start;
        if let Some(recent) = self.start_after(now.minus(MAXIMUM_DELAY)).filter(|recent| *recent <= now) {
            newest = newest.max(recent);
        }
        while let Some(later) = self.start_after(newest).filter(|later| *later <= now) {
            newest = later;
        }
        Some(newest)
    }

    /// The action as it is after a start: `None` when there is no further one.
    pub fn after(&self, now: Timestamp) -> Option<Self> {
        self.start_after(now).map(|next_start| Self { next_start, ..self.clone() })
    }

    /// The first start of the recurrence after a moment and before the end.
    pub fn start_after(&self, moment: Timestamp) -> Option<Timestamp> {
        let next = self.recurrence.as_ref()?.next(moment)?;
        self.end.is_none_or(|end| next < end).then_some(next)
    }
}

impl Recurrence {
    fn new(cron: Option<&str>, time_zone: Option<&str>) -> Result<Option<Self>, InvalidScheduledAction> {
        let Some(cron) = cron else {
            let alone = time_zone.map(|_| InvalidScheduledAction::TimeZoneWithoutRecurrence);
            return alone.map_or(Ok(None), Err);
        };
        if let Some(name) = time_zone.filter(|name| cron::time_zone(name).is_none()) {
            return Err(InvalidScheduledAction::TimeZone(name.chars().take(64).collect()));
        }
        Ok(Some(Self { cron: cron.parse()?, time_zone: time_zone.map(str::to_owned) }))
    }

    /// The first moment after `after`.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let zone = self.time_zone.as_deref().map_or(Some(TimeZone::UTC), cron::time_zone)?;
        self.cron.next(after, &zone)
    }
}

fn check_numbers(
    minimum: Option<u32>,
    maximum: Option<u32>,
    desired: Option<u32>,
) -> Result<(), InvalidScheduledAction> {
    if minimum.or(maximum).or(desired).is_none() {
        return Err(InvalidScheduledAction::Nothing);
    }
    let (least, most) = (minimum.unwrap_or(0), maximum.unwrap_or(u32::MAX));
    let capacity = desired.unwrap_or(least);
    super::constraints::check(least, most, capacity).map_err(InvalidScheduledAction::Constraints)
}

fn first_start(
    start: Option<Timestamp>,
    recurrence: Option<&Recurrence>,
    now: Timestamp,
) -> Result<Timestamp, InvalidScheduledAction> {
    match (start, recurrence) {
        (Some(start), _) if start < now => Err(InvalidScheduledAction::StartInThePast(start)),
        (Some(start), _) => Ok(start),
        (None, Some(recurrence)) => recurrence.next(now).ok_or(InvalidScheduledAction::NeverStarts),
        (None, None) => Err(InvalidScheduledAction::NoStart),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-21T10:00:00Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn action(request: &Request<'_>) -> Result<ScheduledAction, InvalidScheduledAction> {
        let scope = Scope::new("123456789012", "eu-central-1");
        ScheduledAction::new(&scope, "web", "evening", "01234567-89ab-4def-8123-456789abcdef", request, at(NOW))
    }

    fn daily() -> Request<'static> {
        Request { recurrence: Some("0 22 * * *"), desired: Some(1), ..Request::default() }
    }

    #[test]
    fn what_cannot_run_is_refused() {
        use InvalidScheduledAction as E;
        let once = Request { start: Some(at("2026-11-21T11:00:00Z")), desired: Some(1), ..Request::default() };
        let table = [
            (once.clone(), None),
            (daily(), None),
            (Request { desired: None, ..daily() }, Some(E::Nothing)),
            (Request { recurrence: None, ..daily() }, Some(E::NoStart)),
            (
                Request { start: Some(at("2026-11-21T09:59:59Z")), ..once.clone() },
                Some(E::StartInThePast(at("2026-11-21T09:59:59Z"))),
            ),
            (Request { time_zone: Some("Asia/Seoul"), ..once }, Some(E::TimeZoneWithoutRecurrence)),
            (Request { time_zone: Some("Asia/Seoul"), ..daily() }, None),
            (Request { time_zone: Some("Asia/Soul"), ..daily() }, Some(E::TimeZone("Asia/Soul".into()))),
            (
                Request { end: Some(at("2026-11-21T22:00:00Z")), ..daily() },
                Some(E::End { end: at("2026-11-21T22:00:00Z"), start: at("2026-11-21T22:00:00Z") }),
            ),
            (
                Request { minimum: Some(3), maximum: Some(2), desired: None, ..daily() },
                Some(E::Constraints(InvalidConstraints::Limits { minimum: 3, maximum: 2 })),
            ),
            (
                Request { maximum: Some(2), desired: Some(3), ..daily() },
                Some(E::Constraints(InvalidConstraints::AboveMaximum { desired: 3, maximum: 2 })),
            ),
        ];
        for (request, expected) in table {
            assert_eq!(action(&request).err(), expected, "{request:?}");
        }
        assert!(matches!(action(&Request { recurrence: Some("* * *"), ..daily() }), Err(E::Recurrence(_))));
    }

    #[test]
    fn a_recurring_action_begins_at_its_start_time_and_ends_before_its_end_time() {
        let request =
            Request { start: Some(at("2026-11-21T12:00:00Z")), end: Some(at("2026-11-22T22:00:00Z")), ..daily() };
        let first = action(&request).unwrap();
        assert_eq!(first.next_start, at("2026-11-21T12:00:00Z"));
        let second = first.after(first.next_start).unwrap();
        assert_eq!(second.next_start, at("2026-11-21T22:00:00Z"));
        assert_eq!(second.after(second.next_start), None, "the end is not a start any more");
    }

    #[test]
    fn only_the_newest_missed_start_is_due() {
        let every_minute = action(&Request { recurrence: Some("* * * * *"), ..daily() }).unwrap();
        let daily = action(&daily()).unwrap();
        let table = [
            (&daily, "2026-11-21T21:59:59Z", None),
            (&daily, "2026-11-21T22:00:00Z", Some("2026-11-21T22:00:00Z")),
            (&daily, "2026-11-22T09:00:00Z", Some("2026-11-21T22:00:00Z")),
            (&daily, "2026-12-24T09:00:00Z", Some("2026-12-23T22:00:00Z")),
            (&every_minute, "2026-12-24T09:00:30Z", Some("2026-12-24T09:00:00Z")),
        ];
        for (action, now, expected) in table {
            assert_eq!(action.due(at(now)), expected.map(at), "at {now}");
        }
    }

    #[test]
    fn a_stored_action_is_read_back() {
        let made = action(&Request { time_zone: Some("Asia/Seoul"), ..daily() }).unwrap();
        assert_eq!(made.next_start, at("2026-11-21T13:00:00Z"));
        let text = serde_json::to_string(&made).unwrap();
        assert_eq!(serde_json::from_str::<ScheduledAction>(&text).unwrap(), made);
    }
}
