//! Policies and alarms of the user's (`--policy`) in the form of the API: a JSON list of inputs of PutScalingPolicy and
//! PutMetricAlarm, as `aws … --cli-input-json` takes them.
//!
//! The operations themselves read them, on a store of their own in memory that has nothing but the group: what the
//! server would refuse is refused here in the same words, and nothing is written to the server.

use crate::simulate::Document;
use anyhow::{Context as _, anyhow, bail, ensure};
use model::{
    Arn,
    autoscaling::policy::ScalingPolicy,
    cidr::Cidr,
    cloudwatch::alarm::{Actions, Alarm},
    elbv2::plan::HostFacts,
};
use serde_json::{Map, Value};
use services::{Authentication, Context, Gateway, InstanceFiles, Settings, TokenKey};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
};
use store::Store;

/// Members of PutMetricAlarm that name what is done.
const ACTIONS: [&str; 3] = ["AlarmActions", "OKActions", "InsufficientDataActions"];

/// What a file says.
#[derive(Debug)]
pub struct Replacement {
    /// All policies of the group.
    pub policies: Vec<ScalingPolicy>,
    /// The alarms that ask for them.
    pub alarms: Vec<Alarm>,
}

/// Reads a file. Alarms of the group that ask for a policy of the same name stay, unless the file has one of their name.
pub async fn of_file(path: &Path, document: &Document) -> anyhow::Result<Replacement> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    read(&text, document).await.with_context(|| format!("cannot use {shown}"))
}

