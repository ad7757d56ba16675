//! Calls at the same time: each is wholly done or not at all, and what is left fits together.

use std::sync::Arc;

use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use tokio::task::JoinSet;

use crate::world::{RUNNING_A, World, scope};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_times_the_same_name_makes_one_of_it() {
    let world = Arc::new(World::new().await);
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let world = Arc::clone(&world);
        calls.spawn(async move { (world.load_balancer("web").await, world.target_group("web").await) });
    }
    let mut arns = calls.join_all().await;
    arns.dedup();
    assert_eq!(arns.len(), 1, "{arns:?}");
    assert_eq!(world.call("DescribeLoadBalancers", &[]).await.all("LoadBalancerArn").len(), 1);
    assert_eq!(world.call("DescribeTargetGroups", &[]).await.all("TargetGroupArn").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_target_registered_and_deregistered_a_thousand_times_ends_in_one_of_two_states() {
    let world = Arc::new(World::new().await);
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.listener(&balancer, "80", &group).await;
    let mut calls = JoinSet::new();
    for worker in 0..4 {
        let (world, group) = (Arc::clone(&world), group.clone());
        calls.spawn(async move {
            for _ in 0..250 {
                let (one, other) = if worker % 2 == 0 {
                    ("RegisterTargets", "DeregisterTargets")
                } else {
                    ("DeregisterTargets", "RegisterTargets")
                };
                world.on_targets(one, &group, &[RUNNING_A]).await.ok();
                world.on_targets(other, &group, &[RUNNING_A]).await.ok();
            }
        });
    }
    calls.join_all().await;
    let targets = world.targets();
    assert_eq!(targets.len(), 1);
    assert_eq!(targets[0].health, None);
    let state = world.states(&group).await[0].1.clone();
    let expected = if targets[0].deregistered_at.is_some() { "draining" } else { "initial" };
    assert_eq!(state, expected);
    world.register(&group, &[RUNNING_A]).await.ok();
    assert_eq!(world.states(&group).await[0].1, "initial");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_listener_outlives_its_load_balancer_or_target_group() {
    let world = Arc::new(World::new().await);
    for round in 0..20 {
        let balancer = world.load_balancer("web").await;
        let group = world.target_group("web").await;
        let mut calls = JoinSet::new();
        for port in 1..=6 {
            let (world, balancer, group) = (Arc::clone(&world), balancer.clone(), group.clone());
            calls.spawn(async move {
                let reply = world.create_listener(&balancer, &port.to_string(), &group).await;
                let gone = ["LoadBalancerNotFound", "TargetGroupNotFound"];
                assert!(reply.status == 200 || gone.contains(&reply.error().1.as_str()), "{}", reply.text());
            });
        }
        let (other, arn) = (Arc::clone(&world), balancer.clone());
        calls.spawn(async move {
            other.call("DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).await.ok();
        });
        let (other, arn) = (Arc::clone(&world), group.clone());
        calls.spawn(async move {
            let reply = other.call("DeleteTargetGroup", &[("TargetGroupArn", &arn)]).await;
            assert!(reply.status == 200 || reply.error().1 == "ResourceInUse", "{}", reply.text());
        });
        calls.join_all().await;
        let view = world.server.store.view();
        let orphans = view
            .list::<Listener>(&scope())
            .filter(|listener| !view.contains::<LoadBalancer>(&scope(), listener.load_balancer_arn.to_string()))
            .count();
        assert_eq!(orphans, 0, "round {round}");
        assert_eq!(view.list::<LoadBalancer>(&scope()).count(), 0, "round {round}");
    }
}
