//! What the router of a VPC answers to its instances itself: the metadata service and the resolver.
//!
//! Both listen in the VPC's own namespace, as long as that is there; who asks is known by the address that the question comes
//! from, which the router's filters hold everybody to. What is answered is decided in `model::ec2::metadata_service` and
//! `model::ec2::vpc_dns`. Here: which VPCs are served, and their sockets.

mod about;
mod forward;
mod message;
mod metadata;
mod names;
mod resolver;

use controllers::networks::AppliedVpc;
use metadata::Metadata;
use model::{
    ec2::{network_plan::METADATA_ADDRESS, vpc::Vpc, vpc_dns::RESOLVER_ADDRESS},
    time::Clock,
};
use names::Names;
use resolver::Resolver;
use std::{
    collections::BTreeMap,
    fs, io,
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::linux::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::Store;
use tokio::{sync::watch, task::JoinSet};

/// How long after sockets could not be opened it is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Where named namespaces are.
const NAMESPACES: &str = "/run/netns";
const HTTP_PORT: u16 = 80;
const DNS_PORT: u16 = 53;

/// What the services of all VPCs share.
#[derive(Clone)]
struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Random numbers.
    ids: fn() -> u64,
    metadata: Arc<Metadata>,
    /// The host's list of resolvers.
    resolvers: Arc<Path>,
}

/// The services of one VPC. They end, with their connections, when it is dropped.
struct Serving {
    vpc: AppliedVpc,
    /// Tells the namespace from an older one of the same name. Their sockets keep it in being, so that no other gets its number.
    namespace: u64,
    _tasks: JoinSet<()>,
}

/// Sockets in the namespace of a VPC.
struct Sockets {
    namespace: u64,
    metadata: TcpListener,
    /// By address: of TCP and of UDP.
    resolver: Vec<(TcpListener, UdpSocket)>,
}

/// Serves the VPCs whose routers are there, until `stopped` becomes true. `ids` gives random numbers.
pub async fn run(
    store: Store,
    clock: Arc<dyn Clock>,
    ids: fn() -> u64,
    applied: watch::Receiver<Arc<Vec<AppliedVpc>>>,
    stopped: watch::Receiver<bool>,
) {
    serve(store, clock, ids, Path::new(forward::RESOLV_CONF), applied, stopped).await;
}

async fn serve(
    store: Store,
    clock: Arc<dyn Clock>,
    ids: fn() -> u64,
    resolvers: &Path,
    mut applied: watch::Receiver<Arc<Vec<AppliedVpc>>>,
    mut stopped: watch::Receiver<bool>,
) {
    let shared = Shared { store, clock, ids, metadata: Arc::new(Metadata::new(ids)), resolvers: Arc::from(resolvers) };
    let mut serving = BTreeMap::new();
    loop {
        let vpcs = applied.borrow_and_update().clone();
        let complete = turn(&shared, &vpcs, &mut serving).await;
        shared.metadata.forget_others(&shared.store.view());
        tokio::select! {
            // Whoever publishes may be gone before the end is announced: then nothing changes any more.
            changed = applied.changed() => if changed.is_err() {
                drop(stopped.wait_for(|stopped| *stopped).await);
                return;
            },
            () = tokio::time::sleep(RETRY), if !complete => {}
            () = async { drop(stopped.wait_for(|stopped| *stopped).await) } => return,
        }
    }
}

/// Begins and ends services so that they are those of these VPCs. Whether that was possible for all of them.
async fn turn(shared: &Shared, vpcs: &[AppliedVpc], serving: &mut BTreeMap<String, Serving>) -> bool {
    serving.retain(|name, serving| {
        let is_as_before = vpcs.contains(&serving.vpc);
        is_as_before && number(name).is_ok_and(|number| number == serving.namespace)
    });
    let mut complete = true;
    for vpc in vpcs {
        if serving.contains_key(&vpc.namespace) {
            continue;
        }
        match begin(shared, vpc).await {
            Ok(begun) => drop(serving.insert(vpc.namespace.clone(), begun)),
            Err(error) => {
                tracing::warn!(vpc = %vpc.vpc_id, %error, "the metadata service and the resolver of a VPC cannot listen");
                complete = false;
            }
        }
    }
    complete
}

async fn begin(shared: &Shared, vpc: &AppliedVpc) -> io::Result<Serving> {
    let record = shared.store.view().get::<Vpc>(&vpc.scope, &vpc.vpc_id);
    let record = record.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no record of it"))?;
    let (name, own_resolver) = (vpc.namespace.clone(), record.resolver());
    // Entering a namespace takes a thread of its own, which is waited for.
    let opened = tokio::task::spawn_blocking(move || open(&name, &[RESOLVER_ADDRESS, own_resolver])).await;
    let Sockets { namespace, metadata, resolver } = opened.map_err(io::Error::other)??;
    let mut tasks = JoinSet::new();
    tasks.spawn(metadata::serve(tokio::net::TcpListener::from_std(metadata)?, shared.clone(), vpc.clone()));
    let resolving =
        Arc::new(Resolver::new(Names::new(shared.store.clone(), vpc), shared.resolvers.clone(), shared.ids));
    for (tcp, udp) in resolver {
        tasks.spawn(resolver::serve_udp(tokio::net::UdpSocket::from_std(udp)?, resolving.clone()));
        tasks.spawn(resolver::serve_tcp(tokio::net::TcpListener::from_std(tcp)?, resolving.clone()));
    }
    Ok(Serving { vpc: vpc.clone(), namespace, _tasks: tasks })
}

/// Opens the sockets of a VPC. The number is looked at first: if the namespace is replaced in between, the next turn sees it.
fn open(name: &str, resolvers: &[Ipv4Addr]) -> io::Result<Sockets> {
    let namespace = number(name)?;
    network::enter(name, || {
        let metadata = TcpListener::bind((METADATA_ADDRESS, HTTP_PORT))?;
        metadata.set_nonblocking(true)?;
        let both = |address: &Ipv4Addr| {
            let tcp = TcpListener::bind((*address, DNS_PORT))?;
            let udp = UdpSocket::bind((*address, DNS_PORT))?;
            tcp.set_nonblocking(true)?;
            udp.set_nonblocking(true)?;
            Ok((tcp, udp))
        };
        let resolver = resolvers.iter().map(both).collect::<io::Result<_>>()?;
        Ok(Sockets { namespace, metadata, resolver })
    })?
}

/// The inode of a namespace.
fn number(name: &str) -> io::Result<u64> {
    Ok(fs::metadata(PathBuf::from(NAMESPACES).join(name))?.st_ino())
}

#[cfg(test)]
mod tests;
