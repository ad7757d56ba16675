"""boto3's own waiters and paginators for everything that Goru serves: they end, and say what one page says.

Which there are is read from botocore and from `shapes/`; one that nobody wrote a case for fails the last tests here.
"""

import datetime
import pathlib
import tomllib

import botocore.session
import pytest
from botocore.exceptions import WaiterError

from certificates import Authority, self_signed
from conftest import wait_until
from stack import HOST_IMAGE, Stack, images

SERVICES = ("acm", "ec2", "elbv2", "iam", "cloudwatch", "sts")
SHAPES = pathlib.Path(__file__).parent.parent / "shapes"
QUICK = {"Delay": 1, "MaxAttempts": 60}
MINUTES = 30


def served(service):
    return set(tomllib.loads((SHAPES / f"{service}.toml").read_text())["operations"])


def paginated_operations():
    """(service, operation, its paginator's configuration) of all that we serve."""
    session = botocore.session.Session()
    for service in SERVICES:
        try:
            configured = session.get_paginator_model(service)._paginator_config
        except botocore.exceptions.DataNotFoundError:
            continue
        for operation in sorted(served(service) & configured.keys()):
            yield service, operation, configured[operation]


def known_waiters():
    """(service, waiter) of all whose operation we serve."""
    session = botocore.session.Session()
    for service in SERVICES:
        try:
            model = session.get_waiter_model(service)
        except botocore.exceptions.DataNotFoundError:
            continue
        for name in model.waiter_names:
            if model.get_waiter(name).operation in served(service):
                yield service, name


@pytest.fixture(scope="module")
def site(start_shared_goru):
    """A balanced site, and of everything that is listed more than fits on one small page."""
    goru = start_shared_goru(images())
    stack = Stack.build(goru)
    ec2, elbv2, iam = stack.ec2, stack.elbv2, goru.client("iam")
    for i in range(3):
        ec2.create_subnet(VpcId=stack.vpc, CidrBlock=f"172.31.{112 + 16 * i}.0/20")
        ec2.create_vpc(CidrBlock=f"10.{i}.0.0/16")
    for i in range(7):
        ec2.create_security_group(GroupName=f"group-{i}", Description="x", VpcId=stack.vpc)
        tags = [{"ResourceType": "instance", "Tags": [{"Key": f"key-{i}", "Value": "x"}]}]
        stack.launch(HOST_IMAGE, stack.subnets[i % 2], TagSpecifications=tags)
    for i in range(6):
        ec2.create_nat_gateway(SubnetId=stack.subnets[i % 2], ConnectivityType="private")
        ec2.allocate_address()
    ec2.create_key_pair(KeyName="listed", KeyType="ed25519")
    for i in range(3):
        elbv2.create_load_balancer(Name=f"listed-{i}", Subnets=stack.subnets)
        elbv2.create_target_group(Name=f"listed-{i}", Protocol="HTTP", Port=80, VpcId=stack.vpc)
        iam.create_user(UserName=f"user-{i}")
        ec2.create_launch_template(LaunchTemplateName=f"template-{i}", LaunchTemplateData={"InstanceType": "t2.micro"})
        ec2.create_launch_template_version(LaunchTemplateName="template-0", LaunchTemplateData={"InstanceType": "t2.micro"})
    stack.more_listeners = [stack.listen(port) for port in (stack.listener_port + 1, stack.listener_port + 2)]
    put_rules(stack)
    put_certificates(goru, stack)
    iam.create_access_key(UserName="user-0")
    iam.create_access_key(UserName="user-0")
    iam.tag_user(UserName="user-0", Tags=[{"Key": f"key-{i}", "Value": "x"} for i in range(3)])
    stack.began = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=MINUTES)
    put_metrics(goru.client("cloudwatch"), stack.began)
    put_alarms(goru.client("cloudwatch"))
    wait_until(lambda: all_running(ec2), what="nine running instances")
    ec2.get_waiter("nat_gateway_available").wait(WaiterConfig=QUICK)
    return stack


def put_rules(stack):
    forward = [{"Type": "forward", "TargetGroupArn": stack.group}]
    for i in range(2):
        condition = [{"Field": "path-pattern", "Values": [f"/listed-{i}"]}]
        stack.elbv2.create_rule(ListenerArn=stack.listener, Priority=i + 1, Conditions=condition, Actions=forward)


