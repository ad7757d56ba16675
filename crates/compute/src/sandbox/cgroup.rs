//! Control groups as this host has them: for each controller version 1, version 2 or none, and what a group has used.
//!
//! Limits are set by the container runtime. Which can be set, and the figures of usage, are read here.

use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Where a controller is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Hierarchy {
    /// A hierarchy of version 1, mounted here.
    V1(PathBuf),
    /// The one of version 2.
    V2(PathBuf),
}

/// The controllers that matter; one that is absent is a limit that cannot be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Controllers {
    pub(crate) memory: Option<Hierarchy>,
    pub(crate) cpu: Option<Hierarchy>,
    /// Counts processor time; in version 2 the controller `cpu` does.
    pub(crate) cpu_usage: Option<Hierarchy>,
    pub(crate) pids: Option<Hierarchy>,
    pub(crate) freezer: Option<Hierarchy>,
    /// Whether swapping is counted with the memory.
    pub(crate) swap_counted: bool,
}

impl Controllers {
    /// Those of this host in which this process may make groups: without root normally none.
    pub(crate) fn writable() -> Self {
        let may = |place: Option<Hierarchy>| {
            place.filter(|(Hierarchy::V1(path) | Hierarchy::V2(path))| {
                rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
            })
        };
        let Self { memory, cpu, cpu_usage, pids, freezer, swap_counted } = Self::read();
        let (memory, cpu, cpu_usage) = (may(memory), may(cpu), may(cpu_usage));
        let swap_counted = swap_counted && memory.is_some();
        Self { memory, cpu, cpu_usage, pids: may(pids), freezer: may(freezer), swap_counted }
    }

    /// Whether there is any.
    pub(crate) fn any(&self) -> bool {
        [&self.memory, &self.cpu, &self.cpu_usage, &self.pids, &self.freezer].iter().any(|place| place.is_some())
    }

    /// Those of this host.
    pub(crate) fn read() -> Self {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let mut found = Self::of(&mounts, |path| fs::read_to_string(path).unwrap_or_default());
        found.swap_counted = match &found.memory {
            Some(Hierarchy::V1(path)) => path.join("memory.memsw.limit_in_bytes").exists(),
            // The root group has no such file, its children have; there is nothing to look at before the first.
            Some(Hierarchy::V2(_)) => Path::new("/proc/swaps").exists(),
            None => false,
        };
        found
    }

    fn of(mounts: &str, read: impl Fn(&Path) -> String) -> Self {
        let mut found = Self::default();
        for (place, kind, options) in mounts.lines().filter_map(mount) {
            let controllers = read(&place.join("cgroup.controllers"));
            let has = |name: &str| match kind {
                "cgroup" => options.split(',').any(|option| option == name),
                _ => controllers.split_whitespace().any(|controller| controller == name),
            };
            let hierarchy = if kind == "cgroup" { Hierarchy::V1(place.clone()) } else { Hierarchy::V2(place.clone()) };
            let mut take = |slot: fn(&mut Self) -> &mut Option<Hierarchy>, there: bool| {
                if there && slot(&mut found).is_none() {
                    *slot(&mut found) = Some(hierarchy.clone());
                }
            };
            take(|found| &mut found.memory, has("memory"));
            take(|found| &mut found.cpu, has("cpu"));
            take(|found| &mut found.pids, has("pids"));
            take(|found| &mut found.cpu_usage, if kind == "cgroup" { has("cpuacct") } else { has("cpu") });
            take(|found| &mut found.freezer, if kind == "cgroup" { has("freezer") } else { true });
        }
        // A second mount of version 2 in a hybrid host freezes groups that have nothing else: version 1 is meant there.
        if let (Some(Hierarchy::V1(_)), Some(Hierarchy::V2(_))) = (&found.memory, &found.freezer) {
            found.freezer = None;
        }
        found
    }

