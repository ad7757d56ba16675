//! `cargo xtask bench sandboxes`: how soon an isolated instance runs, how many there is room for, and what an idle one costs.
//!
//! Needs root and what `goru doctor` asks for. Instances are launched one after another and stay until the end, so that the
//! last one starts beside all the others.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::client::{Client, Service, text, texts};
use super::control::{Trials, milliseconds, wait_until};
use super::process::{memory_of, tree};
use super::proxies::Proxy;
use super::report::{Machine, save};
use super::server::Server;

/// The image that the bench's configuration adds: this host's system, in which nothing happens.
const IMAGE: &str = "ami-0000000000000be02";
const CONFIGURATION: &str = r#"driver = "sandbox"

[[images]]
id = "ami-0000000000000be02"
name = "idle"
source = "host"
boot = "exec sleep 100000"
"#;

/// Options of `bench sandboxes`.
#[derive(Clone, clap::Args)]
pub struct Arguments {
    /// Instances that are launched, one after another
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    instances: u32,
}

/// Measures, prints, and keeps the figures in target/bench/.
pub fn run(arguments: &Arguments) -> Result<()> {
    let server = Server::start(CONFIGURATION)?;
    let mut client = Client::connect(&server.endpoint)?;
    let machine = Machine::read(&[Proxy::Goru])?;
    println!("{}\n", machine.line());

    let available = available_bytes()?;
    let (mut described, mut ids) = (Vec::new(), Vec::new());
    for _ in 0..arguments.instances {
        let start = Instant::now();
        let id = run_instance(&mut client)?;
        wait_until("the state running", || is_running(&mut client, &id))?;
        described.push(milliseconds(start));
        ids.push(id);
    }
    let launches = Trials::new("RunInstances called -> DescribeInstances says running", described);
    let memory = Memory::of(&ids, &server.data_directory(), available)?;
    memory.print();
    terminate(&mut client, &ids)?;
    save("sandboxes", &json!({ "machine": machine, "launches": launches, "memory": memory.document() }))
}

fn run_instance(client: &mut Client) -> Result<String> {
    let parameters = [("ImageId", IMAGE), ("InstanceType", "t3.micro"), ("MinCount", "1"), ("MaxCount", "1")];
    let answer = client.call(Service::Ec2, "RunInstances", &parameters)?;
    Ok(text(&answer, "instanceId")?.to_owned())
}

fn is_running(client: &mut Client, id: &str) -> Result<bool> {
    let answer = client.call(Service::Ec2, "DescribeInstances", &[("InstanceId.1", id)])?;
    Ok(text(text(&answer, "instanceState")?, "name")? == "running")
}

/// Ends all, so that nothing is left on the host when the server has ended.
fn terminate(client: &mut Client, ids: &[String]) -> Result<()> {
    for id in ids {
        client.call(Service::Ec2, "TerminateInstances", &[("InstanceId.1", id)])?;
    }
    wait_until("the end of all instances", || {
        let answer = client.call(Service::Ec2, "DescribeInstances", &[])?;
        let states = texts(&answer, "instanceState");
        Ok(states.iter().all(|state| text(state, "name").is_ok_and(|name| name == "terminated")))
    })
}

/// What idle instances take.
struct Memory {
    instances: usize,
    /// Proportional set size of their processes: what is shared, by many, counts in parts.
    processes: u64,
    /// By how much the host's available memory fell: the kernel's share (networks, mounts, groups) is in it, and whatever else
    /// happened on the host.
    host: u64,
}

impl Memory {
    fn of(ids: &[String], data: &Path, available_before: u64) -> Result<Self> {
        let mut processes = 0;
        for id in ids {
            let shim = shim_of(&data.join("instances").join(id))?;
            let own: Vec<u64> = tree(shim).into_iter().filter_map(|pid| memory_of(pid, "Pss:")).collect();
            ensure!(
                own.len() >= 3,
                "{id} has its shim, its first process and what it boots, not {} processes",
                own.len()
            );
            processes += own.iter().sum::<u64>();
        }
        let host = available_before.saturating_sub(available_bytes()?);
        Ok(Self { instances: ids.len(), processes, host })
    }

    fn each(&self, bytes: u64) -> f64 {
        bytes as f64 / 1e6 / self.instances as f64
    }

    fn print(&self) {
        println!(
            "{} idle instances: {:.1} MB each in processes (PSS), {:.1} MB each of the host's available memory",
            self.instances,
            self.each(self.processes),
            self.each(self.host)
        );
    }

    fn document(&self) -> Value {
        json!({ "instances": self.instances, "pss_bytes": self.processes, "available_bytes": self.host })
    }
}

/// The process that is the parent of an instance's.
fn shim_of(directory: &Path) -> Result<u32> {
    let path = directory.join("state.json");
    let state: Value = serde_json::from_slice(&std::fs::read(&path).with_context(|| path.display().to_string())?)?;
    let pid = state["shim"]["pid"].as_u64().with_context(|| format!("no shim in {}", path.display()))?;
    Ok(u32::try_from(pid)?)
}

fn available_bytes() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:")).context("no MemAvailable")?;
    let kilobytes: u64 = line.split_whitespace().next().context("no figure")?.parse()?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_toml_with_the_image() {
        let parsed: toml::Table = toml::from_str(CONFIGURATION).unwrap();
        assert_eq!(parsed["images"][0]["id"].as_str(), Some(IMAGE));
    }

    #[test]
    fn what_each_takes_is_a_part_of_the_whole() {
        let memory = Memory { instances: 4, processes: 8_000_000, host: 20_000_000 };
        assert_eq!((memory.each(memory.processes), memory.each(memory.host)), (2.0, 5.0));
    }
}
