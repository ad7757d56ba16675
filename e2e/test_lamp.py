"""A web server with PHP on Debian, as seed 004 makes it: installed once, an image of it, copies behind a load balancer (U22, U44)."""

from conftest import free_ports, wait_until
from debian import needs_debian
from sessions import logged_in, make_sticky
from stack import INTERVAL, THRESHOLD, TIMEOUT, Stack, needs_sandboxes
from vpcs import QUICK, Vpc, admit, get, launch, namespace_of, second_zone

pytestmark = [needs_sandboxes, needs_debian]

DEBIAN_IMAGE = "ami-0e2e0000000000005"
# What systemd would start; the image has none that runs.
BOOT = "mkdir -p /run/php && php-fpm$(php -r 'echo PHP_MAJOR_VERSION.chr(46).PHP_MINOR_VERSION;') && exec nginx -g 'daemon off;'"
# What an administrator does once: PHP listens where nginx sends to, and a site with a log-in, which keeps its sessions as PHP
# does by default, in files.
INSTALLED_ONCE = r"""#!/bin/sh
set -e
sed -i 's|^listen = .*|listen = 127.0.0.1:9000|' /etc/php/*/fpm/pool.d/www.conf
cat > /etc/nginx/sites-available/default <<'END'
server {
    listen 80 default_server;
    root /var/www/html;
    location ~ ^/(login|me|health)$ {
        include fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $document_root$uri.php;
        fastcgi_pass 127.0.0.1:9000;
    }
}
END
cat > /var/www/html/login.php <<'END'
<?php session_start(); $_SESSION['user'] = $_GET['user']; header('X-Instance-Id: ' . gethostname()); echo 'welcome';
END
cat > /var/www/html/me.php <<'END'
<?php session_start(); header('X-Instance-Id: ' . gethostname());
if (!isset($_SESSION['user'])) { http_response_code(401); exit('nobody'); }
echo $_SESSION['user'];
END
echo '<?php header("X-Instance-Id: " . gethostname()); echo "well, says PHP ", PHP_VERSION;' > /var/www/html/health.php
echo installed
"""


class Lamp(Stack):
    """Copies of an image in a group over two private subnets, behind a load balancer in two public ones."""

    def __init__(self, goru, vpc, image, copies):
        super().__init__(goru, "lamp")
        ec2, autoscaling = self.ec2, goru.client("autoscaling")
        self.vpc, self.port, self.listener_port = vpc.id, 80, free_ports()[0]
        second = second_zone(ec2, vpc)
        vpc.table(second, GatewayId=vpc.gateway)
        front = ec2.create_security_group(GroupName="front", Description="front", VpcId=vpc.id)["GroupId"]
        admit(ec2, front, self.listener_port)
        servers = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc.id)["GroupId"]
        admit(ec2, servers, self.port, UserIdGroupPairs=[{"GroupId": front}])
        balancer = self.elbv2.create_load_balancer(Name=self.name, Subnets=[vpc.public, second], SecurityGroups=[front])["LoadBalancers"][0]
        self.balancer, self.dns_name = balancer["LoadBalancerArn"], balancer["DNSName"]
        made = self.elbv2.create_target_group(
            Name=self.name, Protocol="HTTP", Port=self.port, VpcId=vpc.id, HealthCheckPath="/health",
            HealthCheckIntervalSeconds=INTERVAL, HealthCheckTimeoutSeconds=TIMEOUT,
            HealthyThresholdCount=THRESHOLD, UnhealthyThresholdCount=THRESHOLD,
        )
        self.group = made["TargetGroups"][0]["TargetGroupArn"]
        self.listener = self.listen(self.listener_port)
        ec2.create_launch_template(
            LaunchTemplateName=self.name, LaunchTemplateData={"ImageId": image, "InstanceType": "t2.micro", "SecurityGroupIds": [servers]}
        )
        subnets = [vpc.private, second_zone(ec2, vpc, "10.0.3.0/24")]
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=self.name, MinSize=copies, MaxSize=copies, TargetGroupARNs=[self.group],
            LaunchTemplate={"LaunchTemplateName": self.name}, VPCZoneIdentifier=",".join(subnets),
        )
        wait_until(lambda: list(self.states().values()) == ["healthy"] * copies, what=f"{copies} healthy copies")
        self.address, self.front_port = self.front()


def test_seed_004_copies_of_a_server_with_php_share_its_visitors_and_keep_those_who_log_in(sandboxes, debian, tmp_path):
    image = f'[[images]]\nid = "{DEBIAN_IMAGE}"\nname = "debian"\nsource = "rootfs:{debian}"\nboot = """{BOOT}"""\nport = 80\n'
    goru = sandboxes(f'public_addresses = ["127.0.0.1"]\n{image}')
    vpc = Vpc(ec2 := goru.client("ec2"))
    [server] = launch(ec2, vpc.private, [vpc.group], INSTALLED_ONCE, DEBIAN_IMAGE)
    id, inside = server["InstanceId"], namespace_of(server["InstanceId"])
    wait_until(lambda: "installed\n" in ec2.get_console_output(InstanceId=id)["Output"], what="the end of the installation")
    wait_until(lambda: "well, says PHP" in get(inside, "127.0.0.1", 80, path="/health"), what="PHP on the server itself")
    made = ec2.create_image(InstanceId=id, Name="ami-tutorial")["ImageId"]
    ec2.get_waiter("image_available").wait(ImageIds=[made], WaiterConfig=QUICK)
    ec2.terminate_instances(InstanceIds=[id])
    site = Lamp(goru, vpc, made, copies=2)
    assert len({site.who("/health") for _ in range(6)}) == 2, "both copies answer"
    # Each copy has sessions of its own: without stickiness every other request meets the one that knows nobody.
    without = logged_in(site, tmp_path / "without", 8)
    assert sorted(set(without)) == ["200", "401"], without
    for kind, more in [("lb_cookie", {}), ("app_cookie", {"stickiness.app_cookie.cookie_name": "PHPSESSID"})]:
        make_sticky(site, kind, **more)
        assert logged_in(site, tmp_path / kind, 12) == ["200"] * 12
