//! XML out: elements, text, and values by their shape; XML in: a small tree for rest-xml.
//!
//! Query, ec2 and rest-xml write values alike: list elements have a name of their own unless the list is flattened,
//! map entries stand in `entry` unless the map is flattened. Characters that XML 1.0 forbids, even escaped, are left
//! out, since one of them would make the whole answer unreadable.

use std::borrow::Cow;

use quick_xml::escape::escape;
use quick_xml::events::Event;

use crate::protocol::text;
use crate::shape::{Kind, List, Map, Member, Shape, TimestampFormat};
use crate::value::{Structure, Value};

/// Deepest nesting of elements that is read.
pub const MAX_XML_DEPTH: usize = 64;
/// Most elements that are read from one document.
pub const MAX_XML_ELEMENTS: usize = 100_000;

/// Writes one XML document without declaration or white space between elements.
#[derive(Debug, Default)]
pub struct XmlWriter {
    bytes: Vec<u8>,
}

impl XmlWriter {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the root element; an empty namespace writes none.
    pub fn open_root(&mut self, name: &str, namespace: &str) {
        if namespace.is_empty() {
            return self.open(name);
        }
        let tag = format!("<{name} xmlns=\"{}\">", escape(namespace));
        self.bytes.extend_from_slice(tag.as_bytes());
    }

    /// Opens an element.
    pub fn open(&mut self, name: &str) {
        self.bytes.push(b'<');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b'>');
    }

    /// Closes the element opened last; `name` is its name.
    pub fn close(&mut self, name: &str) {
        self.bytes.extend_from_slice(b"</");
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b'>');
    }

    /// Writes an element that holds only text.
    pub fn text_element(&mut self, name: &str, text: &str) {
        self.open(name);
        self.bytes.extend_from_slice(escape(allowed(text)).as_bytes());
        self.close(name);
    }

    /// Writes the members of a structure, without an element around them.
    pub fn members(&mut self, shape: &Shape, structure: &Structure) {
        for (name, value) in &structure.members {
            if let Some(member) = shape.member(name) {
                self.member(member, value);
            }
        }
    }

    /// Writes one member under its wire name.
    pub fn member(&mut self, member: &Member, value: &Value) {
        self.value(member.wire, member.shape, member.timestamp, value);
    }

    /// Writes the whole document of a REST payload: a root element with the members of `structure`.
    pub fn document(&mut self, root: &str, namespace: &str, shape: &Shape, structure: &Structure) {
        self.open_root(root, namespace);
        self.members(shape, structure);
        self.close(root);
    }

    fn value(&mut self, name: &str, shape: &Shape, timestamp: Option<TimestampFormat>, value: &Value) {
        match (&shape.kind, value) {
            (Kind::List(list), Value::List(values)) => self.list(name, list, values),
            (Kind::Map(map), Value::Map(entries)) => self.map(name, map, entries),
            (Kind::Structure(_), Value::Structure(structure)) => {
                self.open(name);
                self.members(shape, structure);
                self.close(name);
            }
            (kind, scalar) => {
                if let Some(text) =
                    text::format(scalar, text::timestamp_format(kind, timestamp, TimestampFormat::Iso8601))
                {
                    self.text_element(name, &text);
                }
            }
        }
    }

    fn list(&mut self, name: &str, list: &List, values: &[Value]) {
        if list.flattened {
            let name = flattened_name(name, list);
            return values.iter().for_each(|value| self.value(name, list.element, None, value));
        }
        self.open(name);
        for value in values {
            self.value(list.element_name, list.element, None, value);
        }
        self.close(name);
    }

    fn map(&mut self, name: &str, map: &Map, entries: &[(String, Value)]) {
        let entry_name = if map.flattened { name } else { "entry" };
        if !map.flattened {
            self.open(name);
        }
        for (key, value) in entries {
            self.open(entry_name);
            self.text_element(map.key_name, key);
            self.value(map.value_name, map.value, None, value);
            self.close(entry_name);
        }
        if !map.flattened {
            self.close(name);
        }
    }

    /// The document.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The list that a shape is, if its elements stand without an element around them.
