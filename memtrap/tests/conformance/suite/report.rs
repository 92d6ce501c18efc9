//! What a run says: failures with everything needed to repeat them, and the score.

use crate::suite::{
    compare::hex,
    forms::Form,
    generate::{Instance, Unbuildable},
    options::{Door, Options},
    oracle,
    state::{RSP, flags},
    xsave::{self, Registers},
};
use iced_x86::{FastFormatter, Instruction};
use memtrap::promotion;
use std::{collections::BTreeMap, fmt::Write, time::Instant};

/// Forms the engine may refuse, at most.
const REFUSED_AT_MOST: usize = 10;
/// Failing instances that are shown in full for each form.
const SHOWN: usize = 2;

/// What became of one form.
pub(crate) struct FormResult {
    pub(crate) form: Form,
    pub(crate) instances: usize,
    pub(crate) executable: bool,
    pub(crate) refused: usize,
    /// The engine's reason for the last refusal.
    pub(crate) refusal: String,
    pub(crate) accesses: usize,
    /// How many instances were promoted, and why one was not.
    pub(crate) promoted: usize,
    pub(crate) unpromoted: String,
    pub(crate) differing: usize,
    pub(crate) failures: Vec<String>,
    /// How many instances could not be built, and why the first could not.
    pub(crate) unbuilt: usize,
    pub(crate) reason: String,
    pub(crate) oracle: oracle::Tally,
    /// Timer signals, and those that came while an instance ran.
    pub(crate) ticks: (usize, usize),
}

/// Separate the fields of a result, and the failures in one of them, on the way from the child process.
const FIELD: char = '\u{1f}';
const ITEM: char = '\u{1e}';
const LINE: char = '\u{1d}';

impl FormResult {
    pub(crate) fn new(form: Form) -> Self {
        Self {
            form,
            instances: 0,
            executable: false,
            refused: 0,
            refusal: String::new(),
            accesses: 0,
            promoted: 0,
            unpromoted: String::new(),
            differing: 0,
            failures: Vec::new(),
            unbuilt: 0,
            reason: String::new(),
            oracle: oracle::Tally::default(),
            ticks: (0, 0),
        }
    }

    /// The result of a form in the middle of which the process ended.
    pub(crate) fn died(form: Form, how: &str) -> Self {
        let failure = format!("differs: {}: {how}; what was running is named above", form.name());
        Self { executable: true, instances: 1, differing: 1, failures: vec![failure], ..Self::new(form) }
    }

    pub(crate) fn cannot_build(&mut self, reason: &Unbuildable) {
        self.unbuilt += 1;
        if self.reason.is_empty() {
            self.reason = format!("{reason:?}");
        }
    }

    pub(crate) fn not_promoted(&mut self, instance: &Instance) {
        if !self.unpromoted.is_empty() {
            return;
        }
        let refused = promotion::statistics().refused;
        let site = refused.iter().rev().find(|site| site.address as u64 == instance.entry);
        self.unpromoted =
            site.map_or("it did not touch a device, or it faulted".to_owned(), |site| site.reason.clone());
    }

    pub(crate) fn differ(&mut self, instance: &Instance, found: &[String], options: &Options) {
        self.differing += 1;
        if self.failures.len() < SHOWN {
            self.failures.push(failure_text(instance, found, options));
        }
    }

    /// One line of text with everything but the form.
    pub(crate) fn to_line(&self) -> String {
        let oracle::Tally { spans, lanes, stores, unprobed } = self.oracle;
        let numbers = [
            self.instances,
            self.executable.into(),
            self.refused,
            self.accesses,
            self.differing,
            self.unbuilt,
            spans,
            lanes,
            stores,
            unprobed,
            self.ticks.0,
            self.ticks.1,
            self.promoted,
        ];
        let mut fields: Vec<String> = numbers.iter().map(usize::to_string).collect();
        fields.push(self.reason.clone());
        fields.push(self.refusal.clone());
        fields.push(self.unpromoted.clone());
        fields.push(self.failures.join(&ITEM.to_string()));
        fields.join(&FIELD.to_string()).replace('\n', &LINE.to_string())
    }

    /// The result out of [`to_line`](Self::to_line).
    pub(crate) fn from_line(form: Form, line: &str) -> Self {
        let line = line.replace(LINE, "\n");
        let fields: Vec<&str> = line.split(FIELD).collect();
        let number = |at: usize| fields[at].parse().expect("the child writes numbers");
        let failures = fields[16].split(ITEM).filter(|failure| !failure.is_empty());
        Self {
            form,
            instances: number(0),
            executable: number(1) != 0,
            refused: number(2),
            accesses: number(3),
            differing: number(4),
            unbuilt: number(5),
            oracle: oracle::Tally { spans: number(6), lanes: number(7), stores: number(8), unprobed: number(9) },
            ticks: (number(10), number(11)),
            promoted: number(12),
            reason: fields[13].to_owned(),
            refusal: fields[14].to_owned(),
            unpromoted: fields[15].to_owned(),
            failures: failures.map(str::to_owned).collect(),
        }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match () {
            () if !self.executable => Verdict::NotExecutable,
            () if self.differing > 0 => Verdict::Differs,
            () if self.refused > 0 => Verdict::Refused,
            () => Verdict::Identical,
        }
    }
}

/// The verdict on a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Identical,
    Differs,
    Refused,
    NotExecutable,
}

