//! The live picture on a terminal: requests, CPU, instances, and what happens.

use super::{
    group::Group,
    load::Tally,
    stack::{HIGH, LOW},
};
use ratatui::{
    DefaultTerminal, Frame,
    crossterm::event::{self, Event, KeyCode, KeyModifiers},
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    text::{Line, Span},
    widgets::{Block, Cell, Paragraph, Row, Sparkline, Table},
};
use std::{collections::VecDeque, time::Duration};

/// So many of the newest values are drawn.
const HISTORY: usize = 240;
/// So many lines of what happened are kept.
const LINES: usize = 200;

/// What the viewer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The end.
    Quit,
    /// Kill an instance.
    Kill,
}

/// The screen. The terminal is as it was when this is dropped.
pub struct Picture {
    terminal: DefaultTerminal,
    url: String,
    rates: VecDeque<u64>,
    cpu: VecDeque<u64>,
    lines: VecDeque<String>,
}

impl Picture {
    /// Takes the terminal over.
    pub fn new(url: String) -> std::io::Result<Self> {
        let terminal = ratatui::try_init()?;
        Ok(Self { terminal, url, rates: VecDeque::new(), cpu: VecDeque::new(), lines: VecDeque::new() })
    }

    /// One more line of what happens.
    pub fn say(&mut self, line: &str) {
        push(&mut self.lines, line.to_owned(), LINES);
    }

    /// Draws the present.
    pub fn draw(&mut self, tally: &Tally, group: &Group) -> std::io::Result<()> {
        push(&mut self.rates, tally.rate, HISTORY);
        let cpu = group.cpu.unwrap_or(0.0).round().clamp(0.0, 1000.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
        push(&mut self.cpu, cpu as u64, HISTORY);
        let Self { terminal, url, rates, cpu, lines } = self;
        terminal.draw(|frame| screen(frame, url, (rates, cpu), lines, tally, group))?;
        Ok(())
    }

    /// What was pressed since the last time.
    pub fn key(&self) -> std::io::Result<Option<Key>> {
        while event::poll(Duration::ZERO)? {
            let Event::Key(key) = event::read()? else { continue };
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            if key.code == KeyCode::Char('q') || (control && key.code == KeyCode::Char('c')) {
                return Ok(Some(Key::Quit));
            }
            if key.code == KeyCode::Char('k') {
                return Ok(Some(Key::Kill));
            }
        }
        Ok(None)
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn push<T>(queue: &mut VecDeque<T>, value: T, most: usize) {
    queue.push_back(value);
    while queue.len() > most {
        queue.pop_front();
    }
}

fn screen(
    frame: &mut Frame<'_>,
    url: &str,
    (rates, cpu): (&VecDeque<u64>, &VecDeque<u64>),
    lines: &VecDeque<String>,
    tally: &Tally,
    group: &Group,
) {
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(9),
        Constraint::Length(8),
        Constraint::Min(4),
        Constraint::Length(1),
    ]);
    let [head, curves, members, happened, foot] = rows.areas(frame.area());
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(curves);
    let title = Line::from(vec![
        Span::styled(" goru ", Style::new().fg(Color::Black).bg(Color::Green).add_modifier(Modifier::BOLD)),
        Span::raw(format!(" {url}")),
    ]);
    frame.render_widget(title, head);
    curve(
        frame,
        left,
        rates,
        format!(" {} requests/s, {} in all, {} failed ", tally.rate, tally.sent, tally.failed),
        Color::Cyan,
    );
    let now = group.cpu.map_or("-".to_owned(), |cpu| format!("{cpu:.0}"));
    curve(frame, right, cpu, format!(" CPU {now} %   grows over {HIGH:.0}, shrinks at {LOW:.0} "), color_of(group.cpu));
    frame.render_widget(table(tally, group), members);
    let room = usize::from(happened.height.saturating_sub(2));
    let newest: Vec<Line<'_>> =
        lines.iter().skip(lines.len().saturating_sub(room)).map(|l| Line::raw(l.as_str())).collect();
    frame.render_widget(Paragraph::new(newest).block(Block::bordered().title(" What happens ")), happened);
    frame.render_widget(Line::styled(" q ends everything   k kills an instance", Style::new().dim()), foot);
}

fn color_of(cpu: Option<f64>) -> Color {
    match cpu {
        Some(cpu) if cpu > HIGH => Color::Red,
        Some(cpu) if cpu <= LOW => Color::Blue,
        Some(_) | None => Color::Green,
    }
}

/// The newest values, as many as fit.
fn curve(frame: &mut Frame<'_>, area: Rect, values: &VecDeque<u64>, title: String, color: Color) {
    let room = usize::from(area.width.saturating_sub(2));
    let newest: Vec<u64> = values.iter().skip(values.len().saturating_sub(room)).copied().collect();
    let most = newest.iter().copied().max().unwrap_or(0).max(100);
    let line = Sparkline::default().data(newest).max(most).style(Style::new().fg(color));
    frame.render_widget(line.block(Block::bordered().title(title)), area);
}

fn table<'a>(tally: &Tally, group: &'a Group) -> Table<'a> {
    let row = |member: &'a super::group::Member| {
        let (count, rate) = tally.answered.get(&member.id).copied().unwrap_or_default();
        let healthy = Style::new().fg(if member.health == "healthy" { Color::Green } else { Color::Yellow });
        Row::new(vec![
            Cell::from(member.id.as_str()),
            Cell::from(member.zone.as_str()),
            Cell::from(member.lifecycle.as_str()),
            Cell::from(member.health.as_str()).style(healthy),
            Cell::from(format!("{rate:>5}/s")),
            Cell::from(format!("{count:>8} answers")),
        ])
    };
    let widths = [
        Constraint::Length(20),
        Constraint::Length(16),
        Constraint::Length(20),
        Constraint::Length(10),
        Constraint::Length(8),
        Constraint::Length(18),
    ];
    let alarms: Vec<String> = group.alarms.iter().map(|(name, state)| format!("{name}: {state}")).collect();
    let title = format!(" {} of {} instances   {} ", group.serving().len(), group.desired, alarms.join("   "));
    Table::new(group.members.iter().map(row), widths).block(Block::bordered().title(title))
}

