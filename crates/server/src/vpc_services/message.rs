//! Messages of DNS (RFC 1035), between their bytes and what the model decides. What is not understood is not guessed at.

use hickory_proto::{
    op::{Edns, Message, MessageType, Metadata, OpCode, ResponseCode},
    rr::{
        DNSClass, Name, RData, Record, RecordType,
        rdata::{A, PTR},
    },
};
use model::ec2::vpc_dns::{Answer, TTL_SECONDS, Wanted};

/// The largest answer over UDP that whoever asks may expect of us (RFC 6891; what passes every network without fragments).
const EDNS_BYTES: u16 = 1232;
/// The bytes of a head, at the beginning of which is the number of the message.
const HEAD_BYTES: usize = 12;

/// A question that was understood.
#[derive(Debug)]
pub(super) struct Question {
    message: Message,
    /// The name, without a dot at the end.
    pub name: String,
    /// What is asked for.
    pub wanted: Wanted,
}

/// What a message comes to.
pub(super) enum Read {
    /// A question.
    Question(Question),
    /// Something else, which this is the answer to.
    Refusal(Vec<u8>),
    /// Nothing that can be answered.
    Nothing,
}

/// Reads a message.
pub(super) fn read(bytes: &[u8]) -> Read {
    let Some(id) = id(bytes) else { return Read::Nothing };
    let Ok(message) = Message::from_vec(bytes) else {
        // An answer to an answer could go on for ever.
        let is_answer = bytes[2] & 0x80 != 0;
        return if is_answer { Read::Nothing } else { refusal(id, OpCode::Query, ResponseCode::FormErr) };
    };
    if message.metadata.message_type == MessageType::Response {
        return Read::Nothing;
    }
    if message.metadata.op_code != OpCode::Query {
        return refusal(id, message.metadata.op_code, ResponseCode::NotImp);
    }
    let [query] = message.queries.as_slice() else { return refusal(id, OpCode::Query, ResponseCode::FormErr) };
    let wanted = match (query.query_class(), query.query_type()) {
        (DNSClass::IN, RecordType::A) => Wanted::Address,
        (DNSClass::IN, RecordType::PTR) => Wanted::Name,
        (DNSClass::IN, RecordType::ANY) => Wanted::Anything,
        (_, _) => Wanted::Another,
    };
    let name = query.name().to_ascii().trim_end_matches('.').to_owned();
    Read::Question(Question { name, wanted, message })
}

fn refusal(id: u16, code: OpCode, response: ResponseCode) -> Read {
    Message::error_msg(id, code, response).to_vec().map_or(Read::Nothing, Read::Refusal)
}

impl Question {
    /// The answer's bytes. `None`: somebody else is to be asked.
    pub(super) fn answer(&self, answer: &Answer) -> Option<Vec<u8>> {
        let owner = self.message.queries.first().map(|query| query.name().clone()).unwrap_or_default();
        let record = |data| Record::from_rdata(owner.clone(), TTL_SECONDS, data);
        match answer {
            Answer::Addresses(addresses) => {
                let records = addresses.iter().map(|address| record(RData::A(A::from(*address)))).collect();
                Some(self.respond(ResponseCode::NoError, records))
            }
            Answer::Name(name) => {
                let pointer = Name::from_ascii(format!("{name}.")).ok()?;
                Some(self.respond(ResponseCode::NoError, vec![record(RData::PTR(PTR(pointer)))]))
            }
            Answer::NoSuchName => Some(self.respond(ResponseCode::NXDomain, Vec::new())),
            Answer::Refused => Some(self.respond(ResponseCode::Refused, Vec::new())),
            Answer::Elsewhere => None,
        }
    }

    /// What is said when nobody has answered.
    pub(super) fn failure(&self) -> Vec<u8> {
        self.respond(ResponseCode::ServFail, Vec::new())
    }

    fn respond(&self, code: ResponseCode, answers: Vec<Record>) -> Vec<u8> {
        let asked = &self.message;
        let mut response = Message::response(asked.metadata.id, OpCode::Query);
        response.metadata = Metadata::response_from_request(&asked.metadata);
        response.metadata.recursion_available = true;
        response.metadata.response_code = code;
        response.queries.clone_from(&asked.queries);
        response.answers = answers;
        if asked.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(EDNS_BYTES);
            response.edns = Some(edns);
        }
        // A name that was read can be written, and so can addresses; were it otherwise, whoever asks would ask again.
        response.to_vec().unwrap_or_default()
    }
}

