//! Keeps true that the networks of this host are those of the records, and says which are in force.
//!
//! The plan is made in `model::ec2::network_plan`, from the records alone; a driver of the crate `network` carries it out.
//! Instances are started only once their namespace is there (`instances`), and what listens inside of VPCs begins with it.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Scope, Timestamp,
    ec2::{
        address::Address,
        instance::Instance,
        internet_gateway::InternetGateway,
        nat_gateway::NatGateway,
        network_acl::NetworkAcl,
        network_interface::NetworkInterface,
        network_plan::{HostFacts, HostTag, NetworkPlan, Place, plan},
        network_records::NetworkRecords,
        route_table::RouteTable,
        security_group::SecurityGroup,
        subnet::Subnet,
        vpc::Vpc,
    },
    id::{InstanceId, VpcId},
};
use network::{NetworkDriver, NetworkError};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use store::{Kind, Record, View};
use tokio::sync::watch;

/// How often the host is looked at though nothing changed: what somebody changed by hand is put right by then.
pub const LOOK: Duration = Duration::from_secs(30);

/// A VPC whose router is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedVpc {
    /// Whose it is.
    pub scope: Scope,
    /// `vpc-…`
    pub vpc_id: VpcId,
    /// The namespace of its router.
    pub namespace: String,
}

/// What others must know about the networks that are in force.
#[derive(Clone, Debug)]
pub struct NetworksInForce {
    /// Tells this installation's namespaces from those of others.
    pub tag: HostTag,
    /// The VPCs whose routers are there, by their ids.
    pub vpcs: watch::Receiver<Arc<Vec<AppliedVpc>>>,
    /// The instances whose namespaces are there.
    pub instances: watch::Receiver<Arc<BTreeSet<InstanceId>>>,
    /// Why they could not be changed when that was tried last; none when they are as the records say.
    pub failure: watch::Receiver<Option<Arc<str>>>,
}

/// The controller.
pub struct Networks {
    driver: Arc<dyn NetworkDriver>,
    facts: HostFacts,
    vpcs: watch::Sender<Arc<Vec<AppliedVpc>>>,
    instances: watch::Sender<Arc<BTreeSet<InstanceId>>>,
    failure: watch::Sender<Option<Arc<str>>>,
    /// The plan that the host followed last, and when it was looked at.
    followed: Option<(NetworkPlan, Timestamp)>,
}

impl Networks {
    /// With a driver for the installation of these facts.
    pub fn new(driver: Arc<dyn NetworkDriver>, facts: HostFacts) -> (Self, NetworksInForce) {
        let (vpcs, applied) = watch::channel(Arc::default());
        let (instances, connected) = watch::channel(Arc::default());
        let (failure, failed) = watch::channel(None);
        let tag = facts.tag.clone();
        let in_force = NetworksInForce { tag, vpcs: applied, instances: connected, failure: failed };
        (Self { driver, facts, vpcs, instances, failure, followed: None }, in_force)
    }

    /// Removes every network of this installation; the next reconciliation would make them again.
    ///
    /// # Errors
    /// When something stays.
    pub async fn remove_all(&mut self) -> Result<(), NetworkError> {
        self.followed = None;
        self.vpcs.send_replace(Arc::default());
        self.instances.send_replace(Arc::default());
        let driver = self.driver.clone();
        blocking(move || driver.remove_all()).await
    }

    fn publish(&self, plan: &NetworkPlan, records: &BTreeMap<Scope, ScopeRecords>) {
        let is_there = |namespace: &String| plan.namespaces.contains_key(&Place::Named(namespace.clone()));
        let mut vpcs = Vec::new();
        let mut instances = BTreeSet::new();
        for (scope, records) in records {
            for vpc in &records.vpcs {
                let namespace = self.facts.tag.vpc_namespace(&vpc.id);
                if is_there(&namespace) {
                    vpcs.push(AppliedVpc { scope: scope.clone(), vpc_id: vpc.id.clone(), namespace });
                }
            }
            let ids = records.instances.iter().map(|instance| &instance.id);
            instances.extend(ids.filter(|id| is_there(&self.facts.tag.instance_namespace(id))).cloned());
        }
        vpcs.sort_by(|a, b| a.vpc_id.cmp(&b.vpc_id));
        // Also when they are the same ones: the namespaces behind the names may be new.
        self.vpcs.send_replace(Arc::new(vpcs));
        self.instances.send_replace(Arc::new(instances));
    }
}

