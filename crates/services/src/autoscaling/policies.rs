//! Scaling policies: put, describe, delete, execute. What a policy makes of a capacity is decided in `model`.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::autoscaling::capacity::{self, CannotExecute, Execution};
use model::autoscaling::group::AutoScalingGroup;
use model::autoscaling::policy::{
    InvalidPolicy, MetricAggregation, PolicyKind, ScalingPolicy, SimplePolicy, StepPolicy,
};
use model::autoscaling::step::{Adjustment, AdjustmentType, InvalidSteps, StepAdjustment};
use model::autoscaling::target_tracking::alarms;
use model::cloudwatch::alarm::Alarm;
use model::cloudwatch::alarm_history::Entry;
use model::cloudwatch::any_alarm::AnyAlarm;
use model::id::uuid;
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, Quota, committed, invalid, shown};
use super::resources::{self, DEFAULT_PAGE, MAXIMUM_PAGE, change, number, page_size, shown_number};
use super::{decisions, predictive, target_tracking};
use crate::cloudwatch;
use crate::context::Context;
use crate::pagination::Listing;

/// The kinds of policy, AWS's default first.
const KINDS: [&str; 4] = ["SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"];

pub(super) async fn put(cx: &Context, input: shape::PutScalingPolicyType) -> Result<shape::PolicyARNType, AwsError> {
    let shape::PutScalingPolicyType {
        adjustment_type,
        auto_scaling_group_name,
        cooldown,
        enabled,
        estimated_instance_warmup,
        metric_aggregation_type,
        min_adjustment_magnitude,
        policy_name,
        policy_type,
        predictive_scaling_configuration,
        scaling_adjustment,
        step_adjustments,
        target_tracking_configuration,
    } = input;
    let given = Given {
        adjustment_type,
        cooldown,
        estimated_instance_warmup,
        metric_aggregation_type,
        min_adjustment_magnitude,
        predictive_scaling_configuration,
        scaling_adjustment,
        step_adjustments,
        target_tracking_configuration,
    };
    let kind = given.read(policy_type.as_deref().unwrap_or(KINDS[0]))?;
    let enabled = enabled.unwrap_or(true);
    let uuid = cx.mint(uuid);
    let policy = change(cx, &auto_scaling_group_name, |txn, group| {
        let policy = ScalingPolicy::new(&cx.scope(), &group.name, &policy_name, &uuid, enabled, kind.clone());
        write(cx, txn, policy.map_err(refused)?)
    })
    .await?;
    Ok(shape::PolicyARNType { alarms: Some(alarms_to_shape(&policy)), policy_arn: Some(policy.arn.to_string()) })
}

fn refused(error: InvalidPolicy) -> Error {
    match error {
        InvalidPolicy::Steps(InvalidSteps::Count(count)) if count > Quota::Steps.limit() => {
            Error::TooMany(Quota::Steps)
        }
        other @ (InvalidPolicy::Name
        | InvalidPolicy::Adjustment(_)
        | InvalidPolicy::Steps(_)
        | InvalidPolicy::Target
        | InvalidPolicy::ResourceLabel(_)
        | InvalidPolicy::UnexpectedResourceLabel(_)
        | InvalidPolicy::Metric
        | InvalidPolicy::Period(_)
        | InvalidPolicy::QueryCount(_)
        | InvalidPolicy::QueryId(_)
        | InvalidPolicy::RepeatedQueryId(_)
        | InvalidPolicy::Expression(_)
        | InvalidPolicy::ReturnData(_)
        | InvalidPolicy::SchedulingBuffer(_)
        | InvalidPolicy::MaximumCapacityBuffer
        | InvalidPolicy::MissingMaximumCapacityBuffer) => invalid(other.to_string()),
    }
}

/// Writes a policy in the place of an older one of its name, whose ARN it keeps, with alarms of its own.
fn write(cx: &Context, txn: &mut Transaction, policy: ScalingPolicy) -> Result<ScalingPolicy, Error> {
    let scope = cx.scope();
    let all = of_group(txn.view(), cx, &policy.group);
    let old = all.iter().find(|old| old.name == policy.name);
    if old.is_none() && all.len() >= Quota::Policies.limit() {
        return Err(Error::TooMany(Quota::Policies));
    }
    let policy = match old {
        Some(old) => ScalingPolicy { arn: old.arn.clone(), alarms: old.alarms.clone(), ..policy },
        None => policy,
    };
    let policy = with_alarms(cx, txn, policy);
    txn.put(&scope, policy.clone());
    Ok(policy)
}

