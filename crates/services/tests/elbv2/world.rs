//! A region with two VPCs, subnets, security groups and instances in several states, and calls of ELBv2 in it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use model::Scope;
use model::ec2::instance::Instance;
use model::ec2::security_group::SecurityGroup;
use model::ec2::subnet::Subnet;
use model::ec2::vpc::Vpc;
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::{EnabledZone, LoadBalancer, LoadBalancerState};
use model::elbv2::target::Target;
use model::elbv2::target_health::{CheckResult, CheckedHealth, CheckedState};
use serde_json::json;
use store::Record;
use testkit::ManualClock;

use crate::support::{ACCOUNT, REGION, Reply, Server, settings};

pub const VPC: &str = "vpc-0000000000000000a";
pub const OTHER_VPC: &str = "vpc-0000000000000000b";
/// Zones a, b and c.
pub const SUBNETS: [&str; 3] = ["subnet-0000000000000000a", "subnet-0000000000000000b", "subnet-0000000000000000c"];
/// Zone a as well.
pub const SECOND_SUBNET_OF_A: &str = "subnet-000000000000000a2";
/// Zone b, with three free addresses.
pub const FULL_SUBNET: &str = "subnet-000000000000000b2";
/// Zones a and b of the other VPC.
pub const OTHER_SUBNETS: [&str; 2] = ["subnet-0000000000000001a", "subnet-0000000000000001b"];
pub const DEFAULT_GROUP: &str = "sg-0000000000000000a";
pub const GROUP: &str = "sg-0000000000000000c";
pub const OTHER_GROUP: &str = "sg-0000000000000000b";
/// Runs in zone a, private address 172.31.0.10, reached at 127.64.0.1.
pub const RUNNING_A: &str = "i-0000000000000000a";
/// Runs in zone b, private address 172.31.16.10, reached at 127.64.0.2.
pub const RUNNING_B: &str = "i-0000000000000000b";
/// Runs in zone c, which the load balancers of these tests do not enable; 172.31.32.10.
pub const RUNNING_C: &str = "i-0000000000000000c";
pub const PENDING: &str = "i-0000000000000000d";
pub const STOPPED: &str = "i-0000000000000000e";
pub const TERMINATED: &str = "i-0000000000000000f";
/// Runs in the other VPC.
pub const FOREIGN: &str = "i-00000000000000010";

pub const UNKNOWN_ID: &str = "0123456789abcdef";

pub struct World {
    pub server: Server,
}

/// One line of DescribeTargetHealth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub target: String,
    pub zone: String,
    pub state: String,
    pub reason: String,
    pub health_check_port: String,
}

pub fn scope() -> Scope {
    Scope::new(ACCOUNT, REGION)
}

/// An ARN of the region and account of these tests.
pub fn arn(resource: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{resource}")
}

fn vpc(id: &str, cidr: &str) -> Vpc {
    let record = json!({
        "id": id, "cidr": cidr, "is_default": false, "dhcp_options_id": "dopt-0000000000000000a",
        "default_network_acl_id": "acl-0000000000000000a", "dns_support": true, "dns_hostnames": true,
        "instance_tenancy": "default", "created_at": 0, "tags": {},
    });
    serde_json::from_value(record).unwrap()
}

fn subnet(id: &str, vpc: &str, cidr: &str, zone: char) -> Subnet {
    let record = json!({
        "id": id, "vpc_id": vpc, "cidr": cidr, "zone": format!("{REGION}{zone}"), "default_for_zone": false,
        "map_public_ip_on_launch": true, "created_at": 0, "tags": {},
    });
    serde_json::from_value(record).unwrap()
}

fn security_group(id: &str, name: &str, vpc: &str) -> SecurityGroup {
    let record = json!({
        "id": id, "name": name, "description": "x", "vpc_id": vpc, "rules": [], "created_at": 0, "tags": {},
    });
    serde_json::from_value(record).unwrap()
}

