//! Latencies, counted in buckets: no allocation and no sorting, however many there are.

use std::time::Duration;

/// The width of a bucket.
const BUCKET_NANOSECONDS: u128 = 2_000;
/// Up to half a second; what took longer counts as the last.
const BUCKETS: usize = 1 << 18;

/// How often each latency occurred.
pub struct Latencies {
    buckets: Vec<u32>,
    count: u64,
}

impl Latencies {
    pub fn new() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0 }
    }

    pub fn add(&mut self, latency: Duration) {
        let bucket = usize::try_from(latency.as_nanos() / BUCKET_NANOSECONDS).unwrap_or(usize::MAX).min(BUCKETS - 1);
        self.buckets[bucket] += 1;
        self.count += 1;
    }

    pub fn clear(&mut self) {
        self.buckets.fill(0);
        self.count = 0;
    }

    /// The latency that this share (0 to 1) stays below, in microseconds, with an error of a microsecond; `None` of none.
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.count as f64;
        let mut seen = 0.0;
        let at = self.buckets.iter().position(|count| {
            seen += f64::from(*count);
            seen >= wanted && seen > 0.0
        })?;
        Some((at as f64 + 0.5) * BUCKET_NANOSECONDS as f64 / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_within_a_microsecond_and_long_ones_are_kept_as_the_longest() {
        let mut latencies = Latencies::new();
        assert_eq!(latencies.percentile(0.5), None);
        for microseconds in 1..=1000 {
            latencies.add(Duration::from_micros(microseconds));
        }
        for (share, wanted) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = latencies.percentile(share).unwrap();
            assert!((found - wanted).abs() <= 1.0, "{share}: {found}");
        }
        latencies.clear();
        latencies.add(Duration::from_secs(3600));
        assert!(latencies.percentile(0.5).unwrap() > 500_000.0);
    }
}
