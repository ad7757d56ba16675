//! What the tests of EC2 share: a region to call, and the hand of the controllers.

use std::sync::Arc;

use model::ec2::address::Address;
use model::ec2::image::{HOST_IMAGE, Image, ImageOwner, ImageSource, ImageState, built_in};
use model::ec2::instance::{Instance, InstanceState, Runtime};
use model::ec2::nat_gateway::{NatGateway, NatGatewayState};
use model::ec2::network_interface::NetworkInterface;
use model::elbv2::load_balancer::{EnabledZone, LoadBalancer, LoadBalancerKind, LoadBalancerState, Scheme};
use model::{Arn, Scope, Tags, Timestamp};
use services::{Console, Settings};
use store::TransactError;

use crate::support::{ACCOUNT, REGION, Reply, Server, Signing, settings};

pub const VERSION: &str = "2016-11-15";
/// The image of the configuration.
pub const WEB_IMAGE: &str = "ami-0123456789abcdef0";

/// A server, seen from one region.
pub struct Ec2 {
    pub server: Server,
}

/// What every instance wrote.
struct Hello;

impl Console for Hello {
    fn read(&self, id: &model::id::InstanceId) -> Option<(Vec<u8>, Timestamp)> {
        Some((format!("hello from {id}\n").into_bytes(), Timestamp::from_seconds(1_795_176_005)))
    }
}

fn web_image() -> Image {
    Image {
        id: WEB_IMAGE.parse().expect("an id"),
        name: "web".into(),
        description: "the web site".into(),
        owner: ImageOwner::Account,
        source: ImageSource::Host,
        boot: None,
        port: 3000,
        created_at: Timestamp::default(),
        tags: Tags([("role".to_owned(), "web".to_owned())].into()),
        state: ImageState::Available,
        state_reason: None,
        source_instance: None,
        no_reboot: false,
    }
}

impl Ec2 {
    pub async fn start() -> Self {
        let images = built_in().into_iter().chain([web_image()]).collect();
        let server = Server::with(Settings { images, ..settings() }).await;
        server.gateway.set_console(Arc::new(Hello));
        Self { server }
    }