/// The policy with the alarms that it needs now: those of target tracking are put anew, others that it had go.
fn with_alarms(cx: &Context, txn: &mut Transaction, policy: ScalingPolicy) -> ScalingPolicy {
    let scope = cx.scope();
    let needed = cx.mint(|ids| alarms(&policy, &scope, cx.now, ids));
    let named = needed.iter().map(|alarm| (alarm.name.clone(), alarm.arn.clone())).collect();
    let surplus = policy.alarms.iter().filter(|(name, _)| !needed.iter().any(|alarm| alarm.name == *name));
    surplus.for_each(|(name, _)| delete_alarm(cx, txn, &policy, name));
    for alarm in needed {
        let what = if txn.contains::<Alarm>(&scope, &alarm.name) { "updated" } else { "created" };
        record_alarm(cx, txn, what, &alarm);
        txn.put(&scope, alarm);
    }
    ScalingPolicy { alarms: named, ..policy }
}

/// The members of a request that depend on the kind of policy.
struct Given {
    adjustment_type: Option<String>,
    cooldown: Option<i32>,
    estimated_instance_warmup: Option<i32>,
    metric_aggregation_type: Option<String>,
    min_adjustment_magnitude: Option<i32>,
    predictive_scaling_configuration: Option<shape::PredictiveScalingConfiguration>,
    scaling_adjustment: Option<i32>,
    step_adjustments: Option<Vec<shape::StepAdjustment>>,
    target_tracking_configuration: Option<shape::TargetTrackingConfiguration>,
}

impl Given {
    fn read(self, kind: &str) -> Result<PolicyKind, Error> {
        self.check_members(kind)?;
        match kind {
            "SimpleScaling" => self.simple().map(PolicyKind::Simple),
            "StepScaling" => self.step().map(PolicyKind::Step),
            "TargetTrackingScaling" => {
                let warmup = self.estimated_instance_warmup.map(number);
                let given = needed(self.target_tracking_configuration, "TargetTrackingConfiguration", kind)?;
                target_tracking::read(given, warmup).map(PolicyKind::TargetTracking)
            }
            "PredictiveScaling" => {
                let given = needed(self.predictive_scaling_configuration, "PredictiveScalingConfiguration", kind)?;
                predictive::read(given).map(PolicyKind::Predictive)
            }
            other => Err(invalid(format!("PolicyType `{}` must be one of {}", shown(other), KINDS.join(", ")))),
        }
    }

    /// Members that another kind of policy has are refused, not ignored.
    fn check_members(&self, kind: &str) -> Result<(), Error> {
        const SIMPLE: &str = "SimpleScaling";
        const STEP: &str = "StepScaling";
        const TRACKING: &str = "TargetTrackingScaling";
        const PREDICTIVE: &str = "PredictiveScaling";
        let rules: [(&str, bool, &[&str]); 9] = [
            ("AdjustmentType", self.adjustment_type.is_some(), &[SIMPLE, STEP]),
            ("Cooldown", self.cooldown.is_some(), &[SIMPLE]),
            ("EstimatedInstanceWarmup", self.estimated_instance_warmup.is_some(), &[STEP, TRACKING]),
            ("MetricAggregationType", self.metric_aggregation_type.is_some(), &[STEP]),
            ("MinAdjustmentMagnitude", self.min_adjustment_magnitude.is_some(), &[SIMPLE, STEP]),
            ("PredictiveScalingConfiguration", self.predictive_scaling_configuration.is_some(), &[PREDICTIVE]),
            ("ScalingAdjustment", self.scaling_adjustment.is_some(), &[SIMPLE]),
            ("StepAdjustments", self.step_adjustments.is_some(), &[STEP]),
            ("TargetTrackingConfiguration", self.target_tracking_configuration.is_some(), &[TRACKING]),
        ];
        match rules.iter().find(|(_, given, kinds)| *given && !kinds.contains(&kind) && KINDS.contains(&kind)) {
            Some((member, _, kinds)) => {
                Err(invalid(format!("{member} goes with PolicyType {} only, not with {kind}", kinds.join(" or "))))
            }
            None => Ok(()),
        }
    }

