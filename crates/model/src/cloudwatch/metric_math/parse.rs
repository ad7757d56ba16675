//! From text to tree: a small lexer and a precedence climber, bounded in length and depth.

use super::{
    MAXIMUM_DEPTH, MAXIMUM_LENGTH,
    expression::{Expression, Function, Operator, REFUSED},
};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Word(String),
    Operator(Operator),
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
}

/// Reads an expression.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub(super) fn parse(text: &str) -> Result<Expression, String> {
    if text.chars().count() > MAXIMUM_LENGTH {
        return Err(format!("it is longer than {MAXIMUM_LENGTH} characters"));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let expression = parser.expression(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(format!("`{}` is not expected there", shown(token))),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = token(rest, first)?;
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn token(rest: &str, first: char) -> Result<(Token, usize), String> {
    const TWO: [(&str, Operator); 6] = [
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("&&", Operator::And),
        ("||", Operator::Or),
    ];
    if let Some((_, operator)) = TWO.iter().find(|(text, _)| rest.starts_with(text)) {
        return Ok((Token::Operator(*operator), 2));
    }
    let single = match first {
        '(' => Token::Open,
        ')' => Token::Close,
        '[' => Token::OpenList,
        ']' => Token::CloseList,
        ',' => Token::Comma,
        '+' => Token::Operator(Operator::Plus),
        '-' => Token::Operator(Operator::Minus),
        '*' => Token::Operator(Operator::Times),
        '/' => Token::Operator(Operator::Over),
        '^' => Token::Operator(Operator::Power),
        '<' => Token::Operator(Operator::Less),
        '>' => Token::Operator(Operator::Greater),
        '"' | '\'' => return quoted(rest, first),
        '0'..='9' | '.' => return number(rest),
        'a'..='z' | 'A'..='Z' | '_' => return Ok(word(rest)),
        other => return Err(format!("`{other}` is not part of an expression")),
    };
    Ok((single, 1))
}

fn quoted(rest: &str, quote: char) -> Result<(Token, usize), String> {
    let inner = &rest[1..];
    let end = inner.find(quote).ok_or_else(|| "a text has no end".to_owned())?;
    Ok((Token::Text(inner[..end].to_owned()), end + 2))
}

/// Digits with an optional fraction and exponent.
fn number(rest: &str) -> Result<(Token, usize), String> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    let number: f64 = rest[..end].parse().map_err(|_| format!("`{}` is not a number", &rest[..end]))?;
    match number.is_finite() {
        true => Ok((Token::Number(number), end)),
        false => Err(format!("`{}` is too large", &rest[..end])),
    }
}

fn word(rest: &str) -> (Token, usize) {
    let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let token = match &rest[..length] {
        "AND" => Token::Operator(Operator::And),
        "OR" => Token::Operator(Operator::Or),
        word => Token::Word(word.to_owned()),
    };
    (token, length)
}

fn shown(token: &Token) -> String {
    match token {
        Token::Number(number) => number.to_string(),
        Token::Text(text) => format!("\"{text}\""),
        Token::Word(word) => word.clone(),
        Token::Operator(operator) => format!("{operator:?}"),
        Token::Open => "(".to_owned(),
        Token::Close => ")".to_owned(),
        Token::OpenList => "[".to_owned(),
        Token::CloseList => "]".to_owned(),
        Token::Comma => ",".to_owned(),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), String> {
        match self.take() {
            Some(token) if token == *wanted => Ok(()),
            Some(token) => Err(format!("`{}` is expected instead of `{}`", shown(wanted), shown(&token))),
            None => Err(format!("`{}` is missing at the end", shown(wanted))),
        }
    }

    /// Operators of at least this strength.
    fn expression(&mut self, strength: u8) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > MAXIMUM_DEPTH {
            return Err(format!("it nests deeper than {MAXIMUM_DEPTH} levels"));
        }
        let mut left = self.operand()?;
        while let Some(Token::Operator(operator)) = self.peek() {
            let operator = *operator;
            if operator.strength() < strength {
                break;
            }
            self.next += 1;
            // Powers group from the right, everything else from the left.
            let above = if operator == Operator::Power { operator.strength() } else { operator.strength() + 1 };
            let right = self.expression(above)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, String> {
        match self.take() {
            None => Err("a value is missing at the end".to_owned()),
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Operator(Operator::Minus)) => {
                // As strong as a product: -m1 ^ 2 is -(m1 ^ 2).
                let operand = self.expression(Operator::Power.strength())?;
                Ok(Expression::Negative(Box::new(operand)))
            }
            Some(Token::Open) => {
                let inner = self.expression(0)?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Some(Token::OpenList) => Ok(Expression::List(self.items(&Token::CloseList)?)),
            Some(Token::Word(word)) if self.peek() == Some(&Token::Open) => {
                self.next += 1;
                let function = function(&word)?;
                Ok(Expression::Call(function, self.items(&Token::Close)?))
            }
            Some(Token::Word(word)) => Ok(Expression::Name(word)),
            Some(token @ (Token::Operator(_) | Token::Close | Token::CloseList | Token::Comma)) => {
                Err(format!("a value is expected instead of `{}`", shown(&token)))
            }
        }
    }

    fn items(&mut self, end: &Token) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.peek() == Some(end) {
            self.next += 1;
            return Ok(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.peek() != Some(&Token::Comma) {
                self.expect(end)?;
                return Ok(items);
            }
            self.next += 1;
        }
    }
}

fn function(word: &str) -> Result<Function, String> {
    let name = word.to_ascii_uppercase();
    if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
        return Err(format!("the function {name} is not supported: {reason}"));
    }
    Function::from_name(&name).ok_or_else(|| format!("there is no function {word}"))
}
