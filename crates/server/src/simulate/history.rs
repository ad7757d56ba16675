//! How many instances a group had, minute by minute, told backwards from its present members and its activities.
//!
//! What ended more than six weeks ago, and all but the newest 500 activities, is forgotten by then.

use model::{
    Timestamp,
    autoscaling::{
        activity::{ActivityStatus, ScalingActivity},
        group::AutoScalingGroup,
        member::LifecycleState,
    },
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

/// The instances of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headcount {
    /// The start of the minute.
    pub at: Timestamp,
    /// In service on average.
    pub serving: f64,
    /// In service at its end.
    pub in_service: u32,
    /// Members at its end: those on their way in and out too.
    pub members: u32,
}

/// A change of a count at a moment.
type Change = (Timestamp, i64);

/// One for each minute that begins in the time.
pub(super) fn headcounts(
    group: &AutoScalingGroup,
    activities: &[Arc<ScalingActivity>],
    from: Timestamp,
    to: Timestamp,
) -> Vec<Headcount> {
    let count = |which: fn(LifecycleState) -> bool| {
        i64::try_from(group.members.values().filter(|member| which(member.lifecycle)).count()).unwrap_or(i64::MAX)
    };
    let serving = Curve {
        now: count(|state| state == LifecycleState::InService),
        changes: activities.iter().filter_map(|activity| service(activity)).collect(),
    };
    let members = Curve {
        now: count(|state| !state.is_warm()),
        changes: activities.iter().flat_map(|activity| membership(activity)).collect(),
    };
    let mut counts = Vec::new();
    let mut at = from;
    while at < to {
        let end = at.plus(MINUTE);
        let (in_service, members) = (serving.at(end), members.at(end));
        counts.push(Headcount { at, serving: serving.average(at, end), in_service, members });
        at = end;
    }
    counts
}

/// How long launches took until service, on average.
pub(super) fn launch_seconds(activities: &[Arc<ScalingActivity>]) -> Option<f64> {
    let launches = activities.iter().filter(|activity| Kind::of(activity) == Some(Kind::Launch));
    let whole = launches.filter(|activity| activity.status == ActivityStatus::Successful);
    let times: Vec<f64> =
        whole.filter_map(|launch| Some(launch.ended_at?.since(launch.started_at).as_secs_f64())).collect();
    let count: f64 = times.iter().map(|_| 1.0).sum();
    (count > 0.0).then(|| times.iter().sum::<f64>() / count)
}

/// A count as a whole number of instances.
pub(super) fn whole(count: f64) -> u32 {
    // Clamped and rounded; casts of NaN give 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = count.round().clamp(0.0, f64::from(u32::MAX)) as u32;
    whole
}

struct Curve {
    now: i64,
    changes: Vec<Change>,
}

impl Curve {
    fn at(&self, moment: Timestamp) -> u32 {
        let later: i64 = self.changes.iter().filter(|(at, _)| *at > moment).map(|(_, by)| by).sum();
        u32::try_from(self.now.saturating_sub(later).max(0)).unwrap_or(u32::MAX)
    }

