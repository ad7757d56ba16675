//! PutCompositeAlarm: the rule is read, its alarms must be there, and no alarm may depend on itself.

use std::collections::BTreeSet;

use api::cloudwatch::types::PutCompositeAlarmInput;
use model::cloudwatch::alarm::{Alarm, AlarmState};
use model::cloudwatch::alarm_history::Entry;
use model::cloudwatch::any_alarm::AnyAlarm;
use model::cloudwatch::composite_alarm::CompositeAlarm;
use model::cloudwatch::composite_alarm::rule::Rule;
use model::{Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::{MAXIMUM_ALARMS, actions, put_metric, tags};
use crate::cloudwatch::errors::Error;
use crate::context::Context;
use crate::handler::committed;

pub(in crate::cloudwatch) async fn put_composite(cx: &Context, input: PutCompositeAlarmInput) -> Result<(), AwsError> {
    let PutCompositeAlarmInput {
        actions_enabled,
        alarm_actions,
        alarm_description,
        alarm_name,
        alarm_rule,
        insufficient_data_actions,
        ok_actions,
        tags,
    } = input;
    put_metric::check_name(&alarm_name)?;
    let rule = Rule::parse(&alarm_rule).map_err(|error| Error::Validation(format!("AlarmRule: {error}")))?;
    let lists = actions::Lists {
        ok: ok_actions,
        alarm: alarm_actions,
        insufficient_data: insufficient_data_actions,
        may_scale: false,
    };
    let scope = cx.scope();
    let wanted = CompositeAlarm {
        arn: AnyAlarm::arn_of(&scope, &alarm_name),
        name: alarm_name,
        description: alarm_description,
        actions_enabled: actions_enabled.unwrap_or(true),
        actions: lists.parse(cx)?,
        rule: alarm_rule,
        tags: tags.map_or(Ok(Tags::default()), tags::parse)?,
        configured_at: cx.now,
        state: AlarmState::initial(cx.now),
    };
    let put = |txn: &mut Transaction| -> Result<(), Error> {
        check_children(txn.view(), &scope, &wanted.name, &rule)?;
        let mut alarm = wanted.clone();
        let what = match txn.get::<CompositeAlarm>(&scope, &wanted.name) {
            Some(existing) => {
                alarm.state = existing.state.clone();
                alarm.tags = existing.tags.clone();
                "updated"
            }
            None if super::count(txn.view(), &scope) >= MAXIMUM_ALARMS => {
                return Err(Error::Limit(format!(
                    "there are {MAXIMUM_ALARMS} alarms in this region, which is the limit"
                )));
            }
            None => "created",
        };
        let alarm = AnyAlarm::Composite(Box::new(alarm));
        let entry = Entry::configuration(what, &alarm);
        super::write(txn, &scope, alarm, vec![entry], cx.now);
        Ok(())
    };
    committed(cx.store.transact(put).await)
}

fn check_children(view: &View, scope: &Scope, name: &str, rule: &Rule) -> Result<(), Error> {
    if view.contains::<Alarm>(scope, name) {
        return Err(Error::Validation(format!("the name {name} belongs to a metric alarm")));
    }
    let mut open: Vec<String> = rule.children().into_iter().map(str::to_owned).collect();
    if let Some(unknown) = open.iter().find(|child| *child != name && super::find(view, scope, child).is_none()) {
        return Err(Error::Validation(format!("AlarmRule: there is no alarm {unknown}")));
    }
    let mut seen = BTreeSet::new();
    while let Some(child) = open.pop() {
        if child == name {
            return Err(Error::Validation(format!("AlarmRule: {name} would depend on itself")));
        }
        if seen.insert(child.clone()) {
            open.extend(children_of(view, scope, &child));
        }
    }
    Ok(())
}

/// Names of the alarms in the rule of a composite alarm; metric alarms have none.
pub(super) fn children_of(view: &View, scope: &Scope, name: &str) -> Vec<String> {
    let composite = view.get::<CompositeAlarm>(scope, name);
    let rule = composite.and_then(|alarm| Rule::parse(&alarm.rule).ok());
    rule.iter().flat_map(|rule| rule.children()).map(str::to_owned).collect()
}