pub(crate) fn flattened_list(shape: &Shape) -> Option<&List> {
    if let Kind::List(list) = &shape.kind { Some(list).filter(|list| list.flattened) } else { None }
}

/// The name under which a flattened list repeats: that of its elements where the definition gives one.
pub(crate) fn flattened_name<'a>(member: &'a str, list: &List) -> &'a str
where
    'static: 'a,
{
    if list.element_name == "member" { member } else { list.element_name }
}

/// The text without the characters that XML 1.0 forbids (section 2.2, production `Char`).
fn allowed(text: &str) -> Cow<'_, str> {
    let forbidden = |character: char| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(forbidden) { Cow::Owned(text.replace(forbidden, "")) } else { Cow::Borrowed(text) }
}

/// An element that was read: name without prefix, text of its own, child elements. Attributes are not kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// Text directly inside.
    pub text: String,
    /// Child elements in order.
    pub children: Vec<Element>,
}

/// A document that is not XML, or larger than we read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum XmlError {
    /// Not well-formed; the text says where.
    #[error("the XML is not well-formed: {0}")]
    Malformed(String),
    /// It holds a document type or an entity of its own, which could expand without limit.
    #[error("the XML must not declare a document type or use entities of its own")]
    Entity,
    /// Deeper than [`MAX_XML_DEPTH`] or more than [`MAX_XML_ELEMENTS`] elements.
    #[error("the XML nests deeper than {MAX_XML_DEPTH} or has more than {MAX_XML_ELEMENTS} elements")]
    TooLarge,
}

