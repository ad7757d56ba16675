//! Trust stores: bundles and revocation lists from buckets, listeners that verify by them.

use std::sync::Arc;

use crate::support::Reply;
use crate::support::certificates::{Authority, self_signed};
use crate::support::files::MemoryFiles;
use crate::world::{UNKNOWN_ID, World, arn, inner};

/// A world with a bucket `ca` in which `bundle.pem` is that of one authority.
async fn world() -> (World, Arc<MemoryFiles>, Authority) {
    let world = World::new().await;
    let files = Arc::new(MemoryFiles::default());
    let authority = Authority::root("Example CA");
    files.put("ca", "bundle.pem", authority.certificate());
    world.server.gateway.set_files(files.clone());
    (world, files, authority)
}

async fn create(world: &World, name: &str, bucket: &str, key: &str) -> Reply {
    let parameters = [("Name", name), ("CaCertificatesBundleS3Bucket", bucket), ("CaCertificatesBundleS3Key", key)];
    world.call("CreateTrustStore", &parameters).await
}

async fn store(world: &World, name: &str) -> String {
    create(world, name, "ca", "bundle.pem").await.ok().one("TrustStoreArn")
}

async fn revoke(world: &World, store: &str, keys: &[&str]) -> Reply {
    let mut parameters = vec![("TrustStoreArn".to_owned(), store.to_owned())];
    for (n, key) in keys.iter().enumerate() {
        parameters.push((format!("RevocationContents.member.{}.S3Bucket", n + 1), "ca".to_owned()));
        parameters.push((format!("RevocationContents.member.{}.S3Key", n + 1), (*key).to_owned()));
    }
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    world.call("AddTrustStoreRevocations", &parameters).await
}

#[tokio::test]
async fn a_trust_store_is_made_of_a_bundle_in_a_bucket() {
    let (world, files, _) = world().await;
    let created = create(&world, "one", "ca", "bundle.pem").await.ok();
    let arn = created.one("TrustStoreArn");
    assert!(arn.contains(":truststore/one/"), "{arn}");
    assert_eq!((created.one("Status"), created.one("NumberOfCaCertificates")), ("ACTIVE".into(), "1".into()));
    assert_eq!(created.one("TotalRevokedEntries"), "0");
    assert_eq!(create(&world, "one", "ca", "bundle.pem").await.error(), (400, "DuplicateTrustStoreName".into()));
    let two = format!("{}\n# another\n{}", Authority::root("A").certificate(), Authority::root("B").certificate());
    files.put("ca", "two.pem", two);
    let change = [
        ("TrustStoreArn", arn.as_str()),
        ("CaCertificatesBundleS3Bucket", "ca"),
        ("CaCertificatesBundleS3Key", "two.pem"),
    ];
    assert_eq!(world.call("ModifyTrustStore", &change).await.ok().one("NumberOfCaCertificates"), "2");
    let second = store(&world, "second").await;
    let all = world.call("DescribeTrustStores", &[]).await.ok();
    assert_eq!(all.all("Name"), ["one", "second"]);
    let by_name = world.call("DescribeTrustStores", &[("Names.member.1", "second")]).await.ok();
    assert_eq!(by_name.all("TrustStoreArn"), [second.as_str()]);
    let page = world.call("DescribeTrustStores", &[("PageSize", "1")]).await.ok();
    assert_eq!(page.all("Name"), ["one"]);
    let rest = [("PageSize", "1"), ("Marker", &page.one("NextMarker"))];
    assert_eq!(world.call("DescribeTrustStores", &rest).await.ok().all("Name"), ["second"]);
    let tag = [("ResourceArns.member.1", second.as_str()), ("Tags.member.1.Key", "a")];
    world.call("AddTags", &tag).await.ok();
    assert_eq!(world.call("DescribeTags", &tag[..1]).await.ok().all("Key"), ["a"]);
    world.call("DeleteTrustStore", &[("TrustStoreArn", &second)]).await.ok();
    for (action, key) in [("DeleteTrustStore", "TrustStoreArn"), ("DescribeTrustStores", "TrustStoreArns.member.1")] {
        assert_eq!(world.call(action, &[(key, &second)]).await.error(), (400, "TrustStoreNotFound".into()), "{action}");
    }
}

