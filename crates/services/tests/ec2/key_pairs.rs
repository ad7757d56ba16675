//! Key pairs: made, imported, found, deleted, named at launches.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ec2::key_pair::KeyPair;

use crate::region::Ec2;

const ED25519: &str = include_str!("../vectors/keys/ssh_ed25519.pub");
const RSA: &str = include_str!("../vectors/keys/ssh_rsa.pub");

async fn import(ec2: &Ec2, name: &str, key: &str) -> crate::support::Reply {
    ec2.call("ImportKeyPair", &[("KeyName", name), ("PublicKeyMaterial", &STANDARD.encode(key))]).await
}

/// Everything that the store has of the region, as it is written.
fn stored(ec2: &Ec2) -> String {
    let view = ec2.server.store.view();
    let pairs: Vec<String> =
        view.list::<KeyPair>(&ec2.scope()).map(|pair| serde_json::to_string(&*pair).unwrap()).collect();
    let instances = view.list::<model::ec2::instance::Instance>(&ec2.scope());
    pairs.into_iter().chain(instances.map(|one| serde_json::to_string(&*one).unwrap())).collect()
}

#[tokio::test]
async fn a_private_key_is_in_its_answer_and_nowhere_else() {
    let ec2 = Ec2::start().await;
    for (kind, opening, lines) in [("rsa", "BEGIN RSA PRIVATE KEY", 20), ("ed25519", "BEGIN OPENSSH PRIVATE KEY", 4)] {
        let made = ec2.call("CreateKeyPair", &[("KeyName", kind), ("KeyType", kind), ("KeyFormat", "pem")]).await.ok();
        let material = made.one("keyMaterial");
        assert!(material.contains(opening), "{material}");
        assert!(made.one("keyPairId").starts_with("key-"));
        let body: Vec<&str> = material.lines().filter(|line| !line.starts_with("-----")).collect();
        assert!(body.len() >= lines, "{material}");
        let shown = ec2.call("DescribeKeyPairs", &[("IncludePublicKey", "true")]).await.ok().text();
        for text in [shown, stored(&ec2)] {
            assert!(!text.contains("PRIVATE") && !body.iter().any(|line| text.contains(line)), "{text}");
        }
        let (length, colons) = if kind == "rsa" { (59, 19) } else { (44, 0) };
        let fingerprint = made.one("keyFingerprint");
        assert_eq!((fingerprint.len(), fingerprint.matches(':').count()), (length, colons), "{fingerprint}");
    }
    let unspecified = ec2.call("CreateKeyPair", &[("KeyName", "plain")]).await.ok();
    assert!(unspecified.one("keyMaterial").contains("BEGIN RSA PRIVATE KEY"), "AWS's default is RSA");
}

