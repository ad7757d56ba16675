//! What the demonstration makes, step by step, and the `aws` commands that make the same.

use super::{
    api::{Service, call, value},
    server::Server,
};
use anyhow::Context;
use model::ec2::image::{DEFAULT_PORT, SITE_IMAGE};
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::{Duration, Instant},
};

/// The name of everything that is made.
pub const NAME: &str = "web";
/// How many instances the group has while it is quiet, and under load.
pub const QUIET_SIZE: usize = 1;
/// See [`QUIET_SIZE`].
pub const BUSY_SIZE: usize = 3;
/// Per cent of processor over which the group grows, and at which it shrinks.
pub const HIGH: f64 = 70.0;
/// See [`HIGH`].
pub const LOW: f64 = 30.0;
/// The periods of the alarms, in seconds.
pub const PERIOD: &str = "10";
/// Who gets mail.
pub const OWNER: &str = "owner@example.com";
const READY_DEADLINE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// The example architecture.
pub struct Stack {
    /// The target group's ARN.
    pub target_group: String,
    /// The load balancer's name.
    pub dns_name: String,
    /// Where it is reached.
    pub front: SocketAddr,
    /// The commands.
    pub commands: Vec<String>,
}

/// Makes things one after the other and remembers the commands.
struct Builder<'a> {
    server: &'a Server,
    say: &'a dyn Fn(&str),
    commands: Vec<String>,
}

impl Stack {
    /// Makes it. The load balancer is active then; the first instance is on its way.
    pub async fn build(server: &Server, say: &dyn Fn(&str)) -> anyhow::Result<Self> {
        let mut builder = Builder { server, say, commands: Vec::new() };
        let (vpc, subnets) = builder.place().await?;
        let target_group = builder.target_group(&vpc).await?;
        let (balancer, dns_name) = builder.load_balancer(&subnets, &target_group).await?;
        let topic = builder.topic().await?;
        builder.group(&subnets, &target_group).await?;
        builder.scaling("high", BUSY_SIZE, ("GreaterThanThreshold", HIGH, 1), &topic).await?;
        // Two periods: a short pause is no reason to let go what was just launched.
        builder.scaling("low", QUIET_SIZE, ("LessThanOrEqualToThreshold", LOW, 2), &topic).await?;
        let front = front(server, &balancer).await?;
        Ok(Self { target_group, dns_name, front, commands: builder.commands })
    }

    /// What to open in a browser.
    pub fn url(&self) -> String {
        match self.front.port() {
            80 => format!("http://{}/", self.dns_name),
            port => format!("http://{}:{port}/", self.dns_name),
        }
    }
}