#[tokio::test]
async fn bundles_that_are_none_are_refused() {
    let (world, files, authority) = world().await;
    files.put("ca", "leaf.pem", self_signed(&["a.example.com"]).certificate);
    files.put("ca", "key.pem", self_signed(&["a.example.com"]).key);
    files.put("ca", "junk.pem", "junk");
    files.put("ca", "many.pem", authority.certificate().repeat(26));
    files.put("ca", "huge.pem", vec![b'#'; 4 << 20]);
    for (bucket, key, code) in [
        ("none", "bundle.pem", "CaCertificatesBundleNotFound"),
        ("ca", "none.pem", "CaCertificatesBundleNotFound"),
        ("ca", "leaf.pem", "InvalidCaCertificatesBundle"),
        ("ca", "key.pem", "InvalidCaCertificatesBundle"),
        ("ca", "junk.pem", "InvalidCaCertificatesBundle"),
        ("ca", "many.pem", "InvalidCaCertificatesBundle"),
        ("ca", "huge.pem", "InvalidCaCertificatesBundle"),
    ] {
        let reply = create(&world, "bad", bucket, key).await;
        assert_eq!(reply.error(), (400, code.to_owned()), "{bucket}/{key}: {}", reply.text());
    }
    let version = [
        ("Name", "bad"),
        ("CaCertificatesBundleS3Bucket", "ca"),
        ("CaCertificatesBundleS3Key", "bundle.pem"),
        ("CaCertificatesBundleS3ObjectVersion", "1"),
    ];
    assert_eq!(world.call("CreateTrustStore", &version).await.error(), (400, "InvalidConfigurationRequest".into()));
    for name in ["", "a_b", "-a", "a-", "a--b", &"a".repeat(33)] {
        assert_eq!(create(&world, name, "ca", "bundle.pem").await.error(), (400, "ValidationError".into()), "{name}");
    }
    let arn = store(&world, "good").await;
    let change = [
        ("TrustStoreArn", arn.as_str()),
        ("CaCertificatesBundleS3Bucket", "ca"),
        ("CaCertificatesBundleS3Key", "junk.pem"),
    ];
    assert_eq!(world.call("ModifyTrustStore", &change).await.error(), (400, "InvalidCaCertificatesBundle".into()));
}

#[tokio::test]
async fn a_region_has_twenty_trust_stores() {
    let (world, _, _) = world().await;
    for n in 0..20 {
        store(&world, &format!("s{n}")).await;
    }
    assert_eq!(create(&world, "s20", "ca", "bundle.pem").await.error(), (400, "TooManyTrustStores".into()));
}

#[tokio::test]
async fn revocation_lists_are_kept_counted_and_removed() {
    let (world, files, authority) = world().await;
    files.put("ca", "two.crl", authority.revoke(2));
    files.put("ca", "three.crl", authority.revoke(3));
    let store = store(&world, "one").await;
    let added = revoke(&world, &store, &["two.crl", "three.crl"]).await.ok();
    assert_eq!(
        (added.all("RevocationId"), added.all("NumberOfRevokedEntries")),
        (vec!["1".into(), "2".into()], vec!["2".into(), "3".into()])
    );
    assert_eq!(added.all("RevocationType"), ["CRL", "CRL"]);
    assert_eq!(files.lists.lock().unwrap().len(), 2);
    let of = ("TrustStoreArn", store.as_str());
    let total = || async { world.call("DescribeTrustStores", &[]).await.ok().one("TotalRevokedEntries") };
    assert_eq!(total().await, "5");
    let all = world.call("DescribeTrustStoreRevocations", &[of]).await.ok();
    assert_eq!(all.all("RevocationId"), ["1", "2"]);
    let page = world.call("DescribeTrustStoreRevocations", &[of, ("PageSize", "1")]).await.ok();
    assert_eq!((page.all("RevocationId"), page.all("NextMarker").len()), (vec!["1".to_owned()], 1));
    let one = world.call("DescribeTrustStoreRevocations", &[of, ("RevocationIds.member.1", "2")]).await.ok();
    assert_eq!(one.one("NumberOfRevokedEntries"), "3");
    world.call("RemoveTrustStoreRevocations", &[of, ("RevocationIds.member.1", "1")]).await.ok();
    assert_eq!(total().await, "3");
    for action in ["RemoveTrustStoreRevocations", "DescribeTrustStoreRevocations"] {
        let error = world.call(action, &[of, ("RevocationIds.member.1", "1")]).await.error();
        assert_eq!(error, (400, "RevocationIdNotFound".into()), "{action}");
    }
    assert_eq!(revoke(&world, &store, &["two.crl"]).await.ok().one("RevocationId"), "3", "ids are not used again");
}

