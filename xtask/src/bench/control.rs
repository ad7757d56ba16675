//! `cargo xtask bench control`: how fast the control plane is, by real calls with real signatures.
//!
//! Three questions: from RunInstances to a running process; from a listening server to its first request through the
//! load balancer; API calls per second of eight clients at once. Everything runs on both cores of the machine, client
//! included, so the figures are what a user of such a machine gets.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::json;

use super::client::{Client, Endpoint, Service, text, texts};
use super::process::{body_of, free_port};
use super::report::{Machine, median, percentile, save};
use super::server::Server;
use super::{proxies::Proxy, site};

/// The image that the bench's configuration adds.
const IMAGE: &str = "ami-0000000000000be01";
/// How long any single thing may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition is looked at: well below what is measured.
const POLL: Duration = Duration::from_micros(500);
/// Clients that call at the same time.
const CLIENTS: usize = 8;

/// Options of `bench control`.
#[derive(Clone, clap::Args)]
pub struct Arguments {
    /// Instances that are launched, one after another
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    launches: u32,
    /// Targets that are registered, one after another
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=50))]
    targets: u32,
    /// Seconds of API calls for each mixture
    #[arg(long, default_value_t = 5.0)]
    secs: f64,
}

/// The longest run of API calls.
const MAXIMUM_SECONDS: f64 = 60.0;

/// Measures, prints, and keeps the figures in target/bench/.
pub fn run(arguments: &Arguments) -> Result<()> {
    let marks = Marks::new()?;
    let server = Server::start(&configuration(&marks)?)?;
    let mut bench = Bench::new(&server.endpoint, marks)?;
    let machine = Machine::read(&[Proxy::Goru])?;
    println!(
        "{}, {} cores, Linux {}; {}\nevery call is signed (SigV4)\n",
        machine.cpu,
        machine.cores,
        machine.kernel,
        machine.versions.join("; ")
    );

    let launches = bench.launches(arguments.launches)?;
    let traffic = bench.traffic(arguments.targets)?;
    let calls = bench.calls(Duration::from_secs_f64(arguments.secs.clamp(0.1, MAXIMUM_SECONDS)))?;
    save("control", &json!({ "machine": machine, "launches": launches, "traffic": traffic, "calls": calls }))
}

/// A directory outside the instances' own, where they say how far they are.
struct Marks {
    directory: PathBuf,
}

