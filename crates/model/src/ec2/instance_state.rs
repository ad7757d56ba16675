//! Decider: what was asked for and what a driver observed, to the next state of an instance and the driver's command.
//!
//! It implements EC2's instance life cycle (pending, running, stopping, stopped, shutting-down, terminated), the meaning
//! of a shutdown from inside, and the back-off of failed starts. It does not know any driver, and it does not carry
//! anything out: the caller commits the changed record first and gives the command only when that succeeded, so that a
//! crash in between leads to the same decision again.

use super::instance::{DesiredState, Instance, InstanceState, Runtime, ShutdownBehavior, StateReason};
use crate::{Timestamp, id::InstanceId};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, time::Duration};

/// `boot` of an instance that was just launched: a start that fails for good then terminates it, as on AWS.
pub const FIRST_BOOT: u32 = 1;
/// How often a start is tried before it is given up.
pub const MAXIMUM_START_ATTEMPTS: u32 = 5;
/// The wait after the first failed start; it doubles from there.
pub const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
/// The longest wait between two starts.
pub const MAXIMUM_BACK_OFF: Duration = Duration::from_secs(60);
/// How long an instance has between the request to end and being killed, unless the caller says otherwise.
pub const DEFAULT_STOP_GRACE: Duration = Duration::from_secs(30);
/// What a driver may take beyond the grace before the instance is killed without asking it again.
pub const KILL_MARGIN: Duration = Duration::from_secs(10);
/// How long a terminated instance is still described (EC2 user guide: about an hour).
pub const TERMINATED_SHOWN_FOR: Duration = Duration::from_secs(3600);
/// How long an instance waits for a network that cannot be made before its start is given up.
pub const NETWORK_PATIENCE: Duration = Duration::from_secs(60);
/// The code of the reason that a pending instance has while it waits for its network.
const PENDING_CODE: &str = "pending";
/// When to look again at something that should change by itself within moments.
pub const SHORT_WAIT: Duration = Duration::from_secs(1);
/// The least time between two boots that nobody asked for: an instance that ends itself at once must not spin.
pub const RESTART_SPACING: Duration = Duration::from_secs(2);

/// What a driver found for one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Whose.
    pub id: InstanceId,
    /// The boot that was found; 0 when it was never booted.
    pub boot: u32,
    /// When that boot started, by the wall clock.
    pub started_at: Option<Timestamp>,
    /// What it is doing.
    pub presence: Presence,
}

/// Whether an instance is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A start is under way.
    Starting,
    /// It runs.
    Up(Live),
    /// It was asked to end, or ends by itself.
    Stopping {
        /// When it was asked.
        since: Timestamp,
    },
    /// Nothing of it runs; its directory is there.
    Down(Ending),
}

/// An instance that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Where the load balancer node and the host reach it.
    pub address: IpAddr,
    /// Its first process, when the driver has processes.
    pub pid: Option<u32>,
    /// How its boot command does.
    pub main: MainProcess,
}

/// The process of an instance's boot command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MainProcess {
    /// It runs.
    Running,
    /// The image has no boot command, or user data still keeps it waiting.
    Absent,
    /// It ended with an error; the instance stays and its reachability check fails.
    Failed(Exit),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exited with code {code}"),
            Self::Signal(signal) => write!(f, "was ended by signal {signal}"),
        }
    }
}

/// Why an instance does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It was prepared, but this boot never started.
    NeverStarted,
    /// It was asked to end: by its driver, or by the host that goes down.
    Stopped,
    /// It shut down from inside.
    ShutDown,
    /// What ran it is gone without a word (killed, crashed).
    Lost,
    /// The host itself was started again.
    HostRestarted,
}

impl Observed {
    /// Whether the reachability check passes: it is up and its boot command, if it has one, has not failed.
    pub fn reachable(&self) -> bool {
        match &self.presence {
            Presence::Up(live) => live.reachable(),
            Presence::Starting | Presence::Stopping { .. } | Presence::Down(_) => false,
        }
    }

    /// What runs, if it is up.
    pub fn live(&self) -> Option<&Live> {
        match &self.presence {
            Presence::Up(live) => Some(live),
            Presence::Starting | Presence::Stopping { .. } | Presence::Down(_) => None,
        }
    }
}

impl Live {
    /// Whether the reachability check passes.
    pub const fn reachable(&self) -> bool {
        match self.main {
            MainProcess::Running | MainProcess::Absent => true,
            MainProcess::Failed(_) => false,
        }
    }
}

/// Starts of one boot that failed; kept by the controller in memory, so that a new control plane tries afresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartFailures {
    /// Of which boot; failures of another boot do not count.
    pub boot: u32,
    /// How many in a row.
    pub count: u32,
    /// When the last one was.
    pub last_at: Timestamp,
    /// What the last one said; shown as the state reason.
    pub last_error: String,
}

impl StartFailures {
    /// These failures and one more.
    pub fn and(before: Option<Self>, boot: u32, now: Timestamp, error: String) -> Self {
        let count = before.filter(|failures| failures.boot == boot).map_or(0, |failures| failures.count);
        Self { boot, count: count.saturating_add(1), last_at: now, last_error: error }
    }

