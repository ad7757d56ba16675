//! Keeps true that what runs on this host is what the instance records ask for, and that the records say what runs.
//!
//! What is to be done is decided in `model::ec2::instance_state`. The changed record is committed first and the command
//! given then: a crash in between leads to the same decision again.

mod addresses;

use self::addresses::{Addresses, Giver, HOST_ADDRESSES};
use crate::{
    controller::{Context, Controller, ControllerError, Next},
    elastic_ips,
    networks::NetworksInForce,
};
use compute::{ComputeDriver, Driver, DriverError, InstanceSpec, Metadata};
use model::{
    Scope, Timestamp,
    cidr::Cidr,
    ec2::{
        image::Image,
        instance::Instance,
        instance_state::{
            Command, DEFAULT_STOP_GRACE, Decision, Facts, MissingNetwork, Next as NextRecord, Observed, StartFailures,
            decide, garbage,
        },
        instance_type::instance_type,
        vpc_dns::RESOLVER_ADDRESS,
    },
    elbv2::{
        plan::stands_for,
        target::{Target, TargetId},
        target_group::TargetGroup,
    },
    event::Event,
    id::InstanceId,
};
use std::{
    collections::{BTreeMap, HashSet},
    convert::Infallible,
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    path::Path,
    sync::Arc,
    time::Duration,
};
use store::{Kind, Quarantined, Record, Transaction, View, target_id};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

/// Where namespaces have their names.
const NAMESPACES: &str = "/run/netns";
/// Instances that are written, each with its targets, in one transaction at the most.
const BATCH: usize = 256;

/// The controller.
pub struct Instances {
    driver: Arc<Driver>,
    images: watch::Receiver<Vec<Image>>,
    api_endpoint: String,
    /// Where in the range this installation begins to look for free addresses: several on one host share the range and
    /// know nothing of each other.
    first_address: u32,
    failures: BTreeMap<InstanceId, StartFailures>,
    networks: Option<OwnNetworks>,
    /// Since when instances wait for their networks.
    waiting: BTreeMap<InstanceId, Timestamp>,
    wake: Arc<Notify>,
}

/// What is needed where instances have networks of their own.
#[derive(Clone, Debug)]
pub struct OwnNetworks {
    /// The networks that are there. An instance is started only in one of them.
    pub in_force: NetworksInForce,
    /// Where public addresses come from.
    pub public_pool: watch::Receiver<Cidr>,
}

/// An instance for which something is to be done.
struct Step {
    scope: Scope,
    seen: Arc<Instance>,
    decision: Decision,
    addresses: Addresses,
}

impl Step {
    /// Most instances only go on as they are.
    fn does_something(&self) -> bool {
        let changes = match self.decision.next {
            NextRecord::Keep => self.addresses != Addresses::of(&self.seen),
            NextRecord::Change(_) | NextRecord::Forget => true,
        };
        changes || self.decision.command.is_some() || self.decision.event.is_some()
    }
}

impl Instances {
    /// For this host's driver; `installation` is what tells it from others on the host. Without networks of their own,
    /// instances share the host's. Must be called in a runtime.
    pub fn new(
        driver: Arc<Driver>,
        images: watch::Receiver<Vec<Image>>,
        networks: Option<OwnNetworks>,
        api_endpoint: String,
        installation: impl Hash,
    ) -> Self {
        let wake = Arc::new(Notify::new());
        tokio::spawn(forward(driver.changes(), Arc::downgrade(&wake)));
        if let Some(networks) = &networks {
            tokio::spawn(forward(networks.in_force.instances.clone(), Arc::downgrade(&wake)));
            tokio::spawn(forward(networks.in_force.failure.clone(), Arc::downgrade(&wake)));
        }
        let mut hasher = DefaultHasher::new();
        installation.hash(&mut hasher);
        let first_address = u32::try_from(hasher.finish() % u64::from(HOST_ADDRESSES)).unwrap_or(0);
        Self {
            driver,
            images,
            api_endpoint,
            first_address,
            failures: BTreeMap::new(),
            networks,
            waiting: BTreeMap::new(),
            wake,
        }
    }

