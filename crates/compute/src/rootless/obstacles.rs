//! Why this host does not let an ordinary user make namespaces, and the one command that changes it.

use crate::sandbox::probe::{Finding, find};
use std::fs;

/// The oldest Linux on which everything is there that sandboxes without root need: attributes of users' own on tmpfs.
const OLDEST_LINUX: (u32, u32) = (6, 6);

/// What forbids user namespaces here, as far as the kernel's settings say.
pub fn forbidden() -> Option<Finding> {
    let read = |path: &str| fs::read_to_string(format!("/proc/sys/{path}")).ok();
    forbidden_by(read)
}

fn forbidden_by(read: impl Fn(&str) -> Option<String>) -> Option<Finding> {
    let table = [
        ("user/max_user_namespaces", "0", "user.max_user_namespaces", "15000", "the kernel lets nobody have any"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone", "1", "only root may make them"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns",
            "0",
            "AppArmor takes their rights away",
        ),
    ];
    let (_, _, key, wanted, why) =
        table.into_iter().find(|(path, bad, ..)| read(path).is_some_and(|value| value.trim() == *bad))?;
    Some(Finding {
        good: false,
        what: format!("no user namespaces: {why} ({key})"),
        remedy: Some(format!("sysctl -w {key}={wanted}")),
    })
}

/// Whether the kernel is too old.
pub(crate) fn too_old() -> Option<Finding> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    older(&release).then(|| Finding {
        good: false,
        what: format!(
            "Linux {} is too old for sandboxes without root: they need {}.{}",
            release.trim(),
            OLDEST_LINUX.0,
            OLDEST_LINUX.1
        ),
        remedy: Some("sudo goru up".to_owned()),
    })
}

fn older(release: &str) -> bool {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) < OLDEST_LINUX,
        (_, _) => false,
    }
}

/// Whether instances can have users beside root.
pub(crate) fn users(why_one: Option<&str>) -> Finding {
    let Some(why) = why_one else {
        return Finding { good: true, what: "instances have users of their own".to_owned(), remedy: None };
    };
    let remedy = if find("newuidmap").is_none() {
        "apt-get install uidmap".to_owned()
    } else {
        format!("usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}", user())
    };
    Finding {
        good: false,
        what: format!("instances know no user but root, and images with other owners do not unpack ({why})"),
        remedy: Some(remedy),
    }
}

/// Who would get them.
fn user() -> String {
    std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "$USER".to_owned())
}

/// Whether instances get out.
pub(crate) fn way_out(found: Result<&str, &str>) -> Finding {
    match found {
        Ok(program) => Finding { good: true, what: format!("instances reach the outside by {program}"), remedy: None },
        Err(reason) => Finding {
            good: false,
            what: format!("instances do not reach the outside: {reason}"),
            remedy: Some(if reason.contains("/dev/net/tun") {
                "chmod 0666 /dev/net/tun".to_owned()
            } else {
                "apt-get install passt".to_owned()
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_that_forbids_them_is_named_with_its_command() {
        for (path, value, expected) in [
            ("user/max_user_namespaces", "0\n", Some("sysctl -w user.max_user_namespaces=15000")),
            ("user/max_user_namespaces", "96365\n", None),
            ("kernel/unprivileged_userns_clone", "0\n", Some("sysctl -w kernel.unprivileged_userns_clone=1")),
            ("kernel/unprivileged_userns_clone", "1\n", None),
            (
                "kernel/apparmor_restrict_unprivileged_userns",
                "1\n",
                Some("sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
            ),
            ("kernel/apparmor_restrict_unprivileged_userns", "0\n", None),
        ] {
            let found = forbidden_by(|asked| (asked == path).then(|| value.to_owned()));
            assert_eq!(found.and_then(|finding| finding.remedy).as_deref(), expected, "{path} {value}");
        }
    }

    #[test]
    fn a_kernel_is_old_by_its_first_two_numbers() {
        for (release, expected) in [
            ("6.1.0-38-amd64", true),
            ("5.15.0", true),
            ("6.6.1", false),
            ("6.18.44-fc", false),
            ("7.0", false),
            ("", false),
        ] {
            assert_eq!(older(release), expected, "{release}");
        }
    }

    #[test]
    fn the_way_out_has_a_remedy_that_fits() {
        assert!(way_out(Ok("pasta")).good);
        let remedy = |reason| way_out(Err(reason)).remedy.unwrap();
        assert!(remedy("neither pasta nor slirp4netns is there").contains("passt"));
        assert!(remedy("pasta: Failed to open() /dev/net/tun: Permission denied").contains("chmod"));
    }
}
