//! Everything built and connected, in order; and stopped, in the opposite order.
//!
//! The one place that knows all crates. Nothing is decided here.

mod drivers;

pub use drivers::{automatic, name, self_command, tag_of};

use crate::{
    clock::ServerClock,
    config::{AuthMode, ClockChoice, Config, Flags},
    endpoint,
    files::{Directories, TRUST_STORES},
    local::{CREDENTIALS, SOCKET},
    shutdown::{Asked, Signals},
    status::{self, Surroundings},
    vpc_services,
};
use anyhow::Context as _;
use compute::{ComputeDriver, Driver, rootless::Rootless};
use controllers::{
    Context, Controller,
    alarms::Alarms,
    auto_scaling::AutoScaling,
    cookie_keys::CookieKeyRotation,
    garbage::Garbage,
    group_metrics::GroupMetrics,
    images::Images,
    instances::{Instances, OwnNetworks},
    load_balancer_interfaces::LoadBalancerInterfaces,
    load_balancing::LoadBalancing,
    metrics::{Metrics, Traffic},
    nat_gateways::NatGateways,
    networks::Networks,
    node_link::{NodeCommand, NodeLink, NodeStatus},
    notifications::{MailSettings, NotificationSettings, Notifications, Signer, outbox},
    predictive_scaling::PredictiveScaling,
    runner,
    target_health::TargetHealth,
    trust_store_files::TrustStoreFiles,
    virtual_time::VirtualTime,
};
use drivers::{driver, host_tag, instance_files, networks, remove_networks};
use model::{
    Scope, Timestamp,
    cidr::Cidr,
    ec2::{
        image::{Image, built_in},
        network_plan::HostTag,
    },
    elbv2::plan::HostFacts,
    iam::{AccessKey, KeyOwner},
    setting,
    time::Clock,
};
use services::{Authentication, Gateway, InstanceFiles, Settings, TokenKey};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    io::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{Kind, Store};
use tokio::{
    net::{TcpListener, UnixListener},
    sync::watch,
    task::JoinHandle,
};

/// How long the node may take to connect before the server says that it is ready without it.
const NODE_DEADLINE: Duration = Duration::from_secs(15);
/// The file with the key that signs messages of SNS.
const SIGNING_KEY: &str = "sns-signing-key.pem";
/// How long requests in flight may go on in an orderly stop.
const DRAIN: Duration = Duration::from_secs(20);
/// How long instances have between TERM and KILL in an orderly stop.
const INSTANCE_GRACE: Duration = Duration::from_secs(10);
/// The exit code after a second signal.
const FORCED_EXIT: i32 = 130;

/// What answers requests while the server runs.
pub struct Running {
    store: Store,
    gateway: Gateway,
    link: NodeLink,
    traffic: Traffic,
    driver: Arc<Driver>,
    signer: Arc<Signer>,
    surroundings: Surroundings,
    auth: AuthMode,
    stopping: AtomicBool,
}

/// A server that was started.
pub struct Server {
    running: Arc<Running>,
    config: Config,
    flags: Flags,
    rootless: Option<Rootless>,
    signals: Signals,
    stop_api: watch::Sender<bool>,
    stop_controllers: watch::Sender<bool>,
    api: Vec<JoinHandle<()>>,
    instances: JoinHandle<Instances>,
    networks: Option<JoinHandle<Networks>>,
    others: Vec<JoinHandle<()>>,
    host: watch::Sender<HostFacts>,
    images: watch::Sender<Vec<Image>>,
    public_pool: watch::Sender<Cidr>,
    notifications: watch::Sender<NotificationSettings>,
}