def put_certificates(goru, stack):
    """Three certificates of ACM and of IAM, three trust stores, the first with three revocation lists."""
    acm, iam, authority = goru.client("acm"), goru.client("iam"), Authority("Listed")
    bucket = goru.data / "buckets" / "listed"
    bucket.mkdir(parents=True)
    (bucket / "bundle.pem").write_text(authority.certificate)
    (bucket / "revoked.crl").write_text(authority.revoke(1))
    stores = []
    for i in range(3):
        made = self_signed(f"listed-{i}.example.com", kind="rsa")
        acm.import_certificate(Certificate=made.certificate, PrivateKey=made.key)
        iam.upload_server_certificate(ServerCertificateName=f"listed-{i}", CertificateBody=made.certificate, PrivateKey=made.key)
        bundle = {"CaCertificatesBundleS3Bucket": "listed", "CaCertificatesBundleS3Key": "bundle.pem"}
        stores += stack.elbv2.create_trust_store(Name=f"listed-{i}", **bundle)["TrustStores"]
    iam.tag_server_certificate(ServerCertificateName="listed-0", Tags=[{"Key": f"key-{i}", "Value": "x"} for i in range(3)])
    stack.trust_store = stores[0]["TrustStoreArn"]
    lists = [{"S3Bucket": "listed", "S3Key": "revoked.crl"}] * 3
    stack.elbv2.add_trust_store_revocations(TrustStoreArn=stack.trust_store, RevocationContents=lists)


def put_metrics(cloudwatch, began):
    """505 metrics, which is more than a page, one of them with a point in each minute."""
    data = [{"MetricName": f"metric-{i:03}", "Value": 1.0} for i in range(504)]
    minutes = [began + datetime.timedelta(minutes=i) for i in range(MINUTES)]
    data += [{"MetricName": "steady", "Value": float(i), "Timestamp": minute} for i, minute in enumerate(minutes)]
    cloudwatch.put_metric_data(Namespace="E2E", MetricData=data)


def put_alarms(cloudwatch):
    for i in range(3):
        cloudwatch.put_metric_alarm(
            AlarmName=f"alarm-{i}", Namespace="E2E", MetricName="steady", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )
    cloudwatch.put_composite_alarm(AlarmName="any-alarm", AlarmRule="ALARM(alarm-0) OR ALARM(alarm-1)")


def all_running(ec2):
    statuses = ec2.describe_instance_status(IncludeAllInstances=True)["InstanceStatuses"]
    return len(statuses) == 9 and all(
        (one["InstanceState"]["Name"], one["InstanceStatus"]["Status"], one["SystemStatus"]["Status"]) == ("running", "ok", "ok")
        for one in statuses
    )


# --- paginators


def parameters(stack):
    """What an operation must be told; everything else is listed whole."""
    query = {"Id": "m", "MetricStat": {"Metric": {"Namespace": "E2E", "MetricName": "steady"}, "Period": 60, "Stat": "Sum"}}
    return {
        "DescribeListeners": {"LoadBalancerArn": stack.balancer},
        "DescribeListenerCertificates": {"ListenerArn": stack.listener},
        "DescribeRules": {"ListenerArn": stack.listener},
        "DescribeTrustStoreAssociations": {"TrustStoreArn": stack.trust_store},
        "DescribeTrustStoreRevocations": {"TrustStoreArn": stack.trust_store},
        "DescribeLaunchTemplateVersions": {"LaunchTemplateName": "template-0"},
        "ListAccessKeys": {"UserName": "user-0"},
        "ListServerCertificateTags": {"ServerCertificateName": "listed-0"},
        "ListUserTags": {"UserName": "user-0"},
        "ListMetrics": {"Namespace": "E2E"},
        "GetMetricData": {
            "MetricDataQueries": [query], "StartTime": stack.began, "EndTime": stack.began + datetime.timedelta(minutes=MINUTES),
        },
    }


# The largest page, where botocore does not know AWS's.
LARGEST = {"DescribeLaunchTemplateVersions": 200}
# How many there are, where that is fewer than fit on the smallest page that AWS allows.
FEW = {
    "DescribeVpcs": 4, "DescribeInternetGateways": 1, "DescribeRouteTables": 4, "DescribeNetworkAcls": 4,
    "DescribeListenerCertificates": 0, "DescribeTrustStoreAssociations": 0,
}


def listed(pages, keys):
    """All items of all pages, by result key."""
    found = {key: [] for key in keys}
    for page in pages:
        for key in keys:
            found[key] += page.get(key, [])
    return merged(found)


def merged(found):
    """A result of GetMetricData that goes on on the next page is one result."""
    if "MetricDataResults" not in found:
        return found
    results = {}
    for part in found["MetricDataResults"]:
        whole = results.setdefault(part["Id"], {"Timestamps": [], "Values": []})
        whole["Timestamps"] += part["Timestamps"]
        whole["Values"] += part["Values"]
    return {**found, "MetricDataResults": [results]}


