//! The driver for Linux hosts, with the right to make namespaces (root, or root of a user namespace).
//!
//! Observe, compare, carry out. Filters come before links and leave after them, so that nothing passes in between.

use crate::{
    commands,
    difference::{Difference, difference},
    driver::{Applied, Inventory, NetworkDriver, NetworkError, place_name},
    nftables::{self, FORWARDING_WAS_OFF, TABLE},
    observe::{Filters, Observed, filters, inside, namespaces, observe},
};
use model::ec2::network_plan::{Firewall, HostFacts, NetworkPlan, Place, Setting};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The setting of the outer namespace that is put back at the end.
const FORWARDING: &str = "ipv4/ip_forward";

/// Makes plans true on this host.
pub struct LinuxDriver {
    facts: HostFacts,
    memory: Mutex<Memory>,
}

/// What cannot be read from the kernel. Lost with the process; then the filters are written once more, which hurts nobody.
#[derive(Default)]
struct Memory {
    /// What each table was made from, and the kernel's count after that.
    tables: BTreeMap<Place, (String, Filters)>,
    /// Whether the outer namespace forwarded nothing before we came; known once it was looked at.
    forwarding_was_off: Option<bool>,
    /// Whether the outer namespace is known to have no table of ours.
    outer_is_clean: bool,
}

impl LinuxDriver {
    /// A driver for the installation of these facts; plans that it is given must be made with them.
    pub fn new(facts: HostFacts) -> Self {
        Self { facts, memory: Mutex::default() }
    }

    /// One plan at a time. A panic in another thread leaves nothing that the next look would not see.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inside<T: Send>(&self, place: &Place, work: impl FnOnce() -> T + Send) -> Result<T, NetworkError> {
        inside(place, self.facts.outer.as_deref(), work)
    }

    /// Whether forwarding was off before this installation needed it: the chain says so, if the table is there.
    fn forwarding_was_off(&self, observed: &Observed) -> Result<bool, NetworkError> {
        let table = self.facts.tag.table();
        let name = place_name(&Place::Outer);
        let marked = self.inside(&Place::Outer, || commands::has_chain(&name, &table, FORWARDING_WAS_OFF))?;
        let off = observed.places.get(&Place::Outer).and_then(|seen| seen.settings.get(FORWARDING));
        Ok(marked || off.is_some_and(|value| value == "0"))
    }

    /// Replaces the tables that differ from the plan or that somebody may have touched. Returns how many.
    fn write_tables(
        &self,
        plan: &NetworkPlan,
        observed: &Observed,
        memory: &mut Memory,
    ) -> Result<usize, NetworkError> {
        let mut written = 0;
        for (place, namespace) in &plan.namespaces {
            let Some(firewall) = &namespace.firewall else { continue };
            let text = self.table_text(place, firewall, observed, memory)?;
            let seen = observed.places.get(place).map(|seen| seen.filters);
            let known = memory.tables.get(place).is_some_and(|(known, at)| *known == text && Some(*at) == seen);
            if known {
                continue;
            }
            let name = place_name(place);
            let after = self.inside(place, || {
                commands::nft(&name, &text)?;
                filters()
            })??;
            memory.tables.insert(place.clone(), (text, after));
            written += 1;
        }
        memory.tables.retain(|place, _| plan.namespaces.get(place).is_some_and(|wanted| wanted.firewall.is_some()));
        Ok(written)
    }

    fn table_text(
        &self,
        place: &Place,
        firewall: &Firewall,
        observed: &Observed,
        memory: &mut Memory,
    ) -> Result<String, NetworkError> {
        if *place != Place::Outer {
            return Ok(nftables::transaction(firewall, TABLE, false));
        }
        memory.outer_is_clean = false;
        let was_off = match memory.forwarding_was_off {
            Some(known) => known,
            None => *memory.forwarding_was_off.insert(self.forwarding_was_off(observed)?),
        };
        Ok(nftables::transaction(firewall, &self.facts.tag.table(), was_off))
    }

    fn settings(&self, place: &Place, settings: &[Setting]) -> Result<(), NetworkError> {
        self.inside(place, || settings.iter().try_for_each(commands::write_setting))?
    }

    /// Everything that comes before the new links.
    fn clear_away(&self, difference: &Difference) -> Result<(), NetworkError> {
        for (place, lines) in &difference.remove {
            let name = place_name(place);
            self.inside(place, || commands::ip_remove(&name, lines))?;
        }
        delete_namespaces(&difference.delete);
        Ok(())
    }

    /// New links first, because their other ends are in other places; then what depends on them. One place that fails does
    /// not keep the others from being built: the first error is returned in the end.
    fn build(&self, difference: &Difference) -> Result<(), NetworkError> {
        let nothing = Vec::new();
        let mut result = Ok(());
        for (place, links) in &difference.links {
            let lines = [&links[..], difference.add.get(place).unwrap_or(&nothing)].concat();
            result = result.and(self.ip(place, &lines));
        }
        for (place, lines) in difference.add.iter().filter(|(place, _)| !difference.links.contains_key(place)) {
            result = result.and(self.ip(place, lines));
        }
        for (place, settings) in &difference.link_settings {
            result = result.and(self.settings(place, settings));
        }
        result
    }

    fn ip(&self, place: &Place, lines: &[String]) -> Result<(), NetworkError> {
        let name = place_name(place);
        self.inside(place, || commands::ip(&name, lines))?
    }

    /// The outer namespace's table goes with the last way out, and forwarding with it if it was for us alone.
    fn leave_outer(&self, observed: &Observed, memory: &mut Memory) -> Result<usize, NetworkError> {
        if memory.outer_is_clean {
            return Ok(0);
        }
        let table = self.facts.tag.table();
        let name = place_name(&Place::Outer);
        let is_there = self.inside(&Place::Outer, || commands::has_table(&name, &table))?;
        memory.tables.remove(&Place::Outer);
        if !is_there {
            (memory.forwarding_was_off, memory.outer_is_clean) = (None, true);
            return Ok(0);
        }
        let was_off = match memory.forwarding_was_off.take() {
            Some(known) => known,
            None => self.forwarding_was_off(observed)?,
        };
        let off = Setting { link: None, path: FORWARDING.to_owned(), value: "0".to_owned() };
        self.inside(&Place::Outer, || {
            if was_off {
                commands::write_setting(&off)?;
            }
            commands::nft(&name, &nftables::removal(&table))
        })??;
        memory.outer_is_clean = true;
        Ok(1)
    }
}

