//! What a group would do: the deciders of alarms, capacity and members over a given load on a virtual clock.
//!
//! The load is shared by the instances in service: an alarm sees the load divided by their number (per cent of one
//! instance, requests per target …), averaged over its periods whatever its statistic is. Everything else is what the
//! server itself runs. `goru simulate` prints the [`Timeline`].

mod instance;
mod readings;
mod world;

#[cfg(test)]
mod tests;

pub use instance::SimulatedInstance;
pub use world::{Decided, Faults, Observer, Timing, World};

use super::{
    decision::{Outcome, ScalingDecision},
    fleet::Effect,
    group::AutoScalingGroup,
    policy::ScalingPolicy,
    scheduled_action::ScheduledAction,
    trigger::PolicyTrigger,
};
use crate::{
    Timestamp,
    cloudwatch::{
        alarm::{Alarm, ComparisonOperator},
        alarm_state,
    },
};
use readings::Readings;
use std::time::Duration;

/// The longest time that is simulated.
pub const MAXIMUM_SPAN: Duration = Duration::from_secs(31 * 86_400);
/// Ids of simulated instances begin here.
const SEED: u64 = 0x5eed;
/// Metrics are read once a minute, or as often as the shortest period of an alarm.
const MINUTE_SECONDS: i32 = 60;

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The group at the start; its members run.
    pub group: AutoScalingGroup,
    /// Its policies.
    pub policies: Vec<ScalingPolicy>,
    /// The alarms that ask for them.
    pub alarms: Vec<Alarm>,
    /// Its scheduled actions.
    pub scheduled: Vec<ScheduledAction>,
    /// The total load (the metric of one instance times their number), each from its moment on, in order.
    pub load: Vec<(Timestamp, f64)>,
    /// The most that the metric can show, for example 100 per cent: load beyond it is not seen.
    pub metric_maximum: Option<f64>,
    /// How long things take.
    pub timing: Timing,
    /// The start; rounded down to a minute.
    pub from: Timestamp,
    /// The end; at most [`MAXIMUM_SPAN`] later.
    pub to: Timestamp,
}

/// What happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// One for each minute, at its end.
    pub minutes: Vec<Minute>,
    /// Every change and every wish that was not followed, in order; repetitions are counted.
    pub decisions: Vec<ScalingDecision>,
    /// The sum of it.
    pub totals: Totals,
}

/// One minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minute {
    /// Its end.
    pub at: Timestamp,
    /// The total load.
    pub load: f64,
    /// What one instance had to do; absent while none was in service.
    pub metric: Option<f64>,
    /// DesiredCapacity.
    pub desired: u32,
    /// Instances in service.
    pub in_service: u32,
    /// Instances that cost something.
    pub running: u32,
}

/// The sum of a timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// The lowest threshold of an alarm that looks for high values; absent without such an alarm.
    pub threshold: Option<f64>,
    /// Minutes in which the metric was above it.
    pub minutes_over_threshold: u32,
    /// Minutes with load and nobody in service.
    pub minutes_without_service: u32,
    /// Instances by the hours that they ran.
    pub instance_hours: f64,
    /// Changes of the desired capacity.
    pub actions: u32,
    /// The least and the greatest desired capacity.
    pub least: u32,
    /// See `least`.
    pub most: u32,
}

/// Runs a simulation.
pub fn simulate(simulation: &Simulation) -> Timeline {
    let from = simulation.from.period_start(MINUTE_SECONDS.into());
    let to = simulation.to.min(from.plus(MAXIMUM_SPAN));
    let periods = simulation.alarms.iter().map(Alarm::period_seconds);
    let tick = periods.chain([MINUTE_SECONDS]).min().unwrap_or(MINUTE_SECONDS);
    let mut world = World::new(simulation.group.clone(), simulation.timing, from, SEED);
    world.policies.clone_from(&simulation.policies);
    world.scheduled.clone_from(&simulation.scheduled);
    let mut run = Run {
        simulation,
        world,
        alarms: simulation.alarms.clone(),
        readings: Readings::new(from, tick),
        timeline: Timeline::default(),
    };
    run.begin();
    let step = Duration::from_secs(u64::from(tick.unsigned_abs()));
    let mut now = from.plus(step);
    while now <= to {
        run.tick(now);
        now = now.plus(step);
    }
    run.timeline
}

struct Run<'a> {
    simulation: &'a Simulation,
    world: World,
    alarms: Vec<Alarm>,
    readings: Readings,
    timeline: Timeline,
}

