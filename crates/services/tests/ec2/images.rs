//! Images, instance types and what they can be found by.

use model::ec2::image::{HOST_IMAGE, SITE_IMAGE};

use crate::region::{Ec2, WEB_IMAGE};
use crate::support::ACCOUNT;

#[tokio::test]
async fn images_are_found_by_owner_id_and_filter() {
    let ec2 = Ec2::start().await;
    let table: &[(&[(&str, &str)], &[&str])] = &[
        (&[], &[HOST_IMAGE, SITE_IMAGE, WEB_IMAGE]),
        (&[("Owner.1", "self")], &[WEB_IMAGE]),
        (&[("Owner.1", ACCOUNT)], &[WEB_IMAGE]),
        (&[("Owner.1", "amazon")], &[HOST_IMAGE, SITE_IMAGE]),
        (&[("Owner.1", "amazon"), ("Owner.2", "self")], &[HOST_IMAGE, SITE_IMAGE, WEB_IMAGE]),
        (&[("Owner.1", "111122223333")], &[]),
        (&[("ImageId.1", SITE_IMAGE)], &[SITE_IMAGE]),
        (&[("ExecutableBy.1", "self")], &[WEB_IMAGE]),
        (&[("ExecutableBy.1", "all")], &[HOST_IMAGE, SITE_IMAGE]),
        (&[("Filter.1.Name", "name"), ("Filter.1.Value.1", "goru-*")], &[HOST_IMAGE, SITE_IMAGE]),
        (&[("Filter.1.Name", "tag:role"), ("Filter.1.Value.1", "web")], &[WEB_IMAGE]),
        (&[("Filter.1.Name", "is-public"), ("Filter.1.Value.1", "false")], &[WEB_IMAGE]),
        (&[("Filter.1.Name", "owner-alias"), ("Filter.1.Value.1", "amazon")], &[HOST_IMAGE, SITE_IMAGE]),
        (&[("Filter.1.Name", "state"), ("Filter.1.Value.1", "available")], &[HOST_IMAGE, SITE_IMAGE, WEB_IMAGE]),
        (&[("Filter.1.Name", "platform"), ("Filter.1.Value.1", "windows")], &[]),
    ];
    for (parameters, expected) in table {
        assert_eq!(ec2.call("DescribeImages", parameters).await.ok().all("imageId"), *expected, "{parameters:?}");
    }
    ec2.refuses(&[
        ("DescribeImages", &[("ImageId.1", "ami-00000000")], "InvalidAMIID.NotFound"),
        ("DescribeImages", &[("ImageId.1", "web")], "InvalidAMIID.Malformed"),
        ("DescribeImages", &[("Owner.1", "me")], "InvalidParameterValue"),
        ("DescribeImages", &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "x")], "InvalidParameterValue"),
        ("DescribeImages", &[("DryRun", "true")], "DryRunOperation"),
    ])
    .await;
}

#[tokio::test]
async fn instance_types_and_where_they_are() {
    let ec2 = Ec2::start().await;
    let micro = ec2.call("DescribeInstanceTypes", &[("InstanceType.1", "t2.micro")]).await.ok();
    assert_eq!((micro.one("defaultVCpus"), micro.one("sizeInMiB")), ("1".into(), "1024".into()));
    let big = [("Filter.1.Name", "vcpu-info.default-vcpus"), ("Filter.1.Value.1", "8")];
    assert_eq!(ec2.call("DescribeInstanceTypes", &big).await.ok().one("instanceType"), "m5.2xlarge");
    let zones =
        [("LocationType", "availability-zone"), ("Filter.1.Name", "instance-type"), ("Filter.1.Value.1", "t2.micro")];
    let offered = ec2.call("DescribeInstanceTypeOfferings", &zones).await.ok();
    assert_eq!(offered.all("location"), ["a", "b", "c", "d"].map(|letter| format!("ap-northeast-2{letter}")));
    ec2.refuses(&[
        ("DescribeInstanceTypes", &[("InstanceType.1", "t2.gigantic")], "InvalidInstanceType"),
        ("DescribeInstanceTypes", &[("MaxResults", "4")], "InvalidParameterValue"),
        ("DescribeInstanceTypes", &[("MaxResults", "101")], "InvalidParameterValue"),
        (
            "DescribeInstanceTypes",
            &[("MaxResults", "5"), ("InstanceType.1", "t2.micro")],
            "InvalidParameterCombination",
        ),
        ("DescribeInstanceTypeOfferings", &[("LocationType", "outpost")], "UnsupportedOperation"),
        ("DescribeInstanceTypeOfferings", &[("LocationType", "moon")], "InvalidParameterValue"),
    ])
    .await;
}
