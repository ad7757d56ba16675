//! `goru cleanup`: removes what a server that was killed left on the host: instances, control groups, networks.

use crate::{
    config::{Config, Place},
    local::Local,
    rootless,
    wiring::tag_of,
};
use model::ec2::network_plan::HostFacts;
use network::{LinuxDriver, NetworkDriver as _};
use std::process::ExitCode;

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
}

/// Ends and removes everything; the data directory itself stays, and may be gone already.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let data_dir = Config::load(&options.place.flags())?.data_dir;
    anyhow::ensure!(
        !Local::running_in(&data_dir),
        "a server runs on {}: stop it first, it removes everything itself",
        data_dir.display()
    );
    let tag = tag_of(&data_dir)?;
    let entered = rootless::join(&data_dir)?;
    let outer = entered.as_ref().map(|entered| entered.outer().to_owned());
    let driver = LinuxDriver::new(HostFacts { tag, outer });
    let networks =
        if rustix::process::geteuid().is_root() { driver.inventory()? } else { network::Inventory::default() };
    let cleaned = compute::cleanup(&data_dir)?;
    // After the instances: a namespace in which something runs would live on without a name.
    if networks != network::Inventory::default() {
        driver.remove_all()?;
    }
    if let Some(entered) = entered {
        entered.end();
    }
    super::print(&format!(
        "removed {}, {}, {}, {}\n",
        count(cleaned.instances, "instance"),
        count(cleaned.control_groups, "control group"),
        count(networks.namespaces.len(), "network namespace"),
        count(networks.uplinks.len(), "link"),
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