#[tokio::test]
async fn revocation_lists_that_are_none_are_refused_and_nothing_is_kept() {
    let (world, files, authority) = world().await;
    files.put("ca", "good.crl", authority.revoke(1));
    files.put("ca", "junk.crl", "junk");
    files.put("ca", "huge.crl", vec![0; (50 << 20) + 1]);
    let arn_of = store(&world, "one").await;
    let absent = arn(&format!("truststore/one/{UNKNOWN_ID}"));
    for (store, keys, code) in [
        (&arn_of, vec!["none.crl"], "RevocationContentNotFound"),
        (&arn_of, vec!["junk.crl"], "InvalidRevocationContent"),
        (&arn_of, vec!["bundle.pem"], "InvalidRevocationContent"),
        (&arn_of, vec!["huge.crl"], "InvalidRevocationContent"),
        (&arn_of, vec![], "ValidationError"),
        (&absent, vec!["good.crl"], "TrustStoreNotFound"),
        (&arn_of, vec!["good.crl"; 31], "TooManyTrustStoreRevocationEntries"),
    ] {
        let reply = revoke(&world, store, &keys).await;
        assert_eq!(reply.error(), (400, code.to_owned()), "{keys:?}: {}", reply.text());
    }
    assert!(files.lists.lock().unwrap().is_empty());
    revoke(&world, &arn_of, &["good.crl"; 30]).await.ok();
    assert_eq!(revoke(&world, &arn_of, &["good.crl"]).await.error().1, "TooManyTrustStoreRevocationEntries");
}

#[tokio::test]
async fn a_trust_store_that_a_listener_verifies_by_is_in_use() {
    let (world, _, _) = world().await;
    let balancer = world.load_balancer("web").await;
    let certificate = world.server.import(&self_signed(&["a.example.com"])).await;
    let store = store(&world, "one").await;
    let verify = [
        ("Certificates.member.1.CertificateArn", certificate.as_str()),
        ("MutualAuthentication.Mode", "verify"),
        ("MutualAuthentication.TrustStoreArn", store.as_str()),
    ];
    let created = crate::https::create(&world, &balancer, "443", &verify).await.ok();
    let mutual = created.one("MutualAuthentication");
    let shown = |member: &str| inner(&mutual, member).remove(0);
    assert_eq!([shown("Mode"), shown("TrustStoreArn")], ["verify".to_owned(), store.clone()]);
    assert_eq!([shown("IgnoreClientCertificateExpiry"), shown("AdvertiseTrustStoreCaNames")], ["false", "off"]);
    let all = [
        &verify[..],
        &[
            ("MutualAuthentication.IgnoreClientCertificateExpiry", "true"),
            ("MutualAuthentication.AdvertiseTrustStoreCaNames", "on"),
        ],
    ]
    .concat();
    let second = crate::https::create(&world, &balancer, "444", &all).await.ok();
    assert_eq!(
        (second.one("IgnoreClientCertificateExpiry"), second.one("AdvertiseTrustStoreCaNames")),
        ("true".into(), "on".into())
    );
    let third = crate::https::create(&world, &balancer, "445", &verify).await;
    assert_eq!(third.error(), (400, "InvalidConfigurationRequest".into()), "{}", third.text());
    let of = [("TrustStoreArn", store.as_str())];
    assert_eq!(world.call("DeleteTrustStore", &of).await.error(), (400, "TrustStoreInUse".into()));
    let mut listeners = vec![created.one("ListenerArn"), second.one("ListenerArn")];
    listeners.sort();
    assert_eq!(world.call("DescribeTrustStoreAssociations", &of).await.ok().all("ResourceArn"), listeners);
    for listener in &listeners {
        let off = [("ListenerArn", listener.as_str()), ("MutualAuthentication.Mode", "off")];
        assert_eq!(world.call("ModifyListener", &off).await.ok().one("MutualAuthentication"), "<Mode>off</Mode>");
    }
    world.call("DeleteTrustStore", &of).await.ok();
}

#[tokio::test]
async fn without_buckets_there_is_no_bundle() {
    let world = World::new().await;
    let reply = create(&world, "one", "ca", "bundle.pem").await;
    assert_eq!(reply.error(), (400, "CaCertificatesBundleNotFound".into()));
    for action in ["GetTrustStoreCaCertificatesBundle", "GetTrustStoreRevocationContent"] {
        assert_eq!(world.call(action, &[]).await.error().1, "InvalidAction", "{action}");
    }
}
