//! Four clients that call at a fixed rate, and one that watches how long new capacity takes.
//!
//! A call is due at its time whether the one before has been slow or not; its latency counts from when it was sent,
//! and beside it the time from when it was due, so that a slow server does not hide in calls that were never made.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use serde::Serialize;

use super::Latency;
use super::fleet::{Fleet, Group, alarm_name, in_service, put_value};
use crate::bench::client::{Client, Service};

/// Clients that call.
const CLIENTS: u32 = 4;
/// Every so many calls of a client one is SetDesiredCapacity; the others are spread evenly.
const SCALING_EVERY: u32 = 50;
/// How many of a client's groups are one larger at a time, before the first of them shrinks again.
const GROWN: usize = 5;
/// How often groups that grow are looked at.
const WATCH: Duration = Duration::from_millis(20);
/// How long an instance may take to be in service.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Serialize)]
pub(super) struct Load {
    pub asked_per_second: u32,
    pub calls_per_second: f64,
    /// By operation.
    pub calls: Vec<Latency>,
    /// All of them, from when they were due.
    pub all: Latency,
    /// From SetDesiredCapacity to the new instance in service.
    pub in_service: Latency,
}

/// A call: its operation, and milliseconds since it was sent and since it was due.
struct Measured {
    operation: &'static str,
    sent: f64,
    due: f64,
}

/// A group that was just asked to grow to so many.
struct Grows {
    group: Group,
    size: usize,
    since: Instant,
}

/// Calls for `duration` at `rate` calls per second together.
pub(super) fn run(fleet: &Fleet, rate: u32, duration: Duration) -> Result<Load> {
    let (grows, growing) = channel();
    let start = Instant::now();
    let (measured, in_service) = std::thread::scope(|scope| -> Result<_> {
        let watcher = scope.spawn(move || watch(fleet, &growing));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let caller = Caller::new(fleet, number, grows.clone());
                scope.spawn(move || caller?.run(rate, start, duration))
            })
            .collect();
        drop(grows);
        let panicked = |_| anyhow!("a client thread panicked");
        let measured: Result<Vec<Vec<Measured>>> =
            clients.into_iter().map(|client| client.join().map_err(panicked)?).collect();
        Ok((measured?.into_iter().flatten().collect::<Vec<_>>(), watcher.join().map_err(panicked)??))
    })?;
    let seconds = duration.as_secs_f64();
    let mut by_operation: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for call in &measured {
        by_operation.entry(call.operation).or_default().push(call.sent);
    }
    Ok(Load {
        asked_per_second: rate,
        calls_per_second: measured.len() as f64 / seconds,
        calls: by_operation
            .into_iter()
            .map(|(operation, times)| Latency::of(operation, times))
            .chain([Latency::of("all", measured.iter().map(|call| call.sent).collect())])
            .collect(),
        all: Latency::of("all, from when they were due", measured.iter().map(|call| call.due).collect()),
        in_service: Latency::of("SetDesiredCapacity -> InService", in_service),
    })
}

/// One client with the groups that are its own.
struct Caller<'f> {
    fleet: &'f Fleet,
    clients: [Client; 2],
    number: u32,
    groups: Vec<&'f Group>,
    /// Those that are one larger, by position, the first to grow first.
    grown: VecDeque<usize>,
    /// The position of the one that grew last.
    next: usize,
    grows: Sender<Grows>,
}

impl<'f> Caller<'f> {
    fn new(fleet: &'f Fleet, number: u32, grows: Sender<Grows>) -> Result<Self> {
        let groups: Vec<&Group> = fleet.groups.iter().skip(number as usize).step_by(CLIENTS as usize).collect();
        ensure!(groups.len() > GROWN, "too few groups for {CLIENTS} clients");
        Ok(Self { fleet, clients: fleet.connect()?, number, groups, grown: VecDeque::new(), next: 0, grows })
    }

