//! The account that is measured: groups in two regions, their alarms, and what feeds the alarms' metrics.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use super::Arguments;
use crate::bench::client::{Client, Endpoint, Service, text, texts};

/// The server's configuration: instances that are bookkeeping, from an image of its own.
pub(super) const CONFIGURATION: &str = "driver = \"simulated\"\n\n[[images]]\nid = \"ami-0000000000000be02\"\n\
    name = \"bench\"\nsource = \"host\"\nboot = \"exec sleep 1000000\"\n";
const IMAGE: &str = "ami-0000000000000be02";
const LAUNCH_CONFIGURATION: &str = "bench";
/// The second region; the first is the server's own.
const OTHER_REGION: &str = "us-west-2";
/// Groups and metrics are the same in name in both regions.
const NAMESPACE: &str = "Bench";
/// Clients that build the account.
const BUILDERS: usize = 4;
/// How long any stage may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often what is not there yet is asked for.
const POLL: Duration = Duration::from_millis(250);
/// Groups that one Describe call asks for.
const GROUPS_PER_CALL: usize = 50;
/// Groups whose metrics one PutMetricData call has.
const FED_PER_CALL: usize = 10;
/// How often each metric gets a value.
const FEEDING: Duration = Duration::from_secs(60);

/// One group; its name is unique in its region.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub region: usize,
    pub name: String,
}

/// The account.
pub(super) struct Fleet {
    /// One per region.
    pub endpoints: [Endpoint; 2],
    pub groups: Vec<Group>,
    pub size: u32,
    pub alarms: u32,
    /// An instance of each group, as far as groups are known to be in service.
    pub instances: Vec<(usize, String)>,
    /// All zones of each region, as a group wants them.
    zones: [Vec<String>; 2],
}

impl Fleet {
    /// Looks at the regions and prepares what groups launch from.
    pub(super) fn new(endpoint: &Endpoint, arguments: &Arguments) -> Result<Self> {
        let other = Endpoint { region: OTHER_REGION.to_owned(), ..endpoint.clone() };
        let endpoints = [endpoint.clone(), other];
        let mut zones = [Vec::new(), Vec::new()];
        for (endpoint, zones) in endpoints.iter().zip(&mut zones) {
            let mut client = Client::connect(endpoint)?;
            let answer = client.call(Service::Ec2, "DescribeAvailabilityZones", &[])?;
            zones.extend(texts(&answer, "zoneName").into_iter().map(str::to_owned));
            ensure!(!zones.is_empty(), "no zones: {answer}");
            let launch = [
                ("LaunchConfigurationName", LAUNCH_CONFIGURATION),
                ("ImageId", IMAGE),
                ("InstanceType", "t3.micro"),
                ("InstanceMonitoring.Enabled", "false"),
            ];
            client.call(Service::AutoScaling, "CreateLaunchConfiguration", &launch)?;
        }
        let group = |number: u32| Group { region: number as usize % 2, name: format!("group-{number:04}") };
        Ok(Self {
            endpoints,
            groups: (0..arguments.groups).map(group).collect(),
            size: arguments.size,
            alarms: arguments.alarms,
            instances: Vec::new(),
            zones,
        })
    }

    /// A connection to each region.
    pub(super) fn connect(&self) -> Result<[Client; 2]> {
        let [first, second] = &self.endpoints;
        Ok([Client::connect(first)?, Client::connect(second)?])
    }

    pub(super) fn create_groups(&self) -> Result<()> {
        self.build(|clients, group| {
            let (size, most) = (self.size.to_string(), (self.size + 5).to_string());
            let mut parameters = vec![
                ("AutoScalingGroupName".to_owned(), group.name.as_str()),
                ("LaunchConfigurationName".to_owned(), LAUNCH_CONFIGURATION),
                ("MinSize".to_owned(), &size),
                ("MaxSize".to_owned(), &most),
            ];
            for (number, zone) in self.zones[group.region].iter().enumerate() {
                parameters.push((format!("AvailabilityZones.member.{}", number + 1), zone));
            }
            call(&mut clients[group.region], Service::AutoScaling, "CreateAutoScalingGroup", &parameters).map(drop)
        })
    }