fn instance(id: &str, subnet: &Subnet, state: &str, private: &str, reached: Option<&str>) -> Instance {
    let runtime = reached.map(|address| json!({ "boot": 1, "address": address, "started_at": 0, "reachable": true }));
    let record = json!({
        "id": id, "reservation_id": "r-0000000000000000a", "launch_index": 0, "image_id": "ami-0000000000000000a",
        "instance_type": "t2.micro", "host": "local", "zone": subnet.zone, "vpc_id": subnet.vpc_id,
        "subnet_id": subnet.id, "network_interface_id": "eni-0000000000000000a",
        "network_attachment_id": "eni-attach-0000000000000000a", "private_address": private,
        "public_address_wanted": false, "security_groups": [DEFAULT_GROUP], "shutdown_behavior": "stop",
        "termination_protection": false, "stop_protection": false, "detailed_monitoring": false, "tags": {},
        "launched_at": 0, "desired": "running", "state": state, "state_changed_at": 0, "boot": 1, "runtime": runtime,
    });
    serde_json::from_value(record).unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::over(Server::start().await).await
    }

    /// The same where instances have networks of their own, and what records say of networks is true.
    pub async fn in_networks() -> Self {
        let mut settings = settings();
        settings.host.networks = Some("0a1b2c".parse().unwrap());
        Self::over(Server::with(settings).await).await
    }

    async fn over(server: Server) -> Self {
        let world = Self { server };
        let subnets = [
            subnet(SUBNETS[0], VPC, "172.31.0.0/20", 'a'),
            subnet(SUBNETS[1], VPC, "172.31.16.0/20", 'b'),
            subnet(SUBNETS[2], VPC, "172.31.32.0/20", 'c'),
            subnet(SECOND_SUBNET_OF_A, VPC, "172.31.48.0/24", 'a'),
            subnet(FULL_SUBNET, VPC, "172.31.49.0/29", 'b'),
            subnet(OTHER_SUBNETS[0], OTHER_VPC, "10.0.0.0/24", 'a'),
            subnet(OTHER_SUBNETS[1], OTHER_VPC, "10.0.1.0/24", 'b'),
        ];
        let instances = [
            instance(RUNNING_A, &subnets[0], "running", "172.31.0.10", Some("127.64.0.1")),
            instance(RUNNING_B, &subnets[1], "running", "172.31.16.10", Some("127.64.0.2")),
            instance(RUNNING_C, &subnets[2], "running", "172.31.32.10", Some("127.64.0.3")),
            instance(PENDING, &subnets[0], "pending", "172.31.0.11", None),
            instance(STOPPED, &subnets[0], "stopped", "172.31.0.12", None),
            instance(TERMINATED, &subnets[0], "terminated", "172.31.0.13", None),
            instance(FOREIGN, &subnets[5], "running", "10.0.0.10", Some("127.64.0.9")),
        ];
        let groups = [
            security_group(DEFAULT_GROUP, "default", VPC),
            security_group(GROUP, "web", VPC),
            security_group(OTHER_GROUP, "default", OTHER_VPC),
        ];
        world.put(vpc(VPC, "172.31.0.0/16")).await;
        world.put(vpc(OTHER_VPC, "10.0.0.0/16")).await;
        for record in subnets {
            world.put(record).await;
        }
        for record in groups {
            world.put(record).await;
        }
        for record in instances {
            world.put(record).await;
        }
        world
    }

    pub async fn put<R: Record>(&self, record: R) {
        let write = |txn: &mut store::Transaction| {
            txn.put(&scope(), record.clone());
            Ok::<(), Infallible>(())
        };
        self.server.store.transact(write).await.unwrap();
    }

    pub async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.server.form(&self.server.signing("elasticloadbalancing"), "2015-12-01", action, parameters).await
    }

    /// A load balancer in zones a and b.
    pub async fn load_balancer(&self, name: &str) -> String {
        let parameters = [("Name", name), ("Subnets.member.1", SUBNETS[0]), ("Subnets.member.2", SUBNETS[1])];
        self.call("CreateLoadBalancer", &parameters).await.ok().one("LoadBalancerArn")
    }

    /// A target group of instances on port 3000.
    pub async fn target_group(&self, name: &str) -> String {
        self.target_group_of("instance", name).await
    }

    pub async fn target_group_of(&self, target_type: &str, name: &str) -> String {
        let parameters =
            [("Name", name), ("Protocol", "HTTP"), ("Port", "3000"), ("VpcId", VPC), ("TargetType", target_type)];
        self.call("CreateTargetGroup", &parameters).await.ok().one("TargetGroupArn")
    }

    pub async fn create_listener(&self, load_balancer: &str, port: &str, group: &str) -> Reply {
        let parameters = [
            ("LoadBalancerArn", load_balancer),
            ("Protocol", "HTTP"),
            ("Port", port),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", group),
        ];
        self.call("CreateListener", &parameters).await
    }

    pub async fn listener(&self, load_balancer: &str, port: &str, group: &str) -> String {
        self.create_listener(load_balancer, port, group).await.ok().one("ListenerArn")
    }

    /// `RegisterTargets` or another call on targets, each `id`, `id:port` or `id:port@zone`.
    pub async fn on_targets(&self, action: &str, group: &str, targets: &[&str]) -> Reply {
        let mut parameters = vec![("TargetGroupArn".to_owned(), group.to_owned())];
        for (index, target) in targets.iter().enumerate() {
            let member = |name: &str| format!("Targets.member.{}.{name}", index + 1);
            let (target, zone) = target.split_once('@').map_or((*target, None), |(rest, zone)| (rest, Some(zone)));
            let (id, port) = target.split_once(':').map_or((target, None), |(id, port)| (id, Some(port)));
            parameters.push((member("Id"), id.to_owned()));
            parameters.extend(port.map(|port| (member("Port"), port.to_owned())));
            parameters.extend(zone.map(|zone| (member("AvailabilityZone"), zone.to_owned())));
        }
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.call(action, &parameters).await
    }

    pub async fn register(&self, group: &str, targets: &[&str]) -> Reply {
        self.on_targets("RegisterTargets", group, targets).await
    }

    pub async fn deregister(&self, group: &str, targets: &[&str]) -> Reply {
        self.on_targets("DeregisterTargets", group, targets).await
    }

    pub async fn health(&self, group: &str, targets: &[&str]) -> Vec<Line> {
        let reply = self.on_targets("DescribeTargetHealth", group, targets).await.ok();
        let first = |part: &str, element: &str| inner(part, element).first().cloned().unwrap_or_default();
        let line = |part: &str| {
            let target = first(part, "Target");
            let health = first(part, "TargetHealth");
            Line {
                target: format!("{}:{}", first(&target, "Id"), first(&target, "Port")),
                zone: first(&target, "AvailabilityZone"),
                state: first(&health, "State"),
                reason: first(&health, "Reason"),
                health_check_port: first(part, "HealthCheckPort"),
            }
        };
        // Each description begins with one of its members; its end tells them apart.
        let all = first(&reply.text(), "TargetHealthDescriptions");
        all.split("</member>").filter(|part| part.contains("<Target>")).map(line).collect()
    }

    /// Target and state of every registered target.
    pub async fn states(&self, group: &str) -> Vec<(String, String)> {
        self.health(group, &[]).await.into_iter().map(|line| (line.target, line.state)).collect()
    }

    pub fn targets(&self) -> Vec<Target> {
        self.server.store.view().list::<Target>(&scope()).map(|target| (*target).clone()).collect()
    }

    pub fn listeners(&self) -> usize {
        self.server.store.view().list::<Listener>(&scope()).count()
    }

    /// What the node would report about a target.
    pub async fn report(&self, target: &str, state: CheckedState, failure: Option<CheckResult>) {
        let found = self.targets().into_iter().find(|one| one.key.to_string() == target).expect("it is registered");
        let health = CheckedHealth { state, since: ManualClock::START, failure };
        self.put(Target { health: Some(health), ..found }).await;
    }

    /// What the controller does with a new load balancer.
    pub async fn activate(&self, load_balancer: &str, address: Ipv4Addr, state: LoadBalancerState) {
        let record = self.server.store.view().get::<LoadBalancer>(&scope(), load_balancer).expect("it exists");
        let addressed = |zone: &EnabledZone| EnabledZone { address: Some(IpAddr::V4(address)), ..zone.clone() };
        let zones = record.zones.iter().map(addressed).collect();
        self.put(LoadBalancer { zones, state, ..(*record).clone() }).await;
    }
}

/// The contents of all elements of that name.
pub fn inner(text: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    text.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap_or_default().to_owned()).collect()
}
