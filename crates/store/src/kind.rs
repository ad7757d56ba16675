//! The kinds of record there are: a closed list that ties each stored name to its type, its id and its migrations.
//!
//! To add a kind, add one line to the list below. Names are written into the file and never change; a changed
//! form of a record is a migration appended to its list, which raises its schema version by one.

use crate::{
    listener,
    migrate::{self, Migration, Unreadable},
    probe::{self, Probe},
};
use model::{
    acm::certificate::Certificate,
    autoscaling::{
        activity::ScalingActivity, decision::ScalingDecision, group::AutoScalingGroup,
        instance_refresh::InstanceRefresh, launch_configuration::LaunchConfiguration, lifecycle_hook::LifecycleHook,
        policy::ScalingPolicy, scheduled_action::ScheduledAction, trigger::PolicyTrigger,
    },
    cloudwatch::{alarm::Alarm, alarm_history::AlarmHistoryItem, composite_alarm::CompositeAlarm},
    ec2::{
        address::Address,
        image::Image,
        instance::Instance,
        internet_gateway::InternetGateway,
        key_pair::KeyPair,
        launch_template::{LaunchTemplate, LaunchTemplateVersion},
        nat_gateway::NatGateway,
        network_acl::NetworkAcl,
        network_interface::NetworkInterface,
        route_table::RouteTable,
        security_group::SecurityGroup,
        subnet::Subnet,
        vpc::Vpc,
    },
    elbv2::{
        listener::Listener,
        load_balancer::LoadBalancer,
        rule::Rule,
        stickiness::CookieKeys,
        target::{Target, TargetKey},
        target_group::TargetGroup,
        trust_store::TrustStore,
    },
    iam::{AccessKey, ServerCertificate, User},
    setting::{IdempotencyRecord, RegionSetup, Settings},
    sns::{delivery::Delivery, subscription::Subscription, topic::Topic},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{any::Any, sync::Arc};

/// A type that the store keeps.
pub trait Record: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static {
    /// Its kind; no two types share one.
    const KIND: Kind;
    /// How older forms become newer ones: the first entry turns version 1 into version 2, and so on.
    const MIGRATIONS: &'static [Migration];
    /// The version that is written: one more than there are migrations.
    const SCHEMA: u32 = migrate::newest(Self::MIGRATIONS);
    /// What tells records of one kind and scope apart.
    fn id(&self) -> String;
}

/// A record whose type is known only by its kind.
pub(crate) type Erased = Arc<dyn Any + Send + Sync>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal: $record:ty, $migrations:expr, $id:expr;)*) => {
        /// A kind of record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// Every kind, in the order of [`Kind`].
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The name in the file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The kind of that name in the file.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$kind),)* _ => None }
            }

            /// Turns stored bytes of schema version `schema` into the record's type.
            pub(crate) fn decode(self, schema: u32, bytes: &[u8]) -> Result<(String, Erased), Unreadable> {
                match self { $(Self::$kind => {
                    let record: $record = migrate::decode(<$record as Record>::MIGRATIONS, schema, bytes)?;
                    Ok((record.id(), Arc::new(record)))
                })* }
            }
        }

        $(impl Record for $record {
            const KIND: Kind = Kind::$kind;
            const MIGRATIONS: &'static [Migration] = $migrations;
            fn id(&self) -> String {
                let id: fn(&Self) -> String = $id;
                id(self)
            }
        })*
    };
}