impl Marks {
    fn new() -> Result<Self> {
        let directory = crate::shell::root().join(format!("target/bench/marks-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        Ok(Self { directory })
    }

    fn count(&self, prefix: &str) -> usize {
        let files = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        files.filter(|file| file.file_name().to_string_lossy().starts_with(prefix)).count()
    }

    fn let_servers_listen(&self) -> Result<()> {
        Ok(std::fs::write(self.directory.join("go"), "")?)
    }

    fn hold_servers(&self) -> Result<()> {
        match std::fs::remove_file(self.directory.join("go")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        // What stays is under target/ and in nobody's way.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn configuration(marks: &Marks) -> Result<String> {
    let itself = std::env::current_exe()?;
    let boot = format!("exec '{}' bench site '{}'", itself.display(), marks.directory.display());
    Ok(format!(
        "driver = \"process\"\n\n[[images]]\nid = \"{IMAGE}\"\nname = \"bench\"\nsource = \"host\"\nboot = {boot:?}\n"
    ))
}

struct Bench {
    client: Client,
    endpoint: Endpoint,
    marks: Marks,
    /// Two zones' subnets of the default VPC: the load balancer is in both, instances are in the first, as a target in
    /// another zone would get no requests.
    subnets: [String; 2],
}

/// Milliseconds of repeated trials.
#[derive(Serialize)]
pub(super) struct Trials {
    what: &'static str,
    milliseconds: Vec<f64>,
    p50: f64,
    worst: f64,
}

impl Trials {
    /// Takes them down, and prints them in one line.
    pub(super) fn new(what: &'static str, milliseconds: Vec<f64>) -> Self {
        let p50 = median(milliseconds.iter().copied()).unwrap_or(f64::NAN);
        let worst = milliseconds.iter().copied().fold(f64::MIN, f64::max);
        println!("{what:<58} p50 {p50:>7.1} ms, worst {worst:>7.1} ms ({} trials)", milliseconds.len());
        Self { what, milliseconds, p50, worst }
    }
}

impl Bench {
    fn new(endpoint: &Endpoint, marks: Marks) -> Result<Self> {
        let mut client = Client::connect(endpoint)?;
        let answer = client.call(Service::Ec2, "DescribeSubnets", &[])?;
        let ids = texts(&answer, "subnetId");
        ensure!(ids.len() >= 2, "the default VPC has a subnet per zone: {answer}");
        let subnets = [ids[0].to_owned(), ids[1].to_owned()];
        Ok(Self { client, endpoint: endpoint.clone(), marks, subnets })
    }

    // --- RunInstances to a running process

    fn launches(&mut self, count: u32) -> Result<Vec<Trials>> {
        let (mut process, mut described) = (Vec::new(), Vec::new());
        let mut instances = Vec::new();
        for _ in 0..count {
            let started = self.marks.count("started-");
            let start = Instant::now();
            let instance = self.run_instance()?;
            wait_until("the instance's process", || Ok(self.marks.count("started-") > started))?;
            process.push(milliseconds(start));
            self.wait_until_running(&instance)?;
            described.push(milliseconds(start));
            instances.push(instance);
        }
        for instance in instances {
            self.client.call(Service::Ec2, "TerminateInstances", &[("InstanceId.1", &instance)])?;
        }
        Ok(vec![
            Trials::new("RunInstances called -> its process runs", process),
            Trials::new("RunInstances called -> DescribeInstances says running", described),
        ])
    }

    fn run_instance(&mut self) -> Result<String> {
        let parameters = [
            ("ImageId", IMAGE),
            ("InstanceType", "t3.micro"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", &self.subnets[0]),
        ];
        let answer = self.client.call(Service::Ec2, "RunInstances", &parameters)?;
        Ok(text(&answer, "instanceId")?.to_owned())
    }

    fn wait_until_running(&mut self, instance: &str) -> Result<()> {
        let client = &mut self.client;
        wait_until("the state running", || {
            let answer = client.call(Service::Ec2, "DescribeInstances", &[("InstanceId.1", instance)])?;
            let state = text(&answer, "instanceState")?;
            Ok(text(state, "name")? == "running")
        })
    }

    // --- a listening server to its first request

    /// Beside a target that is healthy throughout: without one, fail-open would send requests to a target whose health is
    /// not known, and the figure would say nothing about health checks.
    fn traffic(&mut self, count: u32) -> Result<Vec<Trials>> {
        let target_group = self.create_target_group()?;
        let listen = self.create_load_balancer(&target_group)?;
        self.marks.let_servers_listen()?;
        let standing = self.run_instance()?;
        self.register(&target_group, &standing)?;
        let standing_body = wait_for("the first target to be healthy", || {
            let group = [("TargetGroupArn", target_group.as_str())];
            let answer = self.client.call(Service::ElbV2, "DescribeTargetHealth", &group)?;
            Ok(body_of(listen, "/").filter(|_| texts(&answer, "State").contains(&"healthy")))
        })?;
        let mut first = Vec::new();
        for trial in 0..count {
            // Servers come up at different points of the rhythm of health checks.
            let delay = Duration::from_millis(u64::from(50 + trial * 230 % 1500));
            first.push(self.first_request(&target_group, listen, &standing_body, delay)?);
        }
        Ok(vec![Trials::new("a registered target's server listens -> takes requests", first)])
    }

    fn register(&mut self, target_group: &str, instance: &str) -> Result<()> {
        self.wait_until_running(instance)?;
        let target = [("TargetGroupArn", target_group), ("Targets.member.1.Id", instance)];
        self.client.call(Service::ElbV2, "RegisterTargets", &target).map(drop)
    }

    fn first_request(&mut self, group: &str, listen: SocketAddr, standing: &[u8], delay: Duration) -> Result<f64> {
        let by_another = || body_of(listen, "/").is_some_and(|body| body != standing);
        self.marks.hold_servers()?;
        let listening = self.marks.count("listening-");
        let instance = self.run_instance()?;
        self.register(group, &instance)?;
        std::thread::sleep(delay);
        ensure!(!by_another() && !by_another(), "a target takes requests although its server does not listen");
        self.marks.let_servers_listen()?;
        wait_until("the server to listen", || Ok(self.marks.count("listening-") > listening))?;
        let start = Instant::now();
        wait_until("a request to the new target", || Ok(by_another()))?;
        let took = milliseconds(start);
        let target = [("TargetGroupArn", group), ("Targets.member.1.Id", instance.as_str())];
        self.client.call(Service::ElbV2, "DeregisterTargets", &target)?;
        self.client.call(Service::Ec2, "TerminateInstances", &[("InstanceId.1", &instance)])?;
        wait_until("the end of requests to it", || Ok(!by_another() && !by_another()))?;
        Ok(took)
    }

    fn create_target_group(&mut self) -> Result<String> {
        let vpcs = self.client.call(Service::Ec2, "DescribeVpcs", &[])?;
        let port = site::PORT.to_string();
        let parameters = [("Name", "bench"), ("Protocol", "HTTP"), ("Port", &port), ("VpcId", text(&vpcs, "vpcId")?)];
        let answer = self.client.call(Service::ElbV2, "CreateTargetGroup", &parameters)?;
        let arn = text(&answer, "TargetGroupArn")?.to_owned();
        let no_delay = [
            ("TargetGroupArn", arn.as_str()),
            ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
            ("Attributes.member.1.Value", "0"),
        ];
        self.client.call(Service::ElbV2, "ModifyTargetGroupAttributes", &no_delay)?;
        Ok(arn)
    }

    /// Returns where the listener is reached. Its port is free and not privileged, so it is the port of the API, too.
    fn create_load_balancer(&mut self, target_group: &str) -> Result<SocketAddr> {
        let [first, second] = &self.subnets;
        let parameters = [("Name", "bench"), ("Subnets.member.1", first), ("Subnets.member.2", second)];
        let answer = self.client.call(Service::ElbV2, "CreateLoadBalancer", &parameters)?;
        let arn = text(&answer, "LoadBalancerArn")?.to_owned();
        let listen = free_port("127.0.0.1")?;
        let port = listen.port().to_string();
        let listener = [
            ("LoadBalancerArn", arn.as_str()),
            ("Protocol", "HTTP"),
            ("Port", &port),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", target_group),
        ];
        self.client.call(Service::ElbV2, "CreateListener", &listener)?;
        wait_until("the listener", || Ok(std::net::TcpStream::connect(listen).is_ok()))?;
        Ok(listen)
    }

    // --- API calls per second

    fn calls(&mut self, duration: Duration) -> Result<Vec<Calls>> {
        let groups = self.client.call(Service::ElbV2, "DescribeTargetGroups", &[])?;
        let target_group = text(&groups, "TargetGroupArn")?.to_owned();
        let mixtures = [
            ("reads: DescribeTargetHealth, DescribeInstances, DescribeLoadBalancers", 0),
            ("writes: AddTags (durable before the answer)", 100),
            ("four reads to one write", 20),
        ];
        mixtures.iter().map(|(what, writes)| mixture(what, *writes, &self.endpoint, &target_group, duration)).collect()
    }
}

/// What one mixture of calls reached.
#[derive(Serialize)]
struct Calls {
    what: &'static str,
    clients: usize,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

fn mixture(
    what: &'static str,
    writes_percent: u64,
    endpoint: &Endpoint,
    target_group: &str,
    duration: Duration,
) -> Result<Calls> {
    let start = Instant::now();
    let latencies: Vec<Vec<f64>> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| scope.spawn(move || one_client(number, writes_percent, endpoint, target_group, duration)))
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().map_err(|_| anyhow::anyhow!("a client thread panicked"))?)
            .collect::<Result<_>>()
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let mut latencies: Vec<f64> = latencies.concat();
    latencies.sort_by(f64::total_cmp);
    let calls = Calls {
        what,
        clients: CLIENTS,
        per_second: latencies.len() as f64 / seconds,
        p50_ms: percentile(&latencies, 50),
        p99_ms: percentile(&latencies, 99),
    };
    println!(
        "{:<72} {:>7.0} calls/s, p50 {:>5.1} ms, p99 {:>5.1} ms",
        calls.what, calls.per_second, calls.p50_ms, calls.p99_ms
    );
    Ok(calls)
}

/// Calls one after another until the time is over; returns how long each took, in milliseconds.
fn one_client(
    number: usize,
    writes_percent: u64,
    endpoint: &Endpoint,
    target_group: &str,
    duration: Duration,
) -> Result<Vec<f64>> {
    let mut client = Client::connect(endpoint)?;
    let mut latencies = Vec::new();
    let start = Instant::now();
    for turn in 0_u64.. {
        if start.elapsed() >= duration {
            break;
        }
        let call = Instant::now();
        // Spread evenly: with 20 % every fifth call is a write.
        if (turn + 1) * writes_percent / 100 > turn * writes_percent / 100 {
            write(&mut client, number, turn, target_group)?;
        } else {
            read(&mut client, turn, target_group)?;
        }
        latencies.push(milliseconds(call));
    }
    Ok(latencies)
}

fn write(client: &mut Client, number: usize, turn: u64, target_group: &str) -> Result<()> {
    let (key, value) = (format!("client-{number}"), turn.to_string());
    let parameters =
        [("ResourceArns.member.1", target_group), ("Tags.member.1.Key", &key), ("Tags.member.1.Value", &value)];
    client.call(Service::ElbV2, "AddTags", &parameters).map(drop)
}

fn read(client: &mut Client, turn: u64, target_group: &str) -> Result<()> {
    match turn % 3 {
        0 => client.call(Service::ElbV2, "DescribeTargetHealth", &[("TargetGroupArn", target_group)]),
        1 => client.call(Service::Ec2, "DescribeInstances", &[]),
        _ => client.call(Service::ElbV2, "DescribeLoadBalancers", &[]),
    }
    .map(drop)
}

pub(super) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

pub(super) fn wait_until(what: &str, mut condition: impl FnMut() -> Result<bool>) -> Result<()> {
    wait_for(what, || Ok(condition()?.then_some(())))
}

fn wait_for<T>(what: &str, mut value: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = value().with_context(|| format!("while waiting for {what}"))? {
            return Ok(value);
        }
        ensure!(start.elapsed() < PATIENCE, "{what} took more than {} s", PATIENCE.as_secs());
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_configuration_is_toml_with_the_image() {
        let marks = Marks { directory: Path::new("no/such/place").to_path_buf() };
        let parsed: toml::Table = toml::from_str(&configuration(&marks).unwrap()).unwrap();
        assert_eq!(parsed["images"][0]["id"].as_str(), Some(IMAGE));
        assert!(parsed["images"][0]["boot"].as_str().unwrap().ends_with("bench site 'no/such/place'"));
    }
}
