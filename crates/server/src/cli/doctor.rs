//! `goru doctor`: what this host can do, what is missing, and the one command that gets it.

use crate::{
    config::{Config, Flags},
    wiring,
};
use compute::sandbox::probe::{Finding, Probe, probe};
use std::{net::TcpListener, path::Path, process::ExitCode};

/// Prints the findings; exit code 1 when something is missing that Goru cannot do without.
pub fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let config = Config::load(flags)?;
    let needed = [data_dir(&config.data_dir), api(&config)];
    let probed = sandboxes(&config.data_dir)?;
    let mut useful = vec![low_ports(&config), driver(&config.data_dir, &probed), probed.summary()];
    useful.extend(probed.findings);
    useful.extend([addresses(&config), tool("aws", "pip install awscli"), tool("python3", "apt-get install python3")]);
    let line = |finding: &Finding| {
        let remedy = finding.remedy.as_ref().map_or_else(String::new, |remedy| format!("         -> {remedy}\n"));
        format!("{}  {}\n{remedy}", if finding.good { "ok     " } else { "missing" }, finding.what)
    };
    super::print(&needed.iter().chain(&useful).map(line).collect::<String>())?;
    Ok(if needed.iter().all(|finding| finding.good) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn data_dir(path: &Path) -> Finding {
    let existing = path.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    let writable = rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_ok();
    Finding {
        good: writable,
        what: format!("data directory {}{}", path.display(), if writable { "" } else { " cannot be written" }),
        remedy: (!writable).then(|| "choose another one with --data-dir".to_owned()),
    }
}

fn api(config: &Config) -> Finding {
    match TcpListener::bind(config.api) {
        Ok(_) => Finding { good: true, what: format!("the API can listen on {}", config.api), remedy: None },
        Err(error) => Finding {
            good: crate::local::Local::running_in(&config.data_dir),
            what: format!("the API's address {} is in use or not of this host: {error}", config.api),
            remedy: Some("that is fine if this server runs already; else choose another with --api".to_owned()),
        },
    }
}

fn low_ports(config: &Config) -> Finding {
    let lowest = wiring::lowest_port();
    if lowest <= 80 {
        return Finding { good: true, what: "listeners may use ports below 1024".to_owned(), remedy: None };
    }
    Finding {
        good: false,
        what: format!("ports below {lowest} may not be bound: 80 is served at {}", 80 + u32::from(config.port_offset)),
        remedy: Some(
            "sysctl -w net.ipv4.ip_unprivileged_port_start=80, or, for the process driver, setcap cap_net_bind_service=+ep on the goru binary"
                .to_owned(),
        ),
    }
}

/// Runs a sandbox, for a moment, where instances would be; a data directory that does not exist yet is not made for that.
fn sandboxes(data_dir: &Path) -> anyhow::Result<Probe> {
    let temporary = std::env::temp_dir();
    let place = if data_dir.is_dir() { data_dir } else { &temporary };
    let command = wiring::self_command()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(probe(&command, place)))
}

fn driver(data_dir: &Path, probed: &Probe) -> Finding {
    match wiring::automatic(data_dir, &probed.runtime) {
        Ok((kind, why)) => {
            let what = format!("driver = \"auto\" picks {}: {why}", wiring::name(kind));
            Finding { good: true, what, remedy: None }
        }
        Err(what) => Finding { good: false, what, remedy: None },
    }
}

fn addresses(config: &Config) -> Finding {
    let bad: Vec<String> = config
        .public_addresses
        .iter()
        .filter(|a| TcpListener::bind((**a, 0)).is_err())
        .map(ToString::to_string)
        .collect();
    match bad.is_empty() {
        true => Finding { good: true, what: "every public address is of this host".to_owned(), remedy: None },
        false => Finding {
            good: false,
            what: format!("these public addresses are not of this host: {}", bad.join(", ")),
            remedy: Some(
                "give them to an interface (ip address add …), or take them out of public_addresses".to_owned(),
            ),
        },
    }
}

fn tool(name: &str, remedy: &str) -> Finding {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    match found {
        Some(file) => Finding { good: true, what: format!("{name} is {}", file.display()), remedy: None },
        None => Finding { good: false, what: format!("{name} is not on the PATH"), remedy: Some(remedy.to_owned()) },
    }
}