/// The score.
pub(crate) struct Summary {
    pub(crate) door: Door,
    pub(crate) results: Vec<FormResult>,
    pub(crate) oracle: oracle::Tally,
    ticks: (usize, usize),
}

impl Summary {
    pub(crate) fn new(door: Door) -> Self {
        Self { door, results: Vec::new(), oracle: oracle::Tally::default(), ticks: (0, 0) }
    }

    pub(crate) fn add(&mut self, result: FormResult) {
        self.oracle.add(result.oracle);
        self.ticks.0 += result.ticks.0;
        self.ticks.1 += result.ticks.1;
        self.results.push(result);
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|result| result.verdict() == verdict).count()
    }

    pub(crate) fn print(&self) {
        for result in &self.results {
            for failure in &result.failures {
                println!("{failure}");
            }
            if result.refused > 0 {
                let (name, refused, instances) = (result.form.name(), result.refused, result.instances);
                println!("refused: {name} ({refused} of {instances} instances): {}", result.refusal);
            }
            if result.unbuilt > 0 {
                println!("not built: {} ({} instances): {}", result.form.name(), result.unbuilt, result.reason);
            }
        }
        let silent = self.results.iter().filter(|result| result.executable && result.accesses == 0);
        let names: Vec<String> = silent.map(|result| result.form.name()).collect();
        println!("no access of a device was seen from {} forms: {}", names.len(), names.join(" "));
        let oracle::Tally { spans, lanes, stores, unprobed } = self.oracle;
        println!("access oracle: {spans} loads ({lanes} lane by lane), {stores} stores, {unprobed} not probed");
        let (ticks, inside) = self.ticks;
        println!("timer signals: {ticks}, of which {inside} came while an instance ran");
        if self.door == Door::Promoted {
            self.print_unpromoted();
        }
    }

    /// The forms of which no instance was promoted, by reason.
    fn print_unpromoted(&self) {
        let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for result in self.results.iter().filter(|result| result.executable && result.promoted == 0) {
            reasons.entry(&result.unpromoted).or_default().push(result.form.name());
        }
        for (reason, forms) in reasons {
            println!("not promoted: {} forms, because {reason}: {}", forms.len(), forms.join(" "));
        }
        let promoted = self.results.iter().filter(|result| result.promoted > 0).count();
        let instances: usize = self.results.iter().map(|result| result.promoted).sum();
        println!("promoted: {promoted} forms, {instances} instances");
    }

    /// The score in one line.
    pub(crate) fn line(&self) -> String {
        let executable = self.results.iter().filter(|result| result.executable).count();
        format!(
            "conformance door={} codes={} executable={executable} identical={} differ={} refused={} instances={}",
            self.door.name(),
            self.results.len(),
            self.count(Verdict::Identical),
            self.count(Verdict::Differs),
            self.count(Verdict::Refused),
            self.results.iter().map(|result| result.instances).sum::<usize>(),
        )
    }

    pub(crate) fn is_good(&self) -> bool {
        self.count(Verdict::Differs) == 0 && self.count(Verdict::Refused) <= REFUSED_AT_MOST
    }
}

fn failure_text(instance: &Instance, found: &[String], options: &Options) -> String {
    let mut text = format!("differs: {} {}", instance.form.name(), describe(instance, options));
    for line in found {
        write!(text, "\n    {line}").expect("a string takes everything");
    }
    write!(text, "\n    {}", starting_point(instance)).expect("a string takes everything");
    text
}

/// What is unusual about the state an instance starts from.
fn starting_point(instance: &Instance) -> String {
    let registers = Registers::of(&instance.state.extended);
    let present = instance.state.extended[xsave::XSTATE_BV];
    let initial = u64::from(!present) & xsave::LAYOUT.components;
    let mut text = format!("started with mxcsr {:#x}", registers.mxcsr);
    if initial != 0 {
        write!(text, ", components {initial:#x} in their initial state").expect("a string takes everything");
    }
    if instance.state.flags & flags::ALIGNMENT != 0 {
        text.push_str(", alignment check");
    }
    write!(text, ", rsp {:#x}", instance.state.gpr[RSP]).expect("a string takes everything");
    text
}

/// The command that runs one instance only.
fn rerun(form: Form, index: u64, options: &Options) -> String {
    let profile = if cfg!(debug_assertions) { "" } else { " --release" };
    format!(
        "MEMTRAP_CODE={} MEMTRAP_SEED={} MEMTRAP_INSTANCE={index} cargo test -p memtrap{profile} --test conformance",
        form.name(),
        options.seed,
    )
}

/// An instance in one line.
pub(crate) fn describe(instance: &Instance, options: &Options) -> String {
    let command = rerun(instance.form, instance.index, options);
    format!("{} at {:#x}: {}\n  {command}", hex(&instance.code), instance.entry, text(&instance.instruction))
}

fn text(instruction: &Instruction) -> String {
    let mut text = String::new();
    FastFormatter::new().format(instruction, &mut text);
    text
}

/// Says now and then how far a long run is.
pub(crate) struct Progress {
    total: usize,
    done: usize,
    started: Instant,
    said: Instant,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, done: 0, started: Instant::now(), said: Instant::now() }
    }

    pub(crate) fn step(&mut self, summary: &Summary) {
        self.done += 1;
        if self.said.elapsed().as_secs() >= 5 {
            self.said = Instant::now();
            let seconds = self.started.elapsed().as_secs();
            println!("{} of {} forms after {seconds} s: {}", self.done, self.total, summary.line());
        }
    }
}