def size_of(page, key):
    items = page.get(key, [])
    return sum(len(one["Values"]) for one in items) if key == "MetricDataResults" else len(items)


CASES = [pytest.param(*case, id=f"{case[0]}-{case[1]}") for case in paginated_operations()]


@pytest.mark.parametrize(("service", "operation", "configured"), CASES)
def test_pages_of_any_size_hold_what_one_page_holds(site, service, operation, configured):
    client = site.goru.client(service)
    method = botocore.xform_name(operation)
    model = client.meta.service_model.operation_model(operation)
    arguments = parameters(site).get(operation, {})
    keys = configured["result_key"]
    keys = keys if isinstance(keys, list) else [keys]
    paginator = client.get_paginator(method)

    by_default = listed(paginator.paginate(**arguments), keys)
    if limit_key := configured.get("limit_key"):
        limits = model.input_shape.members[limit_key].metadata
        smallest, largest = limits.get("min", 1), limits.get("max", LARGEST.get(operation, 1000))
        whole = listed([getattr(client, method)(**arguments, **{limit_key: largest})], keys)
        assert by_default == whole
        pages = list(paginator.paginate(**arguments, PaginationConfig={"PageSize": smallest}))
        assert listed(pages, keys) == whole
        sizes = [size_of(page, keys[0]) for page in pages]
        assert max(sizes) <= smallest, sizes
        assert all(sizes[:-1]), "only the last page may be empty"
        total = sum(sizes)
        assert total == FEW[operation] if operation in FEW else total > smallest, (total, smallest)
    else:
        pages = list(paginator.paginate(**arguments))
        assert len(pages) > 1 and listed(pages, keys) == by_default
    names = [str(item) for item in by_default[keys[0]]]
    assert len(names) == len(set(names)), "nothing is listed twice"


def test_list_metrics_lists_all_of_them(site):
    pages = site.goru.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="E2E")
    names = [metric["MetricName"] for page in pages for metric in page["Metrics"]]
    assert sorted(names) == sorted(["steady", *(f"metric-{i:03}" for i in range(504))])


# --- waiters


def new_instance(stack):
    return stack.launch(HOST_IMAGE, stack.subnets[0])


def stopped(stack):
    id = new_instance(stack)
    stack.ec2.get_waiter("instance_running").wait(InstanceIds=[id], WaiterConfig=QUICK)
    stack.ec2.stop_instances(InstanceIds=[id])
    return {"InstanceIds": [id]}


def terminated(stack):
    id = new_instance(stack)
    stack.ec2.get_waiter("instance_running").wait(InstanceIds=[id], WaiterConfig=QUICK)
    stack.ec2.terminate_instances(InstanceIds=[id])
    return {"InstanceIds": [id]}


def gateway(stack):
    return {"InternetGatewayIds": [stack.ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]]}


def new_nat_gateway(stack):
    """A private one, in the zone with room for two more."""
    made = stack.ec2.create_nat_gateway(SubnetId=stack.subnets[1], ConnectivityType="private")
    return {"NatGatewayIds": [made["NatGateway"]["NatGatewayId"]]}


def deleted_nat_gateway(stack):
    made = new_nat_gateway(stack)
    stack.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayIds"][0])
    return made


def nat_gateway_without_a_way_out(stack):
    """A public one in a VPC that has no internet gateway."""
    vpc = stack.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = stack.ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    allocation = stack.ec2.allocate_address()["AllocationId"]
    made = stack.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)
    return {"NatGatewayIds": [made["NatGateway"]["NatGatewayId"]]}


def deregistered(stack):
    """An address that was registered for a moment in a group that nobody uses."""
    group = stack.elbv2.create_target_group(Name="deregistered", Protocol="HTTP", Port=80, VpcId=stack.vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}]
    stack.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=delay)
    targets = [{"Id": "172.31.0.9", "Port": 80}]
    stack.elbv2.register_targets(TargetGroupArn=arn, Targets=targets)
    stack.elbv2.deregister_targets(TargetGroupArn=arn, Targets=targets)
    return {"TargetGroupArn": arn, "Targets": targets}