    fn simple(self) -> Result<SimplePolicy, Error> {
        let amount = needed(self.scaling_adjustment, "ScalingAdjustment", "SimpleScaling")?;
        let adjustment_type = adjustment_type(self.adjustment_type, "SimpleScaling")?;
        let minimum_magnitude = magnitude(self.min_adjustment_magnitude);
        Ok(SimplePolicy {
            adjustment: Adjustment { adjustment_type, amount, minimum_magnitude },
            cooldown_seconds: self.cooldown.map(number),
        })
    }

    fn step(self) -> Result<StepPolicy, Error> {
        let steps = needed(self.step_adjustments, "StepAdjustments", "StepScaling")?;
        Ok(StepPolicy {
            adjustment_type: adjustment_type(self.adjustment_type, "StepScaling")?,
            steps: steps.into_iter().map(read_step).collect(),
            minimum_magnitude: magnitude(self.min_adjustment_magnitude),
            aggregation: self
                .metric_aggregation_type
                .map_or(Ok(MetricAggregation::Average), |text| aggregation(&text))?,
            warmup_seconds: self.estimated_instance_warmup.map(number),
        })
    }
}

fn needed<T>(given: Option<T>, member: &str, kind: &str) -> Result<T, Error> {
    given.ok_or_else(|| invalid(format!("{member} is needed with PolicyType {kind}")))
}

fn adjustment_type(given: Option<String>, kind: &str) -> Result<AdjustmentType, Error> {
    let name = needed(given, "AdjustmentType", kind)?;
    AdjustmentType::from_name(&name).ok_or_else(|| {
        let known = AdjustmentType::ALL.map(AdjustmentType::name).join(", ");
        invalid(format!("AdjustmentType `{}` must be one of {known}", shown(&name)))
    })
}

/// What is below zero becomes 0, which the policy's own check refuses.
fn magnitude(given: Option<i32>) -> Option<u32> {
    given.map(|magnitude| u32::try_from(magnitude).unwrap_or(0))
}

fn aggregation(text: &str) -> Result<MetricAggregation, Error> {
    MetricAggregation::from_name(text).ok_or_else(|| {
        let known = MetricAggregation::ALL.map(MetricAggregation::name).join(", ");
        invalid(format!("MetricAggregationType `{}` must be one of {known}", shown(text)))
    })
}

fn read_step(given: shape::StepAdjustment) -> StepAdjustment {
    let shape::StepAdjustment { metric_interval_lower_bound, metric_interval_upper_bound, scaling_adjustment } = given;
    StepAdjustment {
        lower: metric_interval_lower_bound,
        upper: metric_interval_upper_bound,
        adjustment: scaling_adjustment,
    }
}

fn delete_alarms(cx: &Context, txn: &mut Transaction, policy: &ScalingPolicy) {
    policy.alarms.iter().for_each(|(name, _)| delete_alarm(cx, txn, policy, name));
}

/// Only the policy's own: its owner may have deleted it and made another of that name.
fn delete_alarm(cx: &Context, txn: &mut Transaction, policy: &ScalingPolicy, name: &str) {
    let scope = cx.scope();
    let found = txn.get::<Alarm>(&scope, name);
    if let Some(alarm) = found.filter(|alarm| alarm.managed_by.as_ref() == Some(&policy.arn)) {
        txn.delete::<Alarm>(&scope, name);
        record_alarm(cx, txn, "deleted", &alarm);
    }
}

/// The history of alarms knows those of policies too.
fn record_alarm(cx: &Context, txn: &mut Transaction, what: &str, alarm: &Alarm) {
    let alarm = AnyAlarm::Metric(Box::new(alarm.clone()));
    let entry = Entry::configuration(what, &alarm);
    cloudwatch::record(txn, &cx.scope(), &alarm, vec![entry], cx.now);
}

/// All of a group, in order of names.
pub(super) fn of_group(view: &View, cx: &Context, group: &str) -> Vec<Arc<ScalingPolicy>> {
    view.range::<ScalingPolicy>(&cx.scope(), &AutoScalingGroup::prefix(group)).collect()
}