/// The number of a message; `None`: it is too short for one.
pub(super) fn id(bytes: &[u8]) -> Option<u16> {
    let head = bytes.get(..HEAD_BYTES)?;
    Some(u16::from_be_bytes([head[0], head[1]]))
}

/// The same message with another number.
pub(super) fn renumbered(mut bytes: Vec<u8>, id: u16) -> Vec<u8> {
    if let Some(number) = bytes.get_mut(..2) {
        number.copy_from_slice(&id.to_be_bytes());
    }
    bytes
}

/// Whether this is the answer to a question: its number, and the question repeated.
pub(super) fn answers(answer: &[u8], question: &[u8]) -> bool {
    if id(answer).is_none() || id(answer) != id(question) || answer[2] & 0x80 == 0 {
        return false;
    }
    let (Ok(answer), Ok(question)) = (Message::from_vec(answer), Message::from_vec(question)) else { return false };
    // Some leave the question out of what they refuse.
    answer.queries == question.queries || answer.queries.is_empty() && answer.answers.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::Query;
    use std::net::Ipv4Addr;

    fn asked(name: &str, kind: RecordType) -> Vec<u8> {
        let mut message = Message::new(7, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message.to_vec().unwrap()
    }

    fn question(bytes: &[u8]) -> Question {
        match read(bytes) {
            Read::Question(question) => question,
            Read::Refusal(_) | Read::Nothing => panic!("this is a question"),
        }
    }

    #[test]
    fn questions_are_read_and_answers_written() {
        for (kind, wanted) in [
            (RecordType::A, Wanted::Address),
            (RecordType::PTR, Wanted::Name),
            (RecordType::ANY, Wanted::Anything),
            (RecordType::AAAA, Wanted::Another),
        ] {
            let question = question(&asked("Web.example.com.", kind));
            assert_eq!((question.name.as_str(), question.wanted), ("Web.example.com", wanted));
        }
        let bytes = asked("web.example.com.", RecordType::A);
        let question = question(&bytes);
        let address = Ipv4Addr::new(10, 0, 0, 5);
        for (answer, code, count) in [
            (Answer::Addresses(vec![address, Ipv4Addr::new(10, 0, 1, 5)]), ResponseCode::NoError, 2),
            (Answer::Addresses(Vec::new()), ResponseCode::NoError, 0),
            (Answer::Name("ip-10-0-0-5.ec2.internal".into()), ResponseCode::NoError, 1),
            (Answer::NoSuchName, ResponseCode::NXDomain, 0),
            (Answer::Refused, ResponseCode::Refused, 0),
        ] {
            let written = question.answer(&answer).unwrap();
            let message = Message::from_vec(&written).unwrap();
            assert_eq!((message.metadata.response_code, message.answers.len()), (code, count), "{answer:?}");
            assert_eq!((message.metadata.id, message.metadata.recursion_desired), (7, true));
            assert!(answers(&written, &bytes), "{answer:?}");
        }
        assert!(question.answer(&Answer::Elsewhere).is_none());
        assert!(answers(&question.failure(), &bytes));
    }

    #[test]
    fn what_is_no_question_is_refused_or_passed_over() {
        let mut update = asked("a.example.", RecordType::A);
        update[2] = 5 << 3;
        let mut garbled = asked("a.example.", RecordType::A);
        garbled.truncate(15);
        let mut response = asked("a.example.", RecordType::A);
        response[2] |= 0x80;
        for (bytes, code) in [(update, Some(4)), (garbled, Some(1)), (response, None), (vec![0; 11], None)] {
            let found = match read(&bytes) {
                Read::Refusal(refusal) => Some(refusal[3] & 15),
                Read::Nothing => None,
                Read::Question(question) => panic!("{question:?}"),
            };
            assert_eq!(found, code, "{bytes:?}");
        }
    }

    #[test]
    fn another_numbers_or_names_answer_is_none() {
        let bytes = asked("a.example.", RecordType::A);
        let answer = question(&bytes).failure();
        assert!(answers(&answer, &bytes));
        assert!(!answers(&renumbered(answer.clone(), 8), &bytes));
        assert!(!answers(&answer, &asked("b.example.", RecordType::A)));
        assert!(!answers(&bytes, &bytes), "a question is no answer");
        assert!(!answers(&[], &bytes));
    }
}
