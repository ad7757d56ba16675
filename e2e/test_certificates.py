"""Certificates of ACM and IAM, HTTPS listeners and trust stores through the `aws` CLI and boto3 (U6, U25).

Only the API is asked here; handshakes are tested with the data plane.
"""

import pathlib

import pytest
from botocore.exceptions import ClientError

from certificates import Authority, self_signed

FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


@pytest.fixture(scope="module")
def goru(start_shared_goru, tmp_path_factory):
    buckets = tmp_path_factory.mktemp("buckets")
    return start_shared_goru(config=f'bucket_dir = "{buckets}"', arguments=["--driver", "simulated"])


@pytest.fixture(scope="module")
def elbv2(goru):
    return goru.client("elbv2")


@pytest.fixture(scope="module")
def balancer(goru, elbv2):
    subnets = [subnet["SubnetId"] for subnet in goru.client("ec2").describe_subnets()["Subnets"][:2]]
    return elbv2.create_load_balancer(Name="secure", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]


def code(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def imported(goru, *names, kind="ec"):
    made = self_signed(*names, kind=kind)
    return goru.client("acm").import_certificate(Certificate=made.certificate, PrivateKey=made.key)["CertificateArn"]


def listen(elbv2, balancer, port, certificate, **more):
    made = elbv2.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTPS", Port=port, Certificates=[{"CertificateArn": certificate}], DefaultActions=[FIXED], **more
    )
    return made["Listeners"][0]


def test_a_certificate_is_imported_shown_and_replaced_by_the_cli(goru, tmp_path):
    aws, authority = goru.aws, Authority("Example CA")
    certificate, key = authority.sign("www.example.com", "example.com").save(tmp_path, "www")
    chain = tmp_path / "chain.pem"
    chain.write_text(authority.certificate)
    files = ["--certificate", f"fileb://{certificate}", "--private-key", f"fileb://{key}", "--certificate-chain", f"fileb://{chain}"]
    arn = aws("acm", "import-certificate", *files, "--tags", "Key=team,Value=web")["CertificateArn"]
    shown = aws("acm", "describe-certificate", "--certificate-arn", arn)["Certificate"]
    assert (shown["DomainName"], shown["Status"], shown["Type"]) == ("www.example.com", "ISSUED", "IMPORTED")
    assert shown["SubjectAlternativeNames"] == ["www.example.com", "example.com"] and shown["Issuer"] == "Example CA"
    got = aws("acm", "get-certificate", "--certificate-arn", arn)
    assert got["CertificateChain"].strip() == authority.certificate.strip() and "PRIVATE KEY" not in str(got)
    again, other_key = self_signed("new.example.com").save(tmp_path, "new")
    aws("acm", "import-certificate", "--certificate-arn", arn, "--certificate", f"fileb://{again}", "--private-key", f"fileb://{other_key}")
    assert aws("acm", "describe-certificate", "--certificate-arn", arn)["Certificate"]["DomainName"] == "new.example.com"
    assert aws("acm", "list-tags-for-certificate", "--certificate-arn", arn)["Tags"] == [{"Key": "team", "Value": "web"}]
    wrong = aws.run("acm", "import-certificate", "--certificate", f"fileb://{certificate}", "--private-key", f"fileb://{other_key}", check=False)
    assert wrong.returncode != 0 and "ValidationException" in wrong.stderr
    aws("acm", "delete-certificate", "--certificate-arn", arn)
    assert "PRIVATE KEY" not in goru.log()


def test_certificates_are_listed_in_pages(goru):
    acm = goru.client("acm")
    arns = {imported(goru, f"c{n}.example.com", kind="rsa") for n in range(3)}
    imported(goru, "ec.example.com")
    pages = acm.get_paginator("list_certificates").paginate(PaginationConfig={"PageSize": 2})
    listed = {one["CertificateArn"] for page in pages for one in page["CertificateSummaryList"]}
    assert arns == listed, "as on AWS, only RSA keys are listed when nothing is said"
    every = acm.list_certificates(Includes={"keyTypes": ["RSA_2048", "EC_prime256v1"]})["CertificateSummaryList"]
    assert len(every) == 4
    for arn in arns:
        acm.delete_certificate(CertificateArn=arn)