impl Builder<'_> {
    async fn call(&self, service: Service, action: &str, parameters: &[(&str, &str)]) -> anyhow::Result<String> {
        call(&self.server.api, service, action, parameters).await
    }

    fn command(&mut self, command: impl Into<String>) {
        self.commands.push(command.into());
    }

    /// The default VPC and a subnet in each of two zones.
    async fn place(&mut self) -> anyhow::Result<(String, Vec<String>)> {
        (self.say)("looking for the default VPC and its subnets");
        let filter = [("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "true")];
        let vpc = value(&self.call(Service::Ec2, "DescribeVpcs", &filter).await?, "vpcId")?;
        let mut subnets = Vec::new();
        for letter in ["a", "c"] {
            let zone = format!("{}{letter}", self.server.region);
            let filters = [
                ("Filter.1.Name", "vpc-id"),
                ("Filter.1.Value.1", &vpc),
                ("Filter.2.Name", "availability-zone"),
                ("Filter.2.Value.1", &zone),
            ];
            subnets.push(value(&self.call(Service::Ec2, "DescribeSubnets", &filters).await?, "subnetId")?);
        }
        Ok((vpc, subnets))
    }

    async fn target_group(&mut self, vpc: &str) -> anyhow::Result<String> {
        (self.say)("making a target group");
        let port = DEFAULT_PORT.to_string();
        let parameters = [
            ("Name", NAME),
            ("Protocol", "HTTP"),
            ("Port", &port),
            ("VpcId", vpc),
            ("HealthCheckPath", "/health"),
            ("HealthCheckIntervalSeconds", "5"),
            ("HealthCheckTimeoutSeconds", "2"),
            ("HealthyThresholdCount", "2"),
            ("UnhealthyThresholdCount", "2"),
        ];
        let answer = self.call(Service::Elbv2, "CreateTargetGroup", &parameters).await?;
        let group = value(&answer, "TargetGroupArn")?;
        let delay = [
            ("TargetGroupArn", group.as_str()),
            ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
            ("Attributes.member.1.Value", "3"),
        ];
        self.call(Service::Elbv2, "ModifyTargetGroupAttributes", &delay).await?;
        self.command(format!(
            "aws elbv2 create-target-group --name {NAME} --protocol HTTP --port {port} --vpc-id {vpc} --health-check-path \
             /health --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2"
        ));
        self.command(format!(
            "aws elbv2 modify-target-group-attributes --target-group-arn {group} --attributes \
             Key=deregistration_delay.timeout_seconds,Value=3"
        ));
        Ok(group)
    }

    async fn load_balancer(&mut self, subnets: &[String], group: &str) -> anyhow::Result<(String, String)> {
        (self.say)("making a load balancer over two zones");
        let parameters = [("Name", NAME), ("Subnets.member.1", &subnets[0]), ("Subnets.member.2", &subnets[1])];
        let answer = self.call(Service::Elbv2, "CreateLoadBalancer", &parameters).await?;
        let (balancer, dns_name) = (value(&answer, "LoadBalancerArn")?, value(&answer, "DNSName")?);
        self.command(format!("aws elbv2 create-load-balancer --name {NAME} --subnets {} {}", subnets[0], subnets[1]));
        let port = free_listener_port()?.to_string();
        let parameters = [
            ("LoadBalancerArn", balancer.as_str()),
            ("Protocol", "HTTP"),
            ("Port", &port),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", group),
        ];
        self.call(Service::Elbv2, "CreateListener", &parameters).await?;
        self.command(format!(
            "aws elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTP --port {port} --default-actions \
             Type=forward,TargetGroupArn={group}"
        ));
        Ok((balancer, dns_name))
    }

    /// A topic with a confirmed mail subscription: the link of the mail is followed, as its reader would.
    async fn topic(&mut self) -> anyhow::Result<String> {
        (self.say)("making a topic and confirming its mail");
        let topic = value(&self.call(Service::Sns, "CreateTopic", &[("Name", NAME)]).await?, "TopicArn")?;
        self.command(format!("aws sns create-topic --name {NAME}"));
        let parameters = [("TopicArn", topic.as_str()), ("Protocol", "email"), ("Endpoint", OWNER)];
        self.call(Service::Sns, "Subscribe", &parameters).await?;
        self.command(format!(
            "aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint {OWNER}   # then `goru outbox`"
        ));
        let deadline = Instant::now() + READY_DEADLINE;
        let link = loop {
            if let Some(link) = self.server.confirmation_link()? {
                break link;
            }
            anyhow::ensure!(Instant::now() < deadline, "no confirmation mail came");
            tokio::time::sleep(POLL).await;
        };
        super::api::get(&link).await.context("the link of the confirmation mail does not work")?;
        Ok(topic)
    }

    async fn group(&mut self, subnets: &[String], target_group: &str) -> anyhow::Result<()> {
        (self.say)("making a launch template and a group over two zones");
        let template = [
            ("LaunchTemplateName", NAME),
            ("LaunchTemplateData.ImageId", SITE_IMAGE),
            ("LaunchTemplateData.InstanceType", "t2.micro"),
        ];
        self.call(Service::Ec2, "CreateLaunchTemplate", &template).await?;
        self.command(format!(
            "aws ec2 create-launch-template --launch-template-name {NAME} --launch-template-data \
             ImageId={SITE_IMAGE},InstanceType=t2.micro"
        ));
        let (minimum, maximum, both) = (QUIET_SIZE.to_string(), BUSY_SIZE.to_string(), subnets.join(","));
        let parameters = [
            ("AutoScalingGroupName", NAME),
            ("LaunchTemplate.LaunchTemplateName", NAME),
            ("MinSize", &minimum),
            ("MaxSize", &maximum),
            ("VPCZoneIdentifier", &both),
            ("TargetGroupARNs.member.1", target_group),
            ("HealthCheckType", "ELB"),
            ("HealthCheckGracePeriod", "5"),
            ("DefaultInstanceWarmup", "0"),
        ];
        self.call(Service::AutoScaling, "CreateAutoScalingGroup", &parameters).await?;
        self.command(format!(
            "aws autoscaling create-auto-scaling-group --auto-scaling-group-name {NAME} --launch-template \
             LaunchTemplateName={NAME} --min-size {minimum} --max-size {maximum} --vpc-zone-identifier {both} \
             --target-group-arns {target_group} --health-check-type ELB --health-check-grace-period 5 \
             --default-instance-warmup 0"
        ));
        Ok(())
    }

    /// An alarm that mails and sets the group to a size.
    async fn scaling(
        &mut self,
        name: &str,
        size: usize,
        (comparison, threshold, periods): (&str, f64, u32),
        topic: &str,
    ) -> anyhow::Result<()> {
        (self.say)(&format!("making the alarm `{name}`: {threshold} % makes {size}"));
        let (size, threshold, periods) = (size.to_string(), threshold.to_string(), periods.to_string());
        let parameters = [
            ("AutoScalingGroupName", NAME),
            ("PolicyName", name),
            ("PolicyType", "SimpleScaling"),
            ("AdjustmentType", "ExactCapacity"),
            ("ScalingAdjustment", &size),
            ("Cooldown", "5"),
        ];
        let policy = value(&self.call(Service::AutoScaling, "PutScalingPolicy", &parameters).await?, "PolicyARN")?;
        self.command(format!(
            "aws autoscaling put-scaling-policy --auto-scaling-group-name {NAME} --policy-name {name} --policy-type \
             SimpleScaling --adjustment-type ExactCapacity --scaling-adjustment {size} --cooldown 5"
        ));
        let parameters = [
            ("AlarmName", name),
            ("Namespace", "AWS/EC2"),
            ("MetricName", "CPUUtilization"),
            ("Dimensions.member.1.Name", "AutoScalingGroupName"),
            ("Dimensions.member.1.Value", NAME),
            ("Statistic", "Average"),
            ("Period", PERIOD),
            ("EvaluationPeriods", &periods),
            ("ComparisonOperator", comparison),
            ("Threshold", &threshold),
            ("AlarmActions.member.1", &policy),
            ("AlarmActions.member.2", topic),
        ];
        self.call(Service::CloudWatch, "PutMetricAlarm", &parameters).await?;
        self.command(format!(
            "aws cloudwatch put-metric-alarm --alarm-name {name} --namespace AWS/EC2 --metric-name CPUUtilization \
             --dimensions Name=AutoScalingGroupName,Value={NAME} --statistic Average --period {PERIOD} \
             --evaluation-periods {periods} --comparison-operator {comparison} --threshold {threshold} --alarm-actions {policy} \
             {topic}"
        ));
        Ok(())
    }
}

/// Where the server says that the listener is reached.
async fn front(server: &Server, balancer: &str) -> anyhow::Result<SocketAddr> {
    let deadline = Instant::now() + READY_DEADLINE;
    loop {
        let status = server.status().await?;
        let found = status["load_balancers"].as_array().into_iter().flatten().find(|lb| lb["arn"] == balancer);
        let lb = found.context("the server does not know the load balancer")?;
        anyhow::ensure!(lb["reason"].is_null(), "the load balancer is impaired: {}", lb["reason"]);
        let address = lb["addresses"][0].as_str().and_then(|address| address.parse().ok());
        let url = lb["urls"][0].as_str().unwrap_or("").trim_end_matches('/');
        let port = url.rsplit_once(':').map_or(Some(80), |(_, port)| port.parse().ok().or(Some(80)));
        if let (Some(address), Some(port), true) = (address, port, lb["state"] == "active") {
            return Ok(SocketAddr::new(address, port));
        }
        anyhow::ensure!(Instant::now() < deadline, "the load balancer does not become active");
        tokio::time::sleep(POLL).await;
    }
}

/// 80 where it (or what stands for it without the privilege) is free, else any free port.
fn free_listener_port() -> anyhow::Result<u16> {
    let free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    if free(80) || (crate::wiring::lowest_port() > 80 && free(8080)) {
        return Ok(80);
    }
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
