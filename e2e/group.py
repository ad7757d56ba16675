"""An Auto Scaling group behind a load balancer, for tests of what it does by itself."""

import datetime
import json

from conftest import free_ports, wait_until
from stack import INTERVAL, THRESHOLD, TIMEOUT, Stack, image_port


class Group(Stack):
    """A stack whose instances are a group's. `build_group` makes it."""

    @classmethod
    def build_group(cls, goru, image, size, name="web", most=None, delay=1, zones=("a", "c"), template=None, **group):
        self = cls(goru, name)
        self.autoscaling = goru.client("autoscaling")
        self.subnets = self.subnets_of(*zones)
        self.vpc = self.ec2.describe_subnets(SubnetIds=self.subnets[:1])["Subnets"][0]["VpcId"]
        self.port = image_port(goru)
        made = self.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=self.port, VpcId=self.vpc, HealthCheckPath=group.pop("health_path", "/health"),
            HealthCheckIntervalSeconds=INTERVAL, HealthCheckTimeoutSeconds=TIMEOUT,
            HealthyThresholdCount=THRESHOLD, UnhealthyThresholdCount=THRESHOLD,
        )
        self.group = made["TargetGroups"][0]["TargetGroupArn"]
        drain = [{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}]
        self.elbv2.modify_target_group_attributes(TargetGroupArn=self.group, Attributes=drain)
        self.make_balancer()
        self.listener_port = free_ports()[0]
        self.listener = self.listen(self.listener_port)
        self.ec2.create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData={"ImageId": image, "InstanceType": "t2.micro", **(template or {})}
        )
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=most or 2 * size, DesiredCapacity=size,
            LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
            VPCZoneIdentifier=",".join(self.subnets), TargetGroupARNs=[self.group], **group,
        )
        self.wait_for_healthy(size)
        self.address, self.front_port = self.front()
        return self

    def describe(self):
        return self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"][0]

    def members(self, state="InService"):
        """Ids of the members in a lifecycle state."""
        return {one["InstanceId"] for one in self.describe()["Instances"] if one["LifecycleState"] == state}

    def healthy(self):
        """Members in service that the load balancer calls healthy."""
        states = self.states()
        return {id for id in self.members() if states.get(id) == "healthy"}

    def wait_for_healthy(self, count, without=(), deadline=60):
        """Waits until exactly `count` members are in service, all of them healthy and none of `without`."""

        def reached():
            found = self.healthy()
            assert len(found) == count and found == self.members() and not found & set(without), (found, self.states())
            return found

        return wait_until(reached, deadline, f"{count} healthy members", interval=0.1)

    def activities(self):
        found = self.autoscaling.describe_scaling_activities(AutoScalingGroupName=self.name, MaxRecords=100)
        return found["Activities"]

    def new_version(self, image, **data):
        """A new version of the launch template; returns its number."""
        made = self.ec2.create_launch_template_version(
            LaunchTemplateName=self.name, LaunchTemplateData={"ImageId": image, "InstanceType": "t2.micro", **data}
        )
        return made["LaunchTemplateVersion"]["VersionNumber"]

    def refresh(self):
        return self.autoscaling.describe_instance_refreshes(AutoScalingGroupName=self.name)["InstanceRefreshes"][0]

    def wait_for_refresh(self, *statuses, deadline=120):
        def reached():
            found = self.refresh()
            assert found["Status"] in statuses, json.dumps(found, default=str)
            return found

        return wait_until(reached, deadline, f"the refresh to be {statuses}", interval=0.2)


def seconds_between(first, second):
    return (second - first) / datetime.timedelta(seconds=1)