impl Server {
    /// Builds and connects everything; returns once it serves.
    /// `rootless` are the namespaces that this process has entered, if it has no other right to make networks.
    pub async fn start(config: Config, flags: Flags, rootless: Option<Rootless>) -> anyhow::Result<Self> {
        let signals = Signals::listen()?;
        create_private_dir(&config.data_dir)?;
        let store = Store::open(&config.data_dir)?;
        let server_clock = server_clock(&config);
        let clock = server_clock.shared();
        let account = account(&store, &config, clock.now()).await?;
        let (root, _) = services::iam::ensure_root_key(&store, &account, &mut random, clock.now()).await?;
        write_credentials(&config.data_dir, &root.id, &root.secret)?;
        let listener = TcpListener::bind(config.api).await.with_context(|| {
            format!(
                "cannot listen on {} for the API (is another server running there? choose another with --api)",
                config.api
            )
        })?;
        let api_address = listener.local_addr()?;
        let socket = bind_socket(&config.data_dir.join(SOCKET))?;

        let (driver, driver_reason) = driver(&config, clock.clone()).await?;
        let networks = host_tag(driver.kind(), &config.data_dir)?;
        let (host, host_facts) = watch::channel(host_facts(&config, networks.clone()));
        say_which_ports_move(&host.borrow());
        let (link, reports) = NodeLink::start(node_command(&config)?);
        let gateway = Gateway::new(
            store.clone(),
            settings(&config, &account, &host.borrow(), instance_files(driver.kind()), api_address),
            clock.clone(),
            random,
        );
        gateway.set_console(Arc::new(Consoles(driver.clone(), clock.clone())));
        gateway.set_files(Arc::new(Directories::new(&config.bucket_dir, &config.data_dir)?));
        let trust_stores = std::path::absolute(config.data_dir.join(TRUST_STORES))?;
        let traffic = Traffic::default();
        let signer = Arc::new(Signer::open(&config.data_dir.join(SIGNING_KEY))?);
        let (notifications, notification_settings) = watch::channel(notification_settings(&config, api_address));
        let running = Arc::new(Running {
            store: store.clone(),
            gateway,
            link: link.clone(),
            traffic: traffic.clone(),
            driver: driver.clone(),
            signer: signer.clone(),
            surroundings: Surroundings {
                api: api_address,
                account: account.clone(),
                region: config.region.clone(),
                driver: driver_reason,
                clock: server_clock.clone(),
            },
            auth: config.auth,
            stopping: AtomicBool::new(false),
        });

        let (stop_controllers, stopped) = watch::channel(false);
        let cx = match &server_clock {
            ServerClock::Real => Context::new(store.clone(), clock.clone()),
            ServerClock::Virtual(time) => Context::in_virtual_time(store.clone(), time.clone()),
        };
        let (images, known_images) = watch::channel(running.gateway.settings().images.clone());
        let auto_scaling = AutoScaling::new(known_images.clone(), random);
        let (public_pool, pool) = watch::channel(config.public_pool);
        let outer = rootless.as_ref().map(|rootless| rootless.outer().to_owned());
        let (networks, own_networks) = networks.map(|tag| self::networks(tag, outer, pool)).unzip();
        let in_force = |networks: &OwnNetworks| networks.in_force.vpcs.clone();
        let vpcs = own_networks.as_ref().map_or_else(|| watch::channel(Arc::default()).1, in_force);
        let networks = networks.map(|networks| tokio::spawn(runner::run(networks, cx.clone(), stopped.clone())));
        let instances = Instances::new(
            driver.clone(),
            known_images,
            own_networks,
            format!("http://{api_address}"),
            &config.data_dir,
        );
        let instances = tokio::spawn(runner::run(instances, cx.clone(), stopped.clone()));
        // Metrics first: of several wishes for one moment of virtual time the earlier controller's is carried out first,
        // and who reads metrics is to find those of that moment.
        let vpc_services = vpc_services::run(store.clone(), clock.clone(), random, vpcs, stopped.clone());
        let others = vec![
            tokio::spawn(vpc_services),
            run(Metrics::new(driver, reports.statistics, traffic), &cx, &stopped),
            run(PredictiveScaling::default(), &cx, &stopped),
            run(LoadBalancing::new(link.clone(), host_facts), &cx, &stopped),
            run(TargetHealth::new(reports.health, link.health_reported.clone()), &cx, &stopped),
            run(NatGateways, &cx, &stopped),
            run(LoadBalancerInterfaces::new(random), &cx, &stopped),
            run(Images::new(running.driver.clone()), &cx, &stopped),
            run(CookieKeyRotation::new(random), &cx, &stopped),
            run(TrustStoreFiles::new(trust_stores), &cx, &stopped),
            run(auto_scaling, &cx, &stopped),
            run(Alarms::new(random), &cx, &stopped),
            run(GroupMetrics::default(), &cx, &stopped),
            run(Garbage, &cx, &stopped),
            run_notifications(Notifications::new(notification_settings, signer), &cx, &stopped),
        ];

        let (stop_api, api_stopped) = watch::channel(false);
        let api = vec![
            tokio::spawn(endpoint::serve_tcp(listener, endpoint::public(running.clone()), api_stopped.clone())),
            tokio::spawn(endpoint::serve(socket, endpoint::local(running.clone()), api_stopped)),
        ];
        wait_for_node(&link).await;
        Ok(Self {
            running,
            config,
            flags,
            rootless,
            signals,
            stop_api,
            stop_controllers,
            api,
            instances,
            networks,
            others,
            host,
            images,
            public_pool,
            notifications,
        })
    }

