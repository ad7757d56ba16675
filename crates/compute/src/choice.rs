//! Decider: which driver `auto` picks on this host, and why.

use model::ec2::instance::DriverKind;

/// What the choice depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether sandboxes and their networks can be made here; else why not.
    pub sandboxes: Result<(), String>,
    /// What the instances that this data directory has were made with, if it has any.
    pub before: Option<DriverKind>,
}

/// The driver, and a clause that says why it is that one. Instances that there are stay what they are: a server that was begun with
/// processes goes on with them, and one with sandboxes never runs them without their walls.
///
/// # Errors
/// The instances are sandboxes, and none can be made any more: why not, and what to do.
pub fn choose(facts: &Facts) -> Result<(DriverKind, String), String> {
    const PROCESSES: &str = "instances are process groups of this host and not isolated";
    match (&facts.sandboxes, facts.before) {
        (Ok(()), Some(DriverKind::Process)) => Ok((
            DriverKind::Process,
            format!(
                "{PROCESSES}, as those are that there are; driver = \"sandbox\" isolates them from their next boot on"
            ),
        )),
        (Ok(()), None | Some(DriverKind::Sandbox | DriverKind::Simulated)) => {
            Ok((DriverKind::Sandbox, "instances are isolated".to_owned()))
        }
        (Err(reason), Some(DriverKind::Sandbox)) => Err(format!(
            "the instances of this data directory are isolated, and cannot be any more: {reason}; `goru doctor` says more, and \
             driver = \"process\" runs them without isolation"
        )),
        (Err(reason), None | Some(DriverKind::Process | DriverKind::Simulated)) => {
            Ok((DriverKind::Process, format!("{PROCESSES}, because {reason}; `goru doctor` says more")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DriverKind::{Process, Sandbox};

    #[test]
    fn a_sandbox_is_chosen_where_it_works_and_instances_stay_what_they_are() {
        let no = || Err("no container runtime".to_owned());
        for (sandboxes, before, kind, why) in [
            (Ok(()), None, Some(Sandbox), "isolated"),
            (Ok(()), Some(Sandbox), Some(Sandbox), "isolated"),
            (Ok(()), Some(Process), Some(Process), "driver = \"sandbox\""),
            (no(), None, Some(Process), "no container runtime"),
            (no(), Some(Process), Some(Process), "no container runtime"),
            (no(), Some(Sandbox), None, "no container runtime"),
        ] {
            let (chosen, reason) = match choose(&Facts { sandboxes, before }) {
                Ok((chosen, reason)) => (Some(chosen), reason),
                Err(reason) => (None, reason),
            };
            assert_eq!(chosen, kind, "{before:?}: {reason}");
            assert!(reason.contains(why), "{reason}");
        }
    }
}
