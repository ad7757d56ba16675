//! A simulation as an SVG picture: load, what one instance had to do with the threshold, and capacity, one above the
//! other over the same time.

use super::report::{Report, Row};
use anyhow::anyhow;
use model::Timestamp;
use plotters::prelude::*;
use plotters::series::DashedLineSeries;

const SIZE: (u32, u32) = (1200, 900);
const MARGIN: u32 = 12;
const SIMULATED: RGBColor = RGBColor(0x1f, 0x77, 0xb4);
const RECORDED: RGBColor = RGBColor(0xff, 0x7f, 0x0e);
const THRESHOLD: RGBColor = RGBColor(0xd6, 0x27, 0x28);
const LOAD: RGBColor = RGBColor(0x55, 0x55, 0x55);
const DAY_HOURS: f64 = 24.0;
/// Room above the greatest value.
const HEADROOM: f64 = 1.15;
const DASH: u32 = 8;

/// A line: its name in the legend, colour, whether it is dashed, and its points.
struct Line {
    name: String,
    color: RGBColor,
    dashed: bool,
    points: Vec<(f64, f64)>,
}

/// The picture as a document.
pub fn draw(report: &Report) -> anyhow::Result<String> {
    let mut text = String::new();
    draw_on(&mut text, report).map_err(|error| anyhow!("cannot draw: {error}"))?;
    Ok(text)
}

fn draw_on(text: &mut String, report: &Report) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let from = super::report::short(report.from);
    let root = root.titled(&format!("{}: simulated and recorded, from {from}", report.group), ("sans-serif", 24))?;
    let areas = root.split_evenly((3, 1));
    let time = Axis::of(report);
    let capacity = "instances in service";
    let panels = [
        ("load of all instances".to_owned(), loads(report, &time)),
        (format!("{} of one instance", report.metric), metrics(report, &time)),
        (capacity.to_owned(), capacities(report, &time)),
    ];
    for (area, (title, lines)) in areas.iter().zip(panels) {
        panel(area, &time, &title, &lines)?;
    }
    root.present()?;
    Ok(())
}

/// The time, in hours since the midnight (UTC) before the start.
struct Axis {
    midnight: Timestamp,
    from: f64,
    to: f64,
}

impl Axis {
    fn of(report: &Report) -> Self {
        let mut axis = Self { midnight: report.from.period_start(86_400), from: 0.0, to: 0.0 };
        (axis.from, axis.to) = (axis.hours(report.from), axis.hours(report.to));
        axis
    }

    fn hours(&self, at: Timestamp) -> f64 {
        at.since(self.midnight).as_secs_f64() / 3600.0
    }
}

/// `14:30`; with the number of the day after the first.
fn clock(hours: &f64) -> String {
    let minutes = (hours * 60.0).round();
    let (day, minute) = ((minutes / 60.0 / DAY_HOURS).floor(), minutes.rem_euclid(60.0));
    let hour = ((minutes - minute) / 60.0).rem_euclid(DAY_HOURS);
    let day = if day > 0.0 { format!("+{day:.0}d ") } else { String::new() };
    format!("{day}{hour:02.0}:{minute:02.0}")
}

fn line(name: &str, color: RGBColor, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.to_owned(), color, dashed: false, points }
}

fn points(report: &Report, time: &Axis, value: impl Fn(&Row) -> Option<f64>) -> Vec<(f64, f64)> {
    report.minutes.iter().filter_map(|row| Some((time.hours(row.at), value(row)?))).collect()
}

fn loads(report: &Report, time: &Axis) -> Vec<Line> {
    vec![line("load", LOAD, points(report, time, |row| Some(row.load)))]
}

fn metrics(report: &Report, time: &Axis) -> Vec<Line> {
    let recorded = points(report, time, |row| row.recorded.and_then(|recorded| recorded.metric));
    let mut lines = vec![line("recorded", RECORDED, recorded)];
    lines.push(line("simulated", SIMULATED, points(report, time, |row| row.metric)));
    if let Some(at) = report.threshold {
        let points = vec![(time.from, at), (time.to, at)];
        lines.push(Line { dashed: true, ..line(&format!("threshold {at}"), THRESHOLD, points) });
    }
    lines
}

fn capacities(report: &Report, time: &Axis) -> Vec<Line> {
    let recorded = points(report, time, |row| row.recorded.map(|recorded| f64::from(recorded.in_service)));
    let simulated = points(report, time, |row| Some(f64::from(row.in_service)));
    let desired = points(report, time, |row| Some(f64::from(row.desired)));
    vec![
        Line { dashed: true, ..line("desired (simulated)", LOAD, stairs(&desired)) },
        line("recorded", RECORDED, stairs(&recorded)),
        line("simulated", SIMULATED, stairs(&simulated)),
    ]
}

/// Values that stay until they change, with upright steps.
fn stairs(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut stairs: Vec<(f64, f64)> = Vec::new();
    for (x, y) in points {
        if let Some((_, before)) = stairs.last().copied().filter(|(_, before)| before != y) {
            stairs.push((*x, before));
        }
        stairs.push((*x, *y));
    }
    stairs
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn panel(area: &Area<'_>, time: &Axis, title: &str, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let values = lines.iter().flat_map(|line| line.points.iter().map(|(_, y)| *y));
    let top = values.fold(1.0, f64::max) * HEADROOM;
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .set_label_area_size(LabelAreaPosition::Left, 64)
        .set_label_area_size(LabelAreaPosition::Bottom, 44)
        .build_cartesian_2d(time.from..time.to.max(time.from + f64::EPSILON), 0.0..top)?;
    chart
        .configure_mesh()
        .x_desc("time (UTC)")
        .y_desc(title)
        .x_labels(13)
        .y_labels(6)
        .x_label_formatter(&clock)
        .light_line_style(TRANSPARENT)
        .draw()?;
    for Line { name, color, dashed, points } in lines {
        let style = color.stroke_width(2);
        let drawn = if *dashed {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), DASH, DASH, style))?
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), style))?
        };
        drawn.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .legend_area_size(32)
        .background_style(WHITE.mix(0.85))
        .border_style(LOAD)
        .draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn every_curve_is_there_and_named() {
        let picture = draw(&samples::report()).unwrap();
        for part in ["<svg", "threshold 70", "simulated", "recorded", "time (UTC)", "12:0", "#1F77B4", "#FF7F0E"] {
            assert!(picture.contains(part), "{part} in\n{picture}");
        }
        assert!(picture.matches("<polyline").count() >= 6, "{picture}");
    }

    #[test]
    fn hours_are_times_of_day() {
        let shown: Vec<String> = [0.0, 9.5, 23.999_999, 26.25].iter().map(clock).collect();
        assert_eq!(shown, ["00:00", "09:30", "+1d 00:00", "+1d 02:15"]);
    }

    #[test]
    fn capacity_changes_upright() {
        assert_eq!(stairs(&[(0.0, 1.0), (1.0, 1.0), (2.0, 3.0)]), [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (2.0, 3.0)]);
    }
}