    /// Ends every instance in order; their records stay, and the next start boots them again.
    pub async fn stop_all(&mut self, grace: Duration) {
        match compute::driver::stop_all(&*self.driver, grace).await {
            Ok(count) => tracing::info!(count, "instances stopped"),
            Err(error) => tracing::error!(%error, "not every instance could be stopped"),
        }
    }
}

impl Controller for Instances {
    const NAME: &'static str = "instances";
    const INTERESTS: &'static [Kind] = &[Kind::Instance];

    fn wake(&self) -> Option<Arc<Notify>> {
        Some(self.wake.clone())
    }

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe: the inventory before the records, or a new instance looks like garbage
        let inventory =
            self.driver.inventory().await.map_err(|error| ControllerError::of("taking the inventory", error))?;
        let view = cx.store.view();
        let now = cx.clock.now();
        // decide
        let steps = self.decide(&view, &inventory, now);
        let quarantined = cx.store.quarantined();
        let known = known(&steps, &quarantined);
        let garbage: Vec<InstanceId> =
            garbage(&inventory, |id| known.contains(id.as_str())).into_iter().cloned().collect();
        self.failures.retain(|id, _| known.contains(id.as_str()));
        let next = Next::earliest(steps.iter().filter_map(|step| step.decision.look_again_at));
        // act
        let due: Vec<Step> = steps.into_iter().filter(Step::does_something).collect();
        for batch in due.chunks(BATCH) {
            let committed = commit(cx, batch, now).await?;
            self.carry_out(&committed, cx).await;
        }
        self.remove(garbage, cx).await;
        Ok(next)
    }
}

impl Instances {
    fn decide(&mut self, view: &View, inventory: &[Observed], now: Timestamp) -> Vec<Step> {
        let observed: BTreeMap<&InstanceId, &Observed> = inventory.iter().map(|found| (&found.id, found)).collect();
        let pool = self.networks.as_ref().map(|networks| *networks.public_pool.borrow());
        let mut giver = Giver::new(view, inventory, pool, self.first_address);
        let in_network = self.networks.as_ref().map(|networks| networks.in_force.instances.borrow().clone());
        let failure = self.networks.as_ref().and_then(|networks| networks.in_force.failure.borrow().clone());
        let waited = std::mem::take(&mut self.waiting);
        let step = |(scope, seen): (Scope, Arc<Instance>)| {
            let facts = Facts {
                observed: observed.get(&seen.id).copied(),
                start_failures: self.failures.get(&seen.id),
                missing_network: None,
                stop_grace: DEFAULT_STOP_GRACE,
            };
            let mut decision = decide(&seen, &facts, now);
            let starts = matches!(decision.command, Some(Command::Start { .. }));
            // The next networks that come into force wake us, and so does each try that fails.
            if starts && in_network.as_ref().is_some_and(|there| !there.contains(&seen.id)) {
                let since = waited.get(&seen.id).copied().unwrap_or(now);
                self.waiting.insert(seen.id.clone(), since);
                let missing_network = Some(MissingNetwork { since, error: failure.as_deref() });
                decision = decide(&seen, &Facts { missing_network, ..facts }, now);
            }
            let addresses = giver.give(&seen, &decision);
            Step { scope, seen, decision, addresses }
        };
        view.all::<Instance>().map(step).collect()
    }

    /// Gives the driver its commands, all at once, and waits until each was taken.
    async fn carry_out(&mut self, steps: &[&Step], cx: &Context) {
        let (mut commands, view) = (JoinSet::new(), cx.store.view());
        for step in steps {
            let Some(command) = step.decision.command else { continue };
            let (driver, id) = (self.driver.clone(), step.seen.id.clone());
            let spec = self.spec(step, &view);
            commands.spawn(async move { (id.clone(), command, give(&driver, &id, command, spec).await) });
        }
        self.note_all(commands, cx).await;
    }

    /// Ends and deletes what no record knows.
    async fn remove(&mut self, garbage: Vec<InstanceId>, cx: &Context) {
        let mut commands = JoinSet::new();
        for id in garbage {
            tracing::warn!(instance = %id, "nobody knows this instance; it is removed");
            let driver = self.driver.clone();
            commands.spawn(async move {
                (id.clone(), Command::Remove, driver.remove(&id).await.map_err(|e| e.to_string()))
            });
        }
        self.note_all(commands, cx).await;
    }

