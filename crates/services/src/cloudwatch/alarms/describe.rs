//! DescribeAlarms: by name, prefix, kind, state, action, parent or child, in pages.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::cloudwatch::types::{AlarmType, CompositeAlarm, DescribeAlarmsInput, DescribeAlarmsOutput};
use model::Scope;
use model::cloudwatch::alarm::{Actions, Alarm, AlarmState, StateValue};
use model::cloudwatch::any_alarm::AnyAlarm;
use model::cloudwatch::composite_alarm;
use store::{Record, View};

use super::{put_composite, views};
use crate::cloudwatch::errors::Error;
use crate::context::Context;
use crate::pagination::Listing;

/// How many alarms a page has when the caller does not say (CloudWatch API reference).
const PAGE_SIZE: i32 = 50;

/// Which alarms are wanted.
#[derive(Debug)]
struct Selection {
    names: Option<BTreeSet<String>>,
    prefix: Option<String>,
    action_prefix: Option<String>,
    state: Option<StateValue>,
    metric: bool,
    composite: bool,
}

pub(in crate::cloudwatch) fn describe(cx: &Context, input: DescribeAlarmsInput) -> Result<DescribeAlarmsOutput, Error> {
    let DescribeAlarmsInput {
        action_prefix,
        alarm_name_prefix,
        alarm_names,
        alarm_types,
        children_of_alarm_name,
        max_records,
        next_token,
        parents_of_alarm_name,
        state_value,
    } = input;
    let alarm_names = alarm_names.filter(|names| !names.is_empty());
    if alarm_names.is_some() && alarm_name_prefix.is_some() {
        return Err(Error::Combination("AlarmNames and AlarmNamePrefix exclude each other".to_owned()));
    }
    let others =
        alarm_names.is_some() || alarm_name_prefix.is_some() || action_prefix.is_some() || state_value.is_some();
    let (metric, composite) = kinds(alarm_types, children_of_alarm_name.is_some());
    let (view, scope) = (cx.store.view(), cx.scope());
    let related = related(&view, &scope, children_of_alarm_name.as_deref(), parents_of_alarm_name.as_deref())?;
    if related.is_some() && others {
        return Err(Error::Combination(
            "ChildrenOfAlarmName and ParentsOfAlarmName go with AlarmTypes, MaxRecords and NextToken only".to_owned(),
        ));
    }
    let brief = related.is_some();
    let selection = Selection {
        names: related.or_else(|| alarm_names.map(|names| names.into_iter().collect())),
        prefix: alarm_name_prefix,
        action_prefix,
        state: state_value.map(views::state_of),
        metric,
        composite,
    };
    let listing = Listing { operation: "DescribeAlarms", selection: &selection };
    let size = usize::try_from(max_records.unwrap_or(PAGE_SIZE)).unwrap_or(1);
    let page = listing.page(cx, next_token.as_deref(), size, selection.alarms(&view, &scope))?;
    Ok(output(page.items, page.next, brief))
}

/// Metric alarms only, unless the caller names kinds; children may be of both.
fn kinds(types: Option<Vec<AlarmType>>, children: bool) -> (bool, bool) {
    match types.filter(|types| !types.is_empty()) {
        Some(types) => (types.contains(&AlarmType::MetricAlarm), types.contains(&AlarmType::CompositeAlarm)),
        None => (true, children),
    }
}

/// Names of the children or parents of an alarm, when the caller asks for them.
fn related(
    view: &View,
    scope: &Scope,
    children_of: Option<&str>,
    parents_of: Option<&str>,
) -> Result<Option<BTreeSet<String>>, Error> {
    let name = match (children_of, parents_of) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(Error::Combination("ChildrenOfAlarmName and ParentsOfAlarmName exclude each other".to_owned()));
        }
        (Some(name), None) | (None, Some(name)) => name,
    };
    if super::find(view, scope, name).is_none() {
        return Err(Error::NoSuchAlarm(name.to_owned()));
    }
    Ok(Some(if children_of.is_some() {
        put_composite::children_of(view, scope, name).into_iter().collect()
    } else {
        parents_of_alarm(view, scope, name)
    }))
}

/// Composite alarms whose rule names this one.
pub(super) fn parents_of_alarm(view: &View, scope: &Scope, name: &str) -> BTreeSet<String> {
    let composites = view.list::<composite_alarm::CompositeAlarm>(scope);
    let parents = composites
        .filter(|alarm| put_composite::children_of(view, scope, &alarm.name).iter().any(|child| child == name));
    parents.map(|alarm| alarm.name.clone()).collect()
}

impl Selection {
    /// All that fit, with their keys for pages: metric alarms first, by name.
    fn alarms(&self, view: &View, scope: &Scope) -> Vec<(String, AnyAlarm)> {
        // Copied only once it is known that they fit: an account may have thousands.
        let metric = self.named::<Alarm>(view, scope).filter(|_| self.metric);
        let metric = metric
            .filter(|alarm| self.fits(&alarm.actions, &alarm.state))
            .map(|alarm| (format!("0{}", alarm.name), AnyAlarm::Metric(Box::new((*alarm).clone()))));
        let composite = self.named::<composite_alarm::CompositeAlarm>(view, scope).filter(|_| self.composite);
        let composite = composite
            .filter(|alarm| self.fits(&alarm.actions, &alarm.state))
            .map(|alarm| (format!("1{}", alarm.name), AnyAlarm::Composite(Box::new((*alarm).clone()))));
        metric.chain(composite).collect()
    }

    /// Those of the names that are asked for, or all that begin with the prefix.
    fn named<'v, R: Record>(&self, view: &'v View, scope: &Scope) -> Box<dyn Iterator<Item = Arc<R>> + 'v> {
        match &self.names {
            Some(names) => {
                let found: Vec<Arc<R>> = names.iter().filter_map(|name| view.get::<R>(scope, name)).collect();
                Box::new(found.into_iter())
            }
            None => Box::new(view.range::<R>(scope, self.prefix.as_deref().unwrap_or_default())),
        }
    }

    fn fits(&self, actions: &Actions, state: &AlarmState) -> bool {
        let acts = |prefix: &String| actions.all().any(|action| action.to_string().starts_with(prefix));
        self.state.is_none_or(|wanted| wanted == state.value) && self.action_prefix.as_ref().is_none_or(acts)
    }
}

fn output(alarms: Vec<AnyAlarm>, next_token: Option<String>, brief: bool) -> DescribeAlarmsOutput {
    let (mut metric, mut composite) = (Vec::new(), Vec::new());
    for alarm in &alarms {
        match alarm {
            AnyAlarm::Metric(alarm) => metric.push(views::metric_alarm(alarm)),
            AnyAlarm::Composite(alarm) => composite.push(match brief {
                true => in_brief(views::composite_alarm(alarm)),
                false => views::composite_alarm(alarm),
            }),
        }
    }
    DescribeAlarmsOutput {
        composite_alarms: Some(composite),
        // The waiter LogAlarmExists counts them and cannot count what is absent.
        log_alarms: Some(Vec::new()),
        metric_alarms: Some(metric),
        next_token,
    }
}

/// Of related composite alarms AWS shows what identifies them and their state.
fn in_brief(alarm: CompositeAlarm) -> CompositeAlarm {
    CompositeAlarm {
        alarm_arn: alarm.alarm_arn,
        alarm_name: alarm.alarm_name,
        state_value: alarm.state_value,
        state_updated_timestamp: alarm.state_updated_timestamp,
        ..CompositeAlarm::default()
    }
}
