//! The modules of `#cloud-config` that instances know: hostname, ssh_authorized_keys, write_files and runcmd.
//!
//! They run in that order, as cloud-init runs them. Every other module is named on the console and left out, and user
//! data as a whole then counts as failed: a half-configured machine is not to look like a configured one.

use super::{files, user_data};
use base64::Engine;
use rustix::process::{Pid, Signal};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};
use yaml_rust2::{Yaml, YamlLoader};

/// The mode of files that do not say.
const DEFAULT_MODE: u32 = 0o644;

/// What a file asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct CloudConfig {
    hostname: Option<String>,
    keys: Vec<String>,
    files: Vec<FileToWrite>,
    /// One script for the shell; empty when there are no commands.
    commands: String,
    /// What is not done, in sentences.
    refused: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct FileToWrite {
    path: PathBuf,
    content: Vec<u8>,
    mode: u32,
    owner: Option<String>,
    append: bool,
}

/// Does what the file says; success when nothing was refused and nothing failed.
pub(super) fn run(path: &Path) -> ExitCode {
    let parsed = fs::read_to_string(path).map_err(|error| error.to_string()).and_then(|text| parse(&text));
    let config = match parsed {
        Ok(config) => config,
        Err(reason) => {
            say(&format!("#cloud-config was not run: {reason}"));
            return ExitCode::FAILURE;
        }
    };
    let mut failures = config.refused.clone();
    failures.extend(apply(&config));
    for failure in &failures {
        say(failure);
    }
    let ran = config.commands.is_empty() || run_commands(&config.commands);
    if failures.is_empty() && ran { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(text: &str) {
    let _ = io::stdout().write_all(format!("[goru] {text}\n").as_bytes());
}

/// All but the commands; what could not be done.
fn apply(config: &CloudConfig) -> Vec<String> {
    let mut failures = Vec::new();
    if let Some(name) = &config.hostname {
        match files::set_hostname(name) {
            // Has process 1 read the name again, and ask for it outside.
            Ok(()) => drop(rustix::process::kill_process(Pid::INIT, Signal::HUP)),
            Err(error) => failures.push(format!("hostname: {error}")),
        }
    }
    if !config.keys.is_empty() {
        for account in files::login_accounts() {
            let written = files::authorize(&account, &config.keys);
            failures.extend(written.err().map(|error| format!("ssh_authorized_keys of {}: {error}", account.name)));
        }
    }
    for file in &config.files {
        failures.extend(write(file).err().map(|error| format!("write_files: {}: {error}", file.path.display())));
    }
    failures
}

fn run_commands(script: &str) -> bool {
    let ran = user_data::store("runcmd", script.as_bytes())
        .and_then(|path| Command::new("/bin/sh").arg(path).status().map_err(|error| error.to_string()));
    match ran {
        Ok(status) => status.success(),
        Err(reason) => {
            say(&format!("runcmd was not run: {reason}"));
            false
        }
    }
}

fn write(file: &FileToWrite) -> io::Result<()> {
    if let Some(parent) = file.path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(file.append).write(true).truncate(!file.append).mode(0o600);
    options.open(&file.path)?.write_all(&file.content)?;
    // The owner first: changing it takes set-user-ID bits away.
    if let Some(owner) = &file.owner {
        let (uid, gid) = ids(owner)?;
        chown(&file.path, Some(uid), gid)?;
    }
    fs::set_permissions(&file.path, fs::Permissions::from_mode(file.mode))
}

/// `user`, `user:group`, or numbers in their places.
fn ids(owner: &str) -> io::Result<(u32, Option<u32>)> {
    let unknown = |what: &str| io::Error::new(io::ErrorKind::NotFound, format!("there is no {what}"));
    let (user, group) = owner.split_once(':').map_or((owner, None), |(user, group)| (user, Some(group)));
    let account = files::accounts().into_iter().find(|account| account.name == user);
    let uid = account.map(|account| account.uid).or_else(|| user.parse().ok());
    let uid = uid.ok_or_else(|| unknown(&format!("user {user}")))?;
    let gid = match group {
        None => None,
        Some(group) => Some(group_id(group).ok_or_else(|| unknown(&format!("group {group}")))?),
    };
    Ok((uid, gid))
}

fn group_id(name: &str) -> Option<u32> {
    let known = files::groups().into_iter().find(|group| group.name == name).map(|group| group.gid);
    known.or_else(|| name.parse().ok())
}

fn parse(text: &str) -> Result<CloudConfig, String> {
    let documents = YamlLoader::load_from_str(text).map_err(|error| format!("it is not YAML: {error}"))?;
    let modules = match documents.as_slice() {
        [] | [Yaml::Null] => return Ok(CloudConfig::default()),
        [Yaml::Hash(modules)] => modules,
        [_] => return Err("it is not a map of modules".to_owned()),
        _ => return Err("it is more than one document".to_owned()),
    };
    let mut config = CloudConfig::default();
    for (name, value) in modules {
        match name.as_str() {
            Some("hostname") => match value.as_str() {
                Some(name) => config.hostname = Some(name.to_owned()),
                None => config.refused.push("hostname: it is not a text".to_owned()),
            },
            Some("ssh_authorized_keys") => match texts(value) {
                Some(keys) => config.keys = keys,
                None => config.refused.push("ssh_authorized_keys: it is not a list of texts".to_owned()),
            },
            Some("write_files") => files_to_write(value, &mut config),
            Some("runcmd") => match script(value) {
                Some(script) => config.commands = script,
                None => config.refused.push("runcmd: it is not a list of commands".to_owned()),
            },
            Some(other) => config.refused.push(format!(
                "the module {other} of #cloud-config is not supported; hostname, ssh_authorized_keys, write_files and runcmd are"
            )),
            None => config.refused.push("the name of a module is not a text".to_owned()),
        }
    }
    Ok(config)
}

fn texts(value: &Yaml) -> Option<Vec<String>> {
    value.as_vec()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Commands as lines of one script: texts as they are, lists of words quoted.
fn script(value: &Yaml) -> Option<String> {
    let mut script = String::new();
    for item in value.as_vec()? {
        match item {
            Yaml::Array(words) => {
                let words: Option<Vec<String>> = words.iter().map(word).collect();
                script.push_str(&words?.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
            }
            Yaml::Null => continue,
            text @ (Yaml::Real(_)
            | Yaml::Integer(_)
            | Yaml::String(_)
            | Yaml::Boolean(_)
            | Yaml::Hash(_)
            | Yaml::Alias(_)
            | Yaml::BadValue) => script.push_str(&word(text)?),
        }
        script.push('\n');
    }
    Some(script)
}

fn word(value: &Yaml) -> Option<String> {
    match value {
        Yaml::String(text) | Yaml::Real(text) => Some(text.clone()),
        Yaml::Integer(number) => Some(number.to_string()),
        Yaml::Boolean(truth) => Some(truth.to_string()),
        Yaml::Array(_) | Yaml::Hash(_) | Yaml::Alias(_) | Yaml::Null | Yaml::BadValue => None,
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn files_to_write(value: &Yaml, config: &mut CloudConfig) {
    let Some(items) = value.as_vec() else {
        config.refused.push("write_files: it is not a list".to_owned());
        return;
    };
    for (place, item) in items.iter().enumerate() {
        match file_to_write(item) {
            Ok(file) => config.files.push(file),
            Err(reason) => config.refused.push(format!("write_files: entry {}: {reason}", place + 1)),
        }
    }
}

fn file_to_write(item: &Yaml) -> Result<FileToWrite, String> {
    let members = item.as_hash().ok_or("it is not a map")?;
    let (mut path, mut content, mut encoding) = (None, String::new(), "text/plain".to_owned());
    let mut file =
        FileToWrite { path: PathBuf::new(), content: Vec::new(), mode: DEFAULT_MODE, owner: None, append: false };
    for (name, value) in members {
        let text = || word(value).ok_or_else(|| format!("{} is not a text", name.as_str().unwrap_or("a member")));
        match name.as_str() {
            Some("path") => path = Some(PathBuf::from(text()?)),
            Some("content") => content = text()?,
            Some("encoding") => encoding = text()?,
            Some("owner") => file.owner = Some(text()?),
            Some("permissions") => {
                let digits = text()?;
                file.mode = u32::from_str_radix(digits.trim_start_matches("0o"), 8)
                    .ok()
                    .filter(|mode| *mode <= 0o7777)
                    .ok_or_else(|| format!("`{digits}` are no permissions"))?;
            }
            Some("append") => file.append = value.as_bool().ok_or("append is neither true nor false")?,
            Some(other) => return Err(format!("the member {other} is not supported")),
            None => return Err("the name of a member is not a text".to_owned()),
        }
    }
    file.path = path.filter(|path| path.is_absolute()).ok_or("it has no absolute path")?;
    file.content = decoded(content, &encoding)?;
    Ok(file)
}

fn decoded(content: String, encoding: &str) -> Result<Vec<u8>, String> {
    let base64 = |text: &str| {
        let text: String = text.split_whitespace().collect();
        base64::engine::general_purpose::STANDARD.decode(text).map_err(|error| error.to_string())
    };
    match encoding {
        "text/plain" | "" => Ok(content.into_bytes()),
        "b64" | "base64" => base64(&content),
        "gz+b64" | "gz+base64" | "gzip+b64" | "gzip+base64" => user_data::gunzip(&base64(&content)?),
        "gz" | "gzip" => user_data::gunzip(content.as_bytes()),
        other => Err(format!("the encoding {other} is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_that_are_known_are_understood() {
        let config = parse(
            "#cloud-config
hostname: web1
ssh_authorized_keys:
  - ssh-ed25519 AAA me
write_files:
  - path: /etc/motd
    content: |
      hello
  - {path: /usr/local/bin/x, permissions: '0755', owner: 'root:root', encoding: b64, content: aGk=}
  - {path: /x, content: H4sIAAAAAAAC/8vIBACsKpPYAgAAAA==, encoding: gz+b64, append: true, permissions: 0600}
runcmd:
  - echo a && echo b
  - [echo, it's, 5, true]
  -
",
        )
        .unwrap();
        assert_eq!(config.refused, Vec::<String>::new());
        assert_eq!(config.hostname.as_deref(), Some("web1"));
        assert_eq!(config.keys, ["ssh-ed25519 AAA me"]);
        let files: Vec<_> = config
            .files
            .iter()
            .map(|file| (file.path.to_str().unwrap(), file.content.as_slice(), file.mode, file.append))
            .collect();
        assert_eq!(
            files,
            [
                ("/etc/motd", b"hello\n".as_slice(), 0o644, false),
                ("/usr/local/bin/x", b"hi".as_slice(), 0o755, false),
                ("/x", b"hi".as_slice(), 0o600, true),
            ]
        );
        assert_eq!(config.files[1].owner.as_deref(), Some("root:root"));
        assert_eq!(config.commands, "echo a && echo b\n'echo' 'it'\\''s' '5' 'true'\n");
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for (text, name) in [
            ("packages: [nginx]", "packages"),
            ("users: [default]", "users"),
            ("hostname: [a]", "hostname"),
            ("write_files: [{path: relative}]", "absolute path"),
            ("write_files: [{path: /a, defer: true}]", "defer"),
            ("write_files: [{path: /a, encoding: rot13}]", "rot13"),
            ("write_files: [{path: /a, permissions: 'rw'}]", "permissions"),
            ("runcmd: echo", "runcmd"),
            ("runcmd: [{a: b}]", "runcmd"),
        ] {
            let refused = parse(text).unwrap().refused;
            assert!(refused.len() == 1 && refused[0].contains(name), "{text}: {refused:?}");
        }
        for (text, reason) in [("a: b: c", "not YAML"), ("- a", "not a map"), ("a: 1\n---\nb: 1", "more than one")] {
            assert!(parse(text).unwrap_err().contains(reason), "{text}");
        }
        assert_eq!(parse("#cloud-config\n").unwrap(), CloudConfig::default());
    }
}
