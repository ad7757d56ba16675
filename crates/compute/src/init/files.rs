//! The files that a machine writes at its boot because it finds their content out only then: names, keys, the resolver.
//!
//! All paths are those inside the instance: this runs in there, so a link in a hostile image leads nowhere else.

use super::Boot;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

/// What images of distributions call the user that people log in as, beside root.
const DEFAULT_USERS: [&str; 9] =
    ["admin", "ubuntu", "debian", "ec2-user", "fedora", "centos", "rocky", "almalinux", "alpine"];
/// The longest name that the kernel takes.
const MAXIMUM_HOSTNAME: usize = 64;
/// The longest file of accounts or groups that is read, in bytes.
const MAXIMUM_ACCOUNTS: u64 = 1 << 20;

/// Writes them; the sentences are about those that could not be written.
pub(super) fn write(boot: &Boot) -> Vec<String> {
    let mut problems = Vec::new();
    let mut attempt = |what: &str, result: io::Result<()>| {
        problems.extend(result.err().map(|error| format!("{what} was not written: {error}")));
    };
    if boot.first {
        attempt("/etc/hostname", set_hostname(&boot.hostname));
        attempt("/etc/hosts", replace(Path::new("/etc/hosts"), hosts(boot).as_bytes()));
    }
    if let Some(resolver) = boot.resolver {
        let text = format!("nameserver {resolver}\n");
        attempt("/etc/resolv.conf", replace(Path::new("/etc/resolv.conf"), text.as_bytes()));
    }
    if let Some(key) = boot.authorized_key.as_ref().filter(|_| boot.first) {
        for account in login_accounts() {
            attempt("authorized_keys", authorize(&account, std::slice::from_ref(key)));
        }
    }
    problems
}

fn hosts(boot: &Boot) -> String {
    format!(
        "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{} {}\n",
        boot.private_address, boot.hostname
    )
}

/// The name that the instance has given itself; `None` when that is none.
pub(super) fn hostname() -> Option<String> {
    let text = fs::read_to_string("/etc/hostname").ok()?;
    let name = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    is_hostname(name).then(|| name.to_owned())
}

/// Gives the instance a name, for this and further boots.
pub(super) fn set_hostname(name: &str) -> io::Result<()> {
    if !is_hostname(name) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` is not a host name")));
    }
    replace(Path::new("/etc/hostname"), format!("{name}\n").as_bytes())
}

/// Labels of letters, digits and hyphens, as RFC 1123 wants them, with dots in between.
pub(crate) fn is_hostname(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= MAXIMUM_HOSTNAME && name.split('.').all(label)
}

/// Writes a file anew instead of into what is there: in many images it is a link to something that a running system makes.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let temporary = path.with_extension("goru-new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&temporary)?;
    file.write_all(bytes)?;
    fs::rename(&temporary, path)
}

/// Somebody of /etc/passwd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) home: PathBuf,
}

/// A line of /etc/group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) gid: u32,
    pub(super) members: Vec<String>,
}

/// The accounts in the image.
pub(super) fn accounts() -> Vec<Account> {
    parse_accounts(&read_bounded(Path::new("/etc/passwd")))
}

/// The groups in the image.
pub(super) fn groups() -> Vec<Group> {
    parse_groups(&read_bounded(Path::new("/etc/group")))
}

/// A file that is missing or too long counts as empty.
fn read_bounded(path: &Path) -> String {
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > MAXIMUM_ACCOUNTS) {
        return String::new();
    }
    fs::read_to_string(path).unwrap_or_default()
}

pub(super) fn parse_groups(text: &str) -> Vec<Group> {
    let group = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, members] = fields.as_slice() else { return None };
        let members = members.split(',').filter(|member| !member.is_empty()).map(str::to_owned).collect();
        Some(Group { name: (*name).to_owned(), gid: gid.parse().ok()?, members })
    };
    text.lines().filter_map(group).collect()
}

pub(super) fn parse_accounts(text: &str) -> Vec<Account> {
    let account = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, _, home, ..] = fields.as_slice() else { return None };
        let home = PathBuf::from(home);
        let account = Account { name: (*name).to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()?, home };
        account.home.is_absolute().then_some(account)
    };
    text.lines().filter_map(account).collect()
}

/// Root, and the user that the image is made for.
pub(super) fn login_accounts() -> Vec<Account> {
    let all = accounts();
    let root = all.iter().find(|account| account.uid == 0).cloned();
    let root = root.unwrap_or_else(|| Account { name: "root".to_owned(), uid: 0, gid: 0, home: "/root".into() });
    let user = DEFAULT_USERS.iter().find_map(|name| all.iter().find(|account| account.name == **name));
    std::iter::once(root).chain(user.cloned()).collect()
}

/// Adds lines to an account's `authorized_keys` that are not in there.
pub(super) fn authorize(account: &Account, keys: &[String]) -> io::Result<()> {
    let directory = account.home.join(".ssh");
    if !account.home.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&account.home)?;
        chown(&account.home, Some(account.uid), Some(account.gid))?;
    }
    if !directory.exists() {
        fs::DirBuilder::new().mode(0o700).create(&directory)?;
        chown(&directory, Some(account.uid), Some(account.gid))?;
    }
    let path = directory.join("authorized_keys");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let mut text = before.clone();
    for key in keys.iter().map(|key| key.trim()).filter(|key| !key.is_empty() && !key.contains('\n')) {
        if !text.lines().any(|line| line.trim() == key) {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(key);
            text.push('\n');
        }
    }
    if text == before {
        return Ok(());
    }
    replace(&path, text.as_bytes())?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    chown(&path, Some(account.uid), Some(account.gid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_those_of_rfc_1123() {
        for good in ["ip-10-0-0-5", "a", "web1.example.com"] {
            assert!(is_hostname(good), "{good}");
        }
        let long = "a".repeat(65);
        for bad in ["", "-a", "a-", "a b", "a..b", "a/b", "a\nb", "ä", long.as_str()] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }

    #[test]
    fn accounts_are_read_and_broken_lines_left_out() {
        let accounts = parse_accounts(
            "root:x:0:0:root:/root:/bin/sh\nbroken\nadmin:x:1000:1001::/srv/admin:\nx:x:a:0::/:\nr:x:1:1::rel:\n",
        );
        let names: Vec<_> = accounts.iter().map(|account| (account.name.as_str(), account.uid, account.gid)).collect();
        assert_eq!(names, [("root", 0, 0), ("admin", 1000, 1001)]);
    }

    #[test]
    fn a_key_is_added_once() {
        let temporary = tempfile::tempdir().unwrap();
        let uid = rustix::process::geteuid().as_raw();
        let gid = rustix::process::getegid().as_raw();
        let home = temporary.path().join("home");
        let account = Account { name: "me".to_owned(), uid, gid, home: home.clone() };
        for keys in
            [vec!["ssh-ed25519 AAA me\n".to_owned()], vec!["ssh-ed25519 AAA me".to_owned(), "ssh-rsa B".to_owned()]]
        {
            authorize(&account, &keys).unwrap();
        }
        let path = home.join(".ssh/authorized_keys");
        assert_eq!(fs::read_to_string(&path).unwrap(), "ssh-ed25519 AAA me\nssh-rsa B\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(home.join(".ssh")).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
