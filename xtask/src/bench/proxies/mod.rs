//! The proxies that are compared, each with one worker and set up to do the same work.
//!
//! The same work: keep-alive on both sides, round robin over the same two checked targets, X-Forwarded-For, -Proto, -Port
//! and a trace id added; where a workload has TLS, rules, stickiness or an access log, all of them have it. Settings are
//! those of a sensible production set-up, not defaults that would handicap anybody. Each starts from files in a directory
//! of its own, which stay there to be read.

mod certificate;
mod goru;
mod haproxy;
mod nginx;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use rustix::process::Signal;

use super::node::Control;
use super::order::HOST;
use super::process::{Cores, Pinned, is_listening};
use crate::install::Need;
use crate::shell::{capture, command, find, root};
pub use certificate::Certificate;
pub use goru::snapshot;
#[cfg(test)]
pub use goru::tests;

/// How long a proxy may take until it listens.
const START: Duration = Duration::from_secs(30);

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Proxy {
    Goru,
    /// Another build of Goru, from `--baseline`.
    #[value(skip)]
    Baseline,
    Haproxy,
    Nginx,
}

/// What a workload needs of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serves {
    pub tls: bool,
    pub access_log: bool,
    /// Whether clients stay with a target by a cookie.
    pub sticky: bool,
    pub routes: Routes,
    pub workers: usize,
    /// Clients that are connected at once at most.
    pub clients: usize,
    /// Whether bodies are large enough for the peers' settings for that.
    pub large_bodies: bool,
    /// Whether a path is answered by the proxy itself with the number of its configuration, which changes.
    pub changes: bool,
}

/// Which requests go where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routes {
    /// All to the targets.
    All,
    /// Those whose path begins as one of so many rules says; others get a 404.
    Rules(usize),
    /// Those to one of so many hosts, each a load balancer with a target group of its own.
    LoadBalancers(usize),
}

/// What all of them are given.
pub struct Setup<'a> {
    pub listen: SocketAddr,
    pub targets: &'a [SocketAddr],
    /// For configurations, logs and sockets of this proxy.
    pub directory: PathBuf,
    /// The other build of Goru.
    pub baseline: Option<&'a Path>,
    /// Whether HAProxy and nginx add a trace id as well, as Goru always does.
    pub peers_trace: bool,
    pub certificate: &'a Certificate,
    pub serves: Serves,
    /// Counts up with each change of the configuration; the first is 1.
    pub generation: u64,
}

/// A proxy that runs.
pub struct Running {
    pub process: Pinned,
    proxy: Proxy,
    control: Option<Control>,
}

/// A changed configuration, ready to be put in force.
pub enum Change {
    /// For Goru: the order to its node.
    Order(Vec<u8>),
    /// For the others: their file is written, this signal lets them read it.
    Signal(Signal),
}

/// The path that the proxy itself answers with the number of its configuration, where [`Serves::changes`].
pub const GENERATION_PATH: &str = "/generation";

/// The path that meets the rule of this number, counted from 0.
pub fn rule_path(number: usize) -> String {
    format!("/r{number:04}/")
}

/// The host of the load balancer of this number, counted from 0.
pub fn load_balancer_host(number: usize) -> String {
    format!("lb{number:04}.elb.localhost")
}

/// The host that is asked for [`GENERATION_PATH`]: that of the last load balancer.
pub fn generation_host(routes: Routes) -> String {
    match routes {
        Routes::All | Routes::Rules(_) => HOST.to_owned(),
        Routes::LoadBalancers(count) => load_balancer_host(count.saturating_sub(1)),
    }
}

/// How often targets are checked, in seconds. With thousands of targets seldom, or checks would be what is measured.
pub fn check_interval_seconds(routes: Routes) -> u32 {
    match routes {
        Routes::All | Routes::Rules(_) => 5,
        Routes::LoadBalancers(_) => 30,
    }
}

impl Serves {
    /// Clear text, one worker, and nothing else.
    pub const PLAIN: Self = Self {
        tls: false,
        access_log: false,
        sticky: false,
        routes: Routes::All,
        workers: 1,
        clients: 1000,
        large_bodies: false,
        changes: false,
    };
}