#[cfg(test)]
mod tests {
    use super::{super::group::Member, *};
    use ratatui::{Terminal, backend::TestBackend};

    #[test]
    fn the_screen_names_every_member_its_state_and_what_happened() {
        let member = |id: &str, health: &str| Member {
            id: id.to_owned(),
            zone: "ap-northeast-2a".to_owned(),
            lifecycle: "InService".to_owned(),
            health: health.to_owned(),
        };
        let group = Group {
            desired: 2,
            members: vec![member("i-0123456789abcdef0", "healthy"), member("i-0123456789abcdef1", "initial")],
            alarms: vec![("high".to_owned(), "ALARM".to_owned())],
            cpu: Some(93.4),
            mails: Vec::new(),
        };
        let tally = Tally { rate: 80, sent: 1000, ..Tally::default() };
        let values = VecDeque::from([10, 90]);
        let lines = VecDeque::from(["the group grows".to_owned()]);
        let mut terminal = Terminal::new(TestBackend::new(110, 32)).unwrap();
        terminal.draw(|frame| screen(frame, "http://web/", (&values, &values), &lines, &tally, &group)).unwrap();
        let shown = terminal.backend().to_string();
        for part in [
            "http://web/",
            "80 requests/s",
            "0 failed",
            "CPU 93 %",
            "1 of 2 instances",
            "high: ALARM",
            "abcdef1",
            "initial",
            "the group grows",
        ] {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
    }

    #[test]
    fn a_small_terminal_is_drawn_too() {
        let mut terminal = Terminal::new(TestBackend::new(10, 3)).unwrap();
        let empty = VecDeque::new();
        terminal
            .draw(|frame| screen(frame, "u", (&empty, &empty), &VecDeque::new(), &Tally::default(), &Group::default()))
            .unwrap();
    }
}
