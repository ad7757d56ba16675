//! Virtual time with toy controllers: nothing is jumped over, everybody comes to rest, what does not is named.
#![allow(clippy::unwrap_used)]

mod support;

use controllers::{
    Context, Controller, ControllerError, Next, runner,
    virtual_time::{AdvanceError, VirtualTime},
};
use model::{Timestamp, elbv2::target_group::TargetGroup, time::Clock};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use store::{Kind, Store};
use support::{get, group, put};
use tokio::sync::{Notify, watch};

const START: Timestamp = Timestamp::from_seconds(1_795_176_000);
const MINUTE: Duration = Duration::from_secs(60);

type Log = Arc<Mutex<Vec<(&'static str, u64)>>>;

struct World {
    cx: Context,
    time: Arc<VirtualTime>,
    stop: watch::Sender<bool>,
    log: Log,
}

impl World {
    fn new() -> Self {
        let time = VirtualTime::starting_at(START);
        let cx = Context::in_virtual_time(Store::in_memory(), time.clone());
        Self { cx, time, stop: watch::Sender::new(false), log: Log::default() }
    }

    fn run<C: Controller>(&self, controller: C) {
        tokio::spawn(runner::run(controller, self.cx.clone(), self.stop.subscribe()));
    }

    fn log(&self) -> Vec<(&'static str, u64)> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

fn second(cx: &Context) -> u64 {
    cx.clock.now().since(START).as_secs()
}

/// Writes down that it ran, at every multiple of its period.
struct Ticker<const N: usize> {
    name: &'static str,
    period: i64,
    log: Log,
}

impl<const N: usize> Controller for Ticker<N> {
    const NAME: &'static str = "ticker";
    const INTERESTS: &'static [Kind] = &[];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        self.log.lock().unwrap().push((self.name, second(cx)));
        let now = cx.clock.now();
        Ok(Next::At(now.period_start(self.period).plus(Duration::from_secs(self.period.unsigned_abs()))))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_come_true_in_order_and_those_of_one_moment_in_the_order_of_the_seats() {
    let world = World::new();
    world.run(Ticker::<0> { name: "b", period: 60, log: world.log.clone() });
    world.run(Ticker::<1> { name: "a", period: 20, log: world.log.clone() });
    world.time.advance_by(Duration::ZERO).await.unwrap();
    let mut first = world.log();
    first.sort_unstable();
    assert_eq!(first, [("a", 0), ("b", 0)]);
    let advanced = world.time.advance_by(MINUTE).await.unwrap();
    assert_eq!((advanced.now, advanced.steps), (START.plus(MINUTE), 4));
    assert_eq!(world.log(), [("a", 20), ("a", 40), ("b", 60), ("a", 60)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_minutes_takes_little_time() {
    let world = World::new();
    for _ in 0..8 {
        world.run(Ticker::<0> { name: "idle", period: 86_400, log: world.log.clone() });
    }
    world.run(Ticker::<1> { name: "minutes", period: 60, log: world.log.clone() });
    let began = Instant::now();
    let advanced = world.time.advance_by(MINUTE * 1440).await.unwrap();
    let took = began.elapsed();
    println!("a day of 1,440 minutes with nine controllers: {took:?}");
    assert!(advanced.steps >= 1440, "{}", advanced.steps);
    assert!(took < Duration::from_secs(10), "{took:?}");
}

/// Ten seconds after a group has appeared, its port becomes the next one, three times; each a wish of its own.
struct Chain;

impl Controller for Chain {
    const NAME: &'static str = "chain";
    const INTERESTS: &'static [Kind] = &[Kind::TargetGroup];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let Some(found) = get::<TargetGroup>(cx, support::group_arn("g").to_string()) else {
            return Ok(Next::OnChange);
        };
        let steps = u64::from(found.port - 3000);
        let due = found.created_at.plus(Duration::from_secs(10 * (steps + 1)));
        if steps == 3 {
            return Ok(Next::OnChange);
        }
        if cx.clock.now() < due {
            return Ok(Next::At(due));
        }
        put(cx, TargetGroup { port: found.port + 1, ..(*found).clone() }).await;
        Ok(Next::OnChange)
    }
}

/// Follows the port of the group with another record.
struct Follower(Log);

impl Controller for Follower {
    const NAME: &'static str = "follower";
    const INTERESTS: &'static [Kind] = &[Kind::TargetGroup];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        if let Some(found) = get::<TargetGroup>(cx, support::group_arn("g").to_string()) {
            let mut log = self.0.lock().unwrap();
            let entry = (if found.port == 3000 { "new" } else { "changed" }, second(cx));
            if log.last() != Some(&entry) {
                log.push(entry);
            }
        }
        Ok(Next::OnChange)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_controller_does_is_seen_by_the_others_before_the_clock_moves_on() {
    for _ in 0..50 {
        let world = World::new();
        world.run(Chain);
        world.run(Follower(world.log.clone()));
        put(&world.cx, TargetGroup { created_at: START, ..group("g") }).await;
        world.time.advance_by(MINUTE * 60).await.unwrap();
        assert_eq!(world.log(), [("new", 0), ("changed", 10), ("changed", 20), ("changed", 30)]);
    }
}

/// Is woken from outside the store, and wakes itself as many times as it is told.
struct Woken {
    wake: Arc<Notify>,
    left: u32,
    log: Log,
}

impl Controller for Woken {
    const NAME: &'static str = "woken";
    const INTERESTS: &'static [Kind] = &[];

    fn wake(&self) -> Option<Arc<Notify>> {
        Some(self.wake.clone())
    }

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        self.log.lock().unwrap().push(("woken", second(cx)));
        if self.left > 0 {
            self.left -= 1;
            self.wake.notify_one();
        }
        Ok(Next::OnChange)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_that_waits_is_work_to_be_done_before_the_clock_moves() {
    let world = World::new();
    let wake = Arc::new(Notify::new());
    world.run(Woken { wake: wake.clone(), left: 5, log: world.log.clone() });
    world.time.advance_by(MINUTE).await.unwrap();
    assert_eq!(world.log(), [("woken", 0); 6]);
    wake.notify_one();
    world.time.advance_by(MINUTE).await.unwrap();
    assert_eq!(world.log(), [("woken", 60)]);
}

/// Always wants to look again at once.
struct Hurried;

impl Controller for Hurried {
    const NAME: &'static str = "hurried";
    const INTERESTS: &'static [Kind] = &[];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        Ok(Next::At(cx.clock.now()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_never_rests_is_named() {
    let world = World::new();
    world.run(Ticker::<0> { name: "good", period: 60, log: world.log.clone() });
    world.run(Hurried);
    let error = world.time.advance_by(MINUTE).await.unwrap_err();
    assert_eq!(error, AdvanceError::Stuck { controller: "hurried", now: START });
}

/// Changes what wakes it.
struct Restless(Arc<Notify>);

impl Controller for Restless {
    const NAME: &'static str = "restless";
    const INTERESTS: &'static [Kind] = &[];

    fn wake(&self) -> Option<Arc<Notify>> {
        Some(self.0.clone())
    }

    async fn reconcile(&mut self, _: &Context) -> Result<Next, ControllerError> {
        self.0.notify_one();
        Ok(Next::OnChange)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn controllers_that_wake_themselves_for_ever_are_named() {
    let world = World::new();
    world.run(Restless(Arc::default()));
    let error = world.time.advance_by(MINUTE).await.unwrap_err();
    assert_eq!(error, AdvanceError::Restless { controller: "restless", now: START });
}

/// Fails at first.
struct Failing {
    failures: u32,
    log: Log,
}

impl Controller for Failing {
    const NAME: &'static str = "failing";
    const INTERESTS: &'static [Kind] = &[];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        if self.failures > 0 {
            self.failures -= 1;
            return Err(ControllerError("not yet".to_owned()));
        }
        self.log.lock().unwrap().push(("done", second(cx)));
        Ok(Next::OnChange)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_after_failures_go_by_virtual_time_too() {
    let world = World::new();
    world.run(Failing { failures: 9, log: world.log.clone() });
    let began = Instant::now();
    world.time.advance_by(MINUTE * 5).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));
    // 0.2 + 0.4 + 0.8 + 1.6 + 3.2 + 6.4 + 10 + 10 + 10 seconds, less when a real pause was over first.
    assert!(matches!(world.log()[..], [("done", ..=42)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_at_once_are_carried_out_one_after_the_other() {
    let world = World::new();
    world.run(Ticker::<0> { name: "t", period: 60, log: world.log.clone() });
    let (one, two) = tokio::join!(world.time.advance_by(MINUTE * 10), world.time.advance_by(MINUTE * 10));
    let mut ends = [one.unwrap().now, two.unwrap().now];
    ends.sort_unstable();
    assert_eq!(ends, [START.plus(MINUTE * 10), START.plus(MINUTE * 20)]);
    assert_eq!(world.log().len(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_runner_is_not_waited_for() {
    let world = World::new();
    let runner = tokio::spawn(runner::run(Chain, world.cx.clone(), world.stop.subscribe()));
    world.stop.send_replace(true);
    runner.await.unwrap();
    world.time.advance_by(MINUTE).await.unwrap();
    assert_eq!(world.time.now(), START.plus(MINUTE));
}