impl Element {
    /// Reads one document.
    ///
    /// # Errors
    /// [`XmlError`] as described at its variants.
    pub fn parse(document: &str) -> Result<Self, XmlError> {
        let mut reader = quick_xml::Reader::from_str(document);
        reader.config_mut().expand_empty_elements = true;
        let mut open = vec![Self::default()];
        let mut elements = 0;
        loop {
            let event = reader.read_event().map_err(|error| XmlError::Malformed(error.to_string()))?;
            elements += usize::from(matches!(event, Event::Start(_)));
            if open.len() > MAX_XML_DEPTH || elements > MAX_XML_ELEMENTS {
                return Err(XmlError::TooLarge);
            }
            if matches!(event, Event::Eof) {
                return Self::root(open);
            }
            Self::take(&mut open, event)?;
        }
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn root(mut open: Vec<Self>) -> Result<Self, XmlError> {
        let document = open.pop().filter(|_| open.is_empty());
        let mut roots = document.map(|document| document.children).unwrap_or_default();
        match (roots.pop(), roots.is_empty()) {
            (Some(root), true) => Ok(root),
            (Some(_) | None, _) => Err(XmlError::Malformed("there must be exactly one root element".into())),
        }
    }

    fn take(open: &mut Vec<Self>, event: Event<'_>) -> Result<(), XmlError> {
        match event {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                open.push(Self { name, ..Self::default() });
            }
            Event::End(_) => Self::close(open)?,
            Event::Text(text) => Self::append(open, &text.xml10_content()),
            Event::CData(text) => Self::append(open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let text = format!("&{};", &*reference);
                let character = quick_xml::escape::unescape(&text).map_err(|_| XmlError::Entity)?;
                Self::append(open, &character);
            }
            Event::DocType(_) => return Err(XmlError::Entity),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn append(open: &mut [Self], text: &str) {
        if let Some(element) = open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn close(open: &mut Vec<Self>) -> Result<(), XmlError> {
        let unbalanced = || XmlError::Malformed("an element is closed that was not opened".into());
        let element = open.pop().ok_or_else(unbalanced)?;
        open.last_mut().ok_or_else(unbalanced)?.children.push(element);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;

    static STRING: Shape = Shape::new("String", Kind::String);
    static WHEN: Shape = Shape::new("When", Kind::Timestamp(None));
    static NAMES: Shape = Shape::list("Names", &STRING);
    static ITEMS: Shape = Shape::list_of("Items", &STRING, "item", false);
    static FLAT: Shape = Shape::list_of("Flat", &STRING, "member", true);
    static FLAT_NAMED: Shape = Shape::list_of("FlatNamed", &STRING, "Thing", true);
    static MAP: Shape = Shape::map("Map", &STRING, &STRING);
    static OUTPUT_MEMBERS: [Member; 7] = [
        Member::new("Name", &STRING),
        Member::new("When", &WHEN).named("when", "When"),
        Member::new("Names", &NAMES),
        Member::new("Items", &ITEMS).named("itemSet", "Item"),
        Member::new("Flat", &FLAT),
        Member::new("FlatNamed", &FLAT_NAMED),
        Member::new("Map", &MAP),
    ];
    static OUTPUT: Shape = Shape::structure("Output", &OUTPUT_MEMBERS);

    fn written(members: Vec<(&'static str, Value)>) -> String {
        let mut xml = XmlWriter::new();
        xml.members(&OUTPUT, &Structure { members, unknown: Vec::new() });
        String::from_utf8(xml.into_bytes()).unwrap()
    }

    fn list(values: &[&str]) -> Value {
        Value::List(values.iter().map(|value| Value::String((*value).into())).collect())
    }

    #[test]
    fn members_are_written_as_their_shapes_say() {
        let timestamp = Value::Timestamp(crate::Timestamp(1_700_000_000_123));
        let map = Value::Map(vec![("k".into(), Value::String("v".into()))]);
        let cases = [
            ("Name", Value::String("a<b>&\"'".into()), "<Name>a&lt;b&gt;&amp;&quot;&apos;</Name>"),
            ("Name", Value::String("a\0\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}b\t\n".into()), "<Name>ab\t\n</Name>"),
            ("Name", Value::String("a\rb".into()), "<Name>a&#13;b</Name>"),
            ("Name", Value::String("\u{10348}\u{202e}".into()), "<Name>\u{10348}\u{202e}</Name>"),
            ("When", timestamp, "<when>2023-11-14T22:13:20.123Z</when>"),
            ("Names", list(&["a", "b"]), "<Names><member>a</member><member>b</member></Names>"),
            ("Names", list(&[]), "<Names></Names>"),
            ("Items", list(&["a"]), "<itemSet><item>a</item></itemSet>"),
            ("Flat", list(&["a", "b"]), "<Flat>a</Flat><Flat>b</Flat>"),
            ("FlatNamed", list(&["a", "b"]), "<Thing>a</Thing><Thing>b</Thing>"),
            ("Map", map, "<Map><entry><key>k</key><value>v</value></entry></Map>"),
        ];
        for (name, value, expected) in cases {
            assert_eq!(written(vec![(name, value)]), expected);
        }
    }

    #[test]
    fn documents_are_read_into_elements() {
        let root = Element::parse(
            "<?xml version=\"1.0\"?><a xmlns=\"x\"> <p:b>1 &lt; &#50;</p:b><c/><b><![CDATA[<]]></b></a>",
        )
        .unwrap();
        assert_eq!((root.name.as_str(), root.children.len()), ("a", 3));
        assert_eq!(root.child("b").unwrap().text, "1 < 2");
        assert_eq!(root.children[2].text, "<");
    }

    #[test]
    fn broken_and_dangerous_documents_are_refused() {
        for text in ["", "<a>", "<a></b>", "<a/><b/>", "text", "<a"] {
            assert!(matches!(Element::parse(text), Err(XmlError::Malformed(_))), "{text}");
        }
        let bomb = "<!DOCTYPE a [<!ENTITY x \"yyyy\">]><a>&x;</a>";
        assert_eq!(Element::parse(bomb), Err(XmlError::Entity));
        assert_eq!(Element::parse("<a>&x;</a>"), Err(XmlError::Entity));
        assert_eq!(Element::parse(&"<a>".repeat(MAX_XML_DEPTH + 1)), Err(XmlError::TooLarge));
    }
}
