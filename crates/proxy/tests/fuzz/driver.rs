//! Makes input: seeds, and what becomes of them by changes that mistakes and attacks are made of.
//!
//! There is no instrumentation on a stable compiler, so what guides is the outcome that a target reports: input with an outcome
//! that was not seen before is kept and changed further. Random numbers have a fixed beginning: the same run finds the same.

use std::{
    collections::{HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::{Duration, Instant},
};

/// The longest input.
const MAXIMUM_INPUT: usize = 8 * 1024;
/// The most inputs that are kept.
const MAXIMUM_KEPT: usize = 20_000;
/// Changes of one input.
const MAXIMUM_CHANGES: usize = 6;

/// splitmix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// A number for what came of an input.
pub fn outcome(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// What is tried, and with what.
pub struct Target<'a> {
    /// Inputs to begin with.
    pub seeds: Vec<Vec<u8>>,
    /// Pieces that mean something.
    pub pieces: &'a [&'a [u8]],
    /// Changes that know what the input is made of; those of bytes are made too.
    pub change: Option<fn(&mut Vec<u8>, &mut Random)>,
    /// Tries one input; panics if anything is not as it must be. The same number: nothing new.
    pub run: &'a dyn Fn(&[u8]) -> u64,
    /// Executions of a normal run.
    pub executions: u64,
}

impl Target<'_> {
    /// Runs for so many seconds as `FUZZ_SECONDS` says, from where `FUZZ_SEED` says; else for a fixed number of executions.
    #[allow(clippy::print_stdout)] // the figures of a run
    pub fn fuzz(mut self, name: &str) {
        let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
        let until = number("FUZZ_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let mut random = Random(number("FUZZ_SEED").unwrap_or(1));
        let (mut seen, mut kept) = (HashSet::new(), std::mem::take(&mut self.seeds));
        for seed in &kept {
            seen.insert(self.run_one(name, seed));
        }
        let (seeds, mut executions) = (kept.len(), kept.len() as u64);
        while until.map_or(executions < self.executions, |until| Instant::now() < until) {
            let mut input = kept[random.below(kept.len())].clone();
            for _ in 0..=random.below(MAXIMUM_CHANGES) {
                match self.change {
                    Some(change) if random.below(2) == 0 => change(&mut input, &mut random),
                    Some(_) | None => self.change_bytes(&mut input, &kept, &mut random),
                }
            }
            input.truncate(MAXIMUM_INPUT);
            executions += 1;
            if seen.insert(self.run_one(name, &input)) && kept.len() < MAXIMUM_KEPT {
                kept.push(input);
            }
        }
        println!("{name}: {executions} executions, {} outcomes, {} inputs kept", seen.len(), kept.len() - seeds);
    }

    /// Says what the input was when it fails: it becomes a seed when that is repaired.
    #[allow(clippy::print_stdout)]
    fn run_one(&self, name: &str, input: &[u8]) -> u64 {
        catch_unwind(AssertUnwindSafe(|| (self.run)(input))).unwrap_or_else(|panic| {
            println!("{name} fails on b\"{}\"", input.escape_ascii());
            resume_unwind(panic)
        })
    }

    fn change_bytes(&self, input: &mut Vec<u8>, kept: &[Vec<u8>], random: &mut Random) {
        let at = random.below(input.len() + 1);
        let most = 1 << random.below(8);
        let length = 1 + random.below(most);
        let end = (at + length).min(input.len());
        match random.below(9) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.byte(),
            2 => drop(input.drain(at..end)),
            3 => input.insert(at, random.byte()),
            4 if !self.pieces.is_empty() => {
                let piece = self.pieces[random.below(self.pieces.len())];
                drop(input.splice(at..at, piece.iter().copied()));
            }
            5 if !self.pieces.is_empty() => {
                let piece = self.pieces[random.below(self.pieces.len())];
                drop(input.splice(at..end, piece.iter().copied()));
            }
            6 => {
                let copy = input[at..end].to_vec();
                let to = random.below(input.len() + 1);
                drop(input.splice(to..to, copy));
            }
            7 => {
                let other = &kept[random.below(kept.len())];
                let from = random.below(other.len() + 1);
                let piece = other[from..(from + length * 4).min(other.len())].to_vec();
                drop(input.splice(at..end, piece));
            }
            _ => input.truncate(at),
        }
    }
}
