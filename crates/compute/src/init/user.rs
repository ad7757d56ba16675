//! As whom the boot command runs: the `User` of an OCI image, looked up in the accounts of the instance as `docker run`
//! does. Without one it is root.

use super::files::{Account, Group};
use rustix::{
    fs::{Gid, Uid},
    thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
};
use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The number that stands for "leave it as it is" in system calls, and is nobody's.
const NOBODYS: u32 = u32::MAX;

/// Who a process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    uid: u32,
    gid: u32,
    /// Beside `gid`.
    groups: Vec<u32>,
    home: PathBuf,
}

impl Identity {
    /// What `USER`, `USER:GROUP` or numbers in their places mean. A number needs no entry; who has none is of group 0 and at
    /// home in `/`. Other groups of a user count where none is named.
    pub(super) fn find(user: &str, accounts: &[Account], groups: &[Group]) -> Result<Self, String> {
        let (name, group) = user.split_once(':').map_or((user, None), |(name, group)| (name, Some(group)));
        let number = number(name);
        let account = accounts
            .iter()
            .find(|account| account.name == name)
            .or_else(|| accounts.iter().find(|account| Some(account.uid) == number));
        let uid = account.map(|account| account.uid).or(number);
        let uid = uid.ok_or_else(|| format!("its user `{name}` is not in /etc/passwd"))?;
        let gid = match group.filter(|group| !group.is_empty()) {
            Some(group) => group_id(group, groups)?,
            None => account.map_or(0, |account| account.gid),
        };
        let belongs = |group: &&Group| account.is_some_and(|account| group.members.contains(&account.name));
        let others = match group {
            Some(_) => Vec::new(),
            None => groups.iter().filter(belongs).map(|group| group.gid).filter(|other| *other != gid).collect(),
        };
        let home = account.map_or_else(|| PathBuf::from("/"), |account| account.home.clone());
        Ok(Self { uid, gid, groups: others, home })
    }

    /// Where it is at home.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// Has a program begin as this one, without the rights of root unless it is root.
    #[allow(unsafe_code)]
    pub(super) fn assume(&self, command: &mut Command) {
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        let groups: Vec<Gid> = std::iter::once(gid).chain(self.groups.iter().copied().map(Gid::from_raw)).collect();
        let hook = move || {
            // The user last: after that nothing of this is allowed any more.
            set_thread_groups(&groups)?;
            set_thread_res_gid(gid, gid, gid)?;
            set_thread_res_uid(uid, uid, uid)?;
            Ok(())
        };
        // SAFETY: between fork and exec the hook makes three system calls, on a child that has one thread. It does not
        // allocate, takes no lock, and only reads the list that was made before the fork. Its error value holds no allocation.
        unsafe { command.pre_exec(hook) };
    }
}

fn group_id(name: &str, groups: &[Group]) -> Result<u32, String> {
    let known = groups.iter().find(|group| group.name == name).map(|group| group.gid);
    known.or_else(|| number(name)).ok_or_else(|| format!("its group `{name}` is not in /etc/group"))
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number != NOBODYS)
}

#[cfg(test)]
mod tests {
    use super::{
        super::files::{parse_accounts, parse_groups},
        *,
    };

    fn find(user: &str) -> Result<(u32, u32, Vec<u32>, String), String> {
        let accounts = parse_accounts("root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/var/app:\n33:x:44:45::/odd:\n");
        let groups = parse_groups("root:x:0:\napp:x:1001:app\nlog:x:2000:other,app\nbroken\nweb:x:33:\n");
        let found = Identity::find(user, &accounts, &groups)?;
        Ok((found.uid, found.gid, found.groups.clone(), found.home().display().to_string()))
    }

    #[test]
    fn users_are_names_or_numbers_with_or_without_a_group() {
        for (user, uid, gid, groups, home) in [
            ("app", 1000, 1001, vec![2000], "/var/app"),
            ("1000", 1000, 1001, vec![2000], "/var/app"),
            ("app:web", 1000, 33, vec![], "/var/app"),
            ("app:7", 1000, 7, vec![], "/var/app"),
            ("root", 0, 0, vec![], "/root"),
            ("65532", 65532, 0, vec![], "/"),
            ("65532:65532", 65532, 65532, vec![], "/"),
            // A name of digits is a name first.
            ("33", 44, 45, vec![], "/odd"),
        ] {
            assert_eq!(find(user), Ok((uid, gid, groups, home.to_owned())), "{user}");
        }
    }

    #[test]
    fn whoever_is_not_there_is_named() {
        for (user, named) in [("nginx", "user `nginx`"), ("app:nginx", "group `nginx`"), ("-1", "user `-1`")] {
            assert!(find(user).unwrap_err().contains(named), "{user}");
        }
        assert!(find("4294967295").is_err() && find("app:4294967295").is_err(), "the number that means nobody");
    }
}
