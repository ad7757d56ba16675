//! Walks the trees: names to values, operators over numbers and series, calls to functions.

use super::{
    MathError,
    expression::{Expression, Function, Operator},
    functions,
    value::{Grid, Named, Series, Value},
};
use crate::cloudwatch::alarm::{MetricQuery, QuerySource};
use std::collections::{BTreeMap, BTreeSet};

/// The evaluation of a set of queries: each is computed once, those that it needs first.
pub(super) struct Work<'a> {
    queries: &'a [MetricQuery],
    metrics: &'a BTreeMap<String, Series>,
    grid: &'a Grid,
    expressions: &'a BTreeMap<String, Expression>,
    done: BTreeMap<String, Value>,
    /// Being computed: whoever meets them again depends on itself.
    open: BTreeSet<String>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        queries: &'a [MetricQuery],
        metrics: &'a BTreeMap<String, Series>,
        grid: &'a Grid,
        expressions: &'a BTreeMap<String, Expression>,
    ) -> Self {
        Self { queries, metrics, grid, expressions, done: BTreeMap::new(), open: BTreeSet::new() }
    }

    pub(super) fn finish(self) -> BTreeMap<String, Value> {
        self.done
    }

    /// The value of a query.
    pub(super) fn value(&mut self, id: &str) -> Result<Value, MathError> {
        if let Some(value) = self.done.get(id) {
            return Ok(value.clone());
        }
        let wrong = |problem: String| MathError { id: id.to_owned(), problem };
        let query = self.queries.iter().find(|query| query.id == id);
        let query = query.ok_or_else(|| wrong(format!("there is no query with the id {id}")))?;
        if !self.open.insert(id.to_owned()) {
            return Err(wrong("it depends on itself".to_owned()));
        }
        let value = match &query.source {
            QuerySource::Stat(_) => Value::Series(self.metric(query)),
            QuerySource::Expression { .. } => {
                let expressions = self.expressions;
                let expression = expressions.get(id).ok_or_else(|| wrong("it was not read".to_owned()))?;
                named(self.compute(expression).map_err(|problem| problem.of(id))?, query)
            }
        };
        self.open.remove(id);
        self.done.insert(id.to_owned(), value.clone());
        Ok(value)
    }

    /// All queries that are metrics, as METRICS() gives them.
    fn all_metrics(&self, part: Option<&str>) -> Vec<Named> {
        let metrics = self.queries.iter().filter(|query| matches!(query.source, QuerySource::Stat(_)));
        let wanted = metrics.filter(|query| part.is_none_or(|part| query.id.contains(part)));
        wanted.map(|query| self.metric(query)).collect()
    }

    fn metric(&self, query: &MetricQuery) -> Named {
        let points = self.metrics.get(&query.id).cloned().unwrap_or_default();
        let label = query.label.clone().unwrap_or_else(|| query.id.clone());
        Named { id: query.id.clone(), label, points }
    }

    fn compute(&mut self, expression: &Expression) -> Result<Value, Problem> {
        match expression {
            Expression::Number(number) => Ok(Value::Scalar(*number)),
            Expression::Text(text) => Err(Problem::Here(format!("the text \"{text}\" is not expected there"))),
            Expression::Name(id) => self.name(id),
            Expression::Negative(inner) => Ok(self.compute(inner)?.map(|number| -number)),
            Expression::Binary(operator, left, right) => {
                let (left, right) = (self.compute(left)?, self.compute(right)?);
                binary(*operator, left, right).map_err(Problem::Here)
            }
            Expression::List(items) => self.list(items),
            Expression::Call(Function::Metrics, arguments) => match arguments.as_slice() {
                [] => Ok(Value::List(self.all_metrics(None))),
                [Expression::Text(part)] => Ok(Value::List(self.all_metrics(Some(part)))),
                _ => Err(Problem::Here("METRICS takes nothing or one text".to_owned())),
            },
            Expression::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn name(&mut self, id: &str) -> Result<Value, Problem> {
        match self.queries.iter().any(|query| query.id == id) {
            true => self.value(id).map_err(Problem::There),
            false => Err(Problem::Here(format!("there is no query with the id {id}"))),
        }
    }

    fn list(&mut self, items: &[Expression]) -> Result<Value, Problem> {
        let mut list = Vec::new();
        for item in items {
            match self.compute(item)? {
                Value::Series(series) => list.push(series),
                Value::List(more) => list.extend(more),
                Value::Scalar(_) => return Err(Problem::Here("a list holds time series, not numbers".to_owned())),
            }
        }
        Ok(Value::List(list))
    }

    fn call(&mut self, function: Function, arguments: &[Expression]) -> Result<Value, Problem> {
        let mut values = Vec::new();
        for argument in arguments {
            values.push(match functions::keyword(function, values.len(), argument) {
                Some(word) => functions::Argument::Word(word),
                None => functions::Argument::Value(self.compute(argument)?),
            });
        }
        functions::call(function, values, self.grid).map_err(Problem::Here)
    }
}

/// A problem of this expression, or of one that it uses.
enum Problem {
    Here(String),
    There(MathError),
}

impl Problem {
    fn of(self, id: &str) -> MathError {
        match self {
            Self::Here(problem) => MathError { id: id.to_owned(), problem },
            Self::There(error) => error,
        }
    }
}

/// What an expression made goes by the name of the expression.
fn named(value: Value, query: &MetricQuery) -> Value {
    match value {
        Value::Series(series) => {
            let label = query.label.clone().unwrap_or_else(|| query.id.clone());
            Value::Series(Named { id: query.id.clone(), label, points: series.points })
        }
        Value::Scalar(_) | Value::List(_) => value,
    }
}

/// Numbers spread over series, series over lists; two series meet where both have a value.
fn binary(operator: Operator, left: Value, right: Value) -> Result<Value, String> {
    use Value::{List, Scalar, Series as One};
    Ok(match (left, right) {
        (Scalar(left), Scalar(right)) => Scalar(operator.apply(left, right)),
        (Scalar(left), right @ (One(_) | List(_))) => right.map(|number| operator.apply(left, number)),
        (left @ (One(_) | List(_)), Scalar(right)) => left.map(|number| operator.apply(number, right)),
        (One(left), One(right)) => One(meet(operator, &left, &right)),
        (One(left), List(right)) => List(
            right
                .iter()
                .map(|right| Named { id: right.id.clone(), label: right.label.clone(), ..meet(operator, &left, right) })
                .collect(),
        ),
        (List(left), One(right)) => List(
            left.iter()
                .map(|left| Named { id: left.id.clone(), label: left.label.clone(), ..meet(operator, left, &right) })
                .collect(),
        ),
        (List(_), List(_)) => {
            return Err("two lists of time series cannot be combined; use a function first".to_owned());
        }
    })
}

fn meet(operator: Operator, left: &Named, right: &Named) -> Named {
    let both = left.points.iter().filter_map(|(at, left)| Some((*at, operator.apply(*left, *right.points.get(at)?))));
    Named::unnamed(both.collect())
}
