//! Which groups are to be looked at: those for which something has changed since the last look, and those whose time has
//! come. With a thousand groups, one instance that changes must not cost a thousand decisions.
//!
//! All groups are looked at now and then all the same, should a change be of a sort that is not seen here.

use model::{
    Arn, Scope, Timestamp,
    autoscaling::{
        group::AutoScalingGroup, instance_refresh::InstanceRefresh, policy::ScalingPolicy, trigger::PolicyTrigger,
    },
    ec2::instance::Instance,
    elbv2::target::Target,
    id::InstanceId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use store::{Difference, Kind, View};

/// How often every group is looked at.
const SWEEP: Duration = Duration::from_secs(30);

/// A group's region and name.
pub type Name = (Scope, String);

/// What is remembered from look to look.
#[derive(Default)]
pub struct Attention {
    seen: Option<View>,
    swept_at: Option<Timestamp>,
    /// When each group wants to be looked at again, if it does of its own accord.
    wishes: BTreeMap<Name, Timestamp>,
    /// Groups that something is to be written for; whether that was done shows at the next look.
    busy: BTreeSet<Name>,
}

/// The groups to look at now.
pub enum Due {
    /// Every one.
    All,
    /// These; some may be gone.
    Some(BTreeSet<Name>),
}

impl Due {
    /// Whether the group is among them.
    pub fn contains(&self, name: &Name) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.contains(name),
        }
    }
}

impl Attention {
    /// What is due, given the records now. What comes of the look is to be told by [`Self::keep`] or [`Self::look_again`].
    pub fn due(&mut self, view: &View, now: Timestamp) -> Due {
        let earlier = self.seen.replace(view.clone());
        // A clock that was set back must not make it wait until the old time comes again.
        let fresh = self.swept_at.is_some_and(|at| at <= now && now.since(at) < SWEEP);
        let touched = earlier.filter(|_| fresh).and_then(|earlier| touched(view, &earlier));
        let Some(mut names) = touched else {
            self.swept_at = Some(now);
            self.wishes.clear();
            self.busy.clear();
            return Due::All;
        };
        names.append(&mut self.busy);
        names.extend(self.wishes.iter().filter(|(_, at)| **at <= now).map(|(name, _)| name.clone()));
        for name in &names {
            self.wishes.remove(name);
        }
        Due::Some(names)
    }

    /// Something is to be written for this group: it is looked at next time in any case.
    pub fn keep(&mut self, name: Name) {
        self.busy.insert(name);
    }

    /// When a group that was looked at wants to be looked at again, unless something changes for it before.
    pub fn look_again(&mut self, name: Name, at: Timestamp) {
        self.wishes.insert(name, at);
    }

    /// The earliest wish of all groups.
    pub fn next(&self) -> Option<Timestamp> {
        self.wishes.values().copied().min()
    }
}

/// Whom a change concerns.
enum Concern {
    Nobody,
    Everybody,
    Groups(Vec<String>),
    /// The group of an instance that does not say which it is.
    GroupOf(InstanceId),
    /// Groups that register in a target group.
    GroupsIn(Arn),
    /// Groups with a refresh under way.
    Refreshing,
}

/// The groups that something has changed for; `None` when that may be all.
fn touched(view: &View, earlier: &View) -> Option<BTreeSet<Name>> {
    let mut names = BTreeSet::new();
    let (mut instances, mut target_groups, mut refreshing) = (Vec::new(), BTreeSet::new(), false);
    for difference in view.since(earlier) {
        let scope = &difference.key.scope;
        match concern(&difference) {
            Concern::Nobody => {}
            Concern::Everybody => return None,
            Concern::Groups(groups) => names.extend(groups.into_iter().map(|group| (scope.clone(), group))),
            Concern::GroupOf(id) => instances.push((scope.clone(), id)),
            Concern::GroupsIn(arn) => drop(target_groups.insert((scope.clone(), arn))),
            Concern::Refreshing => refreshing = true,
        }
    }
    if !instances.is_empty() || !target_groups.is_empty() {
        for (scope, group) in view.all::<AutoScalingGroup>() {
            let has = |(of, id): &(Scope, InstanceId)| *of == scope && group.members.contains_key(id);
            let attached = || group.target_groups.iter().map(|attached| (scope.clone(), attached.arn.clone()));
            if instances.iter().any(has) || attached().any(|target_group| target_groups.contains(&target_group)) {
                names.insert((scope, group.name.clone()));
            }
        }
    }
    if refreshing {
        let under_way = view.all::<InstanceRefresh>().filter(|(_, refresh)| !refresh.status.is_over());
        names.extend(under_way.map(|(scope, refresh)| (scope, refresh.group.clone())));
    }
    Some(names)
}

