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
    options::Options,
    report::{FormResult, Summary},
    runner::Exit,
};
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
    let mut progress = report::Progress::new(forms.len());
    let mut summary = Summary::default();
    let mut timer = Some(interval);
    let work = |form| {
        // Timers are not inherited: the first form of each child starts one.
        if let Some(interval) = timer.take() {
            signals::start_timer(interval).expect("a timer can be started");
        }
        suite.form(form)
    };
    worker::run(&forms, work, |result| {
        summary.add(result);
        progress.step(&summary);
    });
    summary.print();
    if let Some(path) = &suite.options.coverage {
        std::fs::write(path, coverage::page(&summary, &suite.options)).expect("the coverage page can be written");
    }
    summary.exit_code()
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
    fn wants(&self, form: Form) -> bool {
        let named = self.options.code.as_ref().is_none_or(|code| form.name() == *code);
        named && (!self.options.integer_only || form.is_integer())
    }

    fn form(&self, form: Form) -> FormResult {
        let mut result = FormResult::new(form);
        let natives = self.run_natively(form, &mut result);
        let executable = |native: &Native| !is_invalid(native);
        if natives.iter().any(executable) {
            result.executable = true;
            for native in &natives {
                self.run_trapped(native, &mut result);
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

    fn run_trapped(&self, native: &Native, result: &mut FormResult) {
        let Native { instance, outcome: expected } = native;
        let devices = &self.devices[usize::from(!instance.arena.is_low())];
        signals::announce(&report::describe(instance, &self.options));
        result.instances += 1;
        let run = || catch_unwind(AssertUnwindSafe(|| execute::trapped(instance, &self.background, devices)));
        let (got, printed) = self.capture.during(run);
        let reason = capture::reason(&printed);
        let Ok(got) = got else {
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
