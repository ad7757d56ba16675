"""Key pairs with the `aws` CLI and boto3: what OpenSSH and OpenSSL say of them, launches, and where no private key is."""

import pathlib
import subprocess

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from conftest import wait_until
from stack import HOST_IMAGE


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "simulated"])


@pytest.fixture(scope="module")
def ec2(goru):
    return goru.client("ec2")


def digest(algorithm, data):
    """A digest as AWS writes it: pairs of hexadecimal digits between colons."""
    made = hashes.Hash(algorithm)
    made.update(data)
    return made.finalize().hex(":")


def public_line(private):
    """The public half in OpenSSH's form, without comment."""
    form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return private.public_key().public_bytes(*form).decode()


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_that_is_made_by_the_cli_is_one_that_ssh_takes(goru, tmp_path, kind):
    name = f"made-{kind}"
    made = goru.aws("ec2", "create-key-pair", "--key-name", name, "--key-type", kind)
    pem = made["KeyMaterial"]
    if kind == "rsa":
        private = serialization.load_pem_private_key(pem.encode(), None)
        assert private.key_size == 2048 and pem.startswith("-----BEGIN RSA PRIVATE KEY-----")
        der = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        assert made["KeyFingerprint"] == digest(hashes.SHA1(), der)
    else:
        private = serialization.load_ssh_private_key(pem.encode(), None)
        assert isinstance(private, ed25519.Ed25519PrivateKey)
    shown = goru.aws("ec2", "describe-key-pairs", "--key-names", name, "--include-public-key")["KeyPairs"][0]
    assert shown["PublicKey"] == f"{public_line(private)} {name}"
    assert (shown["KeyType"], shown["KeyFingerprint"]) == (kind, made["KeyFingerprint"])

    key = tmp_path / "key.pem"
    key.write_text(pem + "\n")
    key.chmod(0o600)
    printed = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, text=True, check=True, timeout=60)
    assert printed.stdout.split()[:2] == shown["PublicKey"].split()[:2]
    if kind == "ed25519":
        printed = subprocess.run(["ssh-keygen", "-l", "-f", key], capture_output=True, text=True, check=True, timeout=60)
        assert printed.stdout.split()[1] == "SHA256:" + made["KeyFingerprint"].rstrip("=")

    # Nowhere but in that answer: not in the state, not in the log, not in an answer to another question.
    secret = max(pem.splitlines(), key=len).encode()
    files = [path for path in pathlib.Path(goru.data).rglob("*") if path.is_file()]
    assert any(path.name.startswith("state.db") for path in files)
    for path in [*files, goru.log_file]:
        assert secret not in path.read_bytes(), path
    assert secret.decode() not in goru.aws.run("ec2", "describe-key-pairs", "--include-public-key").stdout


def test_public_keys_are_imported_by_the_cli_as_files(goru, tmp_path):
    keys = {
        "in-rsa": rsa.generate_private_key(65537, 4096),
        "in-ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    for name, private in keys.items():
        file = tmp_path / f"{name}.pub"
        file.write_text(f"{public_line(private)} somebody@somewhere\n")
        imported = goru.aws("ec2", "import-key-pair", "--key-name", name, "--public-key-material", f"fileb://{file}")
        if name == "in-rsa":
            form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            assert imported["KeyFingerprint"] == digest(hashes.MD5(), private.public_key().public_bytes(*form))
        else:
            printed = subprocess.run(
                ["ssh-keygen", "-l", "-f", file], capture_output=True, text=True, check=True, timeout=60
            )
            assert printed.stdout.split()[1] == "SHA256:" + imported["KeyFingerprint"].rstrip("=")


def test_a_launch_names_a_key_pair_that_is_there(ec2):
    line = public_line(ed25519.Ed25519PrivateKey.generate()).encode()
    ec2.import_key_pair(KeyName="log-in", PublicKeyMaterial=line)
    ec2.get_waiter("key_pair_exists").wait(KeyNames=["log-in"], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    launch = {"ImageId": HOST_IMAGE, "InstanceType": "t2.micro", "MinCount": 1, "MaxCount": 1}
    made = ec2.run_instances(**launch, KeyName="log-in")["Instances"][0]
    assert made["KeyName"] == "log-in"
    ec2.create_launch_template(LaunchTemplateName="keyed", LaunchTemplateData={"ImageId": HOST_IMAGE, "KeyName": "log-in"})
    by_template = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "keyed"}, MinCount=1, MaxCount=1)
    assert by_template["Instances"][0]["KeyName"] == "log-in"

    assert ec2.delete_key_pair(KeyName="log-in")["Return"] is True
    assert ec2.delete_key_pair(KeyName="log-in")["Return"] is True
    for call in [{**launch, "KeyName": "log-in"}, {**launch, "LaunchTemplate": {"LaunchTemplateName": "keyed"}}]:
        with pytest.raises(ClientError) as refused:
            ec2.run_instances(**call)
        assert refused.value.response["Error"]["Code"] == "InvalidKeyPair.NotFound"
    named = ec2.describe_instances(Filters=[{"Name": "key-name", "Values": ["log-in"]}])
    assert len([one for reservation in named["Reservations"] for one in reservation["Instances"]]) == 2


def test_a_group_launches_with_the_key_of_its_launch_configuration(goru, ec2):
    autoscaling = goru.client("autoscaling")
    line = public_line(ed25519.Ed25519PrivateKey.generate()).encode()
    ec2.import_key_pair(KeyName="of-group", PublicKeyMaterial=line)
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="keyed", ImageId=HOST_IMAGE, InstanceType="t2.micro", KeyName="of-group"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="keyed", LaunchConfigurationName="keyed", MinSize=1, MaxSize=1,
        AvailabilityZones=["ap-northeast-2a"],
    )
    filters = [{"Name": "key-name", "Values": ["of-group"]}]
    wait_until(lambda: ec2.describe_instances(Filters=filters)["Reservations"], what="an instance with the key")