    /// On a metric of its own, with a threshold that no value reaches.
    pub(super) fn put_alarms(&self) -> Result<()> {
        self.build(|clients, group| {
            for number in 0..self.alarms {
                let (name, metric) = (alarm_name(group, number), metric_name(number));
                let parameters = [
                    ("AlarmName", name.as_str()),
                    ("Namespace", NAMESPACE),
                    ("MetricName", metric.as_str()),
                    ("Dimensions.member.1.Name", "AutoScalingGroupName"),
                    ("Dimensions.member.1.Value", &group.name),
                    ("Statistic", "Average"),
                    ("Period", "60"),
                    ("EvaluationPeriods", "1"),
                    ("Threshold", "90"),
                    ("ComparisonOperator", "GreaterThanThreshold"),
                ];
                clients[group.region].call(Service::CloudWatch, "PutMetricAlarm", &parameters)?;
            }
            Ok(())
        })
    }

    /// Does something for each group, several at a time.
    fn build(&self, work: impl Fn(&mut [Client; 2], &Group) -> Result<()> + Sync) -> Result<()> {
        let share = |builder: usize| -> Result<()> {
            let mut clients = self.connect()?;
            self.groups.iter().skip(builder).step_by(BUILDERS).try_for_each(|group| work(&mut clients, group))
        };
        let share = &share;
        std::thread::scope(|scope| {
            let builders: Vec<_> = (0..BUILDERS).map(|number| scope.spawn(move || share(number))).collect();
            builders.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a client thread panicked"))?)
        })
    }

    /// Asks for those groups only that were not complete before.
    pub(super) fn wait_until_in_service(&mut self) -> Result<()> {
        let mut clients = self.connect()?;
        let mut missing: BTreeSet<Group> = self.groups.iter().cloned().collect();
        let start = Instant::now();
        while let Some(region) = missing.first().map(|group| group.region) {
            let asked: Vec<&Group> =
                missing.iter().filter(|group| group.region == region).take(GROUPS_PER_CALL).collect();
            let found = in_service(&mut clients[region], asked.iter().map(|group| group.name.as_str()))?;
            let complete: Vec<_> =
                found.into_iter().filter(|(_, members)| members.len() >= self.size as usize).collect();
            if complete.is_empty() {
                ensure!(start.elapsed() < PATIENCE, "{} groups are not in service", missing.len());
                std::thread::sleep(POLL);
            }
            for (name, members) in complete {
                missing.remove(&Group { region, name });
                self.instances.extend(members.into_iter().next().map(|id| (region, id)));
            }
        }
        Ok(())
    }

    /// Until each alarm has left the state that it is made in.
    pub(super) fn wait_until_evaluated(&self) -> Result<()> {
        let mut clients = self.connect()?;
        let start = Instant::now();
        for client in &mut clients {
            let undecided = [("StateValue", "INSUFFICIENT_DATA"), ("MaxRecords", "1")];
            while !texts(&client.call(Service::CloudWatch, "DescribeAlarms", &undecided)?, "AlarmName").is_empty() {
                ensure!(start.elapsed() < PATIENCE, "there are alarms that are still without data");
                std::thread::sleep(POLL);
            }
        }
        Ok(())
    }
}

/// The name of one of a group's alarms.
pub(super) fn alarm_name(group: &Group, number: u32) -> String {
    format!("{}-{number}", group.name)
}

fn metric_name(number: u32) -> String {
    format!("load-{number}")
}

/// The members of these groups that are in service, by group.
pub(super) fn in_service<'a>(
    client: &mut Client,
    names: impl Iterator<Item = &'a str>,
) -> Result<Vec<(String, Vec<String>)>> {
    let names: Vec<(String, &str)> =
        names.enumerate().map(|(n, name)| (format!("AutoScalingGroupNames.member.{}", n + 1), name)).collect();
    let answer = call(client, Service::AutoScaling, "DescribeAutoScalingGroups", &names)?;
    let groups = answer.split("<AutoScalingGroupName>").skip(1);
    groups.map(|group| members(group).with_context(|| format!("not a group: {group}"))).collect()
}

