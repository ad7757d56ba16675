//! Whether sandboxes work on this host, found out by running one, and what is missing if not.

use super::{
    ROOT_VOLUME_BYTES, SandboxDriver, SandboxOptions,
    cgroup::{Controllers, Hierarchy},
    group, volume,
};
use crate::{
    driver::{ComputeDriver, InstanceSpec, Metadata, SelfCommand},
    rootless::{self, Rootless, RootlessOptions, obstacles},
    shimmed::{ProcessOptions, delete_tree},
};
use model::{
    Tags,
    ec2::{image::ImageSource, instance_state::Presence},
    id::InstanceId,
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

/// How long a sandbox that does nothing may take from its start to its end.
const DEADLINE: Duration = Duration::from_secs(15);
/// Where programs are looked for beside `PATH`: that of an ordinary user may lack the administrator's.
const PLACES: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What gets a package.
const INSTALL: &str = "apt-get install ";
/// What begins other commands that change a host at once.
const FURTHER: [&str; 4] = ["sysctl ", "chmod ", "modprobe ", "usermod "];

/// One fact about this host, for `goru doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether it is as it should be.
    pub good: bool,
    /// The fact.
    pub what: String,
    /// The one command that changes it.
    pub remedy: Option<String>,
}

/// What was found out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// Everything, in the order in which it would be put right.
    pub findings: Vec<Finding>,
    /// The runtime that runs sandboxes here; else why none does.
    pub runtime: Result<PathBuf, String>,
}

impl Probe {
    /// Whether sandboxes run here, with the one command that gets everything that they still need; without what another kernel or
    /// another user would bring.
    pub fn summary(&self) -> Finding {
        let root = rustix::process::geteuid().is_root();
        let command = one_command(&self.findings, root);
        let run = if root { "sandboxes run here" } else { "sandboxes run here without root" };
        let what = match (&self.runtime, &command) {
            (Ok(_), None) => run.to_owned(),
            (Ok(_), Some(_)) => format!("{run}; what they lack (see below) comes with"),
            (Err(reason), _) => format!("no sandboxes: {reason}"),
        };
        Finding { good: self.runtime.is_ok(), what, remedy: command }
    }
}

/// What gets everything that is missing and that a command gets, in one.
fn one_command(findings: &[Finding], root: bool) -> Option<String> {
    let remedies = findings.iter().filter(|finding| !finding.good).filter_map(|finding| finding.remedy.as_deref());
    let (mut packages, mut others) = (Vec::new(), Vec::new());
    for remedy in remedies {
        let bare = remedy.strip_prefix("sudo ").unwrap_or(remedy);
        match bare.strip_prefix(INSTALL) {
            Some(package) => packages.push(package),
            None if FURTHER.iter().any(|command| bare.starts_with(command)) => others.push(bare),
            None => {}
        }
    }
    let install = (!packages.is_empty()).then(|| format!("{INSTALL}{}", packages.join(" ")));
    let all: Vec<String> = install.into_iter().chain(others.into_iter().map(str::to_owned)).collect();
    let sudo = |command: &String| if root { command.clone() } else { format!("sudo {command}") };
    (!all.is_empty()).then(|| all.iter().map(sudo).collect::<Vec<_>>().join(" && "))
}

/// Looks what this host has, and runs a sandbox with each container runtime until one works; without root in a user namespace
/// that is made for it. It takes some tenths of a second. `place` is where it makes a directory of its own for a moment: on the
/// file system where instances would be.
pub async fn probe(command: &SelfCommand, place: &Path) -> Probe {
    if rustix::process::geteuid().is_root() {
        return look(command, place).await;
    }
    if let Some(obstacle) = obstacles::forbidden().or_else(obstacles::too_old) {
        let reason = format!("not root, and {}", obstacle.what);
        return Probe { findings: vec![obstacle], runtime: Err(reason) };
    }
    // This process has threads, and is to stay who it is.
    let trial = tokio::process::Command::new(&command.program)
        .args(&command.trial_arguments)
        .arg(place)
        .stdin(Stdio::null())
        .output();
    let said = match trial.await {
        Ok(output) => serde_json::from_slice(&output.stdout)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(format!("{}: {error}", command.program.display())),
    };
    said.unwrap_or_else(|reason: String| {
        let what = format!("not root, and {reason}");
        let findings = vec![Finding { good: false, what: what.clone(), remedy: Some("sudo goru up".to_owned()) }];
        Probe { findings, runtime: Err(what) }
    })
}