    /// The one line on stdout.
    pub fn ready_line(&self) -> String {
        let Surroundings { api, account, region, .. } = &self.running.surroundings;
        format!("goru ready api=http://{api} region={region} account={account}")
    }

    /// Serves until a signal asks for the end, then stops everything, or only the control plane.
    pub async fn run_until_stopped(mut self, keep_serving: bool) -> anyhow::Result<()> {
        while self.signals.next().await == Asked::Reload {
            self.reload();
        }
        let Self {
            mut signals, running, rootless, stop_api, stop_controllers, api, instances, networks, others, ..
        } = self;
        let orderly = async {
            running.stopping.store(true, Ordering::Relaxed);
            tracing::info!(keep_serving, "stopping");
            stop_api.send_replace(true);
            join(api).await;
            stop_controllers.send_replace(true);
            join(others).await;
            let mut instances = instances.await.context("the instances controller ended badly")?;
            if !keep_serving {
                running.link.shut_down(DRAIN).await;
                instances.stop_all(INSTANCE_GRACE).await;
                remove_networks(networks).await?;
            }
            let closed = running.store.close(running.clock().now()).await.context("cannot write the last metrics");
            if let Some(rootless) = rootless.filter(|_| !keep_serving) {
                rootless.end();
            }
            closed
        };
        tokio::select! {
            ended = orderly => ended,
            () = second(&mut signals) => std::process::exit(FORCED_EXIT),
        }
    }

    /// Reads the configuration again; an invalid one changes nothing.
    fn reload(&mut self) {
        let config = match Config::load(&self.flags) {
            Ok(config) => config,
            Err(error) => {
                tracing::error!(%error, "the configuration is not valid; the old one stays in force");
                return;
            }
        };
        let fixed = |c: &Config| {
            (
                c.api,
                (c.data_dir.clone(), c.bucket_dir.clone()),
                c.account_id.clone(),
                c.region.clone(),
                c.driver,
                c.auth,
                (c.clock, c.clock_start),
                c.workers,
                (c.access_log, c.access_log_json),
                c.log_format,
                c.keep_serving,
            )
        };
        if fixed(&config) != fixed(&self.config) {
            tracing::warn!(
                "api, data_dir, bucket_dir, account_id, region, driver, auth, clock, clock_start, workers, access_log, access_log_json, log_format and keep_serving change with the next start"
            );
        }
        let facts = host_facts(&config, self.host.borrow().networks.clone());
        let account = &self.running.surroundings.account;
        let before = self.running.gateway.settings();
        let mut settings = settings(&config, account, &facts, before.instance_files, self.running.surroundings.api);
        settings.default_region = before.default_region.clone();
        settings.authentication = before.authentication;
        settings.token_key = before.token_key.clone();
        self.images.send_replace(settings.images.clone());
        self.public_pool.send_replace(settings.public_pool);
        self.running.gateway.set_settings(settings);
        self.host.send_replace(facts);
        self.notifications.send_replace(notification_settings(&config, self.running.surroundings.api));
        self.running.link.status_changed.notify_one();
        self.config = config;
        tracing::info!("the configuration was read again");
    }
}