/// Of the rest of a group's element from its name on: the name, and the ids of members in service.
fn members(group: &str) -> Option<(String, Vec<String>)> {
    let name = group.split_once('<')?.0.to_owned();
    let instances = texts(group, "member").into_iter().filter(|member| member.contains("<InstanceId>"));
    let ready = instances.filter(|member| text(member, "LifecycleState").is_ok_and(|state| state == "InService"));
    Some((name, ready.filter_map(|member| text(member, "InstanceId").ok().map(str::to_owned)).collect()))
}

fn call(client: &mut Client, service: Service, action: &str, parameters: &[(String, &str)]) -> Result<String> {
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    client.call(service, action, &parameters)
}

/// Gives every metric of every group one value a minute, some groups at a time, until it is stopped.
pub(super) struct Feeder {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<usize>>,
}

impl Feeder {
    pub(super) fn start(fleet: &Fleet) -> Result<Self> {
        let mut clients = fleet.connect()?;
        let mut batches: Vec<Vec<Group>> = Vec::new();
        for region in 0..2 {
            let of_region: Vec<Group> = fleet.groups.iter().filter(|group| group.region == region).cloned().collect();
            batches.extend(of_region.chunks(FED_PER_CALL).map(<[Group]>::to_vec));
        }
        let (alarms, stop) = (fleet.alarms, Arc::new(AtomicBool::new(false)));
        let pause = FEEDING / u32::try_from(batches.len().max(1))?;
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            for (turn, batch) in (0_u32..).zip(batches.iter().cycle()) {
                while start.elapsed() < pause * turn {
                    if stopped.load(Ordering::Relaxed) {
                        return Ok(turn as usize);
                    }
                    std::thread::sleep((pause * turn).saturating_sub(start.elapsed()).min(POLL));
                }
                feed(&mut clients, batch, alarms)?;
            }
            Ok(0)
        });
        Ok(Self { stop, thread })
    }

    /// How many calls there were.
    pub(super) fn stop(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the feeder panicked"))?
    }
}

fn feed(clients: &mut [Client; 2], groups: &[Group], alarms: u32) -> Result<()> {
    let Some(region) = groups.first().map(|group| group.region) else { return Ok(()) };
    let mut parameters = vec![("Namespace".to_owned(), NAMESPACE)];
    let names: Vec<String> = (0..alarms).map(metric_name).collect();
    let data = groups.iter().flat_map(|group| names.iter().map(move |name| (group, name)));
    for (number, (group, name)) in data.enumerate() {
        parameters.extend(datum(number + 1, group, name));
    }
    call(&mut clients[region], Service::CloudWatch, "PutMetricData", &parameters).map(drop)
}

fn datum<'a>(number: usize, group: &'a Group, metric: &'a str) -> [(String, &'a str); 4] {
    let member = |name: &str| format!("MetricData.member.{number}.{name}");
    [
        (member("MetricName"), metric),
        (member("Dimensions.member.1.Name"), "AutoScalingGroupName"),
        (member("Dimensions.member.1.Value"), &group.name),
        (member("Value"), "42"),
    ]
}

/// One value for one metric, as a client sends it.
pub(super) fn put_value(client: &mut Client, group: &Group) -> Result<()> {
    let metric = metric_name(0);
    let mut parameters = vec![("Namespace".to_owned(), NAMESPACE)];
    parameters.extend(datum(1, group, &metric));
    call(client, Service::CloudWatch, "PutMetricData", &parameters).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_in_service_are_found_in_a_groups_element() {
        let xml = "web</AutoScalingGroupName><Instances>\
            <member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState></member>\
            <member><InstanceId>i-2</InstanceId><LifecycleState>Pending</LifecycleState></member></Instances>\
            <Tags><member><Key>a</Key></member></Tags>";
        assert_eq!(members(xml), Some(("web".to_owned(), vec!["i-1".to_owned()])));
    }

    #[test]
    fn the_configuration_is_toml_with_the_image() {
        let parsed: toml::Table = toml::from_str(CONFIGURATION).unwrap();
        assert_eq!(parsed["images"][0]["id"].as_str(), Some(IMAGE));
        assert_eq!(parsed["driver"].as_str(), Some("simulated"));
    }
}
