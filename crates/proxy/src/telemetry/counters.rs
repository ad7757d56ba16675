//! Counters that one worker writes and other threads read, without a locked instruction.
//!
//! Every worker has its own block per load balancer and per target; readers add the blocks up. Counts only grow (but
//! for the gauges, which say so), so a reader keeps what it saw and takes the difference.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// A count with one writing thread. Another thread that wrote too would lose counts, not memory safety.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds `n`. Only for the worker that owns the block.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// Subtracts `n`: for gauges. Only for the worker that owns the block.
    #[inline]
    pub fn subtract(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_sub(n), Relaxed);
    }

    /// What was counted so far; any thread.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// One block per worker, each on cache lines of its own.
#[derive(Debug)]
pub struct PerWorker<T>(Box<[Aligned<T>]>);

#[derive(Debug, Default)]
#[repr(align(128))]
struct Aligned<T>(T);

impl<T: Default> PerWorker<T> {
    /// `workers` empty blocks.
    pub fn new(workers: usize) -> Self {
        Self((0..workers).map(|_| Aligned::default()).collect())
    }

    /// The block of one worker.
    #[inline]
    pub fn of(&self, worker: usize) -> &T {
        &self.0[worker].0
    }

    /// All blocks.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|block| &block.0)
    }

    /// The sum of one count over all workers.
    pub fn sum(&self, count: impl Fn(&T) -> &Count) -> u64 {
        self.iter().map(|block| count(block).get()).fold(0, u64::wrapping_add)
    }
}

/// Statuses that the load balancer answers (or, for 460, notes) by itself; the order of [`LoadBalancerCounts::elb_codes`].
pub const ELB_STATUSES: [u16; 19] =
    [301, 302, 400, 404, 405, 408, 413, 414, 417, 421, 460, 463, 464, 500, 501, 502, 503, 504, 505];

macro_rules! load_balancer_counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What one worker counted for one load balancer in one zone: [`model::node::LoadBalancerCounts`] as it is counted.
        #[derive(Debug, Default)]
        pub struct LoadBalancerCounts {
            /// Gauge: client connections that are open. On a shared front a connection belongs to the load balancer of
            /// its first request.
            pub active_connections: Count,
            /// Answers made by the load balancer, in the order of [`ELB_STATUSES`].
            pub elb_codes: [Count; ELB_STATUSES.len()],
            $($(#[$doc])* pub $name: Count,)*
        }

        /// What all workers together counted, as it was when somebody looked.
        #[derive(Clone, Debug, Default)]
        pub struct SeenLoadBalancer {
            elb_codes: [u64; ELB_STATUSES.len()],
            $($name: u64,)*
        }

        impl SeenLoadBalancer {
            /// What came since the last look.
            pub fn advance(&mut self, counts: &PerWorker<LoadBalancerCounts>) -> model::node::LoadBalancerCounts {
                let codes = ELB_STATUSES.iter().enumerate().map(|(i, status)| {
                    (*status, difference(&mut self.elb_codes[i], counts.sum(|c| &c.elb_codes[i])))
                });
                model::node::LoadBalancerCounts {
                    active_connections: counts.sum(|c| &c.active_connections),
                    elb_codes: codes.filter(|(_, n)| *n > 0).collect(),
                    $($name: difference(&mut self.$name, counts.sum(|c| &c.$name)),)*
                }
            }
        }
    };
}
model::with_load_balancer_counts!(load_balancer_counts);

/// The difference to what was seen before, which becomes what is seen now. Counters wrap; differences do not mind.
pub fn difference(seen: &mut u64, now: u64) -> u64 {
    now.wrapping_sub(std::mem::replace(seen, now))
}

impl LoadBalancerCounts {
    /// Counts an answer that the load balancer made itself.
    pub fn elb_code(&self, status: u16) {
        if let Some(i) = ELB_STATUSES.iter().position(|s| *s == status) {
            self.elb_codes[i].add(1);
        }
    }
}

/// What one worker counted for one target.
#[derive(Debug, Default)]
pub struct TargetCounts {
    /// Requests sent to it (RequestCountPerTarget).
    pub requests: Count,
    /// Its answers by hundred: 2xx, 3xx, 4xx, 5xx.
    pub codes: [Count; 4],
    /// Connections to it that failed (TargetConnectionErrorCount).
    pub connection_errors: Count,
    /// TLS handshakes with it that failed (TargetTLSNegotiationErrorCount).
    pub tls_errors: Count,
    /// Requests that it got although too few targets of its group were healthy (UnhealthyRoutingRequestCount).
    pub unhealthy_routing_requests: Count,
    /// Bytes sent to it: heads and bodies of requests.
    pub sent_bytes: Count,
    /// Bytes received from it: heads and bodies of answers.
    pub received_bytes: Count,
    /// Gauge: requests and tunnels that it has not finished.
    pub in_flight: Count,
    /// From sending the request to the first byte of the answer (TargetResponseTime); made at the first answer.
    pub response_times: OnceLock<Box<Histogram>>,
}