/// The policy of a name, which needs its group, or of an ARN.
pub(super) fn find(view: &View, cx: &Context, group: Option<&str>, text: &str) -> Result<Arc<ScalingPolicy>, Error> {
    let missing = || invalid(format!("PolicyName not found - there is no scaling policy `{}`", shown(text)));
    let (named, name) = match text.starts_with("arn:") {
        true => {
            let arn = resources::arn("PolicyName", text)?;
            let parts = ScalingPolicy::group_of(&arn).zip(ScalingPolicy::name_of(&arn));
            let (group, name) = parts.ok_or_else(missing)?;
            (Some(group.to_owned()), name.to_owned())
        }
        false => (None, text.to_owned()),
    };
    let group = match (group, named) {
        (Some(group), Some(named)) if group != named => return Err(missing()),
        (Some(group), _) => group.to_owned(),
        (None, Some(named)) => named,
        (None, None) => return Err(invalid("AutoScalingGroupName is needed unless PolicyName is the ARN of a policy")),
    };
    let found = view.get::<ScalingPolicy>(&cx.scope(), ScalingPolicy::id_of(&group, &name));
    found.filter(|policy| !text.starts_with("arn:") || policy.arn.to_string() == text).ok_or_else(missing)
}

pub(super) async fn delete(cx: &Context, input: shape::DeletePolicyType) -> Result<(), AwsError> {
    let shape::DeletePolicyType { auto_scaling_group_name, policy_name } = input;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let policy = find_in(txn.view(), cx, auto_scaling_group_name.as_deref(), &policy_name)?;
        delete_alarms(cx, txn, &policy);
        txn.delete::<ScalingPolicy>(&scope, policy.id());
        Ok(())
    };
    committed(cx.store.transact(write).await)
}

/// The same after the group of the request was looked up, so that a group that is not there is said to be missing.
fn find_in(view: &View, cx: &Context, group: Option<&str>, policy: &str) -> Result<Arc<ScalingPolicy>, Error> {
    let group = group.map(|name| resources::group(view, &cx.scope(), name)).transpose()?;
    find(view, cx, group.as_ref().map(|group| group.name.as_str()), policy)
}

/// Carries a policy out now, whatever its alarms say.
pub(super) async fn execute(cx: &Context, input: shape::ExecutePolicyType) -> Result<(), AwsError> {
    let shape::ExecutePolicyType {
        auto_scaling_group_name,
        breach_threshold,
        honor_cooldown,
        metric_value,
        policy_name,
    } = input;
    let execution = Execution { honor_cooldown: honor_cooldown.unwrap_or(false), metric_value, breach_threshold };
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let policy = find_in(txn.view(), cx, auto_scaling_group_name.as_deref(), &policy_name)?;
        let mut group = AutoScalingGroup::clone(&*resources::group_to_change(txn.view(), &scope, &policy.group)?);
        let decision = capacity::execute(&group, &policy, execution, cx.now).map_err(not_executed)?;
        decision.apply_to(&mut group);
        decisions::write(txn, &scope, decision.decisions);
        txn.put(&scope, group);
        Ok(())
    };
    committed(cx.store.transact(write).await)
}

fn not_executed(why: CannotExecute) -> Error {
    match why {
        CannotExecute::Cooldown => Error::ActivityInProgress(why.to_string()),
        CannotExecute::Disabled
        | CannotExecute::Kind(_)
        | CannotExecute::StepNeedsMetric
        | CannotExecute::UnexpectedMetric => invalid(why.to_string()),
    }
}

/// What DescribePolicies selects; names may be ARNs.
#[derive(Debug)]
struct Selection {
    group: Option<String>,
    names: BTreeSet<String>,
    kinds: BTreeSet<String>,
}

impl Selection {
    fn admits(&self, policy: &ScalingPolicy) -> bool {
        let named =
            self.names.is_empty() || self.names.contains(&policy.name) || self.names.contains(&policy.arn.to_string());
        named && (self.kinds.is_empty() || self.kinds.contains(policy.kind.name()))
    }
}

pub(super) fn describe(cx: &Context, input: shape::DescribePoliciesType) -> Result<shape::PoliciesType, Error> {
    let shape::DescribePoliciesType { auto_scaling_group_name, max_records, next_token, policy_names, policy_types } =
        input;
    let (view, scope) = (cx.store.view(), cx.scope());
    let found = |name: String| resources::group(&view, &scope, &name).map(|group| group.name.clone());
    let kinds: BTreeSet<String> = policy_types.unwrap_or_default().into_iter().collect();
    if let Some(kind) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(invalid(format!("PolicyTypes: `{}` must be one of {}", shown(kind), KINDS.join(", "))));
    }
    let names = policy_names.unwrap_or_default().into_iter().collect();
    let selection = Selection { group: auto_scaling_group_name.map(found).transpose()?, names, kinds };
    let all: Vec<Arc<ScalingPolicy>> = match &selection.group {
        Some(group) => of_group(&view, cx, group),
        None => view.list::<ScalingPolicy>(&scope).collect(),
    };
    let wanted = all.into_iter().filter(|policy| selection.admits(policy)).map(|policy| (policy.id(), policy));
    let listing = Listing { operation: "DescribePolicies", selection: &selection };
    let size = page_size(max_records, DEFAULT_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, wanted)?.map(|policy| to_shape(&view, cx, &policy));
    Ok(shape::PoliciesType { next_token: page.next, scaling_policies: Some(page.items) })
}