#[tokio::test]
async fn public_keys_of_openssh_are_imported_with_the_fingerprints_of_aws() {
    let ec2 = Ec2::start().await;
    let tagged = [
        ("KeyName", "one"),
        ("PublicKeyMaterial", &*STANDARD.encode(RSA)),
        ("TagSpecification.1.ResourceType", "key-pair"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let rsa = ec2.call("ImportKeyPair", &tagged).await.ok();
    assert_eq!(rsa.one("keyFingerprint"), include_str!("../vectors/keys/ssh_rsa.md5").trim());
    assert_eq!(rsa.one("value"), "web");
    let ed25519 = import(&ec2, "two", ED25519).await.ok();
    assert_eq!(ed25519.one("keyFingerprint"), include_str!("../vectors/keys/ssh_ed25519.sha256").trim());
    let (one, two) = (rsa.one("keyPairId"), ed25519.one("keyPairId"));

    let table: &[(&[(&str, &str)], &[&str])] = &[
        (&[], &["one", "two"]),
        (&[("KeyName.1", "two")], &["two"]),
        (&[("KeyPairId.1", &one)], &["one"]),
        (&[("KeyName.1", "one"), ("KeyPairId.1", &two)], &["one", "two"]),
        (&[("Filter.1.Name", "key-name"), ("Filter.1.Value.1", "t*")], &["two"]),
        (&[("Filter.1.Name", "key-pair-id"), ("Filter.1.Value.1", &two)], &["two"]),
        (&[("Filter.1.Name", "fingerprint"), ("Filter.1.Value.1", &rsa.one("keyFingerprint"))], &["one"]),
        (&[("Filter.1.Name", "tag:team"), ("Filter.1.Value.1", "web")], &["one"]),
        (&[("Filter.1.Name", "tag-key"), ("Filter.1.Value.1", "none")], &[]),
    ];
    for (parameters, expected) in table {
        assert_eq!(ec2.call("DescribeKeyPairs", parameters).await.ok().all("keyName"), *expected, "{parameters:?}");
    }
    assert!(ec2.call("DescribeKeyPairs", &[]).await.ok().all("publicKey").is_empty(), "only where it is asked for");
    let keys = ec2.call("DescribeKeyPairs", &[("IncludePublicKey", "true")]).await.ok();
    let body = |key: &str| key.split(' ').nth(1).unwrap().trim().to_owned();
    assert_eq!(
        keys.all("publicKey"),
        [format!("ssh-rsa {} one", body(RSA)), format!("ssh-ed25519 {} two", body(ED25519))]
    );
    assert_eq!(keys.all("keyType"), ["rsa", "ed25519"]);

    ec2.call("CreateTags", &[("ResourceId.1", &two), ("Tag.1.Key", "a"), ("Tag.1.Value", "b")]).await.ok();
    let of = [("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "key-pair")];
    assert_eq!(ec2.call("DescribeTags", &of).await.ok().all("resourceId"), [one, two]);
}

#[tokio::test]
async fn what_is_no_key_pair_is_refused() {
    let ec2 = Ec2::start().await;
    import(&ec2, "mine", ED25519).await.ok();
    let (long, key) = ("x".repeat(256), STANDARD.encode(ED25519));
    let bad = |text: &str| STANDARD.encode(text);
    let dsa = bad("ssh-dss AAAAB3NzaC1kc3MAAACBAA== x");
    let ecdsa = bad("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= x");
    let pem = bad("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n");
    ec2.refuses(&[
        ("CreateKeyPair", &[], "MissingParameter"),
        ("CreateKeyPair", &[("KeyName", "")], "InvalidParameterValue"),
        ("CreateKeyPair", &[("KeyName", " a")], "InvalidParameterValue"),
        ("CreateKeyPair", &[("KeyName", "열쇠")], "InvalidParameterValue"),
        ("CreateKeyPair", &[("KeyName", "a\u{202e}b")], "InvalidParameterValue"),
        ("CreateKeyPair", &[("KeyName", &long)], "InvalidParameterValue"),
        ("CreateKeyPair", &[("KeyName", "a"), ("KeyType", "dsa")], "InvalidParameterValue"),
        ("CreateKeyPair", &[("KeyName", "a"), ("KeyFormat", "ppk")], "UnsupportedOperation"),
        ("CreateKeyPair", &[("KeyName", "a"), ("KeyFormat", "der")], "InvalidParameterValue"),
        ("CreateKeyPair", &[("KeyName", "a"), ("DryRun", "true")], "DryRunOperation"),
        ("CreateKeyPair", &[("KeyName", "mine")], "InvalidKeyPair.Duplicate"),
        ("CreateKeyPair", &[("KeyName", "mine"), ("DryRun", "true")], "InvalidKeyPair.Duplicate"),
        ("ImportKeyPair", &[("KeyName", "a")], "MissingParameter"),
        ("ImportKeyPair", &[("KeyName", "mine"), ("PublicKeyMaterial", &key)], "InvalidKeyPair.Duplicate"),
        ("ImportKeyPair", &[("KeyName", "a"), ("PublicKeyMaterial", &key), ("DryRun", "true")], "DryRunOperation"),
        ("ImportKeyPair", &[("KeyName", "a"), ("PublicKeyMaterial", "!")], "InvalidParameterValue"),
        ("ImportKeyPair", &[("KeyName", "a"), ("PublicKeyMaterial", "")], "InvalidKey.Format"),
        ("ImportKeyPair", &[("KeyName", "a"), ("PublicKeyMaterial", &dsa)], "InvalidKey.Format"),
        ("ImportKeyPair", &[("KeyName", "a"), ("PublicKeyMaterial", &ecdsa)], "InvalidKey.Format"),
        ("ImportKeyPair", &[("KeyName", "a"), ("PublicKeyMaterial", &pem)], "InvalidKey.Format"),
        ("DescribeKeyPairs", &[("KeyName.1", "yours")], "InvalidKeyPair.NotFound"),
        ("DescribeKeyPairs", &[("KeyPairId.1", "key-00000000")], "InvalidKeyPair.NotFound"),
        ("DescribeKeyPairs", &[("KeyPairId.1", "mine")], "InvalidParameterValue"),
        ("DescribeKeyPairs", &[("Filter.1.Name", "x"), ("Filter.1.Value.1", "y")], "InvalidParameterValue"),
        ("DescribeKeyPairs", &[("DryRun", "true")], "DryRunOperation"),
        ("DeleteKeyPair", &[], "MissingParameter"),
        ("DeleteKeyPair", &[("KeyPairId", "x")], "InvalidParameterValue"),
        ("DeleteKeyPair", &[("KeyName", "mine"), ("DryRun", "true")], "DryRunOperation"),
        ("DeleteKeyPair", &[("KeyName", "mine"), ("KeyPairId", "key-00000000")], "InvalidParameterCombination"),
    ])
    .await;
    assert_eq!(ec2.call("DescribeKeyPairs", &[]).await.ok().all("keyName"), ["mine"]);
}

#[tokio::test]
async fn deleting_succeeds_for_pairs_that_are_not_there() {
    let ec2 = Ec2::start().await;
    let first = import(&ec2, "first", ED25519).await.ok().one("keyPairId");
    let second = import(&ec2, "second", RSA).await.ok().one("keyPairId");
    let deleted = ec2.call("DeleteKeyPair", &[("KeyName", "first")]).await.ok();
    assert_eq!((deleted.one("return"), deleted.one("keyPairId")), ("true".into(), first));
    assert_eq!(ec2.call("DeleteKeyPair", &[("KeyPairId", &second)]).await.ok().one("keyPairId"), second);
    for parameters in [("KeyName", "first"), ("KeyPairId", &*second), ("KeyName", "nobody's")] {
        assert_eq!(ec2.call("DeleteKeyPair", &[parameters]).await.ok().one("return"), "true", "{parameters:?}");
    }
    assert!(ec2.call("DescribeKeyPairs", &[]).await.ok().all("keyName").is_empty());
}

#[tokio::test]
async fn of_many_that_make_one_name_at_once_one_succeeds() {
    let ec2 = std::sync::Arc::new(Ec2::start().await);
    let calls = (0..20).map(|_| {
        let ec2 = ec2.clone();
        tokio::spawn(async move { import(&ec2, "same", ED25519).await.status })
    });
    let mut made = 0;
    for call in calls.collect::<Vec<_>>() {
        made += usize::from(call.await.unwrap() == 200);
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn an_instance_has_the_key_that_it_was_launched_with() {
    let ec2 = Ec2::start().await;
    import(&ec2, "mine", ED25519).await.ok();
    let id = ec2.launch(&[("KeyName", "mine")]).await;
    let without = ec2.launch(&[]).await;
    let named = [("Filter.1.Name", "key-name"), ("Filter.1.Value.1", "mine")];
    let shown = ec2.call("DescribeInstances", &named).await.ok();
    assert_eq!((shown.one("instanceId"), shown.one("keyName")), (id.clone(), "mine".into()));
    let other = ec2.call("DescribeInstances", &[("InstanceId.1", &without)]).await.ok();
    assert!(other.all("keyName").is_empty());
    ec2.call("DeleteKeyPair", &[("KeyName", "mine")]).await.ok();
    let record = ec2.record(&id);
    assert_eq!(record.key_name.as_deref(), Some("mine"));
    assert!(record.public_key.as_deref().unwrap().ends_with(" mine"));
    let again = [("ImageId", model::ec2::image::HOST_IMAGE), ("MinCount", "1"), ("MaxCount", "1"), ("KeyName", "mine")];
    assert_eq!(ec2.code("RunInstances", &again).await, "InvalidKeyPair.NotFound");
    let data = ec2.call("GetLaunchTemplateData", &[("InstanceId", &id)]).await.ok();
    assert_eq!(data.one("keyName"), "mine");
}
