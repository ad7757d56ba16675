//! From a request to the rules that it may meet, without looking at the others.
//!
//! Each rule is filed under the keys of one of its conditions ([`super::file`]). What can stand in a request only once
//! (beginnings, ends and whole of host and path, the method, the client's address) is in one table. What can be repeated
//! (header fields, the query, pieces of texts) is in another, whose buckets are marked when they are gone through, so
//! that repeating it makes nobody ask a rule again.

use super::{
    file::{Census, Filed, Filing, Options, Place},
    gate::{Gate, Of},
    key::{self, Key, Lengths, MAXIMUM_LENGTH, Subject},
    table::{MAXIMUM_MARKED, Table},
    watch::{Form, Watch},
};
use model::elbv2::condition::Condition;
use std::{collections::HashMap, net::IpAddr};

/// Where the rules of a listener are filed.
#[derive(Debug)]
pub(super) struct Index {
    /// Of what a request has once.
    pub once: Table,
    /// Of what it may have repeatedly.
    pub again: Table,
    pub host: Watch,
    pub path: Watch,
    pub method: Watch,
    pub source: Sources,
    pub fields: Named,
    pub values: Named,
    pub any_value: Watch,
    /// Rules with expressions of the host, and of the path.
    pub hosts: Box<[Gate]>,
    pub paths: Box<[Gate]>,
    /// Rules that every request asks, in order.
    pub always: Box<[u32]>,
    /// The first rule in `again`; the greatest number when there is none.
    pub first_again: u32,
}

/// How many bits of the client's address are looked at.
#[derive(Debug, Default)]
pub(super) struct Sources {
    v4: Box<[u8]>,
    v6: Box<[u8]>,
    first: u32,
}

/// Subjects by the name of a field or the key of a pair.
#[derive(Debug)]
pub(super) struct Named {
    /// The lengths of names, where they are known.
    lengths: Option<Lengths>,
    table: Table,
    watches: Box<[Watch]>,
}

impl Index {
    /// Files rules; their positions are those in `rules`.
    pub fn new(rules: &[&[Condition]]) -> Self {
        let options: Vec<_> = rules.iter().map(|conditions| Options::of(conditions)).collect();
        let mut census = Census::default();
        options.iter().for_each(|options| census.add(options));
        let mut filer = Filer::default();
        for ((rule, conditions), options) in (0..).zip(rules).zip(options) {
            match census.file(options) {
                Filed::Under(filings) => filings.into_iter().for_each(|filing| filer.add(filing, rule)),
                Filed::WithHosts => filer.hosts.push((rule, conditions)),
                Filed::WithPaths => filer.paths.push((rule, conditions)),
                Filed::Nowhere => filer.always.push(rule),
            }
        }
        filer.finish()
    }
}

/// An index that is being made.
struct Filer<'a> {
    once: Vec<(Key, u32)>,
    again: Vec<(Key, u32)>,
    host: Watch,
    path: Watch,
    method: Watch,
    sources: Vec<(bool, u8)>,
    first_source: u32,
    fields: HashMap<Key, Watch>,
    field_lengths: Option<Lengths>,
    values: HashMap<Key, Watch>,
    any_value: Watch,
    hosts: Vec<(u32, &'a [Condition])>,
    paths: Vec<(u32, &'a [Condition])>,
    always: Vec<u32>,
}

impl Default for Filer<'_> {
    fn default() -> Self {
        Self {
            once: Vec::new(),
            again: Vec::new(),
            host: Watch::nothing(Subject::HOST),
            path: Watch::nothing(Subject::PATH),
            method: Watch::nothing(Subject::METHOD),
            sources: Vec::new(),
            first_source: u32::MAX,
            fields: HashMap::new(),
            field_lengths: Some(Lengths::default()),
            values: HashMap::new(),
            any_value: Watch::nothing(Subject::ANY_VALUE),
            hosts: Vec::new(),
            paths: Vec::new(),
            always: Vec::new(),
        }
    }
}

