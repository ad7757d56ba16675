//! Keeps true that target records say what the node's checks found, and that targets go when they are drained.

use crate::{
    controller::{Context, Controller, ControllerError, Next},
    node_link::HealthReport,
};
use model::{
    Scope, Timestamp,
    ec2::instance::Instance,
    elbv2::{
        plan::{drained_at, registration_of, stands_for},
        target::{Target, TargetId},
        target_group::TargetGroup,
        target_health::{CheckResult, CheckedHealth, CheckedState},
    },
    event::Event,
};
use std::{convert::Infallible, sync::Arc};
use store::{Kind, Transaction, View};
use tokio::sync::{Notify, mpsc};

/// Reports that are written, and drained targets that are forgotten, in one transaction at the most.
const BATCH: usize = 1024;

/// The controller.
pub struct TargetHealth {
    reports: mpsc::Receiver<HealthReport>,
    /// Reports that were taken and are not written yet: the node does not repeat them.
    unwritten: Vec<HealthReport>,
    reported: Arc<Notify>,
}

impl TargetHealth {
    /// Takes the reports of this host's node.
    pub fn new(reports: mpsc::Receiver<HealthReport>, reported: Arc<Notify>) -> Self {
        Self { reports, unwritten: Vec::new(), reported }
    }
}

impl Controller for TargetHealth {
    const NAME: &'static str = "target-health";
    const INTERESTS: &'static [Kind] = &[Kind::Target, Kind::TargetGroup];

    fn wake(&self) -> Option<Arc<Notify>> {
        Some(self.reported.clone())
    }

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let room = BATCH - self.unwritten.len();
        self.unwritten.extend(std::iter::from_fn(|| self.reports.try_recv().ok()).take(room));
        let now = cx.clock.now();
        let view = cx.store.view();
        // decide
        let drained = drained(&view, now);
        // act
        if !self.unwritten.is_empty() || !drained.is_empty() {
            let write = |txn: &mut Transaction| -> Result<(), Infallible> {
                for report in &self.unwritten {
                    write_health(txn, report, now);
                }
                for (scope, target) in &drained {
                    forget(txn, scope, target, now);
                }
                Ok(())
            };
            cx.store.transact(write).await.map_err(|error| ControllerError::of("writing target health", error))?;
        }
        if self.unwritten.len() == BATCH {
            self.reported.notify_one();
        }
        self.unwritten.clear();
        Ok(next_drained(&cx.store.view(), now))
    }
}

fn drain_ends(view: &View) -> impl Iterator<Item = (Scope, Arc<Target>, Timestamp)> {
    view.all::<Target>().filter_map(|(scope, target)| {
        let since = target.deregistered_at?;
        // A target whose group is gone has nobody to drain for.
        let group = view.get::<TargetGroup>(&scope, &target.target_group_arn.to_string());
        let end = group.and_then(|group| drained_at(&target, &group)).unwrap_or(since);
        Some((scope, target, end))
    })
}

fn drained(view: &View, now: Timestamp) -> Vec<(Scope, Arc<Target>)> {
    let over = drain_ends(view).filter(|(_, _, end)| *end <= now);
    over.map(|(scope, target, _)| (scope, target)).take(BATCH).collect()
}

fn next_drained(view: &View, now: Timestamp) -> Next {
    Next::earliest(drain_ends(view).map(|(_, _, end)| end).filter(|end| *end > now))
}

fn write_health(txn: &mut Transaction, report: &HealthReport, now: Timestamp) {
    let arn = &report.target_group;
    let scope = Scope::new(arn.account().to_owned(), arn.region().to_owned());
    let Some(target) = txn.get::<Target>(&scope, &store::target_id(arn, &report.target)) else { return };
    // A report about an earlier registration of the same target, or from before its instance was stopped, says nothing.
    if registration(txn, &scope, &target) != Some(report.registered_at)
        || (target.health.as_ref(), target.anomaly) == (Some(&report.health), report.anomaly)
    {
        return;
    }
    if target.health.as_ref().map(|health| health.state) != Some(report.health.state)
        && let Some((what, message)) = describe(&report.health)
    {
        txn.append_event(event(&scope, &target, what, message, now));
    }
    txn.put(&scope, Target { health: Some(report.health.clone()), anomaly: report.anomaly, ..(*target).clone() });
}

/// What the node knows the target's present life by; `None` when its group is gone.
fn registration(txn: &Transaction, scope: &Scope, target: &Target) -> Option<Timestamp> {
    let group = txn.get::<TargetGroup>(scope, target.target_group_arn.to_string())?;
    let instance = match &target.key.id {
        TargetId::Instance(id) => txn.get::<Instance>(scope, id),
        TargetId::Ip(_) => {
            txn.list::<Instance>(scope).find(|instance| stands_for(&target.key, &group.vpc_id, instance))
        }
    };
    Some(registration_of(target, instance.as_deref()))
}

fn forget(txn: &mut Transaction, scope: &Scope, target: &Target, now: Timestamp) {
    let id = store::target_id(&target.target_group_arn, &target.key);
    // It may have been registered again since it was seen.
    if txn.get::<Target>(scope, &id).is_some_and(|current| *current == *target) {
        txn.append_event(event(scope, target, "target-drained", "the deregistration delay is over".to_owned(), now));
        txn.delete::<Target>(scope, &id);
    }
}

fn event(scope: &Scope, target: &Target, what: &str, message: String, now: Timestamp) -> Event {
    let group = target.target_group_arn.resource_parts().get(1).map_or("", |name| *name).to_owned();
    Event { at: now, scope: scope.clone(), subject: format!("{group} {}", target.key), what: what.to_owned(), message }
}

/// What is worth an event; that checks begin is not.
fn describe(health: &CheckedHealth) -> Option<(&'static str, String)> {
    let cause = match health.failure {
        None | Some(CheckResult::Passed) => "health checks pass".to_owned(),
        Some(CheckResult::Mismatch(code)) => format!("health checks were answered with {code}"),
        Some(CheckResult::TimedOut) => "health checks timed out".to_owned(),
        Some(CheckResult::Failed) => "health checks got no HTTP answer".to_owned(),
    };
    match health.state {
        CheckedState::Initial => None,
        CheckedState::Healthy => Some(("target-healthy", cause)),
        CheckedState::Unhealthy => Some(("target-unhealthy", cause)),
    }
}