/// What [`probe`] has done by a process of its own where it is not root: the process must have one thread.
///
/// # Errors
/// When there can be no namespaces; why.
pub fn probe_without_root(command: &SelfCommand, place: &Path) -> Result<Probe, String> {
    let directory = place.join(format!("goru-trial-{}", std::process::id()));
    let options = RootlessOptions {
        data_directory: directory.clone(),
        holder: (command.program.clone(), command.holder_arguments.clone()),
        outer: format!("goru-trial-{}", std::process::id()),
    };
    let entered = rootless::enter(&options);
    let probed = entered.map_err(|error| error.to_string()).and_then(|rootless| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let probed = runtime.map(|runtime| runtime.block_on(look(command, &directory)));
        let findings = of_rootless(&rootless);
        rootless.end();
        let mut probed = probed.map_err(|error| error.to_string())?;
        probed.findings.extend(findings);
        Ok(probed)
    });
    // What is left of it does no harm, and says where it comes from.
    let _ = delete_tree(&directory);
    probed
}

fn of_rootless(rootless: &Rootless) -> [Finding; 2] {
    [obstacles::way_out(rootless.way_out()), obstacles::users(rootless.why_one_user())]
}

async fn look(command: &SelfCommand, place: &Path) -> Probe {
    let controllers = Controllers::writable();
    let found: Vec<PathBuf> = order(&controllers).iter().filter_map(|name| find(name)).collect();
    let mut findings = vec![
        Finding { good: true, what: rights().to_owned(), remedy: None },
        overlay(),
        control_groups(&controllers),
        tool("nft", "nftables"),
        tool("ip", "iproute2"),
        disk_limit(place),
    ];
    let mut reasons: Vec<String> = findings.iter().take(2).filter(|f| !f.good).map(|f| f.what.clone()).collect();
    if found.is_empty() {
        let missing = "no container runtime: neither runc nor crun is there";
        findings.push(finding(false, "", missing, "apt-get install runc"));
        reasons.push(missing.to_owned());
    }
    let mut runtime = None;
    if reasons.is_empty() {
        for program in found {
            let tried = trial(command, place, &program, &controllers).await;
            let good = tried.is_ok();
            let what = match tried {
                Ok(()) => format!("sandboxes run here with {}", program.display()),
                Err(reason) => {
                    let what = format!("sandboxes do not run here with {}: {reason}", program.display());
                    reasons.push(what.clone());
                    what
                }
            };
            let other = if program.ends_with("crun") { "apt-get install runc" } else { "apt-get install crun" };
            findings.push(Finding { good, what, remedy: (!good).then(|| other.to_owned()) });
            if good {
                runtime = Some(program);
                break;
            }
        }
    }
    Probe { findings, runtime: runtime.ok_or_else(|| reasons.join("; ")) }
}

fn rights() -> &'static str {
    if rootless::inside() { "without root: sandboxes and networks are in a user namespace" } else { "running as root" }
}

/// crun is quicker, and leaves controllers out where version 1 and 2 are mixed.
fn order(controllers: &Controllers) -> [&'static str; 2] {
    let unified = [&controllers.memory, &controllers.cpu, &controllers.pids]
        .iter()
        .all(|place| matches!(place, Some(Hierarchy::V2(_))));
    if unified { ["crun", "runc"] } else { ["runc", "crun"] }
}

fn finding(good: bool, well: &str, badly: &str, remedy: &str) -> Finding {
    Finding { good, what: (if good { well } else { badly }).to_owned(), remedy: (!good).then(|| remedy.to_owned()) }
}

