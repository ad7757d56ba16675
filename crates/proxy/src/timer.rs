//! A worker's coarse clock and its alarms: all waiting with a limit goes through here.
//!
//! No timer of the runtime is registered per request. A connection has one [`Alarm`] for its whole life; setting it
//! later is one store. The wheel looks at an alarm when the time it was filed under has come, and files it anew or
//! wakes its task. Accuracy: one tick (100 ms), which is enough for every timeout of a load balancer.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::OnceLock,
    task::Waker,
    time::{Duration, Instant},
};

/// How often the wheel turns.
pub const TICK: Duration = Duration::from_millis(TICK_MILLIS);
/// Slots of the wheel: an alarm is looked at every 6.4 seconds at the latest.
const SLOTS: usize = 64;

/// A point in monotonic time: milliseconds since the process first asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

impl Millis {
    /// Never.
    pub const MAX: Self = Self(u64::MAX);

    /// Reads the monotonic clock.
    pub fn now() -> Self {
        Self(u64::try_from(base().elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// This point moved forward; saturates.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// A point in monotonic time: microseconds since the process first asked. For what is measured, where [`Millis`] is for what
/// is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub u64);

impl Micros {
    /// Reads the monotonic clock.
    #[inline]
    pub fn now() -> Self {
        let elapsed = base().elapsed();
        Self(elapsed.as_secs() * 1_000_000 + u64::from(elapsed.subsec_micros()))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[inline]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

fn base() -> Instant {
    static BASE: OnceLock<Instant> = OnceLock::new();
    *BASE.get_or_init(Instant::now)
}

/// One task's alarm.
#[derive(Debug)]
pub struct Alarm {
    deadline: Cell<Millis>,
    filed: Cell<Millis>,
    watched: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Alarm {
    /// Whether the deadline has passed, at `now` of the worker's clock.
    #[inline]
    pub fn expired(&self, now: Millis) -> bool {
        self.deadline.get() <= now
    }

    /// Asks that the task is woken when the alarm goes off (or [`Alarm::wake`] is called). Costs nothing for the
    /// second and later calls of the same task.
    #[inline]
    pub fn register(&self, waker: &Waker) {
        let mut slot = self.waker.borrow_mut();
        match &*slot {
            Some(known) if known.will_wake(waker) => {}
            Some(_) | None => *slot = Some(waker.clone()),
        }
    }

    /// Wakes the task now: the worker has something to tell it.
    pub fn wake(&self) {
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// When it goes off.
    pub fn deadline(&self) -> Millis {
        self.deadline.get()
    }

    /// While set, the task is also woken every few seconds before the deadline, to look whether its client is there.
    #[inline]
    pub fn watch(&self, watched: bool) {
        self.watched.set(watched);
    }
}

/// The alarms of one worker and its clock.
#[derive(Debug)]
pub struct Wheel {
    now: Cell<Millis>,
    turned_to: Cell<u64>,
    slots: RefCell<Vec<Vec<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    alarm: Rc<Alarm>,
    at: Millis,
}

impl Wheel {
    /// A wheel that begins now.
    pub fn new(now: Millis) -> Self {
        Self {
            now: Cell::new(now),
            turned_to: Cell::new(tick_of(now)),
            slots: RefCell::new((0..SLOTS).map(|_| Vec::new()).collect()),
        }
    }

    /// The time of the last tick.
    #[inline]
    pub fn now(&self) -> Millis {
        self.now.get()
    }

    /// A new alarm, set to `after` from now.
    pub fn alarm(&self, after: Duration) -> Rc<Alarm> {
        let alarm = Rc::new(Alarm {
            deadline: Cell::new(Millis::MAX),
            filed: Cell::new(Millis::MAX),
            watched: Cell::new(false),
            waker: RefCell::new(None),
        });
        self.set(&alarm, after);
        alarm
    }

    /// Sets an alarm to `after` from now; what it was set to before is forgotten.
    #[inline]
    pub fn set(&self, alarm: &Rc<Alarm>, after: Duration) {
        self.set_at(alarm, self.now.get().plus(after));
    }

    /// Sets an alarm to a point in time.
    #[inline]
    pub fn set_at(&self, alarm: &Rc<Alarm>, deadline: Millis) {
        alarm.deadline.set(deadline);
        if deadline < alarm.filed.get() {
            self.file(alarm, deadline);
        }
    }

    /// Turns the wheel to `now` and wakes the tasks whose time has come.
    pub fn turn(&self, now: Millis) {
        self.now.set(now);
        let to = tick_of(now);
        // After a long stall every slot is looked at once, not once per missed tick.
        let from = (self.turned_to.get() + 1).max(to.saturating_sub(SLOTS as u64 - 1));
        self.turned_to.set(self.turned_to.get().max(to));
        for tick in from..=to {
            let due = std::mem::take(&mut self.slots.borrow_mut()[slot_of(tick)]);
            due.into_iter().for_each(|entry| self.look_at(&entry, now));
        }
    }

    fn look_at(&self, entry: &Entry, now: Millis) {
        let alarm = &entry.alarm;
        let stale = alarm.filed.get() != entry.at;
        if stale || Rc::strong_count(alarm) == 1 {
            return;
        }
        alarm.filed.set(Millis::MAX);
        let due = alarm.expired(now);
        if !due {
            self.file(alarm, alarm.deadline.get());
        }
        if due || alarm.watched.get() {
            alarm.wake();
        }
    }

    fn file(&self, alarm: &Rc<Alarm>, deadline: Millis) {
        let next = self.turned_to.get() + 1;
        // Rounded up: an alarm that goes off early would find its deadline not reached.
        let due = deadline.0.div_ceil(TICK_MILLIS);
        let tick = due.clamp(next, next + SLOTS as u64 - 2);
        let at = Millis(tick * TICK_MILLIS);
        alarm.filed.set(at);
        self.slots.borrow_mut()[slot_of(tick)].push(Entry { alarm: Rc::clone(alarm), at });
    }
}

/// [`TICK`] in the unit of [`Millis`].
const TICK_MILLIS: u64 = 100;

fn tick_of(time: Millis) -> u64 {
    time.0 / TICK_MILLIS
}

fn slot_of(tick: u64) -> usize {
    usize::try_from(tick % SLOTS as u64).expect("less than SLOTS")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    #[derive(Default)]
    struct Counter(AtomicUsize);
    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn watched_wheel(after: Duration) -> (Wheel, Rc<Alarm>, Arc<Counter>) {
        let wheel = Wheel::new(Millis(1_000));
        let alarm = wheel.alarm(after);
        let counter = Arc::new(Counter::default());
        alarm.register(&Waker::from(Arc::clone(&counter)));
        (wheel, alarm, counter)
    }

    #[test]
    fn an_alarm_goes_off_at_its_deadline_and_not_before() {
        for seconds in [0u64, 1, 6, 7, 60, 4000] {
            let (wheel, alarm, counter) = watched_wheel(Duration::from_secs(seconds));
            let mut now = 1_000;
            while counter.0.load(Ordering::Relaxed) == 0 {
                now += 100;
                wheel.turn(Millis(now));
                assert!(now <= 1_000 + seconds * 1_000 + 200, "{seconds} s: late");
            }
            assert!(now >= 1_000 + seconds * 1_000, "{seconds} s: early");
            assert!(alarm.expired(wheel.now()));
        }
    }

    #[test]
    fn an_alarm_can_be_moved_later_and_earlier() {
        let (wheel, alarm, counter) = watched_wheel(Duration::from_secs(1));
        wheel.set(&alarm, Duration::from_secs(30));
        for now in (1_100..=20_000).step_by(100) {
            wheel.turn(Millis(now));
        }
        assert_eq!(counter.0.load(Ordering::Relaxed), 0);
        wheel.set(&alarm, Duration::from_millis(200));
        for now in (20_100..=20_300).step_by(100) {
            wheel.turn(Millis(now));
        }
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_stall_of_minutes_is_caught_up_in_one_turn() {
        let (wheel, _alarm, counter) = watched_wheel(Duration::from_secs(5));
        wheel.turn(Millis(300_000));
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_watched_task_is_woken_before_its_deadline_too() {
        let (wheel, alarm, counter) = watched_wheel(Duration::from_secs(60));
        alarm.watch(true);
        for now in (1_100..=20_000).step_by(100) {
            wheel.turn(Millis(now));
        }
        assert!((2..=4).contains(&counter.0.load(Ordering::Relaxed)));
    }

    #[test]
    fn the_alarms_of_ended_tasks_are_let_go() {
        let wheel = Wheel::new(Millis(0));
        drop(wheel.alarm(Duration::from_secs(3600)));
        wheel.turn(Millis(7_000));
        assert!(wheel.slots.borrow().iter().all(Vec::is_empty));
    }
}