    pub async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.server.form(&self.server.signing("ec2"), VERSION, action, parameters).await
    }

    /// The same in another region.
    pub async fn call_in(&self, region: &str, action: &str, parameters: &[(&str, &str)]) -> Reply {
        let signing = Signing { region: region.into(), ..self.server.signing("ec2") };
        self.server.form(&signing, VERSION, action, parameters).await
    }

    /// The code of the error that a call ends with.
    pub async fn code(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let reply = self.call(action, parameters).await;
        let (status, code) = reply.error();
        assert_ne!(status, 200, "{action} {parameters:?}: {}", reply.text());
        code
    }

    /// A table of calls that must fail with these codes.
    pub async fn refuses(&self, table: &[(&str, &[(&str, &str)], &str)]) {
        for (action, parameters, code) in table {
            let reply = self.call(action, parameters).await;
            assert_eq!(reply.error().1, *code, "{action} {parameters:?}: {}", reply.text());
        }
    }

    pub fn scope(&self) -> Scope {
        Scope::new(ACCOUNT, REGION)
    }

    pub async fn default_vpc(&self) -> String {
        self.call("DescribeVpcs", &[("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "true")])
            .await
            .ok()
            .one("vpcId")
    }

    /// Ids of the default subnets, by zone.
    pub async fn default_subnets(&self) -> Vec<String> {
        let reply = self.call("DescribeSubnets", &[("Filter.1.Name", "default-for-az"), ("Filter.1.Value.1", "true")]);
        let reply = reply.await.ok();
        let mut subnets: Vec<_> = reply.all("availabilityZone").into_iter().zip(reply.all("subnetId")).collect();
        subnets.sort();
        subnets.into_iter().map(|(_, id)| id).collect()
    }

    pub async fn default_group(&self) -> String {
        let vpc = self.default_vpc().await;
        let filters = [
            ("Filter.1.Name", "group-name"),
            ("Filter.1.Value.1", "default"),
            ("Filter.2.Name", "vpc-id"),
            ("Filter.2.Value.1", &vpc),
        ];
        let reply = self.call("DescribeSecurityGroups", &filters).await.ok();
        reply.all("groupId").remove(0)
    }

    pub async fn vpc(&self, cidr: &str) -> String {
        self.call("CreateVpc", &[("CidrBlock", cidr)]).await.ok().one("vpcId")
    }

    pub async fn subnet(&self, vpc: &str, cidr: &str) -> String {
        self.call("CreateSubnet", &[("VpcId", vpc), ("CidrBlock", cidr)]).await.ok().one("subnetId")
    }

    pub async fn group(&self, vpc: &str, name: &str) -> String {
        let parameters = [("VpcId", vpc), ("GroupName", name), ("GroupDescription", "a group")];
        self.call("CreateSecurityGroup", &parameters).await.ok().one("groupId")
    }

    /// Launches one instance, which stays pending.
    pub async fn launch(&self, parameters: &[(&str, &str)]) -> String {
        let fixed = [("ImageId", HOST_IMAGE), ("InstanceType", "t2.micro"), ("MinCount", "1"), ("MaxCount", "1")];
        self.call("RunInstances", &[&fixed[..], parameters].concat()).await.ok().one("instanceId")
    }

    /// Launches one instance that runs.
    pub async fn launch_running(&self, parameters: &[(&str, &str)]) -> String {
        let id = self.launch(parameters).await;
        self.becomes(&id, InstanceState::Running).await;
        id
    }

    pub fn record(&self, id: &str) -> Arc<Instance> {
        self.server.store.view().get::<Instance>(&self.scope(), id).expect("the instance is there")
    }

    /// What a controller writes once an instance has reached a state.
    pub async fn becomes(&self, id: &str, state: InstanceState) {
        use services::Clock;
        let now = self.server.clock.now();
        self.edit(id, |instance| {
            instance.state = state;
            instance.state_changed_at = now;
            instance.runtime = (state == InstanceState::Running).then(|| Runtime {
                boot: instance.boot,
                address: "127.64.0.1".parse().expect("an address"),
                pid: Some(4711),
                started_at: now,
                reachable: true,
            });
        })
        .await;
    }

    /// What a controller writes once a NAT gateway has reached a state.
    pub async fn nat_gateway_becomes(&self, id: &str, state: NatGatewayState) {
        let gateway = self.server.store.view().get::<NatGateway>(&self.scope(), id).expect("the gateway is there");
        self.change(id, |gateway: &mut NatGateway| gateway.state = state).await;
        if (NatGateway { state, ..NatGateway::clone(&gateway) }).occupies() {
            return;
        }
        if let Some(allocation) = gateway.allocation() {
            self.change(allocation.as_str(), |address: &mut Address| address.association = None).await;
        }
        let scope = self.scope();
        let forget = |txn: &mut store::Transaction| {
            txn.delete::<NetworkInterface>(&scope, &gateway.network_interface_id);
            Ok::<(), ()>(())
        };
        assert!(self.server.store.transact(forget).await.is_ok());
    }

    pub async fn internet_gateway(&self, vpc: &str) -> String {
        let gateway = self.call("CreateInternetGateway", &[]).await.ok().one("internetGatewayId");
        self.call("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", vpc)]).await.ok();
        gateway
    }

    pub async fn route_table(&self, vpc: &str) -> String {
        self.call("CreateRouteTable", &[("VpcId", vpc)]).await.ok().one("routeTableId")
    }

    /// Allocates an Elastic IP: its allocation and its address.
    pub async fn address(&self) -> (String, String) {
        let reply = self.call("AllocateAddress", &[]).await.ok();
        (reply.one("allocationId"), reply.one("publicIp"))
    }

    /// A public NAT gateway, which stays pending: its id and its allocation.
    pub async fn nat_gateway(&self, subnet: &str) -> (String, String) {
        let (allocation, _) = self.address().await;
        let parameters = [("SubnetId", subnet), ("AllocationId", &allocation)];
        let gateway = self.call("CreateNatGateway", &parameters).await.ok().one("natGatewayId");
        (gateway, allocation)
    }

    /// A load balancer in a subnet and with a group, as elbv2 would write it.
    pub async fn load_balancer(&self, vpc: &str, subnet: &str, group: &str) {
        let balancer = LoadBalancer {
            arn: Arn::new("elasticloadbalancing", REGION, ACCOUNT, "loadbalancer/app/lb/0123456789abcdef"),
            name: "lb".into(),
            kind: LoadBalancerKind::Application,
            scheme: Scheme::InternetFacing,
            dns_name: "lb-1.elb.localhost".into(),
            canonical_hosted_zone_id: "Z1".into(),
            vpc_id: vpc.parse().expect("an id"),
            zones: vec![EnabledZone {
                zone: "ap-northeast-2a".into(),
                subnet_id: subnet.parse().expect("an id"),
                address: None,
            }],
            security_groups: vec![group.parse().expect("an id")],
            attributes: Default::default(),
            created_at: Timestamp::default(),
            state: LoadBalancerState::Provisioning,
            tags: Tags::default(),
        };
        let scope = self.scope();
        let put = |txn: &mut store::Transaction| {
            txn.put(&scope, balancer.clone());
            Ok::<(), ()>(())
        };
        assert!(self.server.store.transact(put).await.is_ok());
    }

    pub async fn edit(&self, id: &str, edit: impl Fn(&mut Instance)) {
        self.change(id, edit).await;
    }

    /// Changes a record of any kind.
    pub async fn change<R: store::Record>(&self, id: &str, edit: impl Fn(&mut R)) {
        let scope = self.scope();
        let work = |txn: &mut store::Transaction| {
            let mut record = R::clone(&*txn.get::<R>(&scope, id).ok_or(())?);
            edit(&mut record);
            txn.put(&scope, record);
            Ok(())
        };
        let done: Result<(), TransactError<()>> = self.server.store.transact(work).await;
        done.unwrap_or_else(|_| panic!("{id} can be edited"));
    }
}