def deleted_balancer(stack):
    made = stack.elbv2.create_load_balancer(Name="deleted", Subnets=stack.subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    stack.elbv2.delete_load_balancer(LoadBalancerArn=made)
    return {"LoadBalancerArns": [made]}


# Waiter -> what it waits for, made in the moment before.
WAITERS = {
    "AlarmExists": lambda stack: {"AlarmNames": ["alarm-0"]},
    "CompositeAlarmExists": lambda stack: {"AlarmNames": ["any-alarm"], "AlarmTypes": ["CompositeAlarm"]},
    "ImageAvailable": lambda stack: {"ImageIds": [HOST_IMAGE]},
    "ImageExists": lambda stack: {"ImageIds": [HOST_IMAGE]},
    "InstanceExists": lambda stack: {"InstanceIds": [new_instance(stack)]},
    "InstanceRunning": lambda stack: {"InstanceIds": [new_instance(stack)]},
    "InstanceStatusOk": lambda stack: {"InstanceIds": [new_instance(stack)]},
    "InstanceStopped": stopped,
    "InstanceTerminated": terminated,
    "InternetGatewayExists": gateway,
    "KeyPairExists": lambda stack: {"KeyNames": ["listed"]},
    "NatGatewayAvailable": new_nat_gateway,
    "NatGatewayDeleted": deleted_nat_gateway,
    "SecurityGroupExists": lambda stack: {"GroupNames": ["group-0"]},
    "SubnetAvailable": lambda stack: {"SubnetIds": stack.subnets},
    "SystemStatusOk": lambda stack: {"InstanceIds": [new_instance(stack)]},
    "VpcAvailable": lambda stack: {"VpcIds": [stack.vpc]},
    "VpcExists": lambda stack: {"VpcIds": [stack.vpc]},
    "LoadBalancerAvailable": lambda stack: {"LoadBalancerArns": [stack.balancer]},
    "LoadBalancerExists": lambda stack: {"Names": [stack.name]},
    "LoadBalancersDeleted": deleted_balancer,
    "ServerCertificateExists": lambda stack: {"ServerCertificateName": "listed-0"},
    "TargetDeregistered": deregistered,
    "TargetInService": lambda stack: {"TargetGroupArn": stack.group},
    "UserExists": lambda stack: {"UserName": "user-0"},
}
# Waiter -> what it must give up on at once, and the state or code that it says then.
FAILURES = {
    # Certificates that are imported are not validated, as on AWS.
    "CertificateValidated": (
        lambda stack: {"CertificateArn": f"arn:aws:acm:{stack.goru.region}:{stack.goru.account}:certificate/none"}, "ResourceNotFoundException",
    ),
    "InstanceRunning": (terminated, "shutting-down|terminated"),
    "InstanceStopped": (terminated, "terminated|shutting-down"),
    "NatGatewayAvailable": (nat_gateway_without_a_way_out, "Gateway.NotAttached"),
    "NetworkInterfaceAvailable": (lambda stack: {"NetworkInterfaceIds": ["eni-00000000000000000"]}, "InvalidNetworkInterfaceID.NotFound"),
}
# Waiters for what Goru never has.
NOTHING_THERE = {"LogAlarmExists": {"AlarmNames": ["alarm-0"], "AlarmTypes": ["LogAlarm"]}}
KNOWN = list(known_waiters())


@pytest.mark.parametrize(("service", "name"), [case for case in KNOWN if case[1] in WAITERS])
def test_a_waiter_ends_when_what_it_waits_for_is_there(site, service, name):
    waiter = site.goru.client(service).get_waiter(botocore.xform_name(name))
    waiter.wait(**WAITERS[name](site), WaiterConfig=QUICK)


@pytest.mark.parametrize(("service", "name"), [case for case in KNOWN if case[1] in FAILURES])
def test_a_waiter_gives_up_on_what_will_never_be(site, service, name):
    make, expected = FAILURES[name]
    arguments = make(site)
    with pytest.raises(WaiterError) as failed:
        site.goru.client(service).get_waiter(botocore.xform_name(name)).wait(**arguments, WaiterConfig=QUICK)
    assert "terminal failure" in str(failed.value), failed.value
    shown = str(failed.value) + str(failed.value.last_response)
    assert any(word in shown for word in expected.split("|")), shown


@pytest.mark.parametrize(("service", "name"), [case for case in KNOWN if case[1] in NOTHING_THERE])
def test_a_waiter_waits_in_vain_for_what_goru_does_not_have(site, service, name):
    waiter = site.goru.client(service).get_waiter(botocore.xform_name(name))
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        waiter.wait(**NOTHING_THERE[name], WaiterConfig={"Delay": 0, "MaxAttempts": 2})


def test_every_waiter_of_what_we_serve_has_a_case():
    missing = {name for _, name in KNOWN} - WAITERS.keys() - FAILURES.keys() - NOTHING_THERE.keys()
    assert not missing
    assert len(KNOWN) >= 20


def test_every_paginator_of_what_we_serve_is_tried():
    operations = {case.values[1] for case in CASES}
    assert {"DescribeInstances", "DescribeSecurityGroups", "DescribeLoadBalancers", "ListUsers", "GetMetricData"} <= operations
    assert len(operations) >= 25