impl Controller for Networks {
    const NAME: &'static str = "networks";
    const INTERESTS: &'static [Kind] = &[
        Kind::Vpc,
        Kind::Subnet,
        Kind::RouteTable,
        Kind::InternetGateway,
        Kind::NatGateway,
        Kind::Address,
        Kind::NetworkInterface,
        Kind::Instance,
        Kind::SecurityGroup,
        Kind::NetworkAcl,
    ];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let now = cx.clock.now();
        let records = records(&cx.store.view());
        // decide
        let scopes: Vec<NetworkRecords<'_>> = records.values().map(ScopeRecords::borrowed).collect();
        let plan = plan(&scopes, &self.facts);
        if let Some((followed, at)) = &self.followed
            && *followed == plan
            && now.since(*at) < LOOK
        {
            return Ok(Next::At(at.plus(LOOK)));
        }
        // act
        self.followed = None;
        let (driver, wanted) = (self.driver.clone(), plan.clone());
        let applied = blocking(move || driver.apply(&wanted)).await;
        let failure = applied.as_ref().err().map(|error| Arc::from(error.to_string()));
        self.failure.send_if_modified(|before| {
            let news = *before != failure;
            before.clone_from(&failure);
            news
        });
        let applied = applied.map_err(|error| ControllerError::of("making the networks", error))?;
        if applied.changes > 0 {
            tracing::debug!(changes = applied.changes, "the networks were changed");
        }
        self.publish(&plan, &records);
        self.followed = Some((plan, now));
        Ok(Next::At(now.plus(LOOK)))
    }
}

/// The driver's calls take milliseconds, in which others want to run.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NetworkError> + Send + 'static,
) -> Result<T, NetworkError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(NetworkError::Unsupported(format!("the work on it ended badly: {error}"))),
    }
}

/// The records of the network of one account and region, as they were at one moment.
#[derive(Debug, Default)]
pub struct ScopeRecords {
    vpcs: Vec<Arc<Vpc>>,
    subnets: Vec<Arc<Subnet>>,
    route_tables: Vec<Arc<RouteTable>>,
    internet_gateways: Vec<Arc<InternetGateway>>,
    nat_gateways: Vec<Arc<NatGateway>>,
    addresses: Vec<Arc<Address>>,
    network_interfaces: Vec<Arc<NetworkInterface>>,
    instances: Vec<Arc<Instance>>,
    security_groups: Vec<Arc<SecurityGroup>>,
    network_acls: Vec<Arc<NetworkAcl>>,
}

impl ScopeRecords {
    /// For the deciders, which only look.
    pub fn borrowed(&self) -> NetworkRecords<'_> {
        fn all<R>(records: &[Arc<R>]) -> Vec<&R> {
            records.iter().map(|record| &**record).collect()
        }
        NetworkRecords {
            vpcs: all(&self.vpcs),
            subnets: all(&self.subnets),
            route_tables: all(&self.route_tables),
            internet_gateways: all(&self.internet_gateways),
            nat_gateways: all(&self.nat_gateways),
            addresses: all(&self.addresses),
            network_interfaces: all(&self.network_interfaces),
            instances: all(&self.instances),
            security_groups: all(&self.security_groups),
            network_acls: all(&self.network_acls),
        }
    }
}

/// The records of the networks of all accounts and regions.
pub fn records(view: &View) -> BTreeMap<Scope, ScopeRecords> {
    let mut all = BTreeMap::new();
    collect(view, &mut all, |records| &mut records.vpcs);
    collect(view, &mut all, |records| &mut records.subnets);
    collect(view, &mut all, |records| &mut records.route_tables);
    collect(view, &mut all, |records| &mut records.internet_gateways);
    collect(view, &mut all, |records| &mut records.nat_gateways);
    collect(view, &mut all, |records| &mut records.addresses);
    collect(view, &mut all, |records| &mut records.network_interfaces);
    collect(view, &mut all, |records| &mut records.instances);
    collect(view, &mut all, |records| &mut records.security_groups);
    collect(view, &mut all, |records| &mut records.network_acls);
    all
}

fn collect<R: Record>(
    view: &View,
    into: &mut BTreeMap<Scope, ScopeRecords>,
    list: impl Fn(&mut ScopeRecords) -> &mut Vec<Arc<R>>,
) {
    for (scope, record) in view.all::<R>() {
        list(into.entry(scope).or_default()).push(record);
    }
}
