//! Looks at what is there: every namespace of this installation, and our part of the outer one.
//!
//! The kernel is asked directly (`netlink`), not through programs: a look costs some hundred microseconds a namespace.

use crate::{
    driver::NetworkError,
    namespace::{DIRECTORY, enter, move_into, on_a_fresh_thread},
    netlink::{self, Dump},
};
use model::ec2::network_plan::{Hop, HostTag, LinkAddress, NetworkPlan, Place, PlannedRoute, PolicyRule, Setting};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

/// What there is of one installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// By place; the outer one is always among them.
    pub places: BTreeMap<Place, Seen>,
    /// Names of namespaces without a namespace: files that were left behind.
    pub hollow: Vec<String>,
}

/// What there is in one namespace; of the outer one only what is ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Links, and whether they are up.
    pub links: BTreeMap<String, bool>,
    /// Addresses.
    pub addresses: BTreeSet<LinkAddress>,
    /// Routes that somebody made, not the kernel itself.
    pub routes: BTreeSet<PlannedRoute>,
    /// Policy rules beside the kernel's three.
    pub rules: BTreeSet<PolicyRule>,
    /// The values of those settings that the plan has, by path.
    pub settings: BTreeMap<String, String>,
    /// What changes with every change of filters in the namespace.
    pub filters: Filters,
}

/// The kernel's count of changes of filters, with the identity of the namespace that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// The namespace's inode.
    pub namespace: u64,
    /// Grows with each transaction.
    pub generation: u32,
}

/// Looks everywhere, on one thread that goes from namespace to namespace.
///
/// # Errors
/// When the outer namespace cannot be entered or the kernel not be asked.
pub fn observe(plan: &NetworkPlan) -> Result<Observed, NetworkError> {
    let names = namespaces(&plan.tag)?;
    let look_everywhere = || look(plan, names);
    let failed = |source| NetworkError::Enter { name: "a thread".to_owned(), source };
    on_a_fresh_thread(look_everywhere).map_err(failed)?
}

/// The outer namespace comes first: without a name it is the one in which the thread begins.
fn look(plan: &NetworkPlan, names: Vec<String>) -> Result<Observed, NetworkError> {
    let look = |place: &Place| seen(plan.namespaces.get(place).iter().flat_map(|namespace| &namespace.settings));
    if let Some(outer) = &plan.outer {
        move_into(outer).map_err(|source| NetworkError::Enter { name: outer.clone(), source })?;
    }
    let mut places = BTreeMap::from([(Place::Outer, only_ours(look(&Place::Outer)?, &plan.tag))]);
    let mut hollow = Vec::new();
    for name in names {
        match move_into(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                hollow.push(name);
                continue;
            }
            Err(source) => return Err(NetworkError::Enter { name, source }),
        }
        let place = Place::Named(name);
        let seen = look(&place)?;
        places.insert(place, seen);
    }
    Ok(Observed { places, hollow })
}

/// Runs something in a place.
///
/// # Errors
/// When it cannot be entered.
pub fn inside<T: Send>(place: &Place, outer: Option<&str>, work: impl FnOnce() -> T + Send) -> Result<T, NetworkError> {
    let name = match (place, outer) {
        (Place::Named(name), _) => name,
        (Place::Outer, Some(name)) => name,
        (Place::Outer, None) => return Ok(work()),
    };
    enter(name, work).map_err(|source| NetworkError::Enter { name: name.to_owned(), source })
}

/// The names of this installation's namespaces, sorted.
///
/// # Errors
/// When the directory cannot be read; that there is none means that there are no namespaces.
pub fn namespaces(tag: &HostTag) -> Result<Vec<String>, NetworkError> {
    let failed = |source| NetworkError::File { action: "cannot read", path: PathBuf::from(DIRECTORY), source };
    let entries = match fs::read_dir(DIRECTORY) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        names.extend(Some(name).filter(|name| name.starts_with(&tag.namespace_prefix())));
    }
    names.sort();
    Ok(names)
}

/// What the namespace of this thread holds.
fn seen<'s>(settings: impl Iterator<Item = &'s Setting>) -> Result<Seen, NetworkError> {
    let Dump { links, addresses, routes, rules } = netlink::dump()?;
    // A setting of a link that is not there has no file: it counts as different.
    let value = |path: &str| fs::read_to_string(setting_file(path)).ok().map(|value| value.trim().to_owned());
    Ok(Seen {
        links,
        addresses,
        routes,
        rules,
        settings: settings.filter_map(|setting| Some((setting.path.clone(), value(&setting.path)?))).collect(),
        filters: filters()?,
    })
}

/// The filters' state in the namespace of this thread.
///
/// # Errors
/// When the kernel cannot be asked.
pub fn filters() -> Result<Filters, NetworkError> {
    use std::os::unix::fs::MetadataExt;
    let path = Path::new("/proc/thread-self/ns/net");
    let failed = |source| NetworkError::File { action: "cannot read", path: path.to_owned(), source };
    let namespace = fs::metadata(path).map_err(failed)?.ino();
    Ok(Filters { namespace, generation: netlink::filter_generation()? })
}

/// Where a setting is, for threads of its namespace.
pub fn setting_file(path: &str) -> PathBuf {
    Path::new("/proc/sys/net").join(path)
}

fn only_ours(mut seen: Seen, tag: &HostTag) -> Seen {
    let ours = |link: &str| link.starts_with(&tag.uplink_prefix());
    seen.links.retain(|link, _| ours(link));
    seen.addresses.retain(|address| ours(&address.link));
    seen.routes.retain(|route| match &route.hop {
        Hop::Link(link) | Hop::Gateway { link, .. } => ours(link),
        Hop::Blackhole => false,
    });
    seen.rules.clear();
    seen
}
