//! Expressions as trees, and the functions there are.

use std::collections::BTreeSet;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// `2.5`
    Number(f64),
    /// `"text"`, an argument of some functions.
    Text(String),
    /// `m1`: another query; or a word that a function knows, such as `REPEAT`.
    Name(String),
    /// `[m1, m2]`
    List(Vec<Expression>),
    /// `-m1`
    Negative(Box<Expression>),
    /// `m1 + m2`
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `SUM(METRICS())`
    Call(Function, Vec<Expression>),
}

/// What stands between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `||`, `OR`
    Or,
    /// `&&`, `AND`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `^`
    Power,
}

macro_rules! functions {
    ($($name:ident = $text:literal,)*) => {
        /// A function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "they are AWS's functions, explained in its user guide")]
        pub enum Function { $($name,)* }

        impl Function {
            /// AWS's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The function of that name, in capitals.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

functions! {
    Abs = "ABS",
    Avg = "AVG",
    Ceil = "CEIL",
    DatapointCount = "DATAPOINT_COUNT",
    Date = "DATE",
    Day = "DAY",
    Diff = "DIFF",
    DiffTime = "DIFF_TIME",
    Epoch = "EPOCH",
    Fill = "FILL",
    First = "FIRST",
    Floor = "FLOOR",
    Hour = "HOUR",
    If = "IF",
    Last = "LAST",
    Log = "LOG",
    Log10 = "LOG10",
    Max = "MAX",
    MetricCount = "METRIC_COUNT",
    Metrics = "METRICS",
    Min = "MIN",
    Minute = "MINUTE",
    Month = "MONTH",
    Period = "PERIOD",
    Rate = "RATE",
    RemoveEmpty = "REMOVE_EMPTY",
    RunningSum = "RUNNING_SUM",
    Slice = "SLICE",
    Sort = "SORT",
    Stddev = "STDDEV",
    Sum = "SUM",
    TimeSeries = "TIME_SERIES",
    Year = "YEAR",
}

/// Functions that AWS has and Goru has not, with the reason.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("ANOMALY_DETECTION_BAND", "anomaly detection is not part of Goru"),
    ("DB_PERF_INSIGHTS", "there are no databases in Goru"),
    ("INSIGHT_RULE_METRIC", "Contributor Insights is not part of Goru"),
    ("LAMBDA", "there is no Lambda in Goru"),
    ("SEARCH", "searching for metrics is not part of Goru; name them one by one"),
    ("SERVICE_QUOTA", "usage metrics are not part of Goru"),
];

impl Expression {
    /// Names in it that may be ids of other queries.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.visit(&mut |expression| {
            if let Self::Name(name) = expression {
                found.insert(name.clone());
            }
        });
        found
    }

    /// Whether METRICS() is in it.
    pub(super) fn uses_all_metrics(&self) -> bool {
        let mut found = false;
        self.visit(&mut |expression| found |= matches!(expression, Self::Call(Function::Metrics, _)));
        found
    }

    fn visit(&self, see: &mut impl FnMut(&Self)) {
        see(self);
        match self {
            Self::Number(_) | Self::Text(_) | Self::Name(_) => {}
            Self::Negative(inner) => inner.visit(see),
            Self::Binary(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::List(items) | Self::Call(_, items) => {
                for item in items {
                    item.visit(see);
                }
            }
        }
    }
}

impl Operator {
    /// What it makes of two numbers; comparisons give 1 or 0.
    pub(super) fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
        match self {
            Self::Or => truth(left != 0.0 || right != 0.0),
            Self::And => truth(left != 0.0 && right != 0.0),
            Self::Equal => truth(left == right),
            Self::NotEqual => truth(left != right),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
            Self::Power => left.powf(right),
        }
    }

    /// How strongly it binds; more is stronger.
    pub(super) const fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Plus | Self::Minus => 5,
            Self::Times | Self::Over => 6,
            Self::Power => 7,
        }
    }
}