fn delete_namespaces(names: &[String]) {
    let lines: Vec<_> = names.iter().map(|name| format!("netns delete {name}")).collect();
    commands::ip_remove("no namespace", &lines);
}

impl NetworkDriver for LinuxDriver {
    fn apply(&self, plan: &NetworkPlan) -> Result<Applied, NetworkError> {
        let mut memory = self.memory();
        let observed = observe(plan)?;
        let difference = difference(plan, &observed, std::process::id());
        delete_namespaces(&difference.free);
        let make: Vec<_> = difference.make.iter().map(|name| format!("netns add {name}")).collect();
        // `ip` comes back from each to where it began: into the outer one if that is ours, because without root nobody comes back
        // into the host's.
        self.ip(&Place::Outer, &make)?;
        let mut changes = difference.len() + self.write_tables(plan, &observed, &mut memory)?;
        difference.settings.iter().try_for_each(|(place, settings)| self.settings(place, settings))?;
        self.clear_away(&difference)?;
        self.build(&difference)?;
        if plan.namespaces.get(&Place::Outer).is_none_or(|outer| outer.firewall.is_none()) {
            changes += self.leave_outer(&observed, &mut memory)?;
        }
        Ok(Applied { changes })
    }

    fn inventory(&self) -> Result<Inventory, NetworkError> {
        let observed = observe(&NetworkPlan::empty(&self.facts))?;
        let uplinks = observed.places.get(&Place::Outer).map(|seen| seen.links.keys().cloned().collect());
        Ok(Inventory { namespaces: namespaces(&self.facts.tag)?, uplinks: uplinks.unwrap_or_default() })
    }

    fn remove_all(&self) -> Result<(), NetworkError> {
        self.apply(&NetworkPlan::empty(&self.facts)).map(drop)
    }
}