/// A program of the system.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known = std::env::split_paths(&path).chain(std::env::split_paths(PLACES));
    known.map(|directory| directory.join(program)).find(|file| file.is_absolute() && file.is_file())
}

fn tool(program: &str, package: &str) -> Finding {
    match find(program) {
        Some(file) => Finding { good: true, what: format!("{program} is {}", file.display()), remedy: None },
        None => Finding {
            good: false,
            what: format!("{program} is missing: sandboxes have no network without it"),
            remedy: Some(format!("apt-get install {package}")),
        },
    }
}

fn overlay() -> Finding {
    let known = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    let there = known.lines().any(|line| line.split_whitespace().last() == Some("overlay"));
    finding(there, "the kernel has overlayfs", "the kernel has no overlayfs", "modprobe overlay")
}

fn control_groups(controllers: &Controllers) -> Finding {
    let missing = controllers.missing();
    let what = format!("control groups: {}", controllers.describe());
    if missing.is_empty() {
        return Finding { good: true, what, remedy: None };
    }
    let remedy = if rootless::inside() {
        "sudo goru up (no control groups are made without root)"
    } else {
        "boot with systemd.unified_cgroup_hierarchy=1 cgroup_enable=memory"
    };
    Finding {
        good: false,
        what: format!("{what}: without {} that limit is not set", missing.join(" and ")),
        remedy: Some(remedy.to_owned()),
    }
}

/// Whether the disks of instances are bounded: a full one fills nobody else's then.
fn disk_limit(place: &Path) -> Finding {
    match volume::probe(place) {
        Ok(()) => finding(true, "the disks of instances are bounded", "", ""),
        Err(reason) => Finding {
            good: false,
            what: format!(
                "the disks of instances are not bounded: a full one fills the file system of the data directory ({reason})"
            ),
            remedy: Some(
                if rootless::inside() {
                    "sudo goru up (loop devices are root's)"
                } else {
                    "apt-get install e2fsprogs mount; modprobe loop"
                }
                .to_owned(),
            ),
        },
    }
}

/// Runs a sandbox that only says which control groups it is in.
async fn trial(command: &SelfCommand, place: &Path, program: &Path, controllers: &Controllers) -> Result<(), String> {
    let directory = place.join(format!("goru-trial-{}", std::process::id()));
    let process = ProcessOptions::new(directory.clone(), command.clone());
    let options = SandboxOptions { process, runtime: program.to_owned(), root_volume_bytes: ROOT_VOLUME_BYTES };
    let result = match SandboxDriver::open(options).await {
        Ok(driver) => {
            let result = tokio::time::timeout(DEADLINE, boot(&driver)).await;
            let id = specimen().map(|spec| spec.id);
            if let Ok(id) = id {
                // What cannot be removed shows in the next line: the directory stays.
                let _ = driver.remove(&id).await;
            }
            result.unwrap_or_else(|_| Err(format!("one did not end within {} s", DEADLINE.as_secs())))
        }
        Err(error) => Err(error.to_string()),
    };
    let real = fs::canonicalize(&directory).unwrap_or_else(|_| directory.clone());
    let deleted = delete_tree(&directory);
    let groups = result?;
    deleted.map_err(|error| format!("{} cannot be deleted: {error}", directory.display()))?;
    in_groups(&groups, &group(&real, &specimen()?.id), controllers)
}

async fn boot(driver: &SandboxDriver) -> Result<String, String> {
    let mut changes = driver.changes();
    let spec = specimen()?;
    driver.start(&spec).await.map_err(|error| error.to_string())?;
    loop {
        let inventory = driver.inventory().await.map_err(|error| error.to_string())?;
        if inventory.iter().all(|observed| matches!(observed.presence, Presence::Down(_))) {
            break;
        }
        changes.changed().await.map_err(|error| error.to_string())?;
    }
    let console = driver.console_output(&spec.id).await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&console.unwrap_or_default()).into_owned())
}