impl Running {
    /// All records.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The AWS API.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// What time it is.
    pub fn clock(&self) -> &ServerClock {
        &self.surroundings.clock
    }

    /// What signs messages of SNS.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// What runs instances.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// The load balancer node.
    pub fn link(&self) -> &NodeLink {
        &self.link
    }

    /// What the node counted.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Whether the node is connected.
    pub fn node_connected(&self) -> bool {
        self.link.status().connected
    }

    /// Whether `/_goru/` is served on the API's port too: on throw-away servers.
    pub fn open_tools(&self) -> bool {
        self.auth == AuthMode::None
    }

    /// For `goru status`.
    pub fn status(&self) -> serde_json::Value {
        let (node, settings) = (self.link.status(), self.gateway.settings());
        let warnings = warnings(&self.store, &node);
        status::document(&self.store.view(), &node, &self.surroundings, &settings.host, &warnings)
    }

    /// Why the server should get no requests now.
    pub fn unready(&self) -> Option<&'static str> {
        match (self.stopping.load(Ordering::Relaxed), self.link.status().connected) {
            (true, _) => Some("stopping"),
            (false, false) => Some("the load balancer node is not connected"),
            (false, true) => None,
        }
    }

    /// The newest events, and the number to go on from.
    pub async fn last_events(&self, count: usize) -> anyhow::Result<(Vec<serde_json::Value>, u64)> {
        let mut newest = Vec::new();
        let mut after = 0;
        loop {
            let page = self.store.events(after, endpoint::MAXIMUM_EVENTS).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            newest.extend(page);
            newest.drain(..newest.len().saturating_sub(count));
        }
        Ok(status::events(&newest, after))
    }

    /// Events after a number; waits when there is none yet.
    pub async fn events_after(
        &self,
        after: u64,
        most: usize,
        wait: Duration,
    ) -> anyhow::Result<(Vec<serde_json::Value>, u64)> {
        let mut follower = self.store.follow_events(after);
        let mut events = tokio::time::timeout(wait, follower.next()).await.unwrap_or(Ok(Vec::new()))?;
        events.truncate(most);
        Ok(status::events(&events, after))
    }

    /// Forgets everything but the account and its root key.
    pub async fn reset(&self) -> anyhow::Result<()> {
        let account = &self.surroundings.account;
        let now = self.clock().now();
        // Settings stay, and with them the account; root keys stay, so that clients need no new credentials.
        while self.store.transact(|txn| Ok::<_, Infallible>(txn.clear(&[Kind::Settings, Kind::AccessKey]))).await? > 0 {
        }
        let forget_user_keys = |txn: &mut store::Transaction| -> Result<(), Infallible> {
            let keys: Vec<(Scope, Arc<AccessKey>)> = txn.all().collect();
            for (scope, key) in keys.iter().filter(|(_, key)| key.owner != KeyOwner::Root) {
                txn.delete::<AccessKey>(scope, &key.id);
            }
            Ok(())
        };
        self.store.transact(forget_user_keys).await?;
        let tell = |txn: &mut store::Transaction| -> Result<(), Infallible> {
            txn.append_event(model::event::Event {
                at: now,
                scope: Scope::new(account, &self.surroundings.region),
                subject: "server".to_owned(),
                what: "reset".to_owned(),
                message: "everything was forgotten but the account and its root keys".to_owned(),
            });
            Ok(())
        };
        self.store.transact(tell).await?;
        self.store.metrics().clear().await?;
        services::iam::ensure_root_key(&self.store, account, &mut random, now).await?;
        Ok(())
    }
}