fn to_shape(view: &View, cx: &Context, policy: &ScalingPolicy) -> shape::ScalingPolicy {
    let ScalingPolicy { group, name, arn, enabled, kind, alarms: _ } = policy;
    let mut shown = shape::ScalingPolicy {
        alarms: Some(alarms_of(view, cx, policy)),
        auto_scaling_group_name: Some(group.clone()),
        enabled: Some(*enabled),
        policy_arn: Some(arn.to_string()),
        policy_name: Some(name.clone()),
        policy_type: Some(kind.name().to_owned()),
        ..Default::default()
    };
    show_kind(&mut shown, kind);
    shown
}

fn show_kind(shown: &mut shape::ScalingPolicy, kind: &PolicyKind) {
    match kind {
        PolicyKind::Simple(SimplePolicy { adjustment, cooldown_seconds }) => {
            let Adjustment { adjustment_type, amount, minimum_magnitude } = adjustment;
            shown.adjustment_type = Some(adjustment_type.name().to_owned());
            shown.scaling_adjustment = Some(*amount);
            shown.min_adjustment_magnitude = minimum_magnitude.map(shown_number);
            shown.cooldown = cooldown_seconds.map(shown_number);
        }
        PolicyKind::Step(StepPolicy { adjustment_type, steps, minimum_magnitude, aggregation, warmup_seconds }) => {
            shown.adjustment_type = Some(adjustment_type.name().to_owned());
            shown.step_adjustments = Some(steps.iter().map(step_to_shape).collect());
            shown.min_adjustment_magnitude = minimum_magnitude.map(shown_number);
            shown.metric_aggregation_type = Some(aggregation.name().to_owned());
            shown.estimated_instance_warmup = warmup_seconds.map(shown_number);
        }
        PolicyKind::TargetTracking(tracking) => {
            shown.target_tracking_configuration = Some(target_tracking::to_shape(tracking));
            shown.estimated_instance_warmup = tracking.warmup_seconds.map(shown_number);
        }
        PolicyKind::Predictive(policy) => {
            shown.predictive_scaling_configuration = Some(predictive::to_shape(policy));
        }
    }
}

fn step_to_shape(step: &StepAdjustment) -> shape::StepAdjustment {
    let StepAdjustment { lower, upper, adjustment } = step;
    shape::StepAdjustment {
        metric_interval_lower_bound: *lower,
        metric_interval_upper_bound: *upper,
        scaling_adjustment: *adjustment,
    }
}

/// The alarms of target tracking; of other policies, all alarms that have the policy among their actions.
fn alarms_of(view: &View, cx: &Context, policy: &ScalingPolicy) -> Vec<shape::Alarm> {
    let acts = |alarm: &Arc<Alarm>| {
        let actions = &alarm.actions;
        actions.ok.iter().chain(&actions.alarm).chain(&actions.insufficient_data).any(|action| *action == policy.arn)
    };
    match policy.kind {
        PolicyKind::TargetTracking(_) => alarms_to_shape(policy),
        PolicyKind::Simple(_) | PolicyKind::Step(_) | PolicyKind::Predictive(_) => {
            let alarms = view.list::<Alarm>(&cx.scope()).filter(acts);
            alarms.map(|alarm| alarm_to_shape(&alarm.name, &alarm.arn)).collect()
        }
    }
}

fn alarms_to_shape(policy: &ScalingPolicy) -> Vec<shape::Alarm> {
    policy.alarms.iter().map(|(name, arn)| alarm_to_shape(name, arn)).collect()
}

fn alarm_to_shape(name: &str, arn: &model::Arn) -> shape::Alarm {
    shape::Alarm { alarm_arn: Some(arn.to_string()), alarm_name: Some(name.to_owned()) }
}