    fn average(&self, start: Timestamp, end: Timestamp) -> f64 {
        let mut moments: Vec<Timestamp> =
            self.changes.iter().map(|(at, _)| *at).filter(|at| *at > start && *at < end).collect();
        moments.sort_unstable();
        let mut sum = 0.0;
        let mut since = start;
        for moment in moments.into_iter().chain([end]) {
            sum += f64::from(self.at(since)) * moment.since(since).as_secs_f64();
            since = moment;
        }
        sum / end.since(start).as_secs_f64()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Launch,
    Attachment,
    Return,
    Standby,
    Leave,
}

impl Kind {
    /// By the descriptions of activities.
    fn of(activity: &ScalingActivity) -> Option<Self> {
        let beginnings = [
            ("Launching a new EC2 instance", Self::Launch),
            ("Attaching an existing EC2 instance", Self::Attachment),
            ("Moving EC2 instance out of Standby", Self::Return),
            ("Moving EC2 instance to Standby", Self::Standby),
            ("Terminating EC2 instance", Self::Leave),
            ("Detaching EC2 instance", Self::Leave),
        ];
        let description = activity.description.as_str();
        // Those of the warm pool serve once they are launched from it.
        let of_group = !activity.cause.contains("launched for the warm pool");
        beginnings.iter().find(|(text, _)| of_group && description.starts_with(text)).map(|(_, kind)| *kind)
    }
}

/// When an activity changed how many are in service.
fn service(activity: &ScalingActivity) -> Option<Change> {
    let done = || activity.ended_at.filter(|_| activity.status == ActivityStatus::Successful);
    match Kind::of(activity)? {
        Kind::Launch | Kind::Attachment | Kind::Return => done().map(|at| (at, 1)),
        Kind::Standby | Kind::Leave => Some((activity.started_at, -1)),
    }
}

/// When an activity changed how many members there are.
fn membership(activity: &ScalingActivity) -> Vec<Change> {
    let gone = match activity.status {
        ActivityStatus::Failed | ActivityStatus::Cancelled => activity.ended_at.map(|at| (at, -1)),
        ActivityStatus::PreInService
        | ActivityStatus::InProgress
        | ActivityStatus::WaitingForELBConnectionDraining
        | ActivityStatus::MidLifecycleAction
        | ActivityStatus::WaitingForInstanceWarmup
        | ActivityStatus::Successful => None,
    };
    match Kind::of(activity) {
        Some(Kind::Launch | Kind::Attachment) => [Some((activity.started_at, 1)), gone].into_iter().flatten().collect(),
        Some(Kind::Leave) => activity.ended_at.map(|at| (at, -1)).into_iter().collect(),
        Some(Kind::Standby | Kind::Return) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Arn;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_176_000 + seconds)
    }

    fn activity(description: &str, start: i64, end: Option<i64>, status: ActivityStatus) -> ScalingActivity {
        ScalingActivity {
            id: "a".into(),
            group: "web".into(),
            group_arn: Arn::new(
                "autoscaling",
                "eu-west-1",
                "123456789012",
                "autoScalingGroup:u:autoScalingGroupName/web",
            ),
            description: description.into(),
            cause: String::new(),
            started_at: at(start),
            ended_at: end.map(at),
            status,
            status_message: None,
            progress: 100,
            details: "{}".into(),
            group_deleted: false,
        }
    }

    #[test]
    fn counts_are_told_backwards_from_now() {
        let launch = activity("Launching a new EC2 instance: i-1", 60, Some(90), ActivityStatus::Successful);
        let end = activity("Terminating EC2 instance: i-1", 150, Some(170), ActivityStatus::Successful);
        let serving = Curve { now: 1, changes: [&launch, &end].into_iter().filter_map(service).collect() };
        let found: Vec<u32> = [0, 89, 90, 149, 150, 200].map(|second| serving.at(at(second))).to_vec();
        assert_eq!(found, [1, 1, 2, 2, 1, 1]);
        assert!((serving.average(at(60), at(120)) - 1.5).abs() < 1e-9);
        let members = Curve { now: 1, changes: [&launch, &end].into_iter().flat_map(membership).collect() };
        let found: Vec<u32> = [59, 60, 169, 170].map(|second| members.at(at(second))).to_vec();
        assert_eq!(found, [1, 2, 2, 1]);
    }

    #[test]
    fn launches_that_failed_never_served() {
        let failed = activity("Launching a new EC2 instance: i-1", 0, Some(30), ActivityStatus::Failed);
        assert_eq!(service(&failed), None);
        assert_eq!(membership(&failed).iter().map(|(_, by)| by).sum::<i64>(), 0);
        let launch = activity("Launching a new EC2 instance: i-1", 0, Some(30), ActivityStatus::Successful);
        let warm = ScalingActivity { cause: "an instance was launched for the warm pool.".into(), ..launch.clone() };
        assert_eq!(service(&warm), None);
        assert_eq!(launch_seconds(&[Arc::new(launch), Arc::new(failed)]), Some(30.0));
    }
}
