//! What happens in the demonstration, act by act, each with its deadline and the time that it took.

use super::{
    group::Group,
    load::Load,
    picture::{Key, Picture},
    server::Server,
    stack::{BUSY_SIZE, QUIET_SIZE, Stack},
    tell,
};
use anyhow::{Context, bail};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Light load: a page now and then. Requests per second.
const LIGHT: u32 = 20;
/// Heavy load: twice what one instance can do, and about half of what three can.
const HEAVY: u32 = 80;
/// What one page of the heavy load takes.
const HEAVY_PAGE: &str = "/busy/22";
/// How often the group is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// The longest that an act may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

/// Where the story is told.
pub enum Screen {
    /// Lines on stdout.
    Lines,
    /// A live picture, and the lines that were said on it.
    Picture(Box<Picture>, Vec<String>),
}

impl Screen {
    /// A picture on this terminal.
    pub fn picture(url: String) -> std::io::Result<Self> {
        Ok(Self::Picture(Box::new(Picture::new(url)?), Vec::new()))
    }

    fn say(&mut self, line: &str) {
        match self {
            Self::Lines => tell(line),
            Self::Picture(picture, said) => {
                picture.say(line);
                said.push(line.to_owned());
            }
        }
    }
}

/// The viewer wants the end.
#[derive(Debug, thiserror::Error)]
#[error("ended by the viewer")]
struct Ended;

/// The acts, and what they need.
pub struct Story<'a> {
    server: &'a Server,
    stack: &'a Stack,
    load: &'a Load,
    screen: Screen,
    mails: usize,
    states: BTreeSet<(String, String)>,
}

impl<'a> Story<'a> {
    /// A story that has not begun.
    pub fn new(server: &'a Server, stack: &'a Stack, load: &'a Load, screen: Screen) -> Self {
        Self { server, stack, load, screen, mails: 0, states: BTreeSet::new() }
    }

    /// Tells it to its end; unless `once`, goes on until the viewer has seen enough. Gives whether the end was reached.
    pub async fn tell(&mut self, once: bool) -> anyhow::Result<bool> {
        match self.acts(once).await {
            Err(error) if error.is::<Ended>() => Ok(false),
            Err(error) => Err(error),
            Ok(()) => Ok(true),
        }
    }

    /// Gives the screen back, and what was said on it.
    pub fn close(self) -> Vec<String> {
        match self.screen {
            Screen::Lines => Vec::new(),
            Screen::Picture(picture, said) => {
                drop(picture);
                said
            }
        }
    }

    async fn acts(&mut self, once: bool) -> anyhow::Result<()> {
        self.until("the first instance serves", |group| group.settled_at(QUIET_SIZE)).await?;
        self.load.set("/", LIGHT);
        self.say("Load comes: more than one instance can take.");
        self.load.set(HEAVY_PAGE, HEAVY);
        let took = self.until("three instances serve", |group| group.settled_at(BUSY_SIZE)).await?;
        self.say(&format!("The group grew from {QUIET_SIZE} to {BUSY_SIZE} after {took:.1} s of load."));
        self.mail("ALARM: \"high\"").await?;
        let took = self.kill().await?;
        self.say(&format!("It was replaced: {BUSY_SIZE} instances serve again after {took:.1} s."));
        self.say("Load ends.");
        self.load.set("/", LIGHT);
        let took = self.until("one instance is left", |group| group.settled_at(QUIET_SIZE)).await?;
        self.say(&format!("The group shrank from {BUSY_SIZE} to {QUIET_SIZE} after {took:.1} s."));
        self.mail("ALARM: \"low\"").await?;
        if !once {
            self.say("The site goes on. Ctrl-C ends everything.");
            self.go_on().await?;
        }
        Ok(())
    }

    /// Kills an instance as `kill -9` does, and waits until another one serves in its place.
    async fn kill(&mut self) -> anyhow::Result<f32> {
        let group = Group::look(self.server, self.stack).await?;
        let victim = group.serving().first().map(|member| member.id.clone()).context("no instance serves")?;
        let pid = self.server.pid_of(&victim).await?;
        let process =
            i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw).context("the instance has no process")?;
        self.say(&format!("kill -9 {pid}, which is {victim}"));
        rustix::process::kill_process(process, rustix::process::Signal::KILL)
            .context("cannot kill the instance's process")?;
        let gone = |group: &Group| group.members.iter().all(|member| member.id != victim);
        self.until("the killed instance is replaced", |group| gone(group) && group.serving().len() >= BUSY_SIZE).await
    }

    async fn go_on(&mut self) -> anyhow::Result<()> {
        loop {
            match self.look().await {
                Err(error) if error.is::<Ended>() => return Ok(()),
                looked => drop(looked?),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits for a mail.
    async fn mail(&mut self, subject: &str) -> anyhow::Result<()> {
        let there = |group: &Group| group.mails.iter().any(|mail| mail.contains(subject));
        self.until(&format!("the mail {subject} arrives"), there).await.map(drop)
    }

    /// Looks until something is true; gives the seconds that it took.
    async fn until(&mut self, what: &str, is_so: impl Fn(&Group) -> bool) -> anyhow::Result<f32> {
        let began = Instant::now();
        loop {
            let group = self.look().await?;
            if is_so(&group) {
                return Ok(began.elapsed().as_secs_f32());
            }
            if began.elapsed() > DEADLINE {
                bail!("waited {DEADLINE:?} until {what}; the group is {group:?}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Looks at the group, tells what is new, and draws.
    async fn look(&mut self) -> anyhow::Result<Group> {
        let group = Group::look(self.server, self.stack).await?;
        for mail in group.mails.iter().skip(self.mails) {
            self.screen.say(&format!("  mail: {mail}"));
        }
        self.mails = group.mails.len();
        let states: BTreeSet<(String, String)> = group
            .members
            .iter()
            .map(|member| (member.id.clone(), format!("{}, {}", member.lifecycle, member.health)))
            .collect();
        for (id, state) in states.difference(&self.states) {
            self.screen.say(&format!("  {id} is {state}"));
        }
        self.states = states;
        let tally = self.load.tally();
        if let Screen::Picture(picture, _) = &mut self.screen {
            picture.draw(&tally, &group)?;
            match picture.key()? {
                Some(Key::Quit) => return Err(Ended.into()),
                Some(Key::Kill) => self.kill_any(&group).await?,
                None => {}
            }
        }
        Ok(group)
    }

    /// Kills an instance that serves, because the viewer asked for it.
    async fn kill_any(&mut self, group: &Group) -> anyhow::Result<()> {
        let Some(victim) = group.serving().first().map(|member| member.id.clone()) else { return Ok(()) };
        // It may have ended since.
        let Ok(pid) = self.server.pid_of(&victim).await else { return Ok(()) };
        if let Some(process) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
            self.say(&format!("kill -9 {pid}, which is {victim}"));
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
        Ok(())
    }

    fn say(&mut self, line: &str) {
        self.screen.say(line);
    }
}