def test_an_https_listener_has_certificates_for_several_names(goru, elbv2, balancer):
    acm = goru.client("acm")
    default, more = imported(goru, "one.example.com"), [imported(goru, f"more{n}.example.com") for n in range(2)]
    made = listen(elbv2, balancer, 443, default, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")
    assert made["Certificates"] == [{"CertificateArn": default}] and made["MutualAuthentication"] == {"Mode": "off"}
    web = made["ListenerArn"]
    for arn in more:
        goru.aws("elbv2", "add-listener-certificates", "--listener-arn", web, "--certificates", f"CertificateArn={arn}")
    shown = goru.aws("elbv2", "describe-listener-certificates", "--listener-arn", web)["Certificates"]
    assert shown[0] == {"CertificateArn": default, "IsDefault": True}
    assert {one["CertificateArn"] for one in shown[1:]} == set(more)
    assert acm.describe_certificate(CertificateArn=more[0])["Certificate"]["InUseBy"] == [balancer]
    assert code(acm.delete_certificate, CertificateArn=more[0]) == "ResourceInUseException"
    with pytest.raises(elbv2.exceptions.CertificateNotFoundException):
        elbv2.add_listener_certificates(ListenerArn=web, Certificates=[{"CertificateArn": default[:-4] + "0000"}])
    goru.aws("elbv2", "remove-listener-certificates", "--listener-arn", web, "--certificates", f"CertificateArn={more[0]}")
    acm.delete_certificate(CertificateArn=more[0])
    plain = elbv2.modify_listener(ListenerArn=web, Protocol="HTTP")["Listeners"][0]
    assert "Certificates" not in plain and "SslPolicy" not in plain
    elbv2.delete_listener(ListenerArn=web)


def test_a_server_certificate_of_iam_serves_a_listener(goru, elbv2, balancer, tmp_path):
    certificate, key = self_signed("iam.example.com").save(tmp_path, "iam")
    upload = ["iam", "upload-server-certificate", "--server-certificate-name", "iam", "--path", "/web/"]
    made = goru.aws(*upload, "--certificate-body", f"file://{certificate}", "--private-key", f"file://{key}")["ServerCertificateMetadata"]
    assert made["Arn"] == f"arn:aws:iam::{goru.account}:server-certificate/web/iam"
    web = listen(elbv2, balancer, 444, made["Arn"])["ListenerArn"]
    iam = goru.client("iam")
    assert code(iam.delete_server_certificate, ServerCertificateName="iam") == "DeleteConflict"
    assert [one["ServerCertificateName"] for page in iam.get_paginator("list_server_certificates").paginate() for one in page["ServerCertificateMetadataList"]] == ["iam"]
    elbv2.delete_listener(ListenerArn=web)
    iam.delete_server_certificate(ServerCertificateName="iam")


def test_a_trust_store_is_read_from_a_bucket(goru, elbv2, balancer, tmp_path):
    authority = Authority("Clients")
    bucket = pathlib.Path(goru.config_file.read_text().split('"')[1]) / "trust"
    (bucket / "ca").mkdir(parents=True)
    (bucket / "ca" / "bundle.pem").write_text(authority.certificate)
    (bucket / "revoked.crl").write_text(authority.revoke(1, 2, 3))
    (bucket / "secret.pem").symlink_to(tmp_path / "elsewhere")
    create = ["elbv2", "create-trust-store", "--name", "clients", "--ca-certificates-bundle-s3-bucket", "trust"]
    store = goru.aws(*create, "--ca-certificates-bundle-s3-key", "ca/bundle.pem")["TrustStores"][0]
    assert (store["Status"], store["NumberOfCaCertificates"]) == ("ACTIVE", 1)
    for key in ["../trust/ca/bundle.pem", "secret.pem", "none"]:
        refused = goru.aws.run(*create, "--ca-certificates-bundle-s3-key", key, check=False)
        assert refused.returncode != 0 and "CaCertificatesBundleNotFound" in refused.stderr, refused.stderr
    arn = store["TrustStoreArn"]
    added = goru.aws("elbv2", "add-trust-store-revocations", "--trust-store-arn", arn, "--revocation-contents", "S3Bucket=trust,S3Key=revoked.crl")
    assert added["TrustStoreRevocations"][0]["NumberOfRevokedEntries"] == 3
    assert elbv2.describe_trust_stores(Names=["clients"])["TrustStores"][0]["TotalRevokedEntries"] == 3
    assert len(list((goru.data / "trust-stores").iterdir())) == 1
    mutual = {"Mode": "verify", "TrustStoreArn": arn, "AdvertiseTrustStoreCaNames": "on"}
    web = listen(elbv2, balancer, 445, imported(goru, "mutual.example.com"), MutualAuthentication=mutual)
    assert web["MutualAuthentication"]["Mode"] == "verify" and web["MutualAuthentication"]["AdvertiseTrustStoreCaNames"] == "on"
    with pytest.raises(elbv2.exceptions.TrustStoreInUseException):
        elbv2.delete_trust_store(TrustStoreArn=arn)
    users = elbv2.describe_trust_store_associations(TrustStoreArn=arn)["TrustStoreAssociations"]
    assert users == [{"ResourceArn": web["ListenerArn"]}]
    elbv2.delete_listener(ListenerArn=web["ListenerArn"])
    elbv2.delete_trust_store(TrustStoreArn=arn)


def test_policies_say_what_is_served(goru):
    found = goru.aws("elbv2", "describe-ssl-policies", "--names", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-3-2021-06")["SslPolicies"]
    assert [one["SslProtocols"] for one in found] == [["TLSv1.2"], ["TLSv1.3"]]