    /// When the next try is due. A clock that was set back does not prolong the wait.
    fn due(&self, now: Timestamp) -> Timestamp {
        if self.last_at > now { now } else { self.last_at.plus(back_off(self.count)) }
    }
}

/// The wait after so many failures: 1, 2, 4 … seconds, at most [`MAXIMUM_BACK_OFF`].
pub fn back_off(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        n => FIRST_BACK_OFF.saturating_mul(1_u32.checked_shl(n - 1).unwrap_or(u32::MAX)).min(MAXIMUM_BACK_OFF),
    }
}

/// A network that an instance is to be in and that is not there; kept by the controller in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingNetwork<'a> {
    /// Since when the instance waits for it.
    pub since: Timestamp,
    /// Why it could not be made, when that was tried last; none while it is being made.
    pub error: Option<&'a str>,
}

/// What is known about an instance beside its record.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the driver found; `None` when it has no trace of the instance.
    pub observed: Option<&'a Observed>,
    /// Starts that failed.
    pub start_failures: Option<&'a StartFailures>,
    /// The network without which it cannot start; none when it is there, or when none is needed.
    pub missing_network: Option<MissingNetwork<'a>>,
    /// How long it may take to end before it is killed.
    pub stop_grace: Duration,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// For the driver, after the record was committed.
    pub command: Option<Command>,
    /// For the store.
    pub next: Next,
    /// For `goru events`.
    pub event: Option<Happening>,
    /// When to decide again even if nothing changes.
    pub look_again_at: Option<Timestamp>,
}

/// A command for the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Boot it.
    Start {
        /// The number of the boot.
        boot: u32,
    },
    /// Ask it to end.
    Stop {
        /// Then kill it after this.
        grace: Duration,
    },
    /// End it without asking.
    Kill,
    /// Delete what is left of it.
    Remove,
}

/// What becomes of the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// It stays as it is.
    Keep,
    /// It becomes this.
    Change(Box<Instance>),
    /// It is deleted: it was terminated long ago.
    Forget,
}

/// An event: what happened in kebab case, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// For example `instance-running`.
    pub what: &'static str,
    /// For people.
    pub message: String,
}

/// Decides for one instance of this host.
pub fn decide(instance: &Instance, facts: &Facts<'_>, now: Timestamp) -> Decision {
    if goes_on(instance, facts) {
        return Decision { command: None, next: Next::Keep, event: None, look_again_at: None };
    }
    let mut case = Case { now, facts, next: instance.clone(), command: None, event: None, look_again_at: None };
    let forget = match instance.desired {
        DesiredState::Running => case.towards_running(),
        DesiredState::Stopped => case.towards_stopped(),
        DesiredState::Terminated => case.towards_terminated(),
    };
    let next = match forget {
        Fate::Forget => Next::Forget,
        Fate::Keep if case.next == *instance => Next::Keep,
        Fate::Keep => Next::Change(Box::new(case.next)),
    };
    Decision { command: case.command, next, event: case.event, look_again_at: case.look_again_at }
}

/// Whether it runs as its record says, as nearly all instances do nearly always: they are not to cost a copy each time.
fn goes_on(instance: &Instance, facts: &Facts<'_>) -> bool {
    let (Some(observed), Some(runtime)) = (facts.observed, &instance.runtime) else { return false };
    let Presence::Up(live) = &observed.presence else { return false };
    let same_life = (observed.boot, observed.started_at) == (instance.boot, Some(runtime.started_at));
    let shown = Runtime {
        boot: observed.boot,
        address: live.address,
        pid: live.pid,
        started_at: runtime.started_at,
        reachable: live.reachable(),
    };
    same_life
        && instance.boot > 0
        && shown == *runtime
        && instance.desired == DesiredState::Running
        && instance.state == InstanceState::Running
        && instance.state_reason.is_none()
}

/// The observed instances that no record knows: each is to be removed (which ends what still runs of it).
///
/// The inventory must have been taken *before* the records were read, or a new instance looks like garbage.
pub fn garbage(inventory: &[Observed], known: impl Fn(&InstanceId) -> bool) -> Vec<&InstanceId> {
    inventory.iter().map(|observed| &observed.id).filter(|id| !known(id)).collect()
}

enum Fate {
    Keep,
    Forget,
}

/// One decision in the making.
struct Case<'a> {
    now: Timestamp,
    facts: &'a Facts<'a>,
    next: Instance,
    command: Option<Command>,
    event: Option<Happening>,
    look_again_at: Option<Timestamp>,
}

