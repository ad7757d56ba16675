//! AWS's names as Rust's: fields, constants, enum variants. Pure text; AWS's own spelling stays in the tables.

/// Words in which AWS puts capitals where no new word begins.
const ONE_WORD: [(&str, &str); 5] =
    [("IPv4", "Ipv4"), ("IPv6", "Ipv6"), ("VCpu", "Vcpu"), ("GiB", "Gib"), ("MiB", "Mib")];

/// Keywords of Rust among AWS's member names.
const KEYWORDS: [&str; 8] = ["type", "match", "return", "static", "ref", "use", "where", "in"];

/// A field: `VpcId` becomes `vpc_id`, `Type` becomes `r#type`.
pub fn field(name: &str) -> String {
    let snake = snake(name);
    if KEYWORDS.contains(&snake.as_str()) { format!("r#{snake}") } else { snake }
}

/// A constant: `CreateVpcRequest` becomes `CREATE_VPC_REQUEST`.
pub fn constant(name: &str) -> String {
    snake(name).to_uppercase()
}

/// A type: AWS's name with a capital first letter.
pub fn type_name(name: &str) -> String {
    capitalised(name)
}

/// The same text with its first letter in upper case.
pub fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A variant for a value of an enumeration: `round_robin` becomes `RoundRobin`, `TCP_UDP` becomes `TcpUdp`.
pub fn variant(value: &str) -> String {
    let words = value.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.map(word).fold(String::new(), |text, word| {
        let ends_in_digit = text.ends_with(|letter: char| letter.is_ascii_digit());
        let separator =
            if ends_in_digit && word.starts_with(|letter: char| letter.is_ascii_digit()) { "_" } else { "" };
        text + separator + &word
    });
    if joined.starts_with(|letter: char| letter.is_ascii_digit()) { format!("V{joined}") } else { joined }
}

/// A variant for an error code: AWS's own capitals, without the punctuation.
pub fn error_variant(code: &str) -> String {
    code.split(|letter: char| !letter.is_ascii_alphanumeric()).map(capitalised).collect()
}

/// One word of an enumeration value: all upper case is tamed, mixed case is kept.
fn word(word: &str) -> String {
    let shouts = !word.chars().any(|letter| letter.is_ascii_lowercase());
    if shouts { capitalised(&word.to_lowercase()) } else { capitalised(word) }
}

fn snake(name: &str) -> String {
    let name = ONE_WORD.iter().fold(name.to_string(), |text, (from, to)| text.replace(from, to));
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        if index > 0 && begins_word(&letters, index) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// A capital after a small letter or digit, or the last capital of a run when a small letter follows.
fn begins_word(letters: &[char], index: usize) -> bool {
    if !letters[index].is_uppercase() {
        return false;
    }
    let after_capital = letters[index - 1].is_uppercase();
    let before_small = letters.get(index + 1).is_some_and(|next| next.is_lowercase());
    !after_capital || before_small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_snake_case() {
        let table = [
            ("VpcId", "vpc_id"),
            ("DNSName", "dns_name"),
            ("Type", "r#type"),
            ("IPv6Address", "ipv6_address"),
            ("PrivateIPv4Address", "private_ipv4_address"),
            ("EnableDns64", "enable_dns64"),
            ("VCpuInfo", "vcpu_info"),
            ("EnableResourceNameDnsAAAARecord", "enable_resource_name_dns_aaaa_record"),
            ("SizeInMiB", "size_in_mib"),
            ("HttpPutResponseHopLimit", "http_put_response_hop_limit"),
        ];
        for (name, expected) in table {
            assert_eq!(field(name), expected);
        }
        assert_eq!(constant("DescribeSSLPoliciesInput"), "DESCRIBE_SSL_POLICIES_INPUT");
    }

    #[test]
    fn variants_are_camel_case() {
        let table = [
            ("HTTP", "Http"),
            ("TCP_UDP", "TcpUdp"),
            ("internet-facing", "InternetFacing"),
            ("unhealthy.draining", "UnhealthyDraining"),
            ("Target.ResponseCodeMismatch", "TargetResponseCodeMismatch"),
            ("SampleCount", "SampleCount"),
            ("x86_64", "X86_64"),
            ("Kilobytes/Second", "KilobytesSecond"),
            ("2012", "V2012"),
        ];
        for (value, expected) in table {
            assert_eq!(variant(value), expected);
        }
        assert_eq!(error_variant("InvalidVpcID.NotFound"), "InvalidVpcIDNotFound");
    }
}
