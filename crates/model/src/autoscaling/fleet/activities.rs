//! The activities of members' transitions: how they begin, go on and end, and the causes that AWS's users know.

use super::{Effect, Notice, step::Step};
use crate::{
    Timestamp,
    autoscaling::{
        activity::{ActivityStatus, ScalingActivity, sentence},
        group::CapacityCause,
        member::{GroupInstance, UnhealthyCause},
        notification,
    },
    id::{SubnetId, uuid},
};

/// What the descriptions of launches begin with.
pub(super) const LAUNCHING: &str = "Launching a new EC2 instance";
/// What the descriptions of terminations begin with.
pub(super) const TERMINATING: &str = "Terminating EC2 instance";
const ATTACHING: &str = "Attaching";

impl Step<'_> {
    /// A new activity; `cause` is made of whole sentences.
    pub fn activity(&mut self, description: String, cause: String, details: String) -> ScalingActivity {
        ScalingActivity {
            id: uuid(self.ids),
            group: self.group.name.clone(),
            group_arn: self.group.arn.clone(),
            description,
            cause,
            started_at: self.now,
            ended_at: None,
            status: ActivityStatus::InProgress,
            status_message: None,
            progress: 0,
            details,
            group_deleted: false,
        }
    }

    /// The activity of a member's present transition, unless it is over.
    pub fn activity_of(&self, member: &GroupInstance) -> Option<ScalingActivity> {
        let id = member.activity.as_ref()?;
        let found = self.changed.get(id).or_else(|| self.facts.activities.get(id))?;
        (!found.status.is_over()).then(|| found.clone())
    }

    /// The member's activity goes on.
    pub fn progress(&mut self, member: &GroupInstance, status: ActivityStatus, progress: u8) {
        if let Some(mut activity) = self.activity_of(member) {
            (activity.status, activity.progress) = (status, progress);
            self.changed.insert(activity.id.clone(), activity);
        }
    }

    /// The member's activity is over, and those who want to know are told.
    pub fn end_activity(&mut self, member: &mut GroupInstance, status: ActivityStatus, message: Option<String>) {
        let activity = self.activity_of(member);
        member.activity = None;
        let Some(mut activity) = activity else { return };
        end(&mut activity, status, message, self.now);
        if let Some(event) = event(&activity) {
            let instance = Some(member.instance_id.clone());
            self.effect(Effect::Notify(Notice::Activity { event, activity: activity.clone(), instance }));
        }
        self.changed.insert(activity.id.clone(), activity);
    }

    /// `At <time> <text>.`, after the reason for the present desired capacity if there is one.
    pub fn cause_of_difference(&self, text: &str) -> String {
        difference(self.group.capacity_cause.as_ref(), self.now, text)
    }
}

/// Ends an activity.
pub(super) fn end(activity: &mut ScalingActivity, status: ActivityStatus, message: Option<String>, now: Timestamp) {
    activity.status = status;
    activity.status_message = message;
    activity.progress = 100;
    activity.ended_at = Some(now);
}

/// `At <time> <text>.`, after the reason for the desired capacity if there is one.
pub(super) fn difference(capacity: Option<&CapacityCause>, now: Timestamp, text: &str) -> String {
    let mut sentences: Vec<String> = capacity.iter().map(|cause| sentence(cause.at, &cause.text)).collect();
    sentences.push(sentence(now, text));
    sentences.join("  ")
}

/// The type of the notification about an activity that ended; none for what only moves between states.
pub(super) fn event(activity: &ScalingActivity) -> Option<&'static str> {
    let launch = activity.description.starts_with(LAUNCHING) || activity.description.starts_with(ATTACHING);
    let termination = activity.description.starts_with(TERMINATING);
    let good = match activity.status {
        ActivityStatus::Successful => true,
        ActivityStatus::Failed => false,
        ActivityStatus::PreInService
        | ActivityStatus::InProgress
        | ActivityStatus::WaitingForELBConnectionDraining
        | ActivityStatus::MidLifecycleAction
        | ActivityStatus::WaitingForInstanceWarmup
        | ActivityStatus::Cancelled => return None,
    };
    match (launch, termination, good) {
        (true, _, true) => Some(notification::LAUNCH),
        (true, _, false) => Some(notification::LAUNCH_ERROR),
        (false, true, true) => Some(notification::TERMINATE),
        (false, true, false) => Some(notification::TERMINATE_ERROR),
        (false, false, _) => None,
    }
}

/// `{"Subnet ID":"…","Availability Zone":"…"}`
pub(super) fn details(subnet: &SubnetId, zone: &str) -> String {
    format!(r#"{{"Subnet ID":"{subnet}","Availability Zone":"{zone}"}}"#)
}

/// Why an unhealthy member goes, in AWS's words.
pub(super) const fn health_text(cause: UnhealthyCause) -> &'static str {
    match cause {
        UnhealthyCause::NotRunning => {
            "an instance was taken out of service in response to an EC2 health check that indicated it had been \
             terminated or stopped"
        }
        UnhealthyCause::StatusCheck => {
            "an instance was taken out of service in response to an EC2 instance status check failure"
        }
        UnhealthyCause::LoadBalancer => {
            "an instance was taken out of service in response to an ELB system health check failure"
        }
        UnhealthyCause::UserRequest => "an instance was taken out of service in response to a user health-check",
    }
}

/// The text of a launch that follows the desired capacity.
pub(super) fn increase_text(from: u32, to: u32) -> String {
    format!(
        "an instance was started in response to a difference between desired and actual capacity, increasing the \
         capacity from {from} to {to}"
    )
}

/// The text of a termination that follows the desired capacity.
pub(super) fn shrink_text(from: u32, to: u32) -> String {
    format!(
        "an instance was taken out of service in response to a difference between desired and actual capacity, \
         shrinking the capacity from {from} to {to}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_begin_with_the_reason_for_the_capacity() {
        let at = Timestamp::from_millis(1_581_446_050_000);
        let cause = CapacityCause {
            at,
            text: "a monitor alarm low in state ALARM triggered policy in changing the desired capacity from 3 to 2"
                .into(),
        };
        let whole = difference(Some(&cause), at, &shrink_text(3, 2));
        assert_eq!(
            whole,
            "At 2020-02-11T18:34:10Z a monitor alarm low in state ALARM triggered policy in changing the desired \
             capacity from 3 to 2.  At 2020-02-11T18:34:10Z an instance was taken out of service in response to a \
             difference between desired and actual capacity, shrinking the capacity from 3 to 2."
        );
        assert_eq!(
            difference(None, at, &increase_text(0, 2)),
            "At 2020-02-11T18:34:10Z an instance was started in response to a difference between desired and actual \
             capacity, increasing the capacity from 0 to 2."
        );
    }
}
