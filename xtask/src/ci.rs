//! `cargo xtask ci`: everything that a change must pass, in the order in which mistakes are cheapest to find.
//!
//! A step that fails does not keep the later ones from running, so that one run shows all there is to mend.
//! A check whose tool is missing says so, and which other step covers what must hold.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{codegen, e2e, install, lint, test, tidy};

/// What came of a step.
pub enum Outcome {
    /// Passed; with a line for the summary, if there is something worth a line.
    Passed(Option<String>),
    /// Not run, and why. Only for checks that another step covers for what must hold.
    NotRun(String),
}

/// One named check.
pub struct Step {
    pub name: &'static str,
    pub run: fn() -> Result<Outcome>,
}

struct Finished {
    name: &'static str,
    took: Duration,
    result: Result<Outcome>,
}

/// Runs everything and prints the summary.
///
/// # Errors
/// When a step failed.
pub fn run() -> Result<()> {
    let mut steps = vec![Step { name: "install", run: || install::for_ci().map(|()| Outcome::Passed(None)) }];
    steps.extend(lint::STEPS);
    steps.extend([
        Step { name: "codegen --check", run: || codegen::run(true).map(|()| Outcome::Passed(None)) },
        Step { name: "tidy", run: || tidy::run().map(|()| Outcome::Passed(None)) },
        Step { name: "test", run: || test::run(&[]).map(Outcome::Passed) },
        Step { name: "e2e", run: || e2e::run_after_tests().map(Outcome::Passed) },
    ]);
    run_steps(&steps)
}

/// Runs the steps one after another and prints a summary of all of them.
///
/// # Errors
/// When at least one failed; what went wrong was printed where it happened and stands in the summary.
pub fn run_steps(steps: &[Step]) -> Result<()> {
    let finished: Vec<Finished> = steps.iter().map(run_step).collect();
    println!("\n=== summary");
    for step in &finished {
        println!("{}", summary_line(step));
    }
    let failed: Vec<&str> = finished.iter().filter(|step| step.result.is_err()).map(|step| step.name).collect();
    let total: Duration = finished.iter().map(|step| step.took).sum();
    if !failed.is_empty() {
        bail!("failed after {:.0} s: {}", total.as_secs_f64(), failed.join(", "));
    }
    println!("all passed in {:.0} s", total.as_secs_f64());
    Ok(())
}

fn run_step(step: &Step) -> Finished {
    println!("\n=== {}", step.name);
    let start = Instant::now();
    let result = (step.run)();
    match &result {
        Ok(Outcome::Passed(_)) => {}
        Ok(Outcome::NotRun(reason)) => println!("{} was not run: {reason}", step.name),
        Err(error) => println!("{} FAILED: {error:#}", step.name),
    }
    Finished { name: step.name, took: start.elapsed(), result }
}

fn summary_line(step: &Finished) -> String {
    let (word, note) = match &step.result {
        Ok(Outcome::Passed(note)) => ("ok", note.clone().unwrap_or_default()),
        Ok(Outcome::NotRun(reason)) => ("not run", reason.clone()),
        Err(error) => ("FAILED", error.to_string().lines().next().unwrap_or_default().to_owned()),
    };
    format!("{:<8} {:<16} {:>6.1} s  {note}", word, step.name, step.took.as_secs_f64()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static RAN: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn a_failed_step_does_not_keep_the_next_one_from_running_and_fails_the_whole() {
        let steps = [
            Step { name: "first", run: || bail!("broken") },
            Step {
                name: "second",
                run: || Ok(Outcome::Passed((RAN.fetch_add(1, Ordering::SeqCst) > 9).then(String::new))),
            },
        ];
        let error = run_steps(&steps).unwrap_err().to_string();
        assert_eq!(RAN.load(Ordering::SeqCst), 1);
        assert!(error.contains("first") && !error.contains("second"), "{error}");
    }

    #[test]
    fn the_summary_names_the_step_its_outcome_and_its_note() {
        let step = Finished {
            name: "test",
            took: Duration::from_millis(1500),
            result: Ok(Outcome::Passed(Some("7 passed".into()))),
        };
        assert_eq!(summary_line(&step), "ok       test                1.5 s  7 passed");
    }
}