async fn read(text: &str, document: &Document) -> anyhow::Result<Replacement> {
    let whole: Value = serde_json::from_str(text).context("it is not valid JSON")?;
    let entries = match whole {
        Value::Array(entries) => entries,
        one @ (Value::Object(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null) => vec![one],
    };
    let store = Store::in_memory();
    let cx = surroundings(&store, document);
    let group = document.group.clone();
    let put = |txn: &mut store::Transaction| {
        txn.put(&document.scope, group.clone());
        Ok::<(), std::convert::Infallible>(())
    };
    store.transact(put).await.map_err(|error| anyhow!("{error}"))?;
    let (alarms, policies) = sorted(entries)?;
    for (number, policy) in policies {
        put_policy(&cx, policy, &document.group.name).await.with_context(|| format!("entry {number}"))?;
    }
    let view = store.view();
    let known: Vec<Arc<ScalingPolicy>> = view.list(&document.scope).collect();
    let known: BTreeMap<String, Arn> = known.iter().map(|policy| (policy.name.clone(), policy.arn.clone())).collect();
    for (number, alarm) in alarms {
        put_alarm(&cx, alarm, &known).await.with_context(|| format!("entry {number}"))?;
    }
    let view = store.view();
    let policies: Vec<Arc<ScalingPolicy>> = view.list(&document.scope).collect();
    let own: Vec<Arc<Alarm>> = view.list(&document.scope).collect();
    let mut alarms: Vec<Alarm> = own.iter().map(|alarm| Alarm::clone(alarm)).collect();
    alarms.extend(kept(document, &known).filter(|kept| !own.iter().any(|own| own.name == kept.name)));
    Ok(Replacement { policies: policies.iter().map(|policy| ScalingPolicy::clone(policy)).collect(), alarms })
}

type Entry = (usize, Map<String, Value>);

/// Alarms and policies, each with its position from 1.
fn sorted(entries: Vec<Value>) -> anyhow::Result<(Vec<Entry>, Vec<Entry>)> {
    let mut sorted = (Vec::new(), Vec::new());
    for (number, entry) in (1..).zip(entries) {
        match entry {
            Value::Object(members) if members.contains_key("AlarmName") => sorted.0.push((number, members)),
            Value::Object(members) if members.contains_key("PolicyName") => sorted.1.push((number, members)),
            Value::Object(_) | Value::Array(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {
                bail!(
                    "entry {number} has neither PolicyName nor AlarmName; write what `aws autoscaling put-scaling-policy \
                     --cli-input-json` and `aws cloudwatch put-metric-alarm --cli-input-json` take"
                )
            }
        }
    }
    Ok(sorted)
}

async fn put_policy(cx: &Context, mut members: Map<String, Value>, group: &str) -> anyhow::Result<()> {
    let named = members.entry("AutoScalingGroupName").or_insert_with(|| group.into());
    ensure!(named == group, "it is for group {named}, not for \"{group}\"");
    let operation = api::autoscaling::Operation::PutScalingPolicy;
    let input = checked(&api::autoscaling::SERVICE, operation.shape(), members)?;
    let put = services::autoscaling::dispatch(cx, operation, input).await;
    put.map(|_| ()).map_err(|error| anyhow!("{}", error.message))
}

async fn put_alarm(cx: &Context, mut members: Map<String, Value>, known: &BTreeMap<String, Arn>) -> anyhow::Result<()> {
    for member in ACTIONS {
        for action in members.get_mut(member).and_then(Value::as_array_mut).into_iter().flatten() {
            name_policy(action, known)?;
        }
    }
    let operation = api::cloudwatch::Operation::PutMetricAlarm;
    let input = checked(&api::cloudwatch::SERVICE, operation.shape(), members)?;
    let put = services::cloudwatch::dispatch(cx, operation, input).await;
    put.map(|_| ()).map_err(|error| anyhow!("{}", error.message))
}

/// An action may name a policy by its name or by the ARN that it has on the server.
fn name_policy(action: &mut Value, known: &BTreeMap<String, Arn>) -> anyhow::Result<()> {
    let Some(text) = action.as_str() else { return Ok(()) };
    let name = text.split_once(":policyName/").map_or(text, |(_, name)| name);
    if let Some(arn) = known.get(name) {
        *action = arn.to_string().into();
    } else if name != text || !text.starts_with("arn:") {
        bail!("the action `{text}` names no policy of the file");
    }
    Ok(())
}

fn checked(
    service: &'static wire::shape::Service,
    operation: &'static wire::shape::Operation,
    members: Map<String, Value>,
) -> anyhow::Result<wire::Value> {
    let body = Value::Object(members).to_string();
    let input = wire::protocol::json::decode(operation.input, body.as_bytes()).map_err(|error| anyhow!("{error}"))?;
    wire::validate::check(service, operation, &input).map_err(|error| anyhow!("{}", error.message))?;
    Ok(input)
}

/// The group's alarms that ask for a policy of a known name, asking for the new one.
fn kept<'a>(document: &'a Document, known: &'a BTreeMap<String, Arn>) -> impl Iterator<Item = Alarm> + 'a {
    let renamed = |arns: &[Arn]| -> Vec<Arn> {
        arns.iter().filter_map(|arn| known.get(ScalingPolicy::name_of(arn)?)).cloned().collect()
    };
    let own = document.alarms.iter().filter(|alarm| alarm.managed_by.is_none());
    own.filter_map(move |alarm| {
        let Actions { ok, alarm: in_alarm, insufficient_data } = &alarm.actions;
        let actions =
            Actions { ok: renamed(ok), alarm: renamed(in_alarm), insufficient_data: renamed(insufficient_data) };
        (actions.all().count() > 0).then(|| Alarm { actions, ..alarm.clone() })
    })
}

/// What operations need around them, and these two do not look at.
fn surroundings(store: &Store, document: &Document) -> Context {
    let settings = Settings {
        account_id: document.scope.account.clone(),
        default_region: document.scope.region.clone(),
        authentication: Authentication::None,
        zones: BTreeMap::new(),
        dns_suffix: String::new(),
        host: HostFacts {
            public_addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            internal_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            lowest_port: 0,
            port_offset: 0,
            bucket_dir: Default::default(),
            networks: None,
        },
        public_pool: Cidr::containing(Ipv4Addr::LOCALHOST, 32),
        images: Vec::new(),
        instance_files: InstanceFiles::OfHost,
        api: None,
        token_key: TokenKey([0; 32]),
    };
    let mut id = 0_u64;
    let count = move || {
        id += 1;
        id
    };
    let gateway = Gateway::new(store.clone(), settings, Arc::new(Still(document.from)), count);
    gateway.root_context(document.scope.clone())
}

/// Time that stands still.
struct Still(model::Timestamp);

impl model::time::Clock for Still {
    fn now(&self) -> model::Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::document;
    use super::*;
    use model::autoscaling::policy::PolicyKind;

    async fn refused(text: &str) -> String {
        format!("{:#}", read(text, &document()).await.unwrap_err())
    }

    const OUT: &str =
        r#"{"PolicyName": "out", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 2, "Cooldown": 60}"#;
    const HIGH: &str = r#"{"AlarmName": "high", "MetricName": "CPUUtilization", "Namespace": "AWS/EC2",
        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "web"}], "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 50, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["out"]}"#;

    #[tokio::test]
    async fn alarms_name_policies_by_name_and_in_any_order() {
        let read = read(&format!("[{HIGH}, {OUT}]"), &document()).await.unwrap();
        assert!(matches!(&read.policies[0].kind, PolicyKind::Simple(simple) if simple.cooldown_seconds == Some(60)));
        assert_eq!(read.alarms.len(), 1);
        assert_eq!(read.alarms[0].actions.alarm, [read.policies[0].arn.clone()]);
    }

    #[tokio::test]
    async fn target_tracking_brings_its_alarms() {
        let text = r#"{"PolicyName": "t", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration":
            {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}}"#;
        let read = read(text, &document()).await.unwrap();
        assert_eq!((read.policies.len(), read.alarms.len()), (1, 2));
        assert!((read.alarms.iter().map(|alarm| alarm.threshold).fold(0.0, f64::max) - 50.0).abs() < 1e-9);
    }

    #[tokio::test]
    async fn what_the_api_refuses_is_refused_with_its_place() {
        assert!(refused("[\n{]").await.contains("line 2 column 2"));
        assert!(refused("[3]").await.contains("entry 1 has neither"));
        assert!(refused(&format!("[{OUT}, {{\"PolicyName\": \"x\", \"Colour\": 1}}]")).await.contains("entry 2: "));
        assert!(refused(&format!("[{HIGH}]")).await.contains("`out` names no policy"));
        let other = OUT.replacen('{', "{\"AutoScalingGroupName\": \"other\", ", 1);
        assert!(refused(&other).await.contains("not for \"web\""));
    }
}