impl Run<'_> {
    fn begin(&mut self) {
        let high = |alarm: &&Alarm| match alarm.comparison {
            ComparisonOperator::GreaterThanThreshold | ComparisonOperator::GreaterThanOrEqualToThreshold => true,
            ComparisonOperator::LessThanThreshold | ComparisonOperator::LessThanOrEqualToThreshold => false,
        };
        let totals = &mut self.timeline.totals;
        totals.threshold = self.alarms.iter().filter(high).map(|alarm| alarm.threshold).min_by(f64::total_cmp);
        (totals.least, totals.most) = (self.world.group.desired, self.world.group.desired);
        self.pass(self.world.now);
    }

    /// One period of the readings: it passes, is measured, and the alarms look at it.
    fn tick(&mut self, now: Timestamp) {
        let before = now.minus(Duration::from_millis(1));
        self.pass_if_busy(before);
        let load = self.load(before);
        let metric = self.metric(load);
        self.readings.push(metric);
        if now.period_start(MINUTE_SECONDS.into()) == now {
            self.minute(now, load, metric);
        }
        // Wishes are of this moment, whenever the last change was.
        self.world.now = now;
        self.evaluate(now);
        self.pass_if_busy(now);
    }

    /// Most minutes nothing happens: then nothing needs to be decided.
    fn pass_if_busy(&mut self, to: Timestamp) {
        let changes = self.world.next_change().is_some_and(|at| at <= to);
        if changes || !self.world.triggers.is_empty() {
            self.pass(to);
        }
    }

    fn pass(&mut self, to: Timestamp) {
        let timeline = &mut self.timeline;
        self.world.pass(to, &mut |world, decided| timeline.note(world, decided));
    }

    /// The load at a moment.
    fn load(&self, at: Timestamp) -> f64 {
        let load = &self.simulation.load;
        let later = load.partition_point(|(start, _)| *start <= at);
        later.checked_sub(1).map_or(0.0, |position| load[position].1)
    }

    fn metric(&self, load: f64) -> Option<f64> {
        let serving = self.world.serving();
        let shared = (serving > 0).then(|| load / f64::from(serving))?;
        Some(self.simulation.metric_maximum.map_or(shared, |most| shared.min(most)))
    }

    fn minute(&mut self, at: Timestamp, load: f64, metric: Option<f64>) {
        let (desired, in_service, running) = (self.world.group.desired, self.world.serving(), self.world.running());
        self.timeline.minutes.push(Minute { at, load, metric, desired, in_service, running });
        let totals = &mut self.timeline.totals;
        let over = metric.zip(totals.threshold).is_some_and(|(metric, threshold)| metric > threshold);
        totals.minutes_over_threshold += u32::from(over);
        totals.minutes_without_service += u32::from(metric.is_none() && load > 0.0);
        totals.instance_hours += f64::from(running) / 60.0;
        (totals.least, totals.most) = (totals.least.min(desired), totals.most.max(desired));
    }

    /// The alarms that are due; those in a state with scaling policies ask for them.
    fn evaluate(&mut self, now: Timestamp) {
        for alarm in &mut self.alarms {
            if now.seconds() % alarm_state::cadence_seconds(alarm) != 0 {
                continue;
            }
            let points = self.readings.datapoints(&alarm_state::range(alarm, now));
            let evaluation = alarm_state::decide(alarm, &points, now);
            let changed = evaluation.state != alarm.state.value;
            let asks = changed || alarm_state::repeats_actions(alarm, now);
            if changed {
                alarm.state =
                    alarm.state.becomes(evaluation.state, evaluation.reason, Some(evaluation.reason_data), now);
            }
            if asks && alarm.actions_enabled {
                self.world.triggers.extend(triggers(alarm, evaluation.newest, now));
            }
        }
    }
}

/// What an alarm asks for in its state.
fn triggers(alarm: &Alarm, value: Option<f64>, now: Timestamp) -> impl Iterator<Item = PolicyTrigger> {
    let policies = alarm.actions.of(alarm.state.value).iter().filter(|action| action.service() == "autoscaling");
    policies.map(move |policy| PolicyTrigger {
        policy_arn: policy.clone(),
        alarm_name: alarm.name.clone(),
        alarm_arn: alarm.arn.clone(),
        threshold: Some(alarm.threshold),
        value,
        at: now,
    })
}

impl Timeline {
    fn note(&mut self, world: &World, decided: &Decided) {
        if decided.capacity.desired != world.group.desired {
            self.totals.actions += 1;
        }
        let of_fleet = decided.fleet.effects.iter().filter_map(|effect| match effect {
            Effect::Decide(decision) => Some(decision),
            Effect::Launch(_)
            | Effect::Terminate(_)
            | Effect::Start(_)
            | Effect::Stop(_)
            | Effect::Release(_)
            | Effect::Register(..)
            | Effect::Deregister(..)
            | Effect::Activity(_)
            | Effect::Notify(_)
            | Effect::DeleteGroup => None,
        });
        for decision in decided.capacity.decisions.iter().chain(of_fleet) {
            self.keep(decision);
        }
    }

    /// As the store keeps decisions: what repeats is counted.
    fn keep(&mut self, decision: &ScalingDecision) {
        let newest = self.decisions.iter_mut().rev().find(|newest| newest.origin == decision.origin);
        match newest {
            Some(newest) if newest.repeats(decision) => {
                newest.last_at = decision.at;
                newest.times = newest.times.saturating_add(1);
                newest.why.clone_from(&decision.why);
            }
            Some(_) | None => self.decisions.push(decision.clone()),
        }
    }

    /// The decisions that were carried out.
    pub fn done(&self) -> impl Iterator<Item = &ScalingDecision> {
        self.decisions.iter().filter(|decision| decision.outcome == Outcome::Done)
    }
}
