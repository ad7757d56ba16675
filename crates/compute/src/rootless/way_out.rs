//! The way out of networks that are made without root: a program that takes what the networks send out and sends it on by sockets
//! of the host's, as any program of this user would.
//!
//! It stands in the outer network, where everything that leaves gets its one address. Nothing comes in by it but answers.

use crate::{sandbox::probe::find, signals::die_with_parent};
use std::{
    convert::Infallible,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The link that it makes in the outer network.
const LINK: &str = "way";
/// What it writes while it comes up.
const LOG: &str = "way-out.log";
/// How long it may take to come up; normally some hundredths of a second.
const DEADLINE: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);
/// Before one that ended is started again.
const BEFORE_AGAIN: Duration = Duration::from_secs(1);

/// A program that does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// Of passt; the quicker one.
    Pasta,
    /// Slirp4netns.
    Slirp4netns,
}

/// All, the better one first.
pub(super) const PROGRAMS: [Program; 2] = [Program::Pasta, Program::Slirp4netns];

impl Program {
    /// What its file is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pasta => "pasta",
            Self::Slirp4netns => "slirp4netns",
        }
    }

    /// Stays in the foreground, knows the network by its file, forwards nothing inwards, and does not let anybody reach what
    /// listens on the host's loopback addresses.
    fn arguments(self, network: &Path) -> Vec<String> {
        let network = network.display().to_string();
        match self {
            Self::Pasta => [
                "--foreground --config-net --ipv4-only --no-map-gw --no-dhcp --no-ndp --no-dhcpv6 --no-ra",
                "-a 169.254.1.2 -n 30 -g 169.254.1.1 -t none -u none -T none -U none --ns-ifname",
            ]
            .iter()
            .flat_map(|words| words.split(' '))
            .map(str::to_owned)
            .chain([LINK.to_owned(), "--netns-only".to_owned(), "--netns".to_owned(), network])
            .collect(),
            Self::Slirp4netns => {
                "--configure --disable-host-loopback --disable-dns --netns-type=path --cidr=169.254.1.0/24"
                    .split(' ')
                    .map(str::to_owned)
                    .chain([network, LINK.to_owned()])
                    .collect()
            }
        }
    }
}

/// A way out that is open.
pub(super) struct WayOut {
    program: Program,
    file: PathBuf,
    outer: String,
    log: PathBuf,
    running: Child,
}

impl WayOut {
    /// Opens one with the first program that works. The calling process has one thread, and is in the host's network.
    pub(super) fn open(outer: &str, directory: &Path) -> Result<Self, String> {
        let log = directory.join(LOG);
        furnish(outer)?;
        let mut reasons = Vec::new();
        for program in PROGRAMS {
            let Some(file) = find(program.name()) else { continue };
            match start(program, &file, outer, &log) {
                Ok(running) => return Ok(Self { program, file, outer: outer.to_owned(), log, running }),
                Err(reason) => reasons.push(format!("{} {reason}", file.display())),
            }
        }
        if reasons.is_empty() {
            Err("neither pasta nor slirp4netns is there".to_owned())
        } else {
            Err(reasons.join("; "))
        }
    }

    /// Which program it is.
    pub(super) fn name(&self) -> &'static str {
        self.program.name()
    }

    /// Waits for its end, and opens it again.
    pub(super) fn keep_open(mut self) -> io::Result<Infallible> {
        loop {
            self.running.wait()?;
            loop {
                thread::sleep(BEFORE_AGAIN);
                if let Ok(running) = start(self.program, &self.file, &self.outer, &self.log) {
                    self.running = running;
                    break;
                }
            }
        }
    }
}

/// What the outer network needs of its own. Whatever leaves it has one address: the program expects no more.
fn furnish(outer: &str) -> Result<(), String> {
    let rule = format!(
        "table ip goru_way_out\ndelete table ip goru_way_out\ntable ip goru_way_out {{\nchain leaving {{\n\
         type nat hook postrouting priority srcnat; policy accept;\noifname {LINK} masquerade\n}}\n}}\n"
    );
    network::namespace::furnish(outer, &rule).map_err(|error| error.to_string())
}

fn start(program: Program, file: &Path, outer: &str, log: &Path) -> Result<Child, String> {
    let text = |error: io::Error| error.to_string();
    let mut command = Command::new(file);
    command.args(program.arguments(&network::namespace::path(outer))).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(log).map_err(text)?);
    die_with_parent(&mut command);
    let mut running = command.spawn().map_err(text)?;
    let deadline = Instant::now() + DEADLINE;
    let reason = loop {
        if is_open(outer) {
            return Ok(running);
        }
        match running.try_wait() {
            Ok(Some(status)) => break format!("ended with {status}: {}", last_words(log)),
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            Ok(None) => break format!("did not come up within {} s: {}", DEADLINE.as_secs(), last_words(log)),
            Err(error) => break error.to_string(),
        }
    };
    let _ = running.kill();
    let _ = running.wait();
    Err(reason)
}

/// Whether the outer network has a route to everywhere.
fn is_open(outer: &str) -> bool {
    let routes = network::enter(outer, || fs::read_to_string("/proc/thread-self/net/route")).and_then(|read| read);
    routes.is_ok_and(|text| has_default_route(&text))
}

/// In the kernel's table: link, destination, gateway and more, in hexadecimal digits.
fn has_default_route(routes: &str) -> bool {
    routes.lines().any(|line| {
        let mut fields = line.split_whitespace();
        fields.next() == Some(LINK) && fields.next() == Some("00000000")
    })
}

/// The last line that it wrote; pasta adds complaints that there is no system log.
fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let said = |line: &&str| !line.trim().is_empty() && !line.ends_with("to syslog");
    text.lines().rev().find(said).unwrap_or("it said nothing").trim().chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_open_when_its_link_has_the_default_route() {
        let head = "Iface\tDestination\tGateway\tFlags\n";
        for (line, open) in [
            ("", false),
            ("way\t000101A9\t00000000\t0001\n", false),
            ("eth0\t00000000\t010101A9\t0003\n", false),
            ("way\t00000000\t010101A9\t0003\n", true),
        ] {
            assert_eq!(has_default_route(&format!("{head}{line}")), open, "{line}");
        }
    }

    #[test]
    fn both_programs_know_the_network_and_keep_the_hosts_loopback_to_itself() {
        let network = Path::new("/run/netns/outer");
        for (program, closed) in [(Program::Pasta, "--no-map-gw"), (Program::Slirp4netns, "--disable-host-loopback")] {
            let arguments = program.arguments(network);
            assert!(arguments.iter().any(|word| word == closed), "{arguments:?}");
            assert!(arguments.iter().any(|word| word == "/run/netns/outer"), "{arguments:?}");
            assert!(arguments.iter().any(|word| word == LINK), "{arguments:?}");
        }
    }
}
