//! What the demonstration's group looks like now: asked from the API again and again, and shown.

use super::{
    api::{Service, call, value, values},
    server::Server,
    stack::{NAME, Stack},
};
use model::{Timestamp, autoscaling::activity::cause_time};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// How far back the newest value of a metric is looked for.
const METRIC_WINDOW: Duration = Duration::from_secs(30);

/// The group at one moment.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// How many instances there should be.
    pub desired: usize,
    /// Its members.
    pub members: Vec<Member>,
    /// Alarms and their states.
    pub alarms: Vec<(String, String)>,
    /// The newest average CPU in per cent of a vCPU.
    pub cpu: Option<f64>,
    /// Subjects of mails, oldest first.
    pub mails: Vec<String>,
}

/// A member of the group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// `i-…`
    pub id: String,
    /// Its zone.
    pub zone: String,
    /// Auto Scaling's state.
    pub lifecycle: String,
    /// The load balancer's, `-` when it is not registered.
    pub health: String,
}

impl Group {
    /// Asks the API.
    pub async fn look(server: &Server, stack: &Stack) -> anyhow::Result<Self> {
        let api = &server.api;
        let health = health(api, &stack.target_group).await?;
        let parameters = [("AutoScalingGroupNames.member.1", NAME)];
        let answer = call(api, Service::AutoScaling, "DescribeAutoScalingGroups", &parameters).await?;
        let member = |xml: &String| {
            let id = value(xml, "InstanceId").unwrap_or_default();
            Member {
                zone: value(xml, "AvailabilityZone").unwrap_or_default(),
                lifecycle: value(xml, "LifecycleState").unwrap_or_default(),
                health: health.get(&id).cloned().unwrap_or_else(|| "-".to_owned()),
                id,
            }
        };
        let members = value(&answer, "Instances").map(|xml| values(&xml, "member")).unwrap_or_default();
        Ok(Self {
            desired: value(&answer, "DesiredCapacity")?.parse()?,
            members: members.iter().map(member).collect(),
            alarms: alarms(api).await?,
            cpu: cpu(api).await?,
            mails: server.mails()?,
        })
    }

    /// Members in service that the load balancer calls healthy.
    pub fn serving(&self) -> Vec<&Member> {
        self.members.iter().filter(|member| member.lifecycle == "InService" && member.health == "healthy").collect()
    }

    /// Whether exactly `count` serve and nobody else is on the way in or out.
    pub fn settled_at(&self, count: usize) -> bool {
        self.desired == count && self.members.len() == count && self.serving().len() == count
    }
}

async fn health(api: &str, target_group: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let answer = call(api, Service::Elbv2, "DescribeTargetHealth", &[("TargetGroupArn", target_group)]).await?;
    let state = |xml: &String| value(&value(xml, "TargetHealth").ok()?, "State").ok();
    let one = |xml: &String| Some((value(xml, "Id").ok()?, state(xml)?));
    Ok(values(&answer, "member").iter().filter_map(one).collect())
}

async fn alarms(api: &str) -> anyhow::Result<Vec<(String, String)>> {
    let answer = call(api, Service::CloudWatch, "DescribeAlarms", &[]).await?;
    Ok(values(&answer, "AlarmName").into_iter().zip(values(&answer, "StateValue")).collect())
}

/// The newest average of the group.
async fn cpu(api: &str) -> anyhow::Result<Option<f64>> {
    let now = Timestamp::default().plus(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?);
    let (start, end) = (cause_time(now.minus(METRIC_WINDOW)), cause_time(now.plus(Duration::from_secs(1))));
    let parameters = [
        ("Namespace", "AWS/EC2"),
        ("MetricName", "CPUUtilization"),
        ("Dimensions.member.1.Name", "AutoScalingGroupName"),
        ("Dimensions.member.1.Value", NAME),
        ("Statistics.member.1", "Average"),
        ("Period", "1"),
        ("StartTime", &start),
        ("EndTime", &end),
    ];
    let answer = call(api, Service::CloudWatch, "GetMetricStatistics", &parameters).await?;
    let mut points: Vec<(String, f64)> = values(&answer, "member")
        .iter()
        .filter_map(|xml| Some((value(xml, "Timestamp").ok()?, value(xml, "Average").ok()?.parse().ok()?)))
        .collect();
    points.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(points.last().map(|(_, average)| *average))
}