    fn run(mut self, rate: u32, start: Instant, duration: Duration) -> Result<Vec<Measured>> {
        let mut measured = Vec::new();
        let pause = Duration::from_secs(1) * CLIENTS / rate;
        for turn in 0_u32.. {
            let due = start + pause * turn + pause * self.number / CLIENTS;
            // A server that is too slow gets fewer calls, not more time.
            if due.max(Instant::now()) >= start + duration {
                break;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let sent = Instant::now();
            let operation = self.call(turn)?;
            measured.push(Measured { operation, sent: milliseconds(sent), due: milliseconds(due) });
        }
        Ok(measured)
    }

    fn call(&mut self, turn: u32) -> Result<&'static str> {
        let pick = turn as usize;
        let group = self.groups[pick % self.groups.len()];
        let client = &mut self.clients[group.region];
        match turn % SCALING_EVERY {
            0 => self.scale().map(|()| "SetDesiredCapacity"),
            phase => match phase % 4 {
                0 => {
                    let name = [("AutoScalingGroupNames.member.1", group.name.as_str())];
                    client.call(Service::AutoScaling, "DescribeAutoScalingGroups", &name)?;
                    Ok("DescribeAutoScalingGroups")
                }
                1 => {
                    let name = alarm_name(group, turn / 4 % self.fleet.alarms);
                    client.call(Service::CloudWatch, "DescribeAlarms", &[("AlarmNames.member.1", &name)])?;
                    Ok("DescribeAlarms")
                }
                2 => {
                    let (region, id) = &self.fleet.instances[pick * 7 % self.fleet.instances.len()];
                    self.clients[*region].call(Service::Ec2, "DescribeInstances", &[("InstanceId.1", id)])?;
                    Ok("DescribeInstances")
                }
                _ => put_value(client, group).map(|()| "PutMetricData"),
            },
        }
    }

    /// The next group grows by one, or the one that has been larger for longest shrinks again.
    fn scale(&mut self) -> Result<()> {
        let (position, size) = if self.grown.len() < GROWN {
            self.next += 1;
            self.grown.push_back(self.next);
            (self.next, self.fleet.size + 1)
        } else {
            (self.grown.pop_front().unwrap_or_default(), self.fleet.size)
        };
        let group = self.groups[position % self.groups.len()];
        let (since, desired) = (Instant::now(), size.to_string());
        let parameters = [("AutoScalingGroupName", group.name.as_str()), ("DesiredCapacity", &desired)];
        self.clients[group.region].call(Service::AutoScaling, "SetDesiredCapacity", &parameters)?;
        if size > self.fleet.size {
            let grows = Grows { group: group.clone(), size: size as usize, since };
            self.grows.send(grows).map_err(|_| anyhow!("the watching client gave up"))?;
        }
        Ok(())
    }
}

/// Milliseconds from each wish to grow until that many members are in service.
fn watch(fleet: &Fleet, growing: &Receiver<Grows>) -> Result<Vec<f64>> {
    let mut clients = fleet.connect()?;
    let (mut waiting, mut took): (Vec<Grows>, Vec<f64>) = (Vec::new(), Vec::new());
    loop {
        match growing.recv_timeout(WATCH) {
            Ok(grows) => waiting.push(grows),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if waiting.is_empty() => return Ok(took),
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(WATCH),
        }
        for (region, client) in clients.iter_mut().enumerate() {
            look(client, region, &mut waiting, &mut took)?;
        }
        let late = waiting.iter().find(|grows| grows.since.elapsed() > PATIENCE);
        ensure!(late.is_none(), "an instance took more than {} s to be in service", PATIENCE.as_secs());
    }
}

fn look(client: &mut Client, region: usize, waiting: &mut Vec<Grows>, took: &mut Vec<f64>) -> Result<()> {
    let names = waiting.iter().filter(|grows| grows.group.region == region).map(|grows| grows.group.name.as_str());
    let names: Vec<&str> = names.take(50).collect();
    if names.is_empty() {
        return Ok(());
    }
    for (name, members) in in_service(client, names.into_iter())? {
        let ready =
            |grows: &Grows| grows.group.region == region && grows.group.name == name && members.len() >= grows.size;
        took.extend(waiting.iter().filter(|grows| ready(grows)).map(|grows| milliseconds(grows.since)));
        waiting.retain(|grows| !ready(grows));
    }
    Ok(())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
