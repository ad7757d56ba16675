//! What the demonstration makes, step by step, and the `aws` commands that make the same.

use super::{
    api::{Service, call, value, values},
    server::Server,
};
use anyhow::Context;
use model::ec2::image::{DEFAULT_PORT, SITE_IMAGE};
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::{Duration, Instant},
};

const READY_DEADLINE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// The example architecture.
pub struct Stack {
    api: String,
    target_group: String,
    /// Instance ids, the first is the one that is killed.
    pub instances: Vec<String>,
    /// The load balancer's name.
    pub dns_name: String,
    /// Where it is reached.
    pub front: SocketAddr,
    /// The commands.
    pub commands: Vec<String>,
}

impl Stack {
    /// Makes it and waits until both targets are healthy.
    pub async fn build(server: &Server, say: &impl Fn(&str)) -> anyhow::Result<Self> {
        let api = &server.api;
        let mut commands = Vec::new();
        say("looking for the default VPC and its subnets");
        let zones: Vec<String> = ["a", "c"].map(|letter| format!("{}{letter}", server.region)).to_vec();
        let vpc = value(
            &call(api, Service::Ec2, "DescribeVpcs", &[("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "true")])
                .await?,
            "vpcId",
        )?;
        let mut subnets = Vec::new();
        for zone in &zones {
            let filters = [
                ("Filter.1.Name", "vpc-id"),
                ("Filter.1.Value.1", &vpc),
                ("Filter.2.Name", "availability-zone"),
                ("Filter.2.Value.1", zone),
            ];
            subnets.push(value(&call(api, Service::Ec2, "DescribeSubnets", &filters).await?, "subnetId")?);
        }
        let mut instances = Vec::new();
        for (i, subnet) in subnets.iter().enumerate() {
            let name = format!("web-{}", i + 1);
            say(&format!("launching {name} in {}", zones[i]));
            let parameters = [
                ("ImageId", SITE_IMAGE),
                ("InstanceType", "t2.micro"),
                ("MinCount", "1"),
                ("MaxCount", "1"),
                ("SubnetId", subnet),
                ("TagSpecification.1.ResourceType", "instance"),
                ("TagSpecification.1.Tag.1.Key", "Name"),
                ("TagSpecification.1.Tag.1.Value", &name),
            ];
            instances.push(value(&call(api, Service::Ec2, "RunInstances", &parameters).await?, "instanceId")?);
            commands.push(format!(
                "aws ec2 run-instances --image-id {SITE_IMAGE} --instance-type t2.micro --subnet-id {subnet} \
                 --tag-specifications 'ResourceType=instance,Tags=[{{Key=Name,Value={name}}}]'"
            ));
        }
        wait_running(api, &instances, say).await?;
        say("making a target group and registering both");
        let port = DEFAULT_PORT.to_string();
        let parameters = [
            ("Name", "demo-targets"),
            ("Protocol", "HTTP"),
            ("Port", &port),
            ("VpcId", &vpc),
            ("HealthCheckPath", "/health"),
            ("HealthCheckIntervalSeconds", "5"),
            ("HealthCheckTimeoutSeconds", "2"),
        ];
        let target_group =
            value(&call(api, Service::Elbv2, "CreateTargetGroup", &parameters).await?, "TargetGroupArn")?;
        commands.push(format!(
            "aws elbv2 create-target-group --name demo-targets --protocol HTTP --port {port} --vpc-id {vpc} \
             --health-check-path /health --health-check-interval-seconds 5 --health-check-timeout-seconds 2"
        ));
        let parameters = [
            ("TargetGroupArn", target_group.as_str()),
            ("Targets.member.1.Id", &instances[0]),
            ("Targets.member.2.Id", &instances[1]),
        ];
        call(api, Service::Elbv2, "RegisterTargets", &parameters).await?;
        commands.push(format!(
            "aws elbv2 register-targets --target-group-arn {target_group} --targets Id={} Id={}",
            instances[0], instances[1]
        ));
        say("making a load balancer and its listener");
        let parameters =
            [("Name", "demo"), ("Subnets.member.1", subnets[0].as_str()), ("Subnets.member.2", &subnets[1])];
        let answer = call(api, Service::Elbv2, "CreateLoadBalancer", &parameters).await?;
        let (balancer, dns_name) = (value(&answer, "LoadBalancerArn")?, value(&answer, "DNSName")?);
        commands.push(format!("aws elbv2 create-load-balancer --name demo --subnets {} {}", subnets[0], subnets[1]));
        let port = free_listener_port()?.to_string();
        let parameters = [
            ("LoadBalancerArn", balancer.as_str()),
            ("Protocol", "HTTP"),
            ("Port", &port),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &target_group),
        ];
        call(api, Service::Elbv2, "CreateListener", &parameters).await?;
        commands.push(format!(
            "aws elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTP --port {port} \
             --default-actions Type=forward,TargetGroupArn={target_group}"
        ));
        let front = front(server, &balancer).await?;
        let stack = Self { api: api.clone(), target_group, instances, dns_name, front, commands };
        stack.wait_healthy(say).await?;
        Ok(stack)
    }

    /// What to open in a browser.
    pub fn url(&self) -> String {
        match self.front.port() {
            80 => format!("http://{}/", self.dns_name),
            port => format!("http://{}:{port}/", self.dns_name),
        }
    }

    /// State and description of an instance's target.
    pub async fn health_of(&self, instance: &str) -> anyhow::Result<(String, String)> {
        let parameters = [("TargetGroupArn", self.target_group.as_str()), ("Targets.member.1.Id", instance)];
        let answer = call(&self.api, Service::Elbv2, "DescribeTargetHealth", &parameters).await?;
        let health = value(&answer, "TargetHealth")?;
        Ok((value(&health, "State")?, value(&health, "Description").unwrap_or_default()))
    }

    async fn wait_healthy(&self, say: &impl Fn(&str)) -> anyhow::Result<()> {
        say("waiting until both targets are healthy");
        let deadline = Instant::now() + READY_DEADLINE;
        loop {
            let answer =
                call(&self.api, Service::Elbv2, "DescribeTargetHealth", &[("TargetGroupArn", &self.target_group)])
                    .await?;
            let states: Vec<String> =
                values(&answer, "TargetHealth").iter().filter_map(|health| value(health, "State").ok()).collect();
            if states.len() == self.instances.len() && states.iter().all(|state| state == "healthy") {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "the targets are still {}", states.join(" and "));
            tokio::time::sleep(POLL).await;
        }
    }
}

async fn wait_running(api: &str, instances: &[String], say: &impl Fn(&str)) -> anyhow::Result<()> {
    say("waiting until both instances run");
    let deadline = Instant::now() + READY_DEADLINE;
    loop {
        let parameters = [("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "running")];
        let answer = call(api, Service::Ec2, "DescribeInstances", &parameters).await?;
        let running = values(&answer, "instanceId");
        if instances.iter().all(|id| running.contains(id)) {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < deadline, "the instances do not run");
        tokio::time::sleep(POLL).await;
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