/// What GetConsoleOutput reads.
struct Consoles(Arc<Driver>, Arc<dyn Clock>);

impl services::Console for Consoles {
    fn read(&self, id: &model::id::InstanceId) -> Option<(Vec<u8>, Timestamp)> {
        // Reading a file of 64 KiB: the runtime goes on with its other threads meanwhile.
        let read =
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(self.0.console_output(id)));
        read.ok().flatten().map(|output| (output, self.1.now()))
    }
}

/// The lowest port that this process may bind.
pub fn lowest_port() -> u16 {
    let privileged = rustix::thread::capabilities(None)
        .is_ok_and(|sets| sets.effective.contains(rustix::thread::CapabilitySet::NET_BIND_SERVICE));
    // In a user namespace rights count for what belongs to it, and the host's network does not.
    let privileged = privileged && (!compute::rootless::inside() || network::namespace::is_own());
    let limit = || std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").ok()?.trim().parse().ok();
    if privileged { 1 } else { limit().unwrap_or(1024) }
}

fn host_facts(config: &Config, networks: Option<HostTag>) -> HostFacts {
    HostFacts {
        public_addresses: config.public_addresses.clone(),
        internal_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        lowest_port: lowest_port(),
        port_offset: config.port_offset,
        // The node is another process.
        bucket_dir: std::path::absolute(&config.bucket_dir).unwrap_or_else(|_| config.bucket_dir.clone()),
        networks,
    }
}

fn say_which_ports_move(host: &HostFacts) {
    if host.lowest_port > 80 {
        let (lowest, instead) = (host.lowest_port, host.bound_port(80));
        tracing::warn!("ports below {lowest} may not be bound here: a listener on 80 is served at {instead}");
    }
}

fn settings(
    config: &Config,
    account: &str,
    host: &HostFacts,
    instance_files: InstanceFiles,
    api: SocketAddr,
) -> Settings {
    let mut images = built_in();
    images.extend(config.images.iter().cloned());
    let mut key = [0; 32];
    for chunk in key.chunks_mut(8) {
        chunk.copy_from_slice(&random().to_le_bytes());
    }
    Settings {
        account_id: account.to_owned(),
        default_region: config.region.clone(),
        authentication: match config.auth {
            AuthMode::Sigv4 => Authentication::Sigv4,
            AuthMode::None => Authentication::None,
        },
        zones: BTreeMap::new(),
        dns_suffix: config.dns_suffix.clone(),
        host: host.clone(),
        public_pool: config.public_pool,
        images,
        instance_files,
        api: Some(api),
        token_key: TokenKey(key),
    }
}

/// The clock that the configuration chose.
fn server_clock(config: &Config) -> ServerClock {
    match config.clock {
        ClockChoice::Real => ServerClock::Real,
        ClockChoice::Virtual => {
            let start = config.clock_start.unwrap_or_else(|| ServerClock::Real.now());
            tracing::warn!(%start, "the clock is virtual: it moves only when POST /_goru/clock says so");
            ServerClock::Virtual(VirtualTime::starting_at(start))
        }
    }
}

fn node_command(config: &Config) -> anyhow::Result<NodeCommand> {
    let mut arguments = vec!["node".to_owned(), "--data-dir".to_owned(), config.data_dir.display().to_string()];
    arguments.extend(config.workers.map(|n| format!("--workers={n}")));
    arguments.push(format!("--access-log={}", config.access_log));
    if config.access_log_json {
        arguments.push("--access-log-json".to_owned());
    }
    Ok(NodeCommand { program: std::env::current_exe()?, arguments, data_dir: config.data_dir.clone() })
}