fn concern(difference: &Difference<'_>) -> Concern {
    match difference.key.kind {
        Kind::AutoScalingGroup => Concern::Groups(vec![difference.key.id.clone()]),
        Kind::LifecycleHook
        | Kind::ScalingActivity
        | Kind::InstanceRefresh
        | Kind::ScalingPolicy
        | Kind::ScheduledAction => by_prefix(&difference.key.id),
        Kind::PolicyTrigger => of_trigger(difference),
        Kind::Instance => of_instance(difference),
        Kind::Target => of_target(difference),
        Kind::Alarm | Kind::CompositeAlarm => Concern::Refreshing,
        Kind::LaunchConfiguration
        | Kind::LaunchTemplate
        | Kind::LaunchTemplateVersion
        | Kind::Listener
        | Kind::Rule
        | Kind::TargetGroup
        | Kind::Subnet
        | Kind::Vpc => Concern::Everybody,
        Kind::Settings
        | Kind::RegionSetup
        | Kind::Idempotency
        | Kind::User
        | Kind::AccessKey
        | Kind::ServerCertificate
        | Kind::TrustStore
        | Kind::CookieKeys
        | Kind::Certificate
        | Kind::InternetGateway
        | Kind::RouteTable
        | Kind::NatGateway
        | Kind::Address
        | Kind::NetworkInterface
        | Kind::NetworkAcl
        | Kind::KeyPair
        | Kind::SecurityGroup
        | Kind::Image
        | Kind::LoadBalancer
        | Kind::ScalingDecision
        | Kind::AlarmHistoryItem
        | Kind::Topic
        | Kind::Subscription
        | Kind::Delivery
        | Kind::Probe => Concern::Nobody,
    }
}

/// Ids of a group's records begin with its name and a colon.
fn by_prefix(id: &str) -> Concern {
    id.split_once(':').map_or(Concern::Everybody, |(group, _)| Concern::Groups(vec![group.to_owned()]))
}

fn of_trigger(difference: &Difference<'_>) -> Concern {
    let trigger = difference.after::<PolicyTrigger>().or_else(|| difference.before());
    let group = trigger.and_then(|trigger| ScalingPolicy::group_of(&trigger.policy_arn).map(str::to_owned));
    group.map_or(Concern::Nobody, |group| Concern::Groups(vec![group]))
}

fn of_instance(difference: &Difference<'_>) -> Concern {
    let both = [difference.before::<Instance>(), difference.after::<Instance>()];
    let groups: Vec<String> =
        both.iter().flatten().filter_map(|instance| instance.auto_scaling_group.clone()).collect();
    match both.into_iter().flatten().next() {
        Some(instance) if groups.is_empty() => Concern::GroupOf(instance.id.clone()),
        Some(_) | None => Concern::Groups(groups),
    }
}

