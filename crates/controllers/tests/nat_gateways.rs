//! NAT gateways: they become available, fail, end and are forgotten; what they held is free then.
#![allow(clippy::unwrap_used)]

mod support;

use controllers::{Context, Controller, Next, nat_gateways::NatGateways};
use model::{
    Tags,
    ec2::{
        address::{Address, AddressAssociation},
        internet_gateway::InternetGateway,
        nat_gateway::{Connectivity, NatGateway, NatGatewayState, SHOWN_FOR},
        network_interface::{InterfaceOwner, NetworkInterface},
    },
};
use std::net::Ipv4Addr;
use support::{get, put, surroundings};

const ID: &str = "nat-00000001";
const INTERFACE: &str = "eni-00000001";
const ALLOCATION: &str = "eipalloc-00000001";
const PRIVATE: Ipv4Addr = Ipv4Addr::new(172, 31, 0, 4);

/// What CreateNatGateway writes.
async fn create(cx: &Context) {
    let now = cx.clock.now();
    put(
        cx,
        NatGateway {
            id: ID.parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            subnet_id: "subnet-00000001".parse().unwrap(),
            connectivity: Connectivity::Public(ALLOCATION.parse().unwrap()),
            network_interface_id: INTERFACE.parse().unwrap(),
            private_address: PRIVATE,
            state: NatGatewayState::Pending,
            failure: None,
            client_token: None,
            created_at: now,
            deleted_at: None,
            tags: Tags::default(),
        },
    )
    .await;
    put(
        cx,
        NetworkInterface {
            id: INTERFACE.parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            subnet_id: "subnet-00000001".parse().unwrap(),
            zone: "ap-northeast-2a".to_owned(),
            private_address: PRIVATE,
            owner: InterfaceOwner::NatGateway(ID.parse().unwrap()),
            security_groups: Vec::new(),
            description: String::new(),
            created_at: now,
            tags: Tags::default(),
        },
    )
    .await;
    put(
        cx,
        Address {
            id: ALLOCATION.parse().unwrap(),
            public_address: Ipv4Addr::new(127, 80, 0, 1),
            association: Some(AddressAssociation {
                id: "eipassoc-00000001".parse().unwrap(),
                network_interface_id: INTERFACE.parse().unwrap(),
                private_address: PRIVATE,
            }),
            allocated_at: now,
            tags: Tags::default(),
        },
    )
    .await;
}

async fn attach(cx: &Context, vpc: &str) {
    let vpc_id = Some(vpc.parse().unwrap());
    put(cx, InternetGateway { id: "igw-00000001".parse().unwrap(), vpc_id, tags: Tags::default() }).await;
}

fn state(cx: &Context) -> Option<NatGatewayState> {
    get::<NatGateway>(cx, ID).map(|gateway| gateway.state)
}

/// Whether it has its interface and its Elastic IP.
fn holds(cx: &Context) -> bool {
    let associated = get::<Address>(cx, ALLOCATION).unwrap().association.is_some();
    assert_eq!(get::<NetworkInterface>(cx, INTERFACE).is_some(), associated);
    associated
}

#[tokio::test]
async fn a_gateway_lives_and_ends_and_gives_back_what_it_held() {
    let (cx, clock) = surroundings();
    attach(&cx, "vpc-00000001").await;
    create(&cx).await;
    let mut controller = NatGateways;
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::OnChange);
    assert_eq!((state(&cx), holds(&cx)), (Some(NatGatewayState::Available), true));
    let revision = cx.store.view().revision();
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::OnChange);
    assert_eq!(cx.store.view().revision(), revision, "nothing to do changes nothing");

    let mut gateway = NatGateway::clone(&get(&cx, ID).unwrap());
    gateway.ask_to_delete(cx.clock.now());
    put(&cx, gateway).await;
    controller.reconcile(&cx).await.unwrap();
    assert_eq!((state(&cx), holds(&cx)), (Some(NatGatewayState::Deleted), false));
    let end = cx.clock.now().plus(SHOWN_FOR);
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::At(end));
    clock.advance(SHOWN_FOR);
    controller.reconcile(&cx).await.unwrap();
    assert_eq!(state(&cx), None);
    assert!(get::<Address>(&cx, ALLOCATION).is_some(), "the account keeps its Elastic IP");
}

#[tokio::test]
async fn a_gateway_fails_where_no_internet_gateway_is_attached() {
    let (cx, clock) = surroundings();
    attach(&cx, "vpc-00000002").await;
    create(&cx).await;
    let mut controller = NatGateways;
    controller.reconcile(&cx).await.unwrap();
    assert_eq!((state(&cx), holds(&cx)), (Some(NatGatewayState::Failed), false));
    let (code, _) = get::<NatGateway>(&cx, ID).unwrap().failure.clone().unwrap();
    assert_eq!(code, "Gateway.NotAttached");
    clock.advance(SHOWN_FOR);
    controller.reconcile(&cx).await.unwrap();
    assert_eq!(state(&cx), None);
}