    /// Processor time and memory of a group, if they can be told. Memory is what its processes hold and what they have
    /// mapped, without files that only happen to be cached.
    pub(crate) fn usage(&self, group: &str) -> Option<(Duration, u64)> {
        let file = |hierarchy: &Hierarchy, name: &str| {
            let (Hierarchy::V1(root) | Hierarchy::V2(root)) = hierarchy;
            fs::read_to_string(root.join(group.trim_start_matches('/')).join(name)).ok()
        };
        let cpu = match self.cpu_usage.as_ref()? {
            hierarchy @ Hierarchy::V1(_) => {
                Duration::from_nanos(file(hierarchy, "cpuacct.usage")?.trim().parse().ok()?)
            }
            hierarchy @ Hierarchy::V2(_) => Duration::from_micros(value(&file(hierarchy, "cpu.stat")?, "usage_usec")?),
        };
        let memory = match self.memory.as_ref()? {
            hierarchy @ Hierarchy::V1(_) => {
                let stat = file(hierarchy, "memory.stat")?;
                value(&stat, "total_rss")? + value(&stat, "total_mapped_file")?
            }
            hierarchy @ Hierarchy::V2(_) => {
                let stat = file(hierarchy, "memory.stat")?;
                value(&stat, "anon")? + value(&stat, "file_mapped")?
            }
        };
        Some((cpu, memory))
    }

    /// The directories of a group, in every hierarchy of this host, that are there.
    pub(crate) fn directories_of(group: &str) -> Vec<PathBuf> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let places = mounts.lines().filter_map(mount).map(|(place, ..)| place.join(group.trim_start_matches('/')));
        places.filter(|path| path.is_dir()).collect()
    }

    /// The names of groups, at the root of any hierarchy, that begin like this.
    pub(crate) fn groups_like(prefix: &str) -> Vec<String> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let mut names: Vec<String> = mounts
            .lines()
            .filter_map(mount)
            .flat_map(|(place, ..)| fs::read_dir(place).into_iter().flatten().flatten())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(prefix))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// One line for people: where each of the controllers is.
    pub(crate) fn describe(&self) -> String {
        let of = |name: &str, place: &Option<Hierarchy>| match place {
            Some(Hierarchy::V1(_)) => format!("{name} v1"),
            Some(Hierarchy::V2(_)) => format!("{name} v2"),
            None => format!("{name} missing"),
        };
        [of("memory", &self.memory), of("cpu", &self.cpu), of("pids", &self.pids), of("freezer", &self.freezer)]
            .join(", ")
    }

    /// Controllers whose absence means that a limit is not set.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        [("memory", &self.memory), ("cpu", &self.cpu), ("pids", &self.pids)]
            .into_iter()
            .filter_map(|(name, place)| place.is_none().then_some(name))
            .collect()
    }
}

/// Mount point, kind and super options of a control group's mount, from a line of mountinfo (see proc(5)).
fn mount(line: &str) -> Option<(PathBuf, &str, &str)> {
    let (before, after) = line.split_once(" - ")?;
    let mut after = after.split(' ');
    let kind = after.next().filter(|kind| matches!(*kind, "cgroup" | "cgroup2"))?;
    let options = after.nth(1)?;
    Some((PathBuf::from(before.split(' ').nth(4)?), kind, options))
}

fn value(stat: &str, name: &str) -> Option<u64> {
    stat.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controllers_are_found_in_either_version_and_mixed() {
        let v1 = "30 20 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                  31 20 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                  32 20 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n\
                  33 20 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let v2 = "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
        let table = [
            (v1, "hugetlb", "memory v1, cpu v1, pids v1, freezer missing"),
            (v2, "cpuset cpu io memory pids", "memory v2, cpu v2, pids v2, freezer v2"),
            (v2, "cpu", "memory missing, cpu v2, pids missing, freezer v2"),
            ("", "", "memory missing, cpu missing, pids missing, freezer missing"),
        ];
        for (mounts, unified, expected) in table {
            assert_eq!(Controllers::of(mounts, |_| unified.to_owned()).describe(), expected);
        }
    }
}