    async fn note_all(&mut self, mut commands: JoinSet<(InstanceId, Command, Result<(), String>)>, cx: &Context) {
        while let Some(done) = commands.join_next().await {
            match done {
                Ok((id, command, result)) => self.note(id, command, result, cx.clock.now()),
                Err(error) => tracing::error!(%error, "a command to the driver ended badly"),
            }
        }
    }

    fn note(&mut self, id: InstanceId, command: Command, result: Result<(), String>, now: Timestamp) {
        match (command, result) {
            (Command::Start { .. }, Ok(())) => drop(self.failures.remove(&id)),
            (Command::Start { boot }, Err(error)) => {
                tracing::error!(instance = %id, error, "an instance does not start");
                let before = self.failures.remove(&id);
                self.failures.insert(id, StartFailures::and(before, boot, now, error));
            }
            (Command::Stop { .. } | Command::Kill | Command::Remove, Ok(())) => {}
            (Command::Stop { .. } | Command::Kill | Command::Remove, Err(error)) => {
                tracing::error!(instance = %id, error, "the driver failed");
                // No wake: the decision said when to try again, and at once would be a busy loop.
                return;
            }
        }
        // What a command changed is looked at right away.
        self.wake.notify_one();
    }

    fn spec(&self, step: &Step, view: &View) -> Result<InstanceSpec, String> {
        let instance = match &step.decision.next {
            NextRecord::Change(next) => next,
            NextRecord::Keep | NextRecord::Forget => &*step.seen,
        };
        let configured = self.images.borrow().iter().find(|image| image.id == instance.image_id).cloned();
        // One that was deregistered is still there for those that were launched from it.
        let of_account = || view.get::<Image>(&step.scope, &instance.image_id).map(Arc::unwrap_or_clone);
        let image = configured
            .or_else(of_account)
            .ok_or_else(|| format!("image {} is not known any more", instance.image_id))?;
        let tag = self.networks.as_ref().map(|networks| &networks.in_force.tag);
        let address = match tag {
            Some(_) => instance.private_address,
            None => step.addresses.host.ok_or("no address of 127.64.0.0/12 is free")?,
        };
        Ok(InstanceSpec {
            id: instance.id.clone(),
            boot: instance.boot,
            image: image.source,
            boot_command: image.boot,
            port: image.port,
            user_data: instance.user_data.clone(),
            address: IpAddr::V4(address),
            vcpus: instance_type(&instance.instance_type).map_or(1, |kind| kind.vcpus),
            memory_mib: instance_type(&instance.instance_type).map(|kind| kind.memory_mib),
            network_namespace: tag.map(|tag| Path::new(NAMESPACES).join(tag.instance_namespace(&instance.id))),
            resolver: tag.map(|_| RESOLVER_ADDRESS),
            authorized_key: instance.public_key.clone(),
            metadata: Metadata {
                account: step.scope.account.clone(),
                region: step.scope.region.clone(),
                zone: instance.zone.clone(),
                instance_type: instance.instance_type.clone(),
                image_id: instance.image_id.clone(),
                private_address: instance.private_address,
                vpc_id: instance.vpc_id.clone(),
                subnet_id: instance.subnet_id.clone(),
                security_groups: instance.security_groups.clone(),
                reservation_id: instance.reservation_id.clone(),
                launch_index: instance.launch_index,
                tags: instance.tags.clone(),
                api_endpoint: Some(self.api_endpoint.clone()),
            },
        })
    }
}

/// The ids of all instances, with those whose records are set aside: a damaged record is no reason to end what runs.
fn known<'a>(steps: &'a [Step], quarantined: &'a [Quarantined]) -> HashSet<&'a str> {
    let aside = quarantined.iter().filter(|record| record.key.kind == Kind::Instance.name());
    let records = steps.iter().map(|step| step.seen.id.as_str());
    records.chain(aside.map(|record| record.key.id.as_str())).collect()
}

/// Writes what became of the records; gives the steps whose records were still what was seen.
async fn commit<'a>(cx: &Context, steps: &'a [Step], now: Timestamp) -> Result<Vec<&'a Step>, ControllerError> {
    let write = |txn: &mut Transaction| -> Result<Vec<&'a Step>, Infallible> {
        let current: Vec<&Step> = steps.iter().filter(|step| is_current(txn, step)).collect();
        for step in &current {
            write_step(txn, step, now);
        }
        Ok(current)
    };
    cx.store.transact(write).await.map_err(|error| ControllerError::of("writing instances", error))
}

