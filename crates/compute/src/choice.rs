//! Decider: which driver `auto` picks on this host, and why.

use model::ec2::instance::DriverKind;

/// What the choice depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether sandboxes run here; else why not.
    pub sandboxes: Result<(), String>,
    /// Whether this server can put sandboxes into networks: without, nobody would reach what runs in them.
    pub network_ready: bool,
}

/// The driver, and a clause that says why it is that one.
pub fn choose(facts: &Facts) -> (DriverKind, String) {
    const PROCESSES: &str = "instances are process groups of this host and not isolated";
    match &facts.sandboxes {
        _ if !facts.network_ready => (DriverKind::Process, PROCESSES.to_owned()),
        Ok(()) => (DriverKind::Sandbox, "instances are isolated".to_owned()),
        Err(reason) => (DriverKind::Process, format!("{PROCESSES}, because {reason}; `goru doctor` says more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_chosen_where_it_works_and_can_be_reached() {
        let no = || Err("no container runtime".to_owned());
        for (sandboxes, network_ready, kind, why) in [
            (Ok(()), true, DriverKind::Sandbox, "isolated"),
            (Ok(()), false, DriverKind::Process, "not isolated"),
            (no(), true, DriverKind::Process, "no container runtime"),
            (no(), false, DriverKind::Process, "not isolated"),
        ] {
            let (chosen, reason) = choose(&Facts { sandboxes, network_ready });
            assert_eq!(chosen, kind);
            assert!(reason.contains(why), "{reason}");
        }
    }
}