impl Proxy {
    pub fn name(self) -> &'static str {
        match self {
            Self::Goru => "goru",
            Self::Baseline => "baseline",
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
        }
    }

    /// What has to be installed for it.
    pub fn need(self) -> Option<Need> {
        match self {
            Self::Goru | Self::Baseline => None,
            Self::Haproxy => Some(Need { program: "haproxy", package: "haproxy" }),
            Self::Nginx => Some(Need { program: "nginx", package: "nginx" }),
        }
    }

    /// What it says about its version, in one line; nothing for a second Goru.
    pub fn version(self) -> Result<Option<String>> {
        let mut ask = match self {
            Self::Goru => with(goru()?, &["--version"]),
            Self::Baseline => return Ok(None),
            Self::Haproxy => with(program("haproxy")?, &["-v"]),
            // nginx prints its version on stderr.
            Self::Nginx => with("sh".into(), &["-c", "\"$0\" -v 2>&1", &program("nginx")?.to_string_lossy()]),
        };
        Ok(capture(&mut ask)?.lines().next().map(str::to_owned))
    }

    /// Writes its configuration, starts it on its core (on both, if it has two workers), and waits until it listens.
    pub fn start(self, setup: &Setup, cores: &Cores) -> Result<Running> {
        std::fs::create_dir_all(&setup.directory)?;
        let run = match self {
            Self::Goru => goru::prepare(&goru()?, setup)?,
            Self::Baseline => goru::prepare(setup.baseline.context("no --baseline was given")?, setup)?,
            Self::Haproxy => haproxy::prepare(&program("haproxy")?, setup)?,
            Self::Nginx => nginx::prepare(&program("nginx")?, setup)?,
        };
        let list = if setup.serves.workers > 1 { cores.both() } else { cores.proxy.to_string() };
        let mut process = Pinned::start(&run, &list, cores, setup.directory.join("output.log"))?;
        let control = if self.is_goru() { Some(goru::feed(&mut process, setup)?) } else { None };
        let listen = setup.listen;
        process.wait_until("its listening socket", START, || is_listening(listen))?;
        process.shield(cores);
        Ok(Running { process, proxy: self, control })
    }

    /// The configuration's file, for people.
    pub fn configuration(self, directory: &Path) -> PathBuf {
        directory.join(match self {
            Self::Goru | Self::Baseline => goru::FILE,
            Self::Haproxy => haproxy::FILE,
            Self::Nginx => nginx::FILE,
        })
    }

    fn is_goru(self) -> bool {
        match self {
            Self::Goru | Self::Baseline => true,
            Self::Haproxy | Self::Nginx => false,
        }
    }
}

impl Running {
    /// Makes a changed configuration ready, so that [`Running::change`] has nothing left to do but to hand it over.
    pub fn prepare_change(&self, setup: &Setup) -> Result<Change> {
        match self.proxy {
            Proxy::Goru | Proxy::Baseline => Ok(Change::Order(Control::order(&snapshot(setup))?)),
            Proxy::Haproxy => haproxy::write(setup).map(|()| Change::Signal(Signal::USR2)),
            Proxy::Nginx => nginx::write(setup).map(|()| Change::Signal(Signal::HUP)),
        }
    }

    /// Puts it in force.
    pub fn change(&mut self, change: &Change) -> Result<()> {
        match change {
            Change::Order(order) => self.control.as_mut().context("no control socket")?.send(order),
            Change::Signal(signal) => self.process.signal(*signal),
        }
    }

    /// Fails if the proxy has said that it does not take the last change.
    pub fn ensure_accepted(&self) -> Result<()> {
        match self.control.as_ref().and_then(Control::refusal) {
            Some(reason) => bail!("the node refuses the snapshot: {reason}"),
            None => Ok(()),
        }
    }
}

fn with(program: PathBuf, arguments: &[&str]) -> Command {
    let mut command = command(program);
    command.args(arguments);
    command
}

fn program(name: &str) -> Result<PathBuf> {
    find(name).with_context(|| format!("{name} is not installed"))
}

fn goru() -> Result<PathBuf> {
    let binary = root().join("target/release/goru");
    binary.exists().then_some(binary).context("target/release/goru is missing: cargo build --release")
}

/// One line for each item, indented.
fn lines<T>(items: impl IntoIterator<Item = T>, indent: usize, line: impl Fn(T) -> String) -> String {
    items.into_iter().fold(String::new(), |mut text, item| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:indent$}{}", "", line(item));
        text
    })
}

#[cfg(test)]
mod checks {
    use super::*;

