//! The value of a message attribute, and what filter policies and receivers see of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A typed value that travels beside a message (SNS developer guide, message attributes).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeValue {
    /// `String`, `String.Array`, `Number` or `Binary`, possibly with a suffix of the user's (`Number.float`).
    pub data_type: String,
    /// The value as text; of `Binary` its base64.
    pub value: String,
}

/// Why an attribute is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAttribute {
    /// Not one of the four types.
    #[error("its data type is not String, String.Array, Number or Binary")]
    Type,
    /// Nothing in it.
    #[error("it has no value")]
    Empty,
    /// `Number` with a text that is none.
    #[error("it is said to be a Number and is none")]
    NotANumber,
    /// `String.Array` with something that is no array of texts, numbers, `true`, `false` and `null`.
    #[error("it is said to be a String.Array and is no JSON array of texts, numbers, booleans and null")]
    NotAnArray,
}

impl AttributeValue {
    /// A checked value.
    ///
    /// # Errors
    /// When the type is unknown or does not fit the value.
    pub fn new(data_type: impl Into<String>, value: impl Into<String>) -> Result<Self, InvalidAttribute> {
        let (data_type, value) = (data_type.into(), value.into());
        if value.is_empty() {
            return Err(InvalidAttribute::Empty);
        }
        let made = Self { data_type, value };
        match made.base_type() {
            "String.Array" if made.elements().is_none() => Err(InvalidAttribute::NotAnArray),
            "Number" if number(&made.value).is_none() => Err(InvalidAttribute::NotANumber),
            "String" | "String.Array" | "Number" | "Binary" => Ok(made),
            _ => Err(InvalidAttribute::Type),
        }
    }

    /// A text.
    pub fn text(value: impl Into<String>) -> Self {
        Self { data_type: "String".to_owned(), value: value.into() }
    }

    /// Whether the value is base64 of bytes.
    pub fn is_binary(&self) -> bool {
        self.base_type() == "Binary"
    }

    /// What a filter policy is compared with: one value, several for an array, none for bytes.
    pub fn filterable(&self) -> Vec<Value> {
        match self.base_type() {
            "Binary" => Vec::new(),
            "Number" => number(&self.value).map(Value::from).into_iter().collect(),
            "String.Array" => self.elements().unwrap_or_default(),
            _ => vec![Value::from(self.value.clone())],
        }
    }

    fn base_type(&self) -> &str {
        let array = self.data_type == "String.Array" || self.data_type.starts_with("String.Array.");
        if array { "String.Array" } else { self.data_type.split('.').next().unwrap_or_default() }
    }

    fn elements(&self) -> Option<Vec<Value>> {
        let elements: Vec<Value> = serde_json::from_str(&self.value).ok()?;
        elements.iter().all(|element| !element.is_array() && !element.is_object()).then_some(elements)
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_must_fit_their_type() {
        for (data_type, value, expected) in [
            ("String", "x", Ok(vec![json!("x")])),
            ("String.mine", "x", Ok(vec![json!("x")])),
            ("Number", "12.5", Ok(vec![json!(12.5)])),
            ("Number.int", "x", Err(InvalidAttribute::NotANumber)),
            ("Number", "inf", Err(InvalidAttribute::NotANumber)),
            ("String.Array", r#"["a", 1, null]"#, Ok(vec![json!("a"), json!(1), json!(null)])),
            ("String.Array", "a", Err(InvalidAttribute::NotAnArray)),
            ("String.Array", "[[1]]", Err(InvalidAttribute::NotAnArray)),
            ("Binary", "eA==", Ok(vec![])),
            ("Strings", "x", Err(InvalidAttribute::Type)),
            ("", "x", Err(InvalidAttribute::Type)),
            ("String", "", Err(InvalidAttribute::Empty)),
        ] {
            let found = AttributeValue::new(data_type, value).map(|made| made.filterable());
            assert_eq!(found, expected, "{data_type} {value}");
        }
    }
}