impl Case<'_> {
    fn towards_running(&mut self) -> Fate {
        match self.facts.observed {
            Some(observed) if observed.boot >= self.next.boot && self.next.boot > 0 => {
                self.observed_this_boot(observed)
            }
            Some(observed) => self.observed_earlier_boot(observed),
            // It ran, and every trace of it is gone: a simulated instance after a restart, or a deleted directory.
            None if self.booted() => self.boot_again("nothing was left of it"),
            None => self.start(),
        }
        Fate::Keep
    }

    /// Whether the record says that its present boot was up.
    fn booted(&self) -> bool {
        self.next.runtime.as_ref().is_some_and(|runtime| runtime.boot == self.next.boot)
    }

    fn observed_this_boot(&mut self, observed: &Observed) {
        match &observed.presence {
            Presence::Starting => self.wait(SHORT_WAIT),
            Presence::Up(live) => self.is_up(observed, live),
            Presence::Stopping { since } => {
                self.mark_unreachable();
                self.wait_or_kill(*since);
            }
            Presence::Down(ending) => self.is_down(observed, *ending),
        }
    }

    /// A new boot was asked for while an earlier one is still there: end that, then start.
    fn observed_earlier_boot(&mut self, observed: &Observed) {
        match &observed.presence {
            Presence::Starting => self.wait(SHORT_WAIT),
            Presence::Up(_) => self.ask_to_end(),
            Presence::Stopping { since } => self.wait_or_kill(*since),
            Presence::Down(_) => self.start(),
        }
    }

    fn is_up(&mut self, observed: &Observed, live: &Live) {
        // A record older than what runs comes from a backup: adopting it disturbs nobody.
        self.next.boot = observed.boot;
        let before = self.next.runtime.replace(Runtime {
            boot: observed.boot,
            address: live.address,
            pid: live.pid,
            started_at: observed.started_at.unwrap_or(self.now),
            reachable: live.reachable(),
        });
        let was_running = self.next.state == InstanceState::Running;
        self.set_state(InstanceState::Running);
        self.next.state_reason = None;
        self.event = match before {
            Some(before) if was_running && before.boot == observed.boot => impairment(before.reachable, live),
            Some(_) | None => Some(Happening {
                what: "instance-running",
                message: format!("boot {} runs at {}", observed.boot, live.address),
            }),
        };
    }

    fn is_down(&mut self, observed: &Observed, ending: Ending) {
        match ending {
            Ending::NeverStarted => self.start(),
            Ending::HostRestarted => self.boot_again("the host was started again"),
            Ending::Stopped => self.boot_again_soon(observed),
            Ending::ShutDown => self.shut_down_from_inside(),
            Ending::Lost => self.stopped_by_error("what ran it ended without a word".to_owned()),
        }
    }

    /// Starts the present boot when its back-off is over, or gives up.
    fn start(&mut self) {
        self.next.runtime = None;
        if self.next.boot == 0 {
            self.next.boot = FIRST_BOOT;
        }
        if let Some(missing) = self.facts.missing_network {
            return self.wait_for_network(missing);
        }
        let boot = self.next.boot;
        match self.facts.start_failures.filter(|failures| failures.boot == boot) {
            Some(failures) if failures.count >= MAXIMUM_START_ATTEMPTS => self.give_up(&failures.last_error.clone()),
            Some(failures) if failures.due(self.now) > self.now => self.look_again_at = Some(failures.due(self.now)),
            Some(_) | None => self.command = Some(Command::Start { boot }),
        }
    }

    /// Whoever looks at it sees why it does not start, as long as there is hope.
    fn wait_for_network(&mut self, missing: MissingNetwork<'_>) {
        let Some(error) = missing.error else { return };
        let until = missing.since.plus(NETWORK_PATIENCE);
        if self.now >= until {
            return self.give_up(&format!("its network cannot be made: {error}"));
        }
        let message = format!("pending: its network could not be made yet: {error}");
        let told = self.next.state_reason.as_ref().is_some_and(|reason| reason.code == PENDING_CODE);
        if !told {
            self.event = Some(Happening { what: "instance-waits", message: message.clone() });
        }
        self.next.state_reason = Some(StateReason { code: PENDING_CODE.to_owned(), message });
        self.look_again_at = Some(until);
    }

    fn give_up(&mut self, error: &str) {
        if self.next.boot > FIRST_BOOT {
            return self.stopped_by_error(format!("it could not be started: {error}"));
        }
        self.next.desired = DesiredState::Terminated;
        self.terminated(Some(internal_error(format!("it could not be started: {error}"))));
        // A half-prepared directory may be there.
        self.command = self.facts.observed.map(|_| Command::Remove);
    }

    fn boot_again_soon(&mut self, observed: &Observed) {
        let due = observed.started_at.filter(|at| *at <= self.now).map(|at| at.plus(RESTART_SPACING));
        match due.filter(|due| *due > self.now) {
            Some(due) => {
                self.mark_unreachable();
                self.look_again_at = Some(due);
            }
            None => self.boot_again("it had been stopped with its host"),
        }
    }

    /// A boot that the user did not ask for: the same as a start, user data is not run again.
    fn boot_again(&mut self, why: &str) {
        self.next.boot = self.next.boot.max(self.facts.observed.map_or(0, |observed| observed.boot)).saturating_add(1);
        self.set_state(InstanceState::Pending);
        self.event = Some(Happening { what: "instance-pending", message: format!("it is booted again: {why}") });
        self.start();
    }

    fn shut_down_from_inside(&mut self) {
        let reason = StateReason {
            code: "Client.InstanceInitiatedShutdown".to_owned(),
            message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown".to_owned(),
        };
        match self.next.shutdown_behavior {
            ShutdownBehavior::Stop => {
                self.next.desired = DesiredState::Stopped;
                self.stopped(reason);
            }
            ShutdownBehavior::Terminate => {
                self.next.desired = DesiredState::Terminated;
                self.next.state_reason = Some(reason);
                self.next.runtime = None;
                self.set_state(InstanceState::ShuttingDown);
                self.command = Some(Command::Remove);
                self.wait(SHORT_WAIT);
            }
        }
    }

    fn stopped_by_error(&mut self, message: String) {
        self.next.desired = DesiredState::Stopped;
        self.stopped(internal_error(message));
    }

    fn towards_stopped(&mut self) -> Fate {
        match self.facts.observed.map(|observed| &observed.presence) {
            Some(Presence::Starting | Presence::Up(_)) => {
                self.set_state(InstanceState::Stopping);
                self.ask_to_end();
            }
            Some(Presence::Stopping { since }) => {
                self.set_state(InstanceState::Stopping);
                self.wait_or_kill(*since);
            }
            Some(Presence::Down(_)) | None => {
                let reason = self.next.state_reason.clone().unwrap_or_else(user_initiated_shutdown);
                self.stopped(reason);
            }
        }
        Fate::Keep
    }

    fn towards_terminated(&mut self) -> Fate {
        match self.facts.observed.map(|observed| &observed.presence) {
            None if self.next.state == InstanceState::Terminated => return self.shown_long_enough(),
            None => {
                let reason = self.next.state_reason.clone().unwrap_or_else(user_initiated_shutdown);
                self.terminated(Some(reason));
            }
            Some(Presence::Starting | Presence::Up(_)) => {
                self.shutting_down();
                self.ask_to_end();
            }
            Some(Presence::Stopping { since }) => {
                self.shutting_down();
                self.wait_or_kill(*since);
            }
            Some(Presence::Down(_)) => {
                self.shutting_down();
                self.next.runtime = None;
                self.command = Some(Command::Remove);
                self.wait(SHORT_WAIT);
            }
        }
        Fate::Keep
    }

    /// A terminated instance of which something was left behind stays terminated while that is cleaned up.
    fn shutting_down(&mut self) {
        if self.next.state != InstanceState::Terminated {
            self.set_state(InstanceState::ShuttingDown);
        }
    }

    fn shown_long_enough(&mut self) -> Fate {
        let until = self.next.state_changed_at.plus(TERMINATED_SHOWN_FOR);
        if self.now >= until {
            return Fate::Forget;
        }
        self.look_again_at = Some(until);
        Fate::Keep
    }

    fn stopped(&mut self, reason: StateReason) {
        if self.next.state != InstanceState::Stopped {
            self.event = Some(Happening { what: "instance-stopped", message: reason.message.clone() });
        }
        self.set_state(InstanceState::Stopped);
        self.next.state_reason = Some(reason);
        self.next.runtime = None;
    }

    fn terminated(&mut self, reason: Option<StateReason>) {
        let message = reason.as_ref().map(|reason| reason.message.clone()).unwrap_or_default();
        self.event = Some(Happening { what: "instance-terminated", message });
        self.set_state(InstanceState::Terminated);
        self.next.state_reason = reason;
        self.next.runtime = None;
        self.wait(TERMINATED_SHOWN_FOR);
    }

    fn mark_unreachable(&mut self) {
        if let Some(runtime) = &mut self.next.runtime {
            runtime.reachable = false;
        }
    }

    fn ask_to_end(&mut self) {
        let kill = self.next.end_without_asking;
        self.command = Some(if kill { Command::Kill } else { Command::Stop { grace: self.facts.stop_grace } });
        self.wait(SHORT_WAIT);
    }

    /// The driver kills after the grace by itself; this is for one that does not.
    fn wait_or_kill(&mut self, since: Timestamp) {
        let patience = self.facts.stop_grace + KILL_MARGIN;
        // A clock that was set back would make the wait endless; then it counts from now.
        if self.next.end_without_asking || self.now.since(since) >= patience {
            self.command = Some(Command::Kill);
            self.wait(SHORT_WAIT);
        } else {
            self.look_again_at = Some(since.min(self.now).plus(patience));
        }
    }

    fn wait(&mut self, duration: Duration) {
        self.look_again_at = Some(self.now.plus(duration));
    }

    fn set_state(&mut self, state: InstanceState) {
        if self.next.state != state {
            self.next.state = state;
            self.next.state_changed_at = self.now;
        }
    }
}