impl Filer<'_> {
    fn add(&mut self, filing: Filing, rule: u32) {
        let Filing { place, key } = filing;
        let once = match place {
            Place::Host(form) => {
                self.host.add(form, rule);
                form != Form::Piece
            }
            Place::Path(form) => {
                self.path.add(form, rule);
                form != Form::Piece
            }
            Place::Method => {
                // Methods are so short that all of them are looked up.
                self.method.add(Form::Present, rule);
                true
            }
            Place::Source { v6, prefix } => {
                self.sources.push((v6, prefix));
                self.first_source = self.first_source.min(rule);
                true
            }
            Place::Field { name, length, form } => {
                self.fields.entry(name).or_insert_with(|| Watch::nothing(Subject::under(name))).add(form, rule);
                self.add_field_length(length);
                false
            }
            Place::Value { name, form } => {
                self.values.entry(name).or_insert_with(|| Watch::nothing(Subject::under(name))).add(form, rule);
                false
            }
            Place::AnyValue(form) => {
                self.any_value.add(form, rule);
                false
            }
        };
        if once { &mut self.once } else { &mut self.again }.push((key, rule));
    }

    /// With a name that is no length at all, or a very long one, every field is looked up.
    fn add_field_length(&mut self, length: usize) {
        match &mut self.field_lengths {
            Some(lengths) if (1..=MAXIMUM_LENGTH).contains(&length) => lengths.add(length),
            lengths => *lengths = None,
        }
    }

    fn finish(mut self) -> Index {
        self.sources.sort_unstable();
        self.sources.dedup();
        let of_family = |v6| self.sources.iter().filter(|(of, _)| *of == v6).map(|(_, prefix)| *prefix).collect();
        Index {
            once: Table::new(&self.once, usize::MAX),
            again: Table::new(&self.again, MAXIMUM_MARKED),
            host: self.host,
            path: self.path,
            method: self.method,
            source: Sources { v4: of_family(false), v6: of_family(true), first: self.first_source },
            fields: Named::new(self.fields, self.field_lengths),
            values: Named::new(self.values, None),
            any_value: self.any_value,
            hosts: Gate::all(Of::Hosts, &self.hosts),
            paths: Gate::all(Of::Paths, &self.paths),
            always: self.always.into(),
            first_again: self.again.iter().map(|(_, rule)| *rule).min().unwrap_or(u32::MAX),
        }
    }
}

impl Sources {
    /// The keys of the blocks around an address.
    pub fn keys(&self, address: IpAddr, mut hit: impl FnMut(Key)) {
        let address = address.to_canonical();
        let prefixes = match address {
            IpAddr::V4(_) => &self.v4,
            IpAddr::V6(_) => &self.v6,
        };
        prefixes.iter().for_each(|prefix| hit(key::of_block(address, *prefix)));
    }

    /// Whether a rule before `rule` may be found.
    #[inline]
    pub fn concern(&self, rule: u32) -> bool {
        self.first < rule
    }
}

impl Named {
    fn new(watches: HashMap<Key, Watch>, lengths: Option<Lengths>) -> Self {
        let (names, watches): (Vec<_>, Vec<_>) = watches.into_iter().unzip();
        let pairs: Vec<_> = names.into_iter().zip(0..).collect();
        Self { lengths, table: Table::new(&pairs, usize::MAX), watches: watches.into() }
    }

    /// Whether nothing is looked up.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.watches.is_empty()
    }

    /// The keys of a text under a name.
    #[inline]
    pub fn keys(&self, names: Subject, name: &[u8], text: &[u8], mut hit: impl FnMut(Key)) {
        if self.lengths.is_some_and(|lengths| !lengths.has(name.len())) {
            return;
        }
        let name = names.exact(name);
        for entry in self.table.bucket(name).1.iter().filter(|entry| entry.is_of(name)) {
            let watch = &self.watches[entry.rule as usize];
            watch.edges(text, &mut hit);
            watch.pieces(text, &mut hit);
        }
    }
}
