//! Runs the forms one after the other and keeps the score.

mod access_log;
mod arena;
mod capture;
mod class;
mod compare;
mod coverage;
mod device;
mod execute;
mod forms;
mod generate;
mod options;
mod oracle;
mod random;
mod report;
mod runner;
mod self_check;
mod signals;
mod state;
mod worker;
mod xsave;

use self::{
    arena::Arena,
    capture::Capture,
    device::Devices,
    execute::{Background, Outcome},
    forms::Form,
    generate::{Change, Instance},
    options::{Door, Options},
    report::{FormResult, Summary},
    runner::Exit,
};
use memtrap::promotion::Promotion;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    time::Duration,
};

/// Interval of the timer that notices a hang, when there is no signal storm.
const WATCHDOG: Duration = Duration::from_secs(1);

pub(crate) fn main() -> ExitCode {
    let options = Options::from_environment();
    signals::install().expect("signal handlers can be installed");
    runner::prepare();
    for arena in Arena::ALL {
        arena.map(runner::exit_address()).expect("the arenas' addresses are free");
    }
    let interval = options.storm.unwrap_or(WATCHDOG);
    if options.native_only {
        signals::start_timer(interval).expect("a timer can be started");
        return self_check::all_forms(&options);
    }
    // The devices come after the handlers, so that memtrap's stand in front of them.
    let devices = Arena::ALL.map(|arena| Devices::map(arena).expect("the devices' addresses are free"));
    let background = Background::new(options.seed);
    self_check::broken_comparisons(&options, &background);

    let capture = Capture::new().expect("standard error can be kept");
    let suite = Suite { options, background, devices, capture };
    let forms: Vec<Form> = Form::all().filter(|form| suite.wants(*form)).collect();
    let summaries: Vec<Summary> = suite.options.doors.iter().map(|door| suite.run(*door, &forms, interval)).collect();
    for summary in &summaries {
        println!("{}", summary.line());
    }
    let coverage = summaries.iter().find(|summary| summary.door == Door::Trapped);
    if let (Some(path), Some(summary)) = (&suite.options.coverage, coverage) {
        std::fs::write(path, coverage::page(summary, &suite.options)).expect("the coverage page can be written");
    }
    if summaries.iter().all(Summary::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Suite {
    options: Options,
    background: Background,
    devices: [Devices; 2],
    capture: Capture,
}

/// An instance and what the processor made of it.
struct Native {
    instance: Instance,
    outcome: Outcome,
}

impl Suite {
    /// Runs the forms through one door and prints what was found.
    fn run(&self, door: Door, forms: &[Form], interval: Duration) -> Summary {
        match door {
            Door::Trapped => Promotion::off().apply(),
            Door::Promoted => Promotion::after(1).everywhere().apply(),
        }
        // Pads are never freed.
        let at_once = match door {
            Door::Trapped => usize::MAX,
            Door::Promoted => 25,
        };
        let mut progress = report::Progress::new(forms.len());
        let mut summary = Summary::new(door);
        worker::run(
            forms,
            at_once,
            || self.worker(door, interval),
            |result| {
                summary.add(result);
                progress.step(&summary);
            },
        );
        summary.print();
        summary
    }

    /// What a child process does with a form.
    fn worker(&self, door: Door, interval: Duration) -> impl FnMut(Form) -> FormResult {
        let mut timer = Some(interval);
        move |form| {
            // Timers are not inherited: the first form of each child starts one.
            if let Some(interval) = timer.take() {
                signals::start_timer(interval).expect("a timer can be started");
            }
            self.form(form, door)
        }
    }

    fn wants(&self, form: Form) -> bool {
        let named = self.options.code.as_ref().is_none_or(|code| form.name() == *code);
        named && (!self.options.integer_only || form.is_integer())
    }

    fn form(&self, form: Form, door: Door) -> FormResult {
        let mut result = FormResult::new(form);
        let natives = self.run_natively(form, &mut result);
        let executable = |native: &Native| !is_invalid(native);
        if natives.iter().any(executable) {
            result.executable = true;
            for native in &natives {
                self.run_on_devices(native, door, &mut result);
            }
        }
        result.ticks = signals::take_ticks();
        result
    }

    fn run_natively(&self, form: Form, result: &mut FormResult) -> Vec<Native> {
        let mut natives = Vec::new();
        execute::open_windows(true);
        for index in self.options.indices() {
            match generate::instance(form, self.options.seed, index, Change::default()) {
                Ok(instance) => {
                    signals::announce(&report::describe(&instance, &self.options));
                    let outcome = execute::native(&instance, &self.background);
                    natives.push(Native { instance, outcome });
                }
                Err(reason) => result.cannot_build(&reason),
            }
        }
        execute::open_windows(false);
        natives
    }

    fn run_on_devices(&self, native: &Native, door: Door, result: &mut FormResult) {
        let Native { instance, outcome: expected } = native;
        let devices = &self.devices[usize::from(!instance.arena.is_low())];
        signals::announce(&report::describe(instance, &self.options));
        result.instances += 1;
        let run = || {
            catch_unwind(AssertUnwindSafe(|| {
                execute::place(instance, door);
                if door == Door::Promoted {
                    execute::on_devices(instance, &self.background, devices);
                }
                let promoted = execute::is_promoted(instance);
                (execute::on_devices(instance, &self.background, devices), promoted)
            }))
        };
        let (got, printed) = self.capture.during(run);
        let reason = capture::reason(&printed);
        let Ok((got, promoted)) = got else {
            let found = "memtrap reported a failed access (above)".to_owned();
            return result.differ(instance, &[found], &self.options);
        };
        // A fault that is handed on without a reason is a difference.
        if let Some(reason) = reason.filter(|_| is_refused(expected, &got)) {
            result.refused += 1;
            result.refusal = reason;
            return;
        }
        let mut found = compare::differences(instance, &self.background, expected, &got);
        found.extend(access_log::violations(instance, expected, &got.log));
        if instance.index < self.options.probed && !is_invalid(native) {
            found.extend(oracle::violations(instance, self.options.seed, &got.log, &mut result.oracle));
        }
        result.accesses += got.log.len();
        if promoted {
            result.promoted += 1;
        } else if door == Door::Promoted {
            result.not_promoted(instance);
        }
        if !found.is_empty() {
            result.differ(instance, &found, &self.options);
        }
    }
}

fn is_invalid(native: &Native) -> bool {
    matches!(native.outcome.exit, Exit::Raised(raised) if raised.is_invalid_opcode())
}

/// An engine that does not carry out an instruction hands the fault on, with the state untouched.
fn is_refused(expected: &Outcome, got: &Outcome) -> bool {
    let Exit::Raised(raised) = got.exit else { return false };
    raised.signal == libc::SIGSEGV && expected.exit != got.exit && got.log.is_empty()
}