fn run<C: Controller>(controller: C, cx: &Context, stop: &watch::Receiver<bool>) -> JoinHandle<()> {
    let running = runner::run(controller, cx.clone(), stop.clone());
    tokio::spawn(async move { drop(running.await) })
}

/// What is on its way when the server stops is waited for, so that it is not sent a second time.
fn run_notifications(controller: Notifications, cx: &Context, stop: &watch::Receiver<bool>) -> JoinHandle<()> {
    let running = runner::run(controller, cx.clone(), stop.clone());
    tokio::spawn(async move { running.await.finish().await })
}

/// How messages leave, and what their links begin with.
fn notification_settings(config: &Config, api: SocketAddr) -> NotificationSettings {
    // Nobody can open a link to "any address"; whoever listens on all of them is reached on this host at loopback.
    let host = match api.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        known @ (IpAddr::V4(_) | IpAddr::V6(_)) => known,
    };
    let mail = match &config.mail {
        Some(smtp) => MailSettings::Smtp(smtp.clone()),
        None => MailSettings::Outbox { directory: config.data_dir.join(outbox::DIRECTORY) },
    };
    let base_url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", SocketAddr::new(host, api.port())));
    NotificationSettings { base_url, api: Some(api), mail }
}

async fn join(tasks: Vec<JoinHandle<()>>) {
    for task in tasks {
        if let Err(error) = task.await {
            tracing::error!(%error, "a part of the server ended badly");
        }
    }
}

async fn second(signals: &mut Signals) {
    while signals.next().await != Asked::Stop {}
}

async fn wait_for_node(link: &NodeLink) {
    if !link.connected_within(NODE_DEADLINE).await {
        tracing::error!("the load balancer node did not connect within {NODE_DEADLINE:?}; still trying");
    }
}

/// What the user should know now.
fn warnings(store: &Store, node: &NodeStatus) -> Vec<String> {
    let aside = |record: &store::Quarantined| {
        format!("record {} cannot be read and is left aside: {}", record.key, record.reason)
    };
    let refused = |(generation, reason): &(u64, String)| {
        format!("the load balancer node refused snapshot {generation} and serves the one before: {reason}")
    };
    store.quarantined().iter().map(aside).chain(node.refused.as_ref().map(refused)).collect()
}

/// The account of the configuration, else the one of the data directory, else a new one.
async fn account(store: &Store, config: &Config, now: Timestamp) -> anyhow::Result<String> {
    let scope = setting::Settings::scope();
    let known = store.view().get::<setting::Settings>(&scope, setting::Settings::ID);
    match (&config.account_id, known) {
        (Some(account), Some(_)) => return Ok(account.clone()),
        (None, Some(settings)) => return Ok(settings.account.clone()),
        (_, None) => {}
    }
    // Kept also when the configuration gives it: it stays the account when the key is taken out again.
    let mint = || format!("{:012}", 100_000_000_000 + random() % 900_000_000_000);
    let minted = config.account_id.clone().unwrap_or_else(mint);
    let write = |txn: &mut store::Transaction| -> Result<(), Infallible> {
        txn.put(&scope, setting::Settings { account: minted.clone(), created_at: now });
        Ok(())
    };
    store.transact(write).await?;
    Ok(minted)
}

/// A directory that only its owner may look into.
pub fn create_private_dir(path: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot create {}", path.display()))
}

/// Written whole or not at all, readable by its owner only.
fn write_credentials(dir: &Path, id: &str, secret: &str) -> anyhow::Result<()> {
    let text = format!("[goru]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let path = dir.join(CREDENTIALS);
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let new = dir.join("credentials.new");
    let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, &path).with_context(|| format!("cannot write {}", path.display()))
}

/// The store's lock says that no other server uses the directory, so a socket that is there is a left-over.
fn bind_socket(path: &Path) -> anyhow::Result<UnixListener> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(listener)
}

/// Sixty-four bits from the kernel.
fn random() -> u64 {
    getrandom::u64().expect("the kernel gives random numbers")
}