kinds! {
    /// What the installation was first started with.
    Settings = "settings": Settings, &[], |_| Settings::ID.to_owned();
    /// A region that has been used.
    RegionSetup = "region-setup": RegionSetup, &[], |r| r.region.clone();
    /// A remembered client token; id `<operation>|<token>`.
    Idempotency = "idempotency": IdempotencyRecord, &[], |r| IdempotencyRecord::id_of(&r.operation, &r.token);
    /// An IAM user; id is the name as given, so uniqueness without regard to case is the caller's check.
    User = "iam-user": User, &[], |r| r.name.clone();
    /// An access key; id `AKIA…`.
    AccessKey = "iam-access-key": AccessKey, &[], |r| r.id.clone();
    /// A server certificate of IAM; id is the name as given, so uniqueness without regard to case is the caller's check.
    ServerCertificate = "iam-server-certificate": ServerCertificate, &[], |r| r.name.clone();
    /// A VPC.
    Vpc = "vpc": Vpc, &[], |r| r.id.to_string();
    /// A subnet.
    Subnet = "subnet": Subnet, &[], |r| r.id.to_string();
    /// An internet gateway.
    InternetGateway = "internet-gateway": InternetGateway, &[], |r| r.id.to_string();
    /// A route table.
    RouteTable = "route-table": RouteTable, &[], |r| r.id.to_string();
    /// A NAT gateway.
    NatGateway = "nat-gateway": NatGateway, &[], |r| r.id.to_string();
    /// An Elastic IP.
    Address = "address": Address, &[], |r| r.id.to_string();
    /// A network interface that is not an instance's.
    NetworkInterface = "network-interface": NetworkInterface, &[], |r| r.id.to_string();
    /// A network ACL with its entries.
    NetworkAcl = "network-acl": NetworkAcl, &[], |r| r.id.to_string();
    /// A key pair; id is its name.
    KeyPair = "key-pair": KeyPair, &[], |r| r.name.clone();
    /// A security group with its rules.
    SecurityGroup = "security-group": SecurityGroup, &[], |r| r.id.to_string();
    /// A machine image.
    Image = "image": Image, &[], |r| r.id.to_string();
    /// An instance.
    Instance = "instance": Instance, &[], |r| r.id.to_string();
    /// A launch template.
    LaunchTemplate = "launch-template": LaunchTemplate, &[], |r| r.id.to_string();
    /// A version of a launch template; id `<template>|<number>`.
    LaunchTemplateVersion = "launch-template-version": LaunchTemplateVersion, &[], LaunchTemplateVersion::id;
    /// A load balancer; id is the ARN.
    LoadBalancer = "load-balancer": LoadBalancer, &[], |r| r.arn.to_string();
    /// A listener; id is the ARN.
    Listener = "listener": Listener, listener::MIGRATIONS, |r| r.arn.to_string();
    /// A rule; id is the ARN, which begins with the listener's but for `listener-rule` (see [`rule_id_prefix`]).
    Rule = "rule": Rule, &[], |r| r.arn.to_string();
    /// A trust store; id is the ARN.
    TrustStore = "trust-store": TrustStore, &[], |r| r.arn.to_string();
    /// What seals the cookies of stickiness: one record.
    CookieKeys = "cookie-keys": CookieKeys, &[], |_| CookieKeys::ID.to_owned();
    /// A certificate of ACM; id is the ARN.
    Certificate = "certificate": Certificate, &[], |r| r.arn.to_string();
    /// A target group; id is the ARN.
    TargetGroup = "target-group": TargetGroup, &[], |r| r.arn.to_string();
    /// A registered target; id see [`target_id`].
    Target = "target": Target, &[], |r| target_id(&r.target_group_arn, &r.key);
    /// An Auto Scaling group with its members.
    AutoScalingGroup = "auto-scaling-group": AutoScalingGroup, &[], |r| r.name.clone();
    /// A launch configuration.
    LaunchConfiguration = "launch-configuration": LaunchConfiguration, &[], |r| r.name.clone();
    /// A lifecycle hook; ids of one group share `AutoScalingGroup::prefix`, as those of the next kinds do.
    LifecycleHook = "lifecycle-hook": LifecycleHook, &[], LifecycleHook::id;
    /// A scaling activity.
    ScalingActivity = "scaling-activity": ScalingActivity, &[], ScalingActivity::record_id;
    /// An instance refresh of a group.
    InstanceRefresh = "instance-refresh": InstanceRefresh, &[], InstanceRefresh::record_id;
    /// Why a group did or did not scale.
    ScalingDecision = "scaling-decision": ScalingDecision, &[], ScalingDecision::record_id;
    /// A scaling policy.
    ScalingPolicy = "scaling-policy": ScalingPolicy, &[], ScalingPolicy::id;
    /// A scheduled action of a group.
    ScheduledAction = "scheduled-action": ScheduledAction, &[], ScheduledAction::id;
    /// A metric alarm.
    Alarm = "alarm": Alarm, &[], |r| r.name.clone();
    /// A composite alarm.
    CompositeAlarm = "composite-alarm": CompositeAlarm, &[], |r| r.name.clone();
    /// What happened to an alarm.
    AlarmHistoryItem = "alarm-history-item": AlarmHistoryItem, &[], AlarmHistoryItem::id;
    /// An alarm's wish that a scaling policy be carried out.
    PolicyTrigger = "policy-trigger": PolicyTrigger, &[], PolicyTrigger::id;
    /// An SNS topic; id is the ARN.
    Topic = "sns-topic": Topic, &[], |r| r.arn.to_string();
    /// An SNS subscription; id is the ARN, which begins with the topic's ARN and `:`.
    Subscription = "sns-subscription": Subscription, &[], |r| r.arn.to_string();
    /// An SNS message on its way to one subscription; ids sort by the time of publication.
    Delivery = "sns-delivery": Delivery, &[], |r| r.id.clone();
    /// The store's own check that it can write and read; see [`Probe`].
    Probe = "probe": Probe, probe::MIGRATIONS, |r| r.name.clone();
}

impl Kind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The position in [`Kind::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// The id of a target's record: the group's ARN, `|`, and the key. Records of one group share [`target_id_prefix`].
pub fn target_id(target_group: &model::Arn, key: &TargetKey) -> String {
    format!("{target_group}|{key}")
}

/// What the ids of all targets of a group begin with, for `view.range`.
pub fn target_id_prefix(target_group: &model::Arn) -> String {
    format!("{target_group}|")
}

/// What the ids of all rules of a listener begin with, for `view.range`.
pub fn rule_id_prefix(listener: &model::Arn) -> String {
    let of = listener.resource().strip_prefix("listener/").unwrap_or(listener.resource());
    format!("{}/", listener.with_resource(format!("listener-rule/{of}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_is_found_by_its_name_and_no_name_is_used_twice() {
        let names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), Kind::COUNT);
        for (position, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(Kind::from_name(kind.name()), Some(*kind));
            assert_eq!(kind.index(), position);
        }
        assert_eq!(Kind::from_name("nothing"), None);
    }
}