fn impairment(was_reachable: bool, live: &Live) -> Option<Happening> {
    match (was_reachable, live.main) {
        (true, MainProcess::Failed(exit)) => Some(Happening {
            what: "instance-impaired",
            message: format!("its boot command {exit}; the reachability check fails"),
        }),
        (false, MainProcess::Running | MainProcess::Absent) => {
            Some(Happening { what: "instance-ok", message: "the reachability check passes again".to_owned() })
        }
        (false, MainProcess::Failed(_)) | (true, MainProcess::Running | MainProcess::Absent) => None,
    }
}

fn internal_error(message: String) -> StateReason {
    StateReason { code: "Server.InternalError".to_owned(), message: format!("Server.InternalError: {message}") }
}

fn user_initiated_shutdown() -> StateReason {
    StateReason {
        code: "Client.UserInitiatedShutdown".to_owned(),
        message: "Client.UserInitiatedShutdown: User initiated shutdown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tags;
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const GRACE: Duration = Duration::from_secs(30);
    const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 64, 0, 4));

    fn instance(desired: DesiredState, state: InstanceState, boot: u32) -> Instance {
        Instance {
            id: "i-0123456789abcdef0".parse().unwrap(),
            reservation_id: "r-0123456789abcdef0".parse().unwrap(),
            launch_index: 0,
            client_token: None,
            image_id: "ami-0123456789abcdef0".parse().unwrap(),
            instance_type: "t2.micro".to_owned(),
            host: "here".to_owned(),
            zone: "ap-northeast-2a".to_owned(),
            vpc_id: "vpc-0123456789abcdef0".parse().unwrap(),
            subnet_id: "subnet-0123456789abcdef0".parse().unwrap(),
            network_interface_id: "eni-0123456789abcdef0".parse().unwrap(),
            network_attachment_id: "eni-attach-0123456789abcdef0".parse().unwrap(),
            private_address: std::net::Ipv4Addr::new(172, 31, 0, 4),
            host_address: None,
            public_address_wanted: false,
            pool_address: None,
            security_groups: Vec::new(),
            key_name: None,
            public_key: None,
            user_data: None,
            network_interface_description: String::new(),
            network_interface_tags: Tags::default(),
            end_without_asking: false,
            shutdown_behavior: ShutdownBehavior::Stop,
            termination_protection: false,
            stop_protection: false,
            metadata_options: crate::ec2::instance::MetadataOptions::default(),
            detailed_monitoring: false,
            tags: Tags::default(),
            auto_scaling_group: None,
            launched_at: NOW,
            desired,
            state,
            state_changed_at: Timestamp::from_seconds(1),
            state_reason: None,
            boot,
            runtime: None,
        }
    }

    fn running(boot: u32) -> Instance {
        let runtime = Runtime {
            boot,
            address: ADDRESS,
            pid: Some(7),
            started_at: NOW.minus(Duration::from_secs(100)),
            reachable: true,
        };
        Instance { runtime: Some(runtime), ..instance(DesiredState::Running, Running, boot) }
    }

    fn seen(boot: u32, presence: Presence) -> Observed {
        let id = "i-0123456789abcdef0".parse().unwrap();
        Observed { id, boot, started_at: Some(NOW.minus(Duration::from_secs(100))), presence }
    }

    fn up(boot: u32, main: MainProcess) -> Observed {
        seen(boot, Presence::Up(Live { address: ADDRESS, pid: Some(7), main }))
    }

    fn down(boot: u32, ending: Ending) -> Observed {
        seen(boot, Presence::Down(ending))
    }

    fn stopping(boot: u32, seconds_ago: u64) -> Observed {
        seen(boot, Presence::Stopping { since: NOW.minus(Duration::from_secs(seconds_ago)) })
    }

    fn at(instance: &Instance, observed: Option<&Observed>, failures: Option<&StartFailures>) -> Decision {
        decide(instance, &Facts { observed, start_failures: failures, missing_network: None, stop_grace: GRACE }, NOW)
    }

    fn changed(decision: &Decision, before: &Instance) -> Instance {
        match &decision.next {
            Next::Change(next) => (**next).clone(),
            Next::Keep => before.clone(),
            Next::Forget => panic!("forgotten"),
        }
    }

    const START_1: Option<Command> = Some(Command::Start { boot: 1 });
    const START_2: Option<Command> = Some(Command::Start { boot: 2 });
    const STOP: Option<Command> = Some(Command::Stop { grace: GRACE });
    const KILL: Option<Command> = Some(Command::Kill);
    const REMOVE: Option<Command> = Some(Command::Remove);

    #[test]
    fn an_instance_goes_on_only_when_it_runs_as_its_record_says() {
        let ok = MainProcess::Running;
        let goes_on_as = |instance: &Instance, observed: Observed| {
            let facts =
                Facts { observed: Some(&observed), start_failures: None, missing_network: None, stop_grace: GRACE };
            goes_on(instance, &facts)
        };
        let was = running(1);
        assert!(goes_on_as(&was, up(1, ok)));
        let elsewhere = Presence::Up(Live { address: IpAddr::from([127, 64, 0, 9]), pid: Some(7), main: ok });
        let another = Presence::Up(Live { address: ADDRESS, pid: Some(8), main: ok });
        let changed = [
            up(2, ok),
            up(1, MainProcess::Failed(Exit::Code(3))),
            stopping(1, 1),
            down(1, Ending::Lost),
            seen(1, Presence::Starting),
            seen(1, elsewhere),
            seen(1, another),
            Observed { started_at: Some(NOW), ..up(1, ok) },
            Observed { started_at: None, ..up(1, ok) },
        ];
        assert!(changed.into_iter().all(|observed| !goes_on_as(&was, observed)));
        let asked = [
            Instance { desired: DesiredState::Stopped, ..was.clone() },
            Instance { desired: DesiredState::Terminated, ..was.clone() },
            Instance { state: Pending, ..was.clone() },
            Instance { boot: 2, ..was.clone() },
            Instance { state_reason: Some(user_initiated_shutdown()), ..was.clone() },
            Instance { runtime: None, ..was.clone() },
        ];
        assert!(asked.iter().all(|instance| !goes_on_as(instance, up(1, ok))));
    }

    #[test]
    fn every_pair_of_wish_and_observation_has_its_command_and_state() {
        use DesiredState as D;
        let ok = MainProcess::Running;
        let failed = MainProcess::Failed(Exit::Code(3));
        let pending = |boot| instance(D::Running, Pending, boot);
        let by_force = |desired, state| Instance { end_without_asking: true, ..instance(desired, state, 1) };
        type Row = (&'static str, Instance, Option<Observed>, Option<Command>, InstanceState);
        let table: &[Row] = &[
            ("launched", pending(1), None, START_1, Pending),
            ("prepared only", pending(1), Some(down(1, Ending::NeverStarted)), START_1, Pending),
            ("being started", pending(1), Some(seen(1, Presence::Starting)), None, Pending),
            ("up", pending(1), Some(up(1, ok)), None, Running),
            ("up without boot command", pending(1), Some(up(1, MainProcess::Absent)), None, Running),
            ("up and failed", pending(1), Some(up(1, failed)), None, Running),
            ("adopted", running(1), Some(up(1, ok)), None, Running),
            ("started again", pending(2), Some(down(1, Ending::Stopped)), START_2, Pending),
            ("started again after a crash", pending(2), Some(down(1, Ending::Lost)), START_2, Pending),
            ("started while stopping", pending(2), Some(stopping(1, 1)), None, Pending),
            ("reboot", Instance { boot: 2, ..running(1) }, Some(up(1, ok)), STOP, Running),
            ("reboot, ending", Instance { boot: 2, ..running(1) }, Some(stopping(1, 1)), None, Running),
            ("reboot, hung", Instance { boot: 2, ..running(1) }, Some(stopping(1, 40)), KILL, Running),
            ("reboot, ended", Instance { boot: 2, ..running(1) }, Some(down(1, Ending::Stopped)), START_2, Running),
            ("goru was stopped", running(1), Some(down(1, Ending::Stopped)), START_2, Pending),
            ("host was restarted", running(1), Some(down(1, Ending::HostRestarted)), START_2, Pending),
            ("every trace gone", running(1), None, START_2, Pending),
            ("shut down from inside", running(1), Some(down(1, Ending::ShutDown)), None, Stopped),
            ("shim killed", running(1), Some(down(1, Ending::Lost)), None, Stopped),
            ("stop", instance(D::Stopped, Running, 1), Some(up(1, ok)), STOP, Stopping),
            ("stop, impaired", instance(D::Stopped, Stopping, 1), Some(up(1, failed)), STOP, Stopping),
            ("stop, ending", instance(D::Stopped, Stopping, 1), Some(stopping(1, 39)), None, Stopping),
            ("stop, hung", instance(D::Stopped, Stopping, 1), Some(stopping(1, 40)), KILL, Stopping),
            ("forced stop", by_force(D::Stopped, Stopping), Some(up(1, ok)), KILL, Stopping),
            ("forced stop, ending", by_force(D::Stopped, Stopping), Some(stopping(1, 1)), KILL, Stopping),
            ("forced terminate", by_force(D::Terminated, ShuttingDown), Some(up(1, ok)), KILL, ShuttingDown),
            ("stop, ended", instance(D::Stopped, Stopping, 1), Some(down(1, Ending::Stopped)), None, Stopped),
            ("stop before the first boot", instance(D::Stopped, Stopping, 1), None, None, Stopped),
            ("stopped", instance(D::Stopped, Stopped, 1), Some(down(1, Ending::Stopped)), None, Stopped),
            ("terminate", instance(D::Terminated, ShuttingDown, 1), Some(up(1, ok)), STOP, ShuttingDown),
            (
                "terminate, starting",
                instance(D::Terminated, Pending, 1),
                Some(seen(1, Presence::Starting)),
                STOP,
                ShuttingDown,
            ),
            ("terminate, ending", instance(D::Terminated, ShuttingDown, 1), Some(stopping(1, 1)), None, ShuttingDown),
            ("terminate, hung", instance(D::Terminated, ShuttingDown, 1), Some(stopping(1, 99)), KILL, ShuttingDown),
            (
                "terminate, ended",
                instance(D::Terminated, ShuttingDown, 1),
                Some(down(1, Ending::Stopped)),
                REMOVE,
                ShuttingDown,
            ),
            ("terminate, removed", instance(D::Terminated, ShuttingDown, 1), None, None, Terminated),
            (
                "terminated, left over",
                instance(D::Terminated, Terminated, 1),
                Some(down(1, Ending::Stopped)),
                REMOVE,
                Terminated,
            ),
        ];
        for (case, record, observed, command, state) in table {
            let decision = at(record, observed.as_ref(), None);
            assert_eq!(decision.command, *command, "{case}");
            let next = changed(&decision, record);
            assert_eq!(next.state, *state, "{case}");
            let since = if record.state == *state { record.state_changed_at } else { NOW };
            assert_eq!(next.state_changed_at, since, "{case}");
        }
    }

    #[test]
    fn applying_a_decision_to_the_same_observation_twice_changes_nothing_more() {
        let observations = [
            None,
            Some(seen(1, Presence::Starting)),
            Some(up(1, MainProcess::Running)),
            Some(up(1, MainProcess::Failed(Exit::Signal(9)))),
            Some(stopping(1, 1)),
            Some(down(1, Ending::NeverStarted)),
            Some(down(1, Ending::Stopped)),
            Some(down(1, Ending::ShutDown)),
            Some(down(1, Ending::Lost)),
            Some(down(1, Ending::HostRestarted)),
        ];
        for desired in [DesiredState::Running, DesiredState::Stopped, DesiredState::Terminated] {
            for observed in &observations {
                let first = changed(&at(&Instance { desired, ..running(1) }, observed.as_ref(), None), &running(1));
                let again = at(&first, observed.as_ref(), None);
                assert_eq!(changed(&again, &first), first, "{desired:?} {observed:?}");
                assert_eq!(again.event, None, "{desired:?} {observed:?}");
            }
        }
    }

    #[test]
    fn an_adopted_instance_is_left_alone() {
        let decision = at(&running(1), Some(&up(1, MainProcess::Running)), None);
        assert_eq!(decision, Decision { command: None, next: Next::Keep, event: None, look_again_at: None });
    }

    #[test]
    fn a_running_instance_newer_than_its_record_is_adopted() {
        let decision = at(&running(1), Some(&up(3, MainProcess::Running)), None);
        assert_eq!(decision.command, None);
        assert_eq!(changed(&decision, &running(1)).boot, 3);
    }

    #[test]
    fn a_failed_boot_command_makes_the_instance_impaired_and_nothing_else() {
        let decision = at(&running(1), Some(&up(1, MainProcess::Failed(Exit::Signal(9)))), None);
        let next = changed(&decision, &running(1));
        assert_eq!(next.state, Running);
        assert_eq!(next.runtime.as_ref().map(|runtime| runtime.reachable), Some(false));
        let event = decision.event.unwrap();
        assert_eq!(event.what, "instance-impaired");
        assert!(event.message.contains("signal 9"), "{}", event.message);
    }

    #[test]
    fn a_start_that_fails_is_tried_again_after_a_growing_wait_and_then_given_up() {
        let record = instance(DesiredState::Running, Pending, 1);
        for count in 1..MAXIMUM_START_ATTEMPTS {
            let just_failed = StartFailures { boot: 1, count, last_at: NOW, last_error: "no such image".to_owned() };
            let decision = at(&record, None, Some(&just_failed));
            assert_eq!((decision.command, decision.look_again_at), (None, Some(NOW.plus(back_off(count)))));
            let long_ago = StartFailures { last_at: NOW.minus(back_off(count)), ..just_failed.clone() };
            assert_eq!(at(&record, None, Some(&long_ago)).command, START_1);
            let of_another_boot = StartFailures { boot: 7, ..just_failed.clone() };
            assert_eq!(at(&record, None, Some(&of_another_boot)).command, START_1);
            let in_the_future = StartFailures { last_at: NOW.plus(Duration::from_secs(9_999)), ..just_failed };
            assert_eq!(at(&record, None, Some(&in_the_future)).command, START_1);
        }
    }

    #[test]
    fn giving_up_terminates_a_launch_and_stops_a_restart() {
        for (boot, state, desired) in [(1, Terminated, DesiredState::Terminated), (2, Stopped, DesiredState::Stopped)] {
            let record = instance(DesiredState::Running, Pending, boot);
            let failures = StartFailures {
                boot,
                count: MAXIMUM_START_ATTEMPTS,
                last_at: NOW,
                last_error: "no such image".to_owned(),
            };
            let decision = at(&record, None, Some(&failures));
            let next = changed(&decision, &record);
            assert_eq!((next.state, next.desired, decision.command), (state, desired, None));
            let reason = next.state_reason.unwrap();
            assert_eq!(reason.code, "Server.InternalError");
            assert!(reason.message.contains("no such image"), "{}", reason.message);
        }
    }

    #[test]
    fn an_instance_waits_for_its_network_says_why_and_gives_up_in_time() {
        let waits = |record: &Instance, observed: Option<&Observed>, seconds: u64, error: Option<&'static str>| {
            let missing = MissingNetwork { since: NOW.minus(Duration::from_secs(seconds)), error };
            let missing_network = Some(missing);
            decide(record, &Facts { observed, start_failures: None, missing_network, stop_grace: GRACE }, NOW)
        };
        let record = instance(DesiredState::Running, Pending, 1);
        // While it is made there is nothing to say, however long that takes.
        let idle = Decision { command: None, next: Next::Keep, event: None, look_again_at: None };
        assert_eq!(waits(&record, None, 1, None), idle);
        assert_eq!(waits(&record, None, 3600, None), idle);
        // It failed: that shows, and is told once.
        let decision = waits(&record, None, 1, Some("nft failed"));
        let told = changed(&decision, &record);
        assert_eq!((told.state, decision.command), (Pending, None));
        assert_eq!(told.state_reason.clone().unwrap().code, "pending");
        assert!(told.state_reason.clone().unwrap().message.contains("nft failed"));
        assert_eq!(decision.event.unwrap().what, "instance-waits");
        assert_eq!(decision.look_again_at, Some(NOW.plus(NETWORK_PATIENCE - Duration::from_secs(1))));
        let again = waits(&told, None, 2, Some("nft failed"));
        assert_eq!((again.next, again.event), (Next::Keep, None));
        assert!(changed(&waits(&told, None, 2, Some("ip failed")), &told).state_reason.unwrap().message.contains("ip"));
        // Once the network is there it starts, and runs without a reason.
        assert_eq!(at(&told, None, None).command, START_1);
        assert_eq!(changed(&at(&told, Some(&up(1, MainProcess::Absent)), None), &told).state_reason, None);
        // A launch is given up, a restart stopped, and what ran before is cleared away only with its instance.
        for (boot, observed, state, command) in [
            (1, None, Terminated, None),
            (1, Some(down(1, Ending::NeverStarted)), Terminated, REMOVE),
            (2, Some(down(1, Ending::Stopped)), Stopped, None),
        ] {
            let record = instance(DesiredState::Running, Pending, boot);
            let decision = waits(&record, observed.as_ref(), 60, Some("nft failed"));
            let next = changed(&decision, &record);
            assert_eq!((next.state, decision.command), (state, command), "{boot}");
            let reason = next.state_reason.unwrap();
            assert_eq!(reason.code, "Server.InternalError");
            assert!(reason.message.contains("its network cannot be made: nft failed"), "{}", reason.message);
        }
    }

    #[test]
    fn failures_are_counted_per_boot() {
        let one = StartFailures::and(None, 1, NOW, "a".to_owned());
        let two = StartFailures::and(Some(one), 1, NOW, "b".to_owned());
        assert_eq!((two.count, two.last_error.as_str()), (2, "b"));
        assert_eq!(StartFailures::and(Some(two), 2, NOW, "c".to_owned()).count, 1);
    }

    #[test]
    fn the_back_off_doubles_up_to_a_minute() {
        let seconds: Vec<u64> = [0, 1, 2, 3, 6, 7, 8, 40, u32::MAX].map(|n| back_off(n).as_secs()).into();
        assert_eq!(seconds, [0, 1, 2, 4, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn a_shutdown_from_inside_follows_the_shutdown_behavior() {
        let observed = down(1, Ending::ShutDown);
        let stop = changed(&at(&running(1), Some(&observed), None), &running(1));
        assert_eq!((stop.desired, stop.state), (DesiredState::Stopped, Stopped));
        assert_eq!(stop.state_reason.unwrap().code, "Client.InstanceInitiatedShutdown");
        assert_eq!(stop.runtime, None);

        let record = Instance { shutdown_behavior: ShutdownBehavior::Terminate, ..running(1) };
        let decision = at(&record, Some(&observed), None);
        let terminate = changed(&decision, &record);
        assert_eq!((terminate.desired, terminate.state), (DesiredState::Terminated, ShuttingDown));
        assert_eq!(decision.command, REMOVE);
        assert_eq!(terminate.state_reason.unwrap().code, "Client.InstanceInitiatedShutdown");
    }

    #[test]
    fn a_lost_instance_stays_stopped_with_an_internal_error() {
        let next = changed(&at(&running(1), Some(&down(1, Ending::Lost)), None), &running(1));
        assert_eq!((next.desired, next.state), (DesiredState::Stopped, Stopped));
        assert_eq!(next.state_reason.unwrap().code, "Server.InternalError");
    }

    #[test]
    fn an_instance_that_ends_itself_at_once_is_not_booted_in_a_spin() {
        let observed = Observed { started_at: Some(NOW), ..down(1, Ending::Stopped) };
        let decision = at(&running(1), Some(&observed), None);
        assert_eq!((decision.command, decision.look_again_at), (None, Some(NOW.plus(RESTART_SPACING))));
        let in_the_future = Observed { started_at: Some(NOW.plus(Duration::from_secs(9_999))), ..observed };
        assert_eq!(at(&running(1), Some(&in_the_future), None).command, START_2);
    }

    #[test]
    fn a_reason_given_by_the_request_is_kept() {
        let reason = StateReason { code: "Client.Custom".to_owned(), message: "why".to_owned() };
        let record = Instance { state_reason: Some(reason.clone()), ..instance(DesiredState::Stopped, Stopping, 1) };
        assert_eq!(changed(&at(&record, None, None), &record).state_reason, Some(reason));
        let silent = instance(DesiredState::Stopped, Stopping, 1);
        let code = changed(&at(&silent, None, None), &silent).state_reason.unwrap().code;
        assert_eq!(code, "Client.UserInitiatedShutdown");
    }

    #[test]
    fn a_terminated_record_is_forgotten_an_hour_later() {
        let mut record = instance(DesiredState::Terminated, Terminated, 1);
        record.state_changed_at = NOW.minus(TERMINATED_SHOWN_FOR);
        assert_eq!(at(&record, None, None).next, Next::Forget);
        record.state_changed_at = NOW.minus(TERMINATED_SHOWN_FOR).plus(Duration::from_millis(1));
        let decision = at(&record, None, None);
        assert_eq!((&decision.next, decision.look_again_at), (&Next::Keep, Some(NOW.plus(Duration::from_millis(1)))));
        assert_ne!(
            at(&record, Some(&down(1, Ending::Stopped)), None).next,
            Next::Forget,
            "its directory is still there"
        );
    }

    #[test]
    fn observed_instances_without_a_record_are_garbage() {
        let known: InstanceId = "i-0123456789abcdef0".parse().unwrap();
        let stranger: InstanceId = "i-0123456789abcdef1".parse().unwrap();
        let inventory = [down(1, Ending::Stopped), Observed { id: stranger.clone(), ..up(1, MainProcess::Running) }];
        assert_eq!(garbage(&inventory, |id| *id == known), [&stranger]);
    }
}
