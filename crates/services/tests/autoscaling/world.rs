//! A region with its default VPC, a launch configuration and instances, and calls of Auto Scaling in it.

use std::sync::Arc;

use model::Scope;
use model::autoscaling::group::AutoScalingGroup;
use model::autoscaling::member::{GroupInstance, LifecycleState};
use model::ec2::image::{HOST_IMAGE, built_in};
use model::ec2::instance::{Instance, InstanceState};
use serde_json::json;
use services::Settings;
use store::{Record, TransactError};

use crate::support::{ACCOUNT, REGION, Reply, Server, Signing, settings};

pub const IMAGE: &str = HOST_IMAGE;
/// The zones of the region.
pub const ZONES: [&str; 4] = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c", "ap-northeast-2d"];
/// An instance that nobody made.
pub const UNKNOWN: &str = "i-0123456789abcdef0";

pub struct World {
    pub server: Server,
}

pub fn scope() -> Scope {
    Scope::new(ACCOUNT, REGION)
}

impl World {
    /// With launch configuration `web-1`.
    pub async fn new() -> Self {
        let world = Self { server: Server::with(Settings { images: built_in(), ..settings() }).await };
        let parameters = [("LaunchConfigurationName", "web-1"), ("ImageId", IMAGE), ("InstanceType", "t2.micro")];
        world.call("CreateLaunchConfiguration", &parameters).await.ok();
        world
    }

    pub async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.server.form(&self.server.signing("autoscaling"), "2011-01-01", action, parameters).await
    }

    pub async fn call_in(&self, region: &str, action: &str, parameters: &[(&str, &str)]) -> Reply {
        let signing = Signing { region: region.into(), ..self.server.signing("autoscaling") };
        self.server.form(&signing, "2011-01-01", action, parameters).await
    }

    pub async fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.server.form(&self.server.signing("ec2"), "2016-11-15", action, parameters).await
    }

    pub async fn elbv2(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.server.form(&self.server.signing("elasticloadbalancing"), "2015-12-01", action, parameters).await
    }

    /// A table of calls that fail with these codes; the sentence has to contain the last text.
    pub async fn refuses(&self, table: &[(&str, &[(&str, &str)], &str, &str)]) {
        for (action, parameters, code, text) in table {
            let reply = self.call(action, parameters).await;
            assert_eq!(reply.error(), (400, (*code).to_owned()), "{action} {parameters:?}: {}", reply.text());
            let sentence = reply.text().replace("&apos;", "'");
            assert!(sentence.contains(text), "{action} {parameters:?}: {sentence}");
        }
    }

    /// A group of launch configuration `web-1` in the first two zones.
    pub async fn group(&self, name: &str, sizes: [&str; 3]) -> Arc<AutoScalingGroup> {
        let [minimum, maximum, desired] = sizes;
        let parameters = [
            ("AutoScalingGroupName", name),
            ("LaunchConfigurationName", "web-1"),
            ("MinSize", minimum),
            ("MaxSize", maximum),
            ("DesiredCapacity", desired),
            ("AvailabilityZones.member.1", ZONES[0]),
            ("AvailabilityZones.member.2", ZONES[1]),
        ];
        self.call("CreateAutoScalingGroup", &parameters).await.ok();
        self.record(name)
    }

    pub fn record(&self, name: &str) -> Arc<AutoScalingGroup> {
        self.server.store.view().get::<AutoScalingGroup>(&scope(), name).expect("the group is there")
    }

    pub fn get<R: Record>(&self, id: &str) -> Arc<R> {
        self.server.store.view().get::<R>(&scope(), id).expect("it is there")
    }

    pub async fn put<R: Record>(&self, record: R) {
        let write = |txn: &mut store::Transaction| {
            txn.put(&scope(), record.clone());
            Ok::<(), std::convert::Infallible>(())
        };
        self.server.store.transact(write).await.unwrap();
    }

    pub async fn edit(&self, name: &str, edit: impl Fn(&mut AutoScalingGroup)) {
        let work = |txn: &mut store::Transaction| {
            let mut group = AutoScalingGroup::clone(&*txn.get::<AutoScalingGroup>(&scope(), name).ok_or(())?);
            edit(&mut group);
            txn.put(&scope(), group);
            Ok(())
        };
        let done: Result<(), TransactError<()>> = self.server.store.transact(work).await;
        done.unwrap_or_else(|_| panic!("{name} can be edited"));
    }

    /// Launches an instance outside of any group; it runs in the first zone.
    pub async fn instance(&self) -> String {
        let parameters = [
            ("ImageId", IMAGE),
            ("InstanceType", "t3.small"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("Placement.AvailabilityZone", ZONES[0]),
        ];
        let id = self.ec2("RunInstances", &parameters).await.ok().one("instanceId");
        self.becomes(&id, InstanceState::Running).await;
        id
    }

    pub async fn becomes(&self, id: &str, state: InstanceState) {
        let instance = self.get::<Instance>(id);
        self.put(Instance { state, ..Instance::clone(&instance) }).await;
    }

    /// What the fleet would have done: an instance that is a member in that state, without an activity.
    pub async fn member(&self, group: &str, lifecycle: LifecycleState) -> String {
        let id = self.instance().await;
        let instance = self.get::<Instance>(&id);
        let member: GroupInstance = serde_json::from_value(json!({
            "instance_id": id, "zone": instance.zone, "subnet_id": instance.subnet_id,
            "instance_type": instance.instance_type, "launched_from": { "launch-configuration": "web-1" },
            "lifecycle": lifecycle, "since": 0, "joined_at": 0, "in_service_at": 0, "unhealthy": null,
            "impaired_since": null, "protected": false, "hook": null, "departure": null, "activity": null,
        }))
        .unwrap();
        self.put(Instance { auto_scaling_group: Some(group.into()), ..Instance::clone(&instance) }).await;
        self.edit(group, |group| {
            group.members.insert(member.instance_id.clone(), member.clone());
        })
        .await;
        id
    }

    /// The lifecycle state of a member.
    pub fn state(&self, group: &str, id: &str) -> LifecycleState {
        self.record(group).members[&id.parse().unwrap()].lifecycle
    }

    /// Ids of the default subnets by zone, and their VPC.
    pub async fn subnets(&self) -> (Vec<String>, String) {
        let reply = self.ec2("DescribeSubnets", &[]).await.ok();
        let mut subnets: Vec<_> = reply.all("availabilityZone").into_iter().zip(reply.all("subnetId")).collect();
        subnets.sort();
        (subnets.into_iter().map(|(_, id)| id).collect(), reply.all("vpcId").remove(0))
    }

    pub async fn target_group(&self, name: &str, vpc: &str, target_type: &str) -> String {
        let parameters =
            [("Name", name), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", vpc), ("TargetType", target_type)];
        self.elbv2("CreateTargetGroup", &parameters).await.ok().one("TargetGroupArn")
    }
}

/// The contents of all elements of that name.
pub fn inner(text: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    text.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap_or_default().to_owned()).collect()
}
