"""Rules through the `aws` CLI and boto3: several domains on one load balancer, and everything that rules can say (U5, U17).

Only the API is asked here; what becomes of requests is tested with the data plane.
"""

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "simulated"])


@pytest.fixture(scope="module")
def elbv2(goru):
    return goru.client("elbv2")


@pytest.fixture(scope="module")
def vpc(goru):
    return goru.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]


@pytest.fixture(scope="module")
def subnets(goru):
    return [subnet["SubnetId"] for subnet in goru.client("ec2").describe_subnets()["Subnets"][:2]]


def group(elbv2, vpc, name, **more):
    made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", **more)
    return made["TargetGroups"][0]["TargetGroupArn"]


def code(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def listener(elbv2, subnets, name, port=80):
    """A load balancer whose listener says that it knows no such page."""
    balancer = elbv2.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no such site"}}
    made = elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=[action])
    return made["Listeners"][0]["ListenerArn"]


def test_several_domains_share_a_load_balancer(goru, elbv2, vpc, subnets, tmp_path):
    aws = goru.aws
    groups = {name: group(elbv2, vpc, name) for name in ("shop", "blog", "blog-new", "api")}
    web = listener(elbv2, subnets, "domains")
    create = ["elbv2", "create-rule", "--listener-arn", web]
    aws(*create, "--priority", "10", "--conditions", "Field=host-header,Values=shop.example.com",
        "--actions", f"Type=forward,TargetGroupArn={groups['shop']}", "--tags", "Key=Name,Value=shop")
    weighted = tmp_path / "actions.json"
    weighted.write_text(json.dumps([{
        "Type": "forward",
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": groups["blog"], "Weight": 90}, {"TargetGroupArn": groups["blog-new"], "Weight": 10}],
            "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 3600},
        },
    }]))
    hosts = tmp_path / "conditions.json"
    hosts.write_text(json.dumps([{"Field": "host-header", "HostHeaderConfig": {"Values": ["blog.example.com", "*.blog.example.com"]}}]))
    aws(*create, "--priority", "20", "--conditions", f"file://{hosts}", "--actions", f"file://{weighted}")
    transforms = tmp_path / "transforms.json"
    transforms.write_text(json.dumps([{"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/v1/(.*)$", "Replace": "/$1"}]}}]))
    paths = tmp_path / "paths.json"
    paths.write_text(json.dumps([
        {"Field": "host-header", "Values": ["api.example.com"]},
        {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[0-9]+/"]}},
    ]))
    aws(*create, "--priority", "30", "--conditions", f"file://{paths}", "--transforms", f"file://{transforms}",
        "--actions", f"Type=forward,TargetGroupArn={groups['api']}")
    aws(*create, "--priority", "40", "--conditions", "Field=host-header,Values=www.example.com",
        "--actions", "Type=redirect,RedirectConfig={Host=shop.example.com,StatusCode=HTTP_301}")

    found = aws("elbv2", "describe-rules", "--listener-arn", web)["Rules"]
    assert [rule["Priority"] for rule in found] == ["10", "20", "30", "40", "default"]
    assert [rule["Actions"][0]["Type"] for rule in found] == ["forward", "forward", "forward", "redirect", "fixed-response"]
    assert found[0]["Conditions"] == [{"Field": "host-header", "Values": ["shop.example.com"], "HostHeaderConfig": {"Values": ["shop.example.com"]}}]
    assert [one["Weight"] for one in found[1]["Actions"][0]["ForwardConfig"]["TargetGroups"]] == [90, 10]
    assert found[1]["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": True, "DurationSeconds": 3600}
    assert found[2]["Transforms"][0]["UrlRewriteConfig"]["Rewrites"] == [{"Regex": "^/v1/(.*)$", "Replace": "/$1"}]
    assert found[3]["Actions"][0]["RedirectConfig"] == {
        "Protocol": "#{protocol}", "Host": "shop.example.com", "Port": "#{port}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301",
    }
    assert found[4]["IsDefault"] is True and found[4]["Actions"][0]["FixedResponseConfig"]["MessageBody"] == "no such site"
    tags = aws("elbv2", "describe-tags", "--resource-arns", found[0]["RuleArn"])["TagDescriptions"][0]["Tags"]
    assert tags == [{"Key": "Name", "Value": "shop"}]
    used = elbv2.describe_target_groups(LoadBalancerArn=web.rsplit("/", 1)[0].replace(":listener/", ":loadbalancer/"))["TargetGroups"]
    assert {one["TargetGroupName"] for one in used} == set(groups)


def test_rules_change_places_and_are_paged(goru, elbv2, vpc, subnets):
    web, target = listener(elbv2, subnets, "order", 8081), group(elbv2, vpc, "order")
    forward = [{"Type": "forward", "TargetGroupArn": target}]
    arns = []
    for n in range(1, 6):
        condition = [{"Field": "path-pattern", "Values": [f"/{n}"]}]
        rule = elbv2.create_rule(ListenerArn=web, Priority=n, Conditions=condition, Actions=forward)["Rules"][0]
        arns.append(rule["RuleArn"])
    pairs = [f"RuleArn={arns[0]},Priority=5", f"RuleArn={arns[4]},Priority=1"]
    goru.aws("elbv2", "set-rule-priorities", "--rule-priorities", *pairs)
    pages = elbv2.get_paginator("describe_rules").paginate(ListenerArn=web, PaginationConfig={"PageSize": 2})
    order = [rule["RuleArn"] for page in pages for rule in page["Rules"]]
    assert order[:-1] == [arns[4], *arns[1:4], arns[0]]
    default = order[-1]
    assert code(elbv2.create_rule, ListenerArn=web, Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/x"]}], Actions=forward) == "PriorityInUse"
    assert code(elbv2.set_rule_priorities, RulePriorities=[{"RuleArn": arns[0], "Priority": 1}]) == "PriorityInUse"
    assert code(elbv2.delete_rule, RuleArn=default) == "OperationNotPermitted"
    assert code(elbv2.delete_target_group, TargetGroupArn=target) == "ResourceInUse"
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    changed = elbv2.modify_rule(RuleArn=arns[0], Actions=fixed)["Rules"][0]
    assert changed["Conditions"][0]["Values"] == ["/1"] and changed["Actions"][0]["Type"] == "fixed-response"
    for arn in arns:
        elbv2.delete_rule(RuleArn=arn)
    elbv2.delete_target_group(TargetGroupArn=target)
    with pytest.raises(elbv2.exceptions.RuleNotFoundException):
        elbv2.describe_rules(RuleArns=[arns[0]])


def test_what_was_read_can_be_written_again(elbv2, vpc, subnets):
    web, target = listener(elbv2, subnets, "again", 8082), group(elbv2, vpc, "again")
    conditions = [
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24"]}},
    ]
    rule = elbv2.create_rule(ListenerArn=web, Priority=1, Conditions=conditions, Actions=[{"Type": "forward", "TargetGroupArn": target}])["Rules"][0]
    same = elbv2.modify_rule(RuleArn=rule["RuleArn"], Conditions=rule["Conditions"], Actions=rule["Actions"])["Rules"][0]
    assert same == rule
    actions = elbv2.describe_listeners(ListenerArns=[web])["Listeners"][0]["DefaultActions"]
    assert elbv2.modify_listener(ListenerArn=web, DefaultActions=actions)["Listeners"][0]["DefaultActions"] == actions


def test_attributes_are_set_by_the_cli(goru, elbv2, vpc, subnets, tmp_path):
    target = group(elbv2, vpc, "attributes")
    page = tmp_path / "attributes.json"
    page.write_text(json.dumps([
        {"Key": "goru.maintenance.enabled", "Value": "true"},
        {"Key": "goru.maintenance.body", "Value": "<h1>점검 중</h1>\n"},
        {"Key": "stickiness.enabled", "Value": "true"},
        {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
    ]))
    modify = ["elbv2", "modify-target-group-attributes", "--target-group-arn", target, "--attributes"]
    shown = {one["Key"]: one["Value"] for one in goru.aws(*modify, f"file://{page}")["Attributes"]}
    assert shown["goru.maintenance.body"] == "<h1>점검 중</h1>\n" and shown["stickiness.lb_cookie.duration_seconds"] == "86400"
    refused = goru.aws.run(*modify, "Key=slow_start.duration_seconds,Value=30", check=False)
    assert refused.returncode != 0 and "InvalidConfigurationRequest" in refused.stderr and "slow start" in refused.stderr
    web = listener(elbv2, subnets, "attributes", 8083)
    balancer = elbv2.describe_listeners(ListenerArns=[web])["Listeners"][0]["LoadBalancerArn"]
    logs = [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "my-logs"}]
    assert code(elbv2.modify_load_balancer_attributes, LoadBalancerArn=balancer, Attributes=logs) == "InvalidConfigurationRequest"
    (goru.data / "buckets" / "my-logs").mkdir(parents=True)
    shown = elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=logs)["Attributes"]
    assert logs[0] in shown and logs[1] in shown