fn is_current(txn: &Transaction, step: &Step) -> bool {
    txn.get::<Instance>(&step.scope, step.seen.id()).is_some_and(|current| *current == *step.seen)
}

fn write_step(txn: &mut Transaction, step: &Step, now: Timestamp) {
    let next = match &step.decision.next {
        NextRecord::Forget => {
            txn.delete::<Instance>(&step.scope, step.seen.id());
            deregister(txn, &step.scope, &step.seen, now);
            None
        }
        NextRecord::Change(next) => Some((**next).clone()),
        NextRecord::Keep => Some((*step.seen).clone()),
    };
    if let Some(next) = next {
        let Addresses { host, pool } = step.addresses;
        let next = Instance { host_address: host, pool_address: pool, ..next };
        if next != *step.seen {
            if next.state != step.seen.state {
                forget_health(txn, &step.scope, &next);
            }
            if step.seen.occupies() && !next.occupies() {
                elastic_ips::release(txn, &step.scope, &next.network_interface_id);
            }
            txn.put(&step.scope, next);
        }
    }
    if let Some(happening) = &step.decision.event {
        txn.append_event(Event {
            at: now,
            scope: step.scope.clone(),
            subject: step.seen.id.to_string(),
            what: happening.what.to_owned(),
            message: happening.message.clone(),
        });
    }
}

/// An instance of which nobody speaks any more is no target either.
fn deregister(txn: &mut Transaction, scope: &Scope, instance: &Instance, now: Timestamp) {
    let id = TargetId::Instance(instance.id.clone());
    let targets: Vec<Arc<Target>> = txn.list::<Target>(scope).filter(|target| target.key.id == id).collect();
    for target in targets {
        let group = target.target_group_arn.resource_parts().get(1).map_or("", |name| *name).to_owned();
        txn.append_event(Event {
            at: now,
            scope: scope.clone(),
            subject: format!("{group} {}", target.key),
            what: "target-deregistered".to_owned(),
            message: "its instance was terminated".to_owned(),
        });
        txn.delete::<Target>(scope, target_id(&target.target_group_arn, &target.key));
    }
}

/// What checks found before an instance went down or came up says nothing about it as a target from now on.
fn forget_health(txn: &mut Transaction, scope: &Scope, instance: &Instance) {
    let is_meant = |target: &Target| {
        let group = || txn.get::<TargetGroup>(scope, target.target_group_arn.to_string());
        target.health.is_some() && group().is_some_and(|group| stands_for(&target.key, &group.vpc_id, instance))
    };
    let targets: Vec<Arc<Target>> = txn.list::<Target>(scope).filter(|target| is_meant(target)).collect();
    for target in targets {
        txn.put(scope, Target { health: None, ..Target::clone(&target) });
    }
}

async fn give(
    driver: &Driver,
    id: &InstanceId,
    command: Command,
    spec: Result<InstanceSpec, String>,
) -> Result<(), String> {
    let text = |error: DriverError| error.to_string();
    match command {
        Command::Start { .. } => driver.start(&spec?).await.map(drop).map_err(text),
        Command::Stop { grace } => driver.stop(id, grace).await.map_err(text),
        Command::Kill => driver.kill(id).await.map_err(text),
        Command::Remove => driver.remove(id).await.map_err(text),
    }
}

/// Turns changes of the driver and of the networks into wake-ups, as long as the controller lives.
async fn forward<T>(mut changes: watch::Receiver<T>, wake: std::sync::Weak<Notify>) {
    while changes.changed().await.is_ok() {
        let Some(wake) = wake.upgrade() else { return };
        wake.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_whose_record_is_set_aside_is_no_garbage() {
        let aside = |kind: Kind, id: &str| Quarantined {
            key: store::StoredKey { kind: kind.name().to_owned(), id: id.to_owned(), ..Default::default() },
            reason: "checksum".to_owned(),
        };
        let quarantined = [aside(Kind::Instance, "i-00000001"), aside(Kind::Target, "i-00000002")];
        assert_eq!(known(&[], &quarantined), HashSet::from(["i-00000001"]));
    }
}