/// Whether the lines of /proc/PID/cgroup in `text` say that the controllers that this host has apply to the group: some
/// runtimes leave silently out what they do not know.
fn in_groups(text: &str, group: &str, controllers: &Controllers) -> Result<(), String> {
    let lines: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let (number, rest) = line.split_once(':')?;
            number.parse::<u32>().ok()?;
            rest.split_once(':')
        })
        .collect();
    let within = |wanted: &str| {
        let line = lines.iter().find(|(names, _)| names.split(',').any(|name| name == wanted));
        line.is_some_and(|(_, path)| path.ends_with(group))
    };
    for (name, place) in [("memory", &controllers.memory), ("cpu", &controllers.cpu), ("pids", &controllers.pids)] {
        let good = match place {
            None => true,
            Some(Hierarchy::V1(_)) => within(name),
            Some(Hierarchy::V2(_)) => within(""),
        };
        if !good {
            let end: String = text.chars().take(400).collect();
            return Err(format!("it does not apply the {name} controller ({})", end.replace('\n', " ").trim()));
        }
    }
    Ok(())
}

fn specimen() -> Result<InstanceSpec, String> {
    let id: InstanceId = "i-00000000000000000".parse().map_err(|error: model::id::InvalidId| error.to_string())?;
    let text = |error: model::id::InvalidId| error.to_string();
    Ok(InstanceSpec {
        id,
        boot: 1,
        image: ImageSource::Host,
        boot_command: Some("cat /proc/self/cgroup".to_owned()),
        port: 1,
        user_data: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        vcpus: 1,
        memory_mib: Some(256),
        network_namespace: None,
        resolver: None,
        authorized_key: None,
        metadata: Metadata {
            account: "000000000000".to_owned(),
            region: "trial".to_owned(),
            zone: "trial".to_owned(),
            instance_type: "trial".to_owned(),
            image_id: model::ec2::image::HOST_IMAGE.parse().map_err(text)?,
            private_address: Ipv4Addr::LOCALHOST,
            vpc_id: "vpc-00000000000000000".parse().map_err(text)?,
            subnet_id: "subnet-00000000000000000".parse().map_err(text)?,
            security_groups: Vec::new(),
            reservation_id: "r-00000000000000000".parse().map_err(text)?,
            launch_index: 0,
            tags: Tags::default(),
            api_endpoint: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_gets_all_packages_and_changes_all_settings() {
        let missing = |remedy: &str| Finding { good: false, what: String::new(), remedy: Some(remedy.to_owned()) };
        let there = Finding { good: true, what: String::new(), remedy: None };
        for (findings, root, expected) in [
            (vec![there.clone()], true, None),
            (vec![missing("boot with another kernel")], false, None),
            (
                vec![missing("apt-get install runc"), missing("apt-get install passt")],
                true,
                Some("apt-get install runc passt"),
            ),
            (
                vec![
                    missing("apt-get install runc"),
                    there,
                    missing("sysctl -w a=1"),
                    missing("apt-get install nftables"),
                ],
                false,
                Some("sudo apt-get install runc nftables && sudo sysctl -w a=1"),
            ),
        ] {
            assert_eq!(one_command(&findings, root).as_deref(), expected);
        }
    }

    #[test]
    fn a_runtime_that_leaves_controllers_out_is_found_out() {
        let v1 = |name: &str| Some(Hierarchy::V1(name.into()));
        let controllers = Controllers {
            memory: v1("m"),
            cpu: v1("c"),
            pids: Some(Hierarchy::V2("u".into())),
            ..Controllers::default()
        };
        let good = "[goru] boot 1\n4:memory:/x/goru-1\n1:cpu,cpuacct:/goru-1\n0::/goru-1\n";
        assert_eq!(in_groups(good, "/goru-1", &controllers), Ok(()));
        for (left_out, name) in
            [("4:memory:/x/goru-1", "memory"), ("0::/goru-1", "pids"), ("1:cpu,cpuacct:/goru-1", "cpu")]
        {
            let error = in_groups(&good.replace(left_out, "4:other:/"), "/goru-1", &controllers).unwrap_err();
            assert!(error.contains(name), "{error}");
        }
        assert_eq!(in_groups("", "/goru-1", &Controllers::default()), Ok(()), "nothing to apply");
    }
}
