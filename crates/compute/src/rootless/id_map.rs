//! Which users there are in the namespace: the one who started it is root, and as many others as /etc/subuid grants.

use crate::sandbox::probe::find;
use std::{
    fs, io,
    process::{Command, Stdio},
};

/// Ids of the host that a user may give away, as user_namespaces(7) and subuid(5) have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    start: u32,
    count: u32,
}

/// Maps the ids of a process that has just made its user namespace: all that this user may give away, or only the user itself.
/// Returns why it is but one.
pub(super) fn write(pid: u32) -> io::Result<Option<String>> {
    let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    let why_one_user = many(pid, "uid", uid, uid).err();
    if why_one_user.is_some() {
        fs::write(format!("/proc/{pid}/uid_map"), format!("0 {uid} 1"))?;
    }
    let why_one_group = why_one_user.clone().map_or_else(|| many(pid, "gid", uid, gid), Err).err();
    if why_one_group.is_some() {
        // Who could leave a group could get at what is closed to that group.
        fs::write(format!("/proc/{pid}/setgroups"), "deny")?;
        fs::write(format!("/proc/{pid}/gid_map"), format!("0 {gid} 1"))?;
    }
    Ok(why_one_group)
}

/// Has the ids mapped by the system's program for it.
fn many(pid: u32, kind: &str, uid: u32, own: u32) -> Result<(), String> {
    let program = program(&format!("new{kind}map"))?;
    let blocks = blocks_of(kind, uid)?;
    let mut command = Command::new(&program);
    command.arg(pid.to_string()).args(arguments(own, &blocks)).stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().chars().take(300).collect())
}

fn program(name: &str) -> Result<std::path::PathBuf, String> {
    find(name).ok_or_else(|| format!("{name} is missing"))
}

fn blocks_of(kind: &str, uid: u32) -> Result<Vec<Block>, String> {
    let path = format!("/etc/sub{kind}");
    let name = name_of(&fs::read_to_string("/etc/passwd").unwrap_or_default(), uid);
    let found = blocks(&fs::read_to_string(&path).unwrap_or_default(), name.as_deref(), uid);
    let user = name.unwrap_or_else(|| uid.to_string());
    if found.is_empty() { Err(format!("{path} grants nothing to {user}")) } else { Ok(found) }
}

fn name_of(passwd: &str, uid: u32) -> Option<String> {
    let lines = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.filter(|fields| fields.get(2).and_then(|id| id.parse().ok()) == Some(uid)).find_map(|fields| {
        let name = fields.first().filter(|name| !name.is_empty())?;
        Some((*name).to_owned())
    })
}

/// What a file of subordinate ids grants to a user, who is named there or has its number there.
fn blocks(text: &str, name: Option<&str>, uid: u32) -> Vec<Block> {
    let number = uid.to_string();
    let block = |line: &str| {
        let mut fields = line.trim().split(':');
        let owner = fields.next().filter(|owner| Some(*owner) == name || *owner == number)?;
        let (start, count) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        (!owner.is_empty() && count > 0).then_some(Block { start, count })
    };
    text.lines().filter_map(block).collect()
}

/// The map: the user itself is root, the others follow.
fn arguments(own: u32, blocks: &[Block]) -> Vec<String> {
    let mut words = vec![0, own, 1];
    let mut inside = 1_u32;
    for block in blocks {
        words.extend([inside, block.start, block.count]);
        inside = inside.saturating_add(block.count);
    }
    words.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_blocks_of_its_name_and_of_its_number() {
        let text = "root:1:1\nanna:100000:65536\n1234:300000:10\nanna:200000:5\n:1:5\nanna:x:5\nanna:7\nanna:1:0\n";
        let all = |name, uid| blocks(text, name, uid).iter().map(|b| (b.start, b.count)).collect::<Vec<_>>();
        assert_eq!(all(Some("anna"), 7), [(100_000, 65536), (200_000, 5)]);
        assert_eq!(all(Some("anna"), 1234), [(100_000, 65536), (300_000, 10), (200_000, 5)]);
        assert_eq!(all(None, 1234), [(300_000, 10)]);
        assert_eq!(all(Some("berta"), 8), []);
    }

    #[test]
    fn the_user_itself_comes_first_and_the_others_follow_without_a_gap() {
        let blocks = [Block { start: 100_000, count: 10 }, Block { start: 500, count: 5 }];
        assert_eq!(arguments(1000, &blocks).join(" "), "0 1000 1 1 100000 10 11 500 5");
    }

    #[test]
    fn users_have_names() {
        let passwd = "root:x:0:0::/root:/bin/sh\nbroken\nanna:x:1000:1000::/nowhere:/bin/sh\n";
        assert_eq!(name_of(passwd, 1000).as_deref(), Some("anna"));
        assert_eq!(name_of(passwd, 1001), None);
    }
}