fn of_target(difference: &Difference<'_>) -> Concern {
    let target = difference.after::<Target>().or_else(|| difference.before());
    target.map_or(Concern::Nobody, |target| Concern::GroupsIn(target.target_group_arn.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        autoscaling::{
            group::{
                AttachedTargetGroup, AttachmentState, DEFAULT_COOLDOWN_SECONDS, DeletionProtection, LaunchSource,
                ZoneDistribution,
            },
            launch_configuration::LaunchConfiguration,
            lifecycle_hook::{LifecycleHook, Transition},
            member::HookResult,
        },
        ec2::launch::LaunchSpec,
        elbv2::target::{TargetId, TargetKey},
    };
    use std::convert::Infallible;
    use store::{Record, Store};

    fn scope() -> Scope {
        Scope::new("123456789012", "eu-west-1")
    }

    fn arn(resource: &str) -> Arn {
        Arn::new("autoscaling", "eu-west-1", "123456789012", resource)
    }

    fn group(name: &str) -> AutoScalingGroup {
        AutoScalingGroup {
            name: name.into(),
            arn: arn(name),
            created_at: Timestamp::default(),
            launch: LaunchSource::LaunchConfiguration("web-1".into()),
            minimum: 0,
            maximum: 1,
            desired: 0,
            capacity_cause: None,
            default_cooldown_seconds: DEFAULT_COOLDOWN_SECONDS,
            zones: vec!["eu-west-1a".into()],
            subnets: Vec::new(),
            target_groups: Vec::new(),
            elb_health_check: false,
            health_check_grace_seconds: 0,
            default_instance_warmup_seconds: None,
            termination_policies: Vec::new(),
            new_instances_protected: false,
            maximum_instance_lifetime_seconds: None,
            deletion_protection: DeletionProtection::None,
            zone_distribution: ZoneDistribution::BalancedBestEffort,
            maintenance_policy: None,
            suspended: Default::default(),
            enabled_metrics: Default::default(),
            tags: Vec::new(),
            notifications: Default::default(),
            warm_pool: None,
            context: None,
            service_linked_role_arn: arn("role"),
            retain_on_terminate_hook_abandon: false,
            deleting: None,
            members: Default::default(),
            simple_scaling: None,
            launch_failures: None,
            health_replacements: Vec::new(),
            capacity: Default::default(),
            fleet: Default::default(),
        }
    }

    async fn put<R: Record>(store: &Store, record: R) {
        let write = store.transact(|txn| {
            txn.put(&scope(), record.clone());
            Ok::<_, Infallible>(())
        });
        write.await.unwrap();
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    /// The names that are due; `None` for all.
    fn names(due: Due) -> Option<Vec<String>> {
        match due {
            Due::All => None,
            Due::Some(names) => Some(names.into_iter().map(|(_, name)| name).collect()),
        }
    }

    fn some(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[tokio::test]
    async fn groups_are_due_when_something_changes_for_them() {
        let store = Store::in_memory();
        let target_group = arn("tg");
        let attached = AttachedTargetGroup { arn: target_group.clone(), state: AttachmentState::Added };
        put(&store, AutoScalingGroup { target_groups: vec![attached], ..group("a") }).await;
        put(&store, group("b")).await;
        let mut attention = Attention::default();
        let mut due = |second| names(attention.due(&store.view(), at(second)));
        assert_eq!(due(100), None, "the first look is at all");
        assert_eq!(due(101), some(&[]));
        put(&store, AutoScalingGroup { desired: 1, ..group("b") }).await;
        assert_eq!(due(102), some(&["b"]));
        let hook = LifecycleHook {
            group: "a".into(),
            name: "h".into(),
            transition: Transition::Launching,
            heartbeat_seconds: 30,
            default_result: HookResult::Abandon,
            notification_target: None,
            role: None,
            notification_metadata: None,
        };
        put(&store, hook).await;
        assert_eq!(due(103), some(&["a"]));
        let key = TargetKey { id: TargetId::Ip([10, 0, 0, 1].into()), port: 80 };
        let target = model::elbv2::registration::register(&target_group, &key, None, at(103)).unwrap();
        put(&store, target).await;
        assert_eq!(due(104), some(&["a"]));
        let launch = LaunchConfiguration {
            name: "web-1".into(),
            arn: arn("web-1"),
            created_at: at(104),
            spec: LaunchSpec::default(),
        };
        put(&store, launch).await;
        assert_eq!(due(105), None, "what groups launch from concerns all");
        assert_eq!(due(106), some(&[]));
    }

    #[test]
    fn wishes_come_true_once_and_everybody_is_seen_now_and_then() {
        let store = Store::in_memory();
        let mut attention = Attention::default();
        let name = |text: &str| (scope(), text.to_owned());
        assert_eq!(names(attention.due(&store.view(), at(100))), None);
        attention.look_again(name("a"), at(105));
        attention.look_again(name("b"), at(110));
        assert_eq!(attention.next(), Some(at(105)));
        assert_eq!(names(attention.due(&store.view(), at(104))), some(&[]));
        assert_eq!(names(attention.due(&store.view(), at(105))), some(&["a"]));
        assert_eq!(attention.next(), Some(at(110)));
        attention.keep(name("c"));
        assert_eq!(names(attention.due(&store.view(), at(129))), some(&["b", "c"]));
        assert_eq!(attention.next(), None);
        assert_eq!(names(attention.due(&store.view(), at(130))), None, "half a minute later");
        assert_eq!(names(attention.due(&store.view(), at(50))), None, "the clock was set back");
    }
}