    /// What a proxy is given, with everything that may differ between workloads set to `serves`.
    pub fn check_configuration(
        configuration: fn(&Setup) -> String,
        serves: Serves,
        wanted: &[&str],
        unwanted: &[&str],
    ) {
        let targets = ["127.0.0.11:8000".parse().unwrap(), "127.0.0.12:8000".parse().unwrap()];
        let certificate = Certificate {
            names: vec![HOST.to_owned()],
            chain_pem: String::new(),
            key_pem: String::new(),
            chain: "chain.pem".into(),
            key: "key.pem".into(),
            both: "both.pem".into(),
        };
        let setup = Setup {
            listen: "127.0.0.1:9101".parse().unwrap(),
            targets: &targets,
            directory: "scratch".into(),
            baseline: None,
            peers_trace: true,
            certificate: &certificate,
            serves,
            generation: 7,
        };
        let text = configuration(&setup);
        let always = ["127.0.0.1:9101", "127.0.0.11:8000", "127.0.0.12:8000", "X-Forwarded-Port", "X-Amzn-Trace-Id"];
        for wanted in always.iter().chain(wanted) {
            assert!(text.contains(wanted), "{wanted} is missing in\n{text}");
        }
        for unwanted in unwanted {
            assert!(!text.contains(unwanted), "{unwanted} is in\n{text}");
        }
        assert_eq!(text.matches('{').count(), text.matches('}').count(), "unbalanced braces in\n{text}");
    }

    /// The files of one proxy for one workload.
    fn files(setup: &Setup, proxy: Proxy) -> String {
        std::fs::create_dir_all(&setup.directory).unwrap();
        let program = Path::new("program");
        match proxy {
            Proxy::Goru | Proxy::Baseline => goru::prepare(program, setup).map(drop),
            Proxy::Haproxy => haproxy::prepare(program, setup).map(drop),
            Proxy::Nginx => nginx::prepare(program, setup).map(drop),
        }
        .unwrap();
        std::fs::read_to_string(proxy.configuration(&setup.directory)).unwrap()
    }

    #[test]
    fn every_workload_has_files_for_every_proxy_with_what_it_is_about() {
        let scratch = tempfile::tempdir().unwrap();
        let certificate = Certificate::make(scratch.path()).unwrap();
        let targets = ["127.0.0.11:8000".parse().unwrap(), "127.0.0.12:8000".parse().unwrap()];
        for workload in super::super::data_plane::ALL {
            for proxy in [Proxy::Goru, Proxy::Haproxy, Proxy::Nginx] {
                let setup = Setup {
                    listen: "127.0.0.1:9101".parse().unwrap(),
                    targets: &targets,
                    directory: scratch.path().join(workload.name).join(proxy.name()),
                    baseline: None,
                    peers_trace: true,
                    certificate: &certificate,
                    serves: workload.serves,
                    generation: 1,
                };
                let text = files(&setup, proxy);
                let case = format!("{} {}", workload.name, proxy.name());
                for wanted in ["127.0.0.1:9101", "127.0.0.11:8000", "127.0.0.12:8000"] {
                    assert!(text.contains(wanted), "{case}: no {wanted}");
                }
                let speaks_tls =
                    ["BEGIN CERTIFICATE", " ssl crt ", " ssl http2 "].iter().any(|mark| text.contains(mark));
                assert_eq!(speaks_tls, workload.serves.tls, "{case}");
                let is_sticky = ["lb-cookie", "cookie SERVERID", "hash $route"].iter().any(|mark| text.contains(mark));
                assert_eq!(is_sticky, workload.serves.sticky, "{case}");
                assert_eq!(text.contains(GENERATION_PATH), workload.serves.changes, "{case}");
                let names = |mark: &str| text.contains(mark) || setup.directory.join("haproxy.map").exists();
                match workload.serves.routes {
                    Routes::All => {}
                    Routes::Rules(count) => assert!(names(&rule_path(count - 1)), "{case}"),
                    Routes::LoadBalancers(count) => assert!(names(&load_balancer_host(count - 1)), "{case}"),
                }
            }
        }
    }

    #[test]
    fn paths_and_hosts_have_names_that_no_other_begins_with() {
        assert_eq!((rule_path(7), load_balancer_host(999)), ("/r0007/".to_owned(), "lb0999.elb.localhost".to_owned()));
        assert_eq!(generation_host(Routes::LoadBalancers(1000)), load_balancer_host(999));
        assert_eq!(generation_host(Routes::Rules(3)), HOST);
    }
}
