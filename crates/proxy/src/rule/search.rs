//! The search for the first rule that a request meets.

use super::{
    condition::CompiledCondition,
    gate::{Behind, Gate},
    index::Index,
    key::{Key, Subject},
    request::{HeaderFields, RuleRequest},
    table::Marks,
};
use model::elbv2::condition::pairs;

/// What was found for a request, and what finding it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The position of the first rule that is met.
    pub rule: Option<usize>,
    /// How many times a rule was asked.
    pub asked: u32,
}

/// Searches rules that are filed in an index.
pub(super) fn find<F: HeaderFields + ?Sized>(
    rules: &[Box<[CompiledCondition]>],
    index: &Index,
    request: &RuleRequest<'_, F>,
) -> Found {
    let mut search = Search { rules, index, request, best: u32::MAX, asked: 0 };
    search.once();
    search.others();
    if index.first_again < search.best {
        search.again();
    }
    let rule = (search.best != u32::MAX).then_some(search.best as usize);
    Found { rule, asked: search.asked }
}

/// The search for the first rule of one request. Lists of rules are gone through in any order of the lists: each only up
/// to the best rule found so far.
struct Search<'s, 'r, F: ?Sized> {
    rules: &'s [Box<[CompiledCondition]>],
    index: &'s Index,
    request: &'s RuleRequest<'r, F>,
    /// The first rule known to be met; the greatest number when there is none.
    best: u32,
    asked: u32,
}

impl<F: HeaderFields + ?Sized> Search<'_, '_, F> {
    /// Asks a rule that lies before the best one; whether it is met, and so the best one now.
    #[inline]
    fn ask(&mut self, rule: u32) -> bool {
        self.asked += 1;
        let met = self.rules[rule as usize].iter().all(|condition| condition.is_met(self.request));
        if met {
            self.best = rule;
        }
        met
    }

    #[inline]
    fn ask_in_order(&mut self, rules: impl IntoIterator<Item = u32>) {
        for rule in rules {
            if rule >= self.best || self.ask(rule) {
                return;
            }
        }
    }

    /// Rules under keys that the request has once.
    #[inline]
    fn once(&mut self) {
        let index = self.index;
        let request = self.request;
        if index.host.concerns(self.best) {
            index.host.edges(request.host, |key| self.under(key));
        }
        if index.path.concerns(self.best) {
            index.path.edges(request.path, |key| self.under(key));
        }
        if index.method.concerns(self.best) {
            self.under(Subject::METHOD.exact(request.method));
        }
        if index.source.concern(self.best) {
            index.source.keys(request.source, |key| self.under(key));
        }
    }

    #[inline]
    fn under(&mut self, key: Key) {
        let (_, entries) = self.index.once.bucket(key);
        for entry in entries {
            if entry.rule >= self.best || entry.is_of(key) && self.ask(entry.rule) {
                return;
            }
        }
    }

    /// Rules without a key.
    #[inline]
    fn others(&mut self) {
        let index = self.index;
        self.ask_in_order(index.always.iter().copied());
        self.behind(&index.hosts, self.request.host);
        self.behind(&index.paths, self.request.path);
    }

    fn behind(&mut self, gates: &[Gate], text: &[u8]) {
        for gate in gates {
            if gate.first >= self.best {
                return;
            }
            if gate.is_open(text) {
                match &gate.behind {
                    Behind::Gates(gates) => self.behind(gates, text),
                    Behind::Rules(rules) => self.ask_in_order(rules.iter().copied()),
                }
            }
        }
    }

    /// Rules under keys that the request may have repeatedly.
    #[inline(never)]
    fn again(&mut self) {
        let index = self.index;
        let request = self.request;
        let mut marks = Marks::none();
        if index.host.has_pieces() && index.host.concerns(self.best) {
            index.host.pieces(request.host, |key| self.under_again(key, &mut marks));
        }
        if index.path.has_pieces() && index.path.concerns(self.best) {
            index.path.pieces(request.path, |key| self.under_again(key, &mut marks));
        }
        if !index.fields.is_empty() {
            for (name, value) in request.fields.each() {
                index.fields.keys(Subject::FIELD_NAME, name, value, |key| self.under_again(key, &mut marks));
            }
        }
        let any_value = index.any_value.concerns(self.best);
        if !request.query.is_empty() && (any_value || !index.values.is_empty()) {
            for (key, value) in pairs(request.query) {
                if !index.values.is_empty() {
                    index.values.keys(Subject::QUERY_KEY, key, value, |key| self.under_again(key, &mut marks));
                }
                if any_value {
                    index.any_value.edges(value, |key| self.under_again(key, &mut marks));
                    index.any_value.pieces(value, |key| self.under_again(key, &mut marks));
                }
            }
        }
    }

    /// All rules of the bucket are asked, so that it need not be looked at again.
    #[inline]
    fn under_again(&mut self, key: Key, marks: &mut Marks) {
        let (bucket, entries) = self.index.again.bucket(key);
        if !marks.has(bucket) && entries.iter().any(|entry| entry.is_of(key)) {
            marks.add(bucket);
            self.ask_in_order(entries.iter().map(|entry| entry.rule));
        }
    }
}