impl TargetCounts {
    /// Counts a final answer with this status that began `after` the request was sent.
    pub fn answered(&self, status: u16, after: Duration) {
        if let Some(count) = (status / 100).checked_sub(2).and_then(|i| self.codes.get(usize::from(i))) {
            count.add(1);
        }
        self.response_times.get_or_init(Box::default).add(after);
    }
}

/// Steps between two powers of two; half a step is the largest error: 1/64.
const STEPS: u64 = 32;
/// log2 of [`STEPS`].
const STEP_BITS: u32 = 5;
/// Microseconds from which on all values count as one: 2^32, over an hour.
const TOP_BITS: u32 = 32;
/// Values below 64 µs have a bucket each, then 32 per power of two.
const BUCKETS: usize = 32 * (TOP_BITS - STEP_BITS + 1) as usize;

/// Durations, counted in buckets whose middle is at most 1/64 (1.6 %) off, from 1 µs to over an hour.
#[derive(Debug)]
pub struct Histogram(Box<[AtomicU32]>);

impl Default for Histogram {
    fn default() -> Self {
        Self((0..BUCKETS).map(|_| AtomicU32::new(0)).collect())
    }
}

impl Histogram {
    /// Counts one duration. Only for the worker that owns the block.
    #[inline]
    pub fn add(&self, duration: Duration) {
        let bucket = &self.0[bucket_of(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))];
        bucket.store(bucket.load(Relaxed).wrapping_add(1), Relaxed);
    }

    /// How often each bucket was hit so far (wrapping at 2^32); compare two to learn what came between.
    pub fn counts(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|bucket| bucket.load(Relaxed))
    }

    /// The number of buckets of every histogram.
    pub const fn buckets() -> usize {
        BUCKETS
    }

    /// The value that a bucket stands for, in seconds.
    #[allow(clippy::cast_precision_loss)] // buckets end at 2^32 µs
    pub fn seconds(bucket: usize) -> f64 {
        let bucket = bucket as u64;
        if bucket < 2 * STEPS {
            return bucket as f64 / 1e6;
        }
        let shift = bucket / STEPS - 1;
        let low = (bucket % STEPS + STEPS) << shift;
        (low as f64 + ((1u64 << shift) as f64) / 2.0) / 1e6
    }
}

fn bucket_of(micros: u64) -> usize {
    let micros = micros.min((1 << TOP_BITS) - 1);
    let shift = u64::from((63 - (micros | 1).leading_zeros()).saturating_sub(STEP_BITS));
    // The top STEP_BITS + 1 bits of the value, moved up by the number of bits cut off.
    usize::try_from(shift * STEPS + (micros >> shift)).expect("at most BUCKETS, checked by a test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_at_most_two_percent_off() {
        let mut micros = 1u64;
        while micros < 1 << TOP_BITS {
            let seen = Histogram::seconds(bucket_of(micros)) * 1e6;
            assert!((seen - micros as f64).abs() <= micros as f64 * 0.02, "{micros} became {seen}");
            micros += 1 + micros / 97;
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
        assert_eq!(bucket_of(0), 0);
    }

    #[test]
    fn every_bucket_is_hit_by_the_value_it_stands_for() {
        for bucket in 0..BUCKETS {
            let value = Duration::from_secs_f64(Histogram::seconds(bucket) + 1e-8);
            assert_eq!(bucket_of(u64::try_from(value.as_micros()).unwrap()), bucket);
        }
    }

    #[test]
    fn counts_of_all_workers_add_up() {
        let blocks: PerWorker<LoadBalancerCounts> = PerWorker::new(3);
        for worker in 0..3 {
            blocks.of(worker).new_connections.add(worker as u64 + 1);
            blocks.of(worker).elb_code(502);
        }
        assert_eq!(blocks.sum(|b| &b.new_connections), 6);
        assert_eq!(blocks.sum(|b| &b.elb_codes[ELB_STATUSES.iter().position(|s| *s == 502).unwrap()]), 3);
    }
}
