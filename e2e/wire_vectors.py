#!/usr/bin/env python3
"""Test vectors between Goru's wire layer and the real botocore, in both directions.

    wire_vectors.py write   lets botocore serialize and sign requests, and writes them with what they mean to
                            crates/wire/tests/vectors/{requests,signatures,outputs}.json
    wire_vectors.py check   lets botocore parse Goru's answers in crates/wire/tests/vectors/answers.json (written by
                            the tests of crates/api with WRITE_VECTORS=1) and compares them with outputs.json

No network is touched: a request is caught before it is sent. Works with whatever botocore is installed.

Values in the files are in one plain form, whatever the protocol: a timestamp is its milliseconds since the epoch, bytes
are base64, numbers that JSON lacks are the words NaN, Infinity and -Infinity.
"""

import base64
import datetime
import json
import math
import pathlib
import sys
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.parsers
import botocore.session

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "crates" / "wire" / "tests" / "vectors"
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
REGION = "eu-central-1"
ENDPOINT = "http://localhost:4588"
ACCESS_KEY = "AKIAGORUGORUGORUGORU"
# Made up for these files; the slash and the plus are there because some signers trip over them.
SECRET = "goru/only+for/tests/0123456789abcdefghij"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////wEaDG+session/token="


def when(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)


# (name, service, protocol or None for botocore's own choice, operation, parameters)
CALLS = [
    ("target_group", "elbv2", None, "CreateTargetGroup", {
        "Name": "web-1", "Protocol": "HTTP", "Port": 3000, "VpcId": "vpc-0123456789abcdef0", "TargetType": "instance",
        "HealthCheckEnabled": True, "HealthCheckPath": "/a b?c=d&e=+%2f", "Matcher": {"HttpCode": "200-299,301"},
        "Tags": [{"Key": "Name", "Value": "wäb \U00010348 <&>"}, {"Key": "empty", "Value": ""}]}),
    ("targets", "elbv2", None, "RegisterTargets", {
        "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-1/0123456789abcdef",
        "Targets": [{"Id": "i-%d" % index, "Port": index} for index in range(1, 13)]}),
    ("listener", "elbv2", None, "CreateListener", {
        "LoadBalancerArn": "arn", "Protocol": "HTTP", "Port": 80, "DefaultActions": [{"Type": "forward", "Order": 1,
            "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "a", "Weight": 1}, {"TargetGroupArn": "b"}]}}]}),
    ("empty_list", "elbv2", None, "DescribeTargetGroups", {"Names": [], "PageSize": 1}),
    ("no_input", "sts", None, "GetCallerIdentity", {}),
    ("user", "iam", None, "CreateUser", {"UserName": "ann", "Path": "/x/", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("filters", "ec2", None, "DescribeInstances", {
        "Filters": [{"Name": "tag:Name", "Values": ["a*", "b"]}, {"Name": "instance-state-name", "Values": ["running"]}],
        "MaxResults": 5, "DryRun": False}),
    ("run", "ec2", None, "RunInstances", {
        "ImageId": "ami-1", "MinCount": 1, "MaxCount": 2, "InstanceType": "t3.micro", "SubnetId": "subnet-1",
        "SecurityGroupIds": ["sg-1", "sg-2"], "UserData": "#!/bin/sh\necho \u00e4\n", "ClientToken": "token-1",
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}]}),
    ("ingress", "ec2", None, "AuthorizeSecurityGroupIngress", {
        "GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
            "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]}, {"IpProtocol": "-1"}]}),
] + [
    (name, "cloudwatch", protocol, operation, parameters)
    for protocol in ("json", "query", "smithy-rpc-v2-cbor")
    for name, operation, parameters in [
        ("put", "PutMetricData", {"Namespace": "Goru/Test", "MetricData": [
            {"MetricName": "Load", "Value": 0.00001, "Unit": "Percent", "Timestamp": when("2026-01-02T03:00:00"),
             "Dimensions": [{"Name": "Host", "Value": "h1"}, {"Name": "Zone", "Value": "\u00e4"}]},
            {"MetricName": "Latency", "Values": [1.0, 2.5, 1e22], "Counts": [1.0, 2.0, 3.0], "StorageResolution": 1},
            {"MetricName": "Sizes", "StatisticValues": {"SampleCount": 3, "Sum": 6.5, "Minimum": -1.5, "Maximum": 5}}]}),
        ("special", "PutMetricData", {"Namespace": "N", "MetricData": [
            {"MetricName": "a", "Value": float("inf")}, {"MetricName": "b", "Value": float("-inf")},
            {"MetricName": "c", "Value": float("nan")}]}),
        ("statistics", "GetMetricStatistics", {
            "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "StartTime": when("2026-01-01T00:00:00"),
            "EndTime": when("2026-01-02T00:00:00"), "Period": 300, "Statistics": ["Average", "Maximum"],
            "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}]}),
        ("data", "GetMetricData", {
            "StartTime": when("2026-01-01T00:00:00"), "EndTime": when("2026-01-02T00:00:00"), "ScanBy": "TimestampAscending",
            "MetricDataQueries": [{"Id": "m1", "ReturnData": True, "MetricStat": {
                "Metric": {"Namespace": "N", "MetricName": "M", "Dimensions": []}, "Period": 60, "Stat": "p99"}}]}),
        ("list", "ListMetrics", {}),
    ]
]

# (name, service, protocol, operation, output in the plain form)
OUTPUTS = [
    ("target_groups", "elbv2", "query", "DescribeTargetGroups", {
        "TargetGroups": [
            {"TargetGroupArn": "arn:1", "TargetGroupName": "w<e>b&\"'", "Protocol": "HTTP", "Port": 80,
             "HealthCheckEnabled": True, "Matcher": {"HttpCode": "200"}, "LoadBalancerArns": ["arn:a", "arn:b"]},
            {"TargetGroupArn": "arn:2", "LoadBalancerArns": [], "HealthCheckEnabled": False}],
        "NextMarker": " \u00e4\U00010348\t\n "}),
    ("load_balancers", "elbv2", "query", "DescribeLoadBalancers", {
        "LoadBalancers": [{"LoadBalancerName": "a", "CreatedTime": 1767323045123, "State": {"Code": "active"},
                           "AvailabilityZones": [{"ZoneName": "eu-central-1a", "SubnetId": "subnet-1"}]}]}),
    ("nothing", "elbv2", "query", "DeleteTargetGroup", {}),
    ("identity", "sts", "query", "GetCallerIdentity", {"UserId": "u", "Account": "123456789012", "Arn": "arn:x"}),
    ("key", "iam", "query", "CreateAccessKey", {"AccessKey": {
        "UserName": "ann", "AccessKeyId": "AKIA", "Status": "Active", "SecretAccessKey": "s/+=", "CreateDate": 1767323045000}}),
    ("instances", "ec2", "ec2", "DescribeInstances", {"Reservations": [
        {"ReservationId": "r-1", "Groups": [], "Instances": [
            {"InstanceId": "i-1", "State": {"Code": 16, "Name": "running"}, "LaunchTime": 1767323045000,
             "PrivateIpAddress": "172.31.0.5", "SourceDestCheck": True, "EbsOptimized": False,
             "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "default"}],
             "Placement": {"AvailabilityZone": "eu-central-1a"}, "Tags": [{"Key": "Name", "Value": "web"}]}]}],
        "NextToken": "t"}),
    ("vpcs", "ec2", "ec2", "DescribeVpcs", {"Vpcs": []}),
] + [
    (name, "cloudwatch", protocol, operation, output)
    for protocol in ("json", "query", "smithy-rpc-v2-cbor")
    for name, operation, output in [
        ("statistics", "GetMetricStatistics", {"Label": "CPUUtilization", "Datapoints": [
            {"Timestamp": 1767323045000, "Average": 0.1, "SampleCount": 5.0, "Unit": "Percent"},
            {"Timestamp": 1767323045123, "Maximum": 1e22, "Minimum": -1e-07}]}),
        ("data", "GetMetricData", {"MetricDataResults": [
            {"Id": "m1", "Label": "l", "Timestamps": [1767323045000, 1767323105000], "Values": [1.0, 2.5],
             "StatusCode": "Complete"}], "Messages": []}),
        ("put", "PutMetricData", {}),
    ]
]

# (name, service, protocol, operation, status, code, name in JSON and CBOR or None, message)
ERRORS = [
    ("not_found", "elbv2", "query", "DescribeTargetGroups", 400, "TargetGroupNotFound", None, "no <group> & \u00e4"),
    ("no_vpc", "ec2", "ec2", "DescribeVpcs", 400, "InvalidVpcID.NotFound", None, "no vpc-1"),
] + [
    ("invalid", "cloudwatch", protocol, "PutMetricData", 400, "InvalidParameterValue", "InvalidParameterValueException", "bad")
    for protocol in ("json", "query", "smithy-rpc-v2-cbor")
]


class Caught(Exception):
    """Carries a prepared request out of botocore before it is sent."""

    def __init__(self, request):
        super().__init__("caught")
        self.request = request


class OneProtocol:
    """A data loader that leaves a service only one of its protocols."""

    def __init__(self, loader, protocol):
        self._loader = loader
        self._protocol = protocol

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def load_service_model(self, service, type_name, api_version=None):
        model = self._loader.load_service_model(service, type_name, api_version)
        if type_name == "service-2" and self._protocol:
            model["metadata"]["protocol"] = self._protocol
            model["metadata"]["protocols"] = [self._protocol]
        return model


def make_client(service, protocol, token=None):
    session = botocore.session.Session()
    loader = OneProtocol(session.get_component("data_loader"), protocol)
    session.register_component("data_loader", loader)
    client = session.create_client(
        service, region_name=REGION, endpoint_url=ENDPOINT, aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET, aws_session_token=token,
    )

    def catch(request, **_):
        raise Caught(request)

    client.meta.events.register("before-send", catch)
    return client


def freeze_time():
    if hasattr(botocore.auth, "get_current_datetime"):
        botocore.auth.get_current_datetime = lambda *_, **__: NOW.replace(tzinfo=None)


def method_name(client, operation):
    return next(name for name, found in client.meta.method_to_api_mapping.items() if found == operation)


def http_parts(method, url, headers, body):
    """The request without the headers that change with every machine and call and that no signature covers."""
    split = urllib.parse.urlsplit(url)
    if isinstance(body, str):
        body = body.encode()
    default_port = {"http": 80, "https": 443}[split.scheme]
    # HTTP clients leave the default port out of Host, and so does the signature.
    pairs = [["host", split.hostname if split.port == default_port else split.netloc]]
    for name, value in headers.items():
        if name.lower() not in ("host", "user-agent", "x-amz-user-agent", "amz-sdk-invocation-id", "amz-sdk-request"):
            pairs.append([name.lower(), value.decode() if isinstance(value, bytes) else str(value)])
    return {
        "method": method, "path": split.path or "/", "query": split.query, "headers": pairs,
        "body": base64.b64encode(body or b"").decode(),
    }


def signer(parts, service, token=None):
    sent_at = dict(parts["headers"]).get("x-amz-date") or urllib.parse.parse_qs(parts["query"])["X-Amz-Date"][0]
    return {"access_key": ACCESS_KEY, "secret": SECRET, "token": token, "service": service, "region": REGION, "time": sent_at}


def plain(value, shape):
    """A value of botocore in the plain form."""
    kind = shape.type_name
    if kind == "structure":
        members = {name: plain(inner, shape.members[name]) for name, inner in value.items() if name in shape.members}
        return {name: inner for name, inner in members.items() if inner is not None}
    if kind == "list":
        return [plain(inner, shape.member) for inner in value]
    if kind == "map":
        return {key: plain(inner, shape.value) for key, inner in value.items()}
    if kind == "timestamp":
        return round(value.timestamp() * 1000)
    if kind == "blob":
        return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    if kind in ("float", "double"):
        return plain_number(float(value))
    return value


def plain_number(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def request_vector(name, service, protocol, operation, parameters, token=None):
    client = make_client(service, protocol, token)
    try:
        getattr(client, method_name(client, operation))(**parameters)
    except Caught as caught:
        prepared = caught.request
    model = client.meta.service_model
    protocol = protocol or getattr(model, "resolved_protocol", model.metadata["protocol"])
    shape = model.operation_model(operation).input_shape
    meaning = plain(parameters, shape) if shape else {}
    if operation == "RunInstances":
        # botocore's own handler encodes user data before it serializes it.
        meaning["UserData"] = base64.b64encode(parameters["UserData"].encode()).decode()
    parts = http_parts(prepared.method, prepared.url, prepared.headers, prepared.body)
    return {
        "name": "%s/%s/%s" % (service, protocol, name), "service": service, "protocol": protocol, "operation": operation,
        "request": parts, "signer": signer(parts, model.signing_name, token), "input": meaning,
    }


def raw_signature(name, method, url, headers=None, body=b"", token=None, presign=None):
    """A request that no operation has, signed: strange paths, queries and header values."""
    request = botocore.awsrequest.AWSRequest(method=method, url=url, headers=headers or {}, data=body)
    credentials = botocore.credentials.Credentials(ACCESS_KEY, SECRET, token)
    if presign:
        botocore.auth.SigV4QueryAuth(credentials, "sts", REGION, expires=presign).add_auth(request)
    else:
        botocore.auth.SigV4Auth(credentials, "sts", REGION).add_auth(request)
    parts = http_parts(method, request.url, dict(request.headers.items()), body)
    return {"name": name, "request": parts, "signer": signer(parts, "sts", token), "expires": presign}


def signature_vectors():
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    vectors = [
        raw_signature("get", "GET", ENDPOINT + "/"),
        raw_signature("get without a path", "GET", ENDPOINT),
        raw_signature("post a form", "POST", ENDPOINT + "/", form, b"Action=GetCallerIdentity&Version=2011-06-15"),
        raw_signature("session token", "POST", ENDPOINT + "/", form, b"Action=X", TOKEN),
        raw_signature("query in any order", "GET", ENDPOINT + "/?b=2&a=1&a=0&B=3&flag="),
        raw_signature("encoded query", "GET", ENDPOINT + "/?k%20ey=%C3%A4%2F%20b&z=~-_."),
        raw_signature("path with dots and slashes", "GET", ENDPOINT + "/a/./b/../c//d/"),
        raw_signature("encoded path", "GET", ENDPOINT + "/a%20b/%C3%A4:x,y"),
        raw_signature("header with many blanks", "GET", ENDPOINT + "/", {"My-Header": "  a   b  ", "Other": "x"}),
        raw_signature("user agent", "GET", ENDPOINT + "/", {"User-Agent": "x", "X-Amz-Meta": "y"}),
        raw_signature("default port", "GET", "https://localhost:443/"),
        raw_signature("binary body", "POST", ENDPOINT + "/x", {"Content-Type": "application/cbor"}, bytes(range(256))),
        raw_signature("presigned", "GET", ENDPOINT + "/?Action=GetCallerIdentity&Version=2011-06-15", presign=60),
        raw_signature("presigned with token", "GET", ENDPOINT + "/?Action=A%20b", token=TOKEN, presign=604800),
        raw_signature("presigned with header", "GET", ENDPOINT + "/?Action=A", {"x-k8s-aws-id": "cluster"}, presign=60),
    ]
    client = make_client("ec2", None)
    url = client.generate_presigned_url("describe_regions", {"RegionNames": ["eu-central-1"]}, ExpiresIn=300, HttpMethod="GET")
    parts = http_parts("GET", url, {}, b"")
    vectors.append({"name": "presigned operation", "request": parts, "signer": signer(parts, "ec2"), "expires": 300})
    return vectors


def write_json(name, value):
    VECTORS.mkdir(parents=True, exist_ok=True)
    path = VECTORS / name
    path.write_text(json.dumps(value, indent=1, ensure_ascii=True, allow_nan=False) + "\n")
    print("%s: %d vectors" % (path.name, len(value)))


def write():
    freeze_time()
    requests = [request_vector(*call) for call in CALLS]
    requests.append(request_vector("token", "sts", None, "GetCallerIdentity", {}, TOKEN))
    write_json("requests.json", requests)
    write_json("signatures.json", signature_vectors())
    outputs = [dict(zip(("name", "service", "protocol", "operation", "output"), case)) for case in OUTPUTS]
    keys = ("name", "service", "protocol", "operation", "status", "code", "shape", "message")
    outputs += [dict(zip(keys, case)) for case in ERRORS]
    for case in outputs:
        case["name"] = "%s/%s/%s" % (case["service"], case["protocol"], case["name"])
    write_json("outputs.json", outputs)


def parse(case, answer):
    client = make_client(case["service"], case["protocol"])
    shape = client.meta.service_model.operation_model(case["operation"]).output_shape
    parser = botocore.parsers.create_parser(case["protocol"])
    headers = botocore.awsrequest.HeadersDict({name: value for name, value in answer["headers"]})
    response = {"status_code": answer["status"], "headers": headers, "body": base64.b64decode(answer["body"])}
    return parser.parse(response, shape), shape


def expected_error(case):
    # botocore shows the query code wherever x-amzn-query-error brings it.
    return {"Code": case["code"], "Message": case["message"]}


def check_one(case, answer):
    parsed, shape = parse(case, answer)
    metadata = parsed.get("ResponseMetadata", {})
    # Without an output shape botocore's CBOR parser looks at nothing, not even the request id.
    unread = case["protocol"] == "smithy-rpc-v2-cbor" and shape is None
    if metadata.get("RequestId") != "request-1" and not unread:
        return "the request id is %r" % metadata.get("RequestId")
    if "output" in case:
        expected, found = case["output"], plain({key: value for key, value in parsed.items()}, shape) if shape else {}
    else:
        expected = expected_error(case)
        found = {key: parsed.get("Error", {}).get(key) for key in expected}
    return None if found == expected else "\n  expected %s\n  found    %s" % (expected, found)


def check():
    outputs = {case["name"]: case for case in json.loads((VECTORS / "outputs.json").read_text())}
    answers = {answer["name"]: answer for answer in json.loads((VECTORS / "answers.json").read_text())}
    problems = ["there is no answer to %s" % name for name in outputs if name not in answers]
    problems += ["nobody knows the answer %s" % name for name in answers if name not in outputs]
    for name in sorted(outputs.keys() & answers.keys()):
        problem = check_one(outputs[name], answers[name])
        if problem:
            problems.append("%s: %s" % (name, problem))
    for problem in problems:
        print(problem, file=sys.stderr)
    print("%d answers read by botocore %s, %d problems" % (len(answers), botocore.__version__, len(problems)))
    return not problems


def main():
    actions = {"write": write, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    if actions[sys.argv[1]]() is False:
        sys.exit(1)


if __name__ == "__main__":
    main()
