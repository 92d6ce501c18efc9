//! Checks the suite: native runs must agree with each other, and every kind of difference must be noticed.

use crate::suite::{
    access_log,
    arena::Arena,
    compare,
    device::Entry,
    execute::{self, Background, Outcome},
    forms::Form,
    generate::{self, Change, Instance},
    options::Options,
    report, signals,
    state::{RSP, State},
    xsave,
};
use iced_x86::Code;
use std::process::ExitCode;

/// Runs every form on memory twice.
pub(crate) fn all_forms(options: &Options) -> ExitCode {
    for arena in Arena::ALL {
        arena.map_devices_as_memory().expect("the devices' addresses are free");
    }
    let background = Background::new(options.seed);
    let (mut instances, mut differ, mut unbuilt) = (0, 0, 0);
    for form in Form::all() {
        if options.code.as_ref().is_some_and(|code| form.name() != *code) {
            continue;
        }
        let mut built = false;
        for index in options.indices() {
            let Ok(instance) = generate::instance(form, options.seed, index, Change::default()) else { continue };
            built = true;
            instances += 1;
            signals::announce(&report::describe(&instance, options));
            let first = execute::native(&instance, &background);
            let second = execute::native(&instance, &background);
            let found = compare::differences(&instance, &background, &first, &second);
            if !found.is_empty() {
                differ += 1;
                println!("{}\n    {}", report::describe(&instance, options), found.join("\n    "));
            }
        }
        if !built {
            unbuilt += 1;
            println!(
                "no instance of {}: {:?}",
                form.name(),
                generate::instance(form, options.seed, 0, Change::default()).err()
            );
        }
    }
    println!("conformance door=native instances={instances} differ={differ} unbuilt={unbuilt}");
    if differ == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Breaks one thing at a time in an outcome and insists that the comparison sees it.
pub(crate) fn broken_comparisons(options: &Options, background: &Background) {
    let form = Form::of(Code::Add_rm32_r32).expect("a form");
    let instance = generate::instance(form, options.seed, 0, Change::default()).expect("an instance");
    execute::open_windows(true);
    let good = execute::native(&instance, background);
    let again = execute::native(&instance, background);
    execute::open_windows(false);
    let found = compare::differences(&instance, background, &good, &again);
    assert!(found.is_empty(), "two native runs of one instance differ: {found:?}");

    let notices = |what: &str, change: &dyn Fn(&mut Outcome)| {
        let mut broken = copy(&good);
        change(&mut broken);
        let found = compare::differences(&instance, background, &good, &broken);
        assert_eq!(found.len(), 1, "the comparison must notice a wrong {what} and nothing else: {found:?}");
    };
    for number in 0..16 {
        notices("register", &|outcome| outcome.state.gpr[number] ^= 1 << 63);
    }
    for flag in [0, 2, 4, 6, 7, 10, 11, 18] {
        notices("flag", &|outcome| outcome.state.flags ^= 1 << flag);
    }
    notices("exit", &|outcome| outcome.exit = crate::suite::runner::Exit::Pad(1));
    notices("selector", &|outcome| outcome.state.selectors[2] ^= 0x10);
    notices("device byte", &|outcome| outcome.window[0x1234] ^= 1);
    notices("byte of memory", &|outcome| outcome.window[0x4fff] ^= 0x80);
    let red_zone = (instance.state.gpr[RSP] - 128 - execute::stack_start(instance.arena)) as usize;
    notices("byte of the red zone", &|outcome| outcome.stack[red_zone] ^= 1);
    let deeper = compare::differences(&instance, background, &good, &{
        let mut outcome = copy(&good);
        outcome.stack[red_zone - 1] ^= 1;
        outcome
    });
    assert!(deeper.is_empty(), "below the red zone the stack may change: {deeper:?}");
    notices("mxcsr", &|outcome| outcome.state.extended[24] ^= 0x20);
    for (what, component) in [
        ("x87 register", xsave::X87),
        ("xmm register", xsave::SSE),
        ("ymm register", xsave::AVX),
        ("mask register", xsave::OPMASK),
        ("zmm register", xsave::ZMM_HIGH),
        ("upper zmm register", xsave::ZMM_UPPER),
    ] {
        if xsave::LAYOUT.components & component != 0 {
            notices(what, &|outcome| flip(&mut outcome.state, component));
        }
    }
    log_violations(&instance, &good);
}

fn log_violations(instance: &Instance, native: &Outcome) {
    let operand = instance.operand.expect("an operand");
    let access = |write, at| Entry {
        write,
        address: operand.address + at,
        size: 1,
        read_modify_write: true,
        locked: instance.instruction.has_lock_prefix(),
        clean: true,
    };
    let good: Vec<Entry> = [false, true].iter().flat_map(|write| (0..4).map(|at| access(*write, at))).collect();
    assert_eq!(access_log::violations(instance, native, &good), Vec::<String>::new());
    let bad = |what: &str, change: &dyn Fn(&mut Vec<Entry>)| {
        let mut log = good.clone();
        change(&mut log);
        assert!(!access_log::violations(instance, native, &log).is_empty(), "the suite must notice {what}");
    };
    bad("a byte that is read twice", &|log| log.insert(1, access(false, 0)));
    bad("a byte that is written twice", &|log| log.push(access(true, 3)));
    bad("descending order", &|log| log.swap(0, 1));
    bad("a write before a read", &|log| log.rotate_left(4));
    bad("a byte that is read but not written back", &|log| log.truncate(7));
    bad("a lost lock", &|log| log[0].locked ^= true);
    bad("half a read-modify-write", &|log| log[0].read_modify_write = false);
    bad("a model that runs with the driver's flags", &|log| log[0].clean = false);
}

fn copy(outcome: &Outcome) -> Outcome {
    Outcome {
        state: outcome.state.clone(),
        exit: outcome.exit,
        window: outcome.window.clone(),
        stack: outcome.stack.clone(),
        log: outcome.log.clone(),
    }
}

/// Changes one bit of one register in `component`, which may have been in its initial state.
fn flip(state: &mut State, component: u64) {
    let mut registers = xsave::Registers::of(&state.extended);
    match component {
        xsave::X87 => registers.st[7][9] ^= 1,
        xsave::SSE => registers.zmm[0][0] ^= 1,
        xsave::AVX => registers.zmm[15][31] ^= 1,
        xsave::OPMASK => registers.k[7] ^= 1 << 63,
        xsave::ZMM_HIGH => registers.zmm[15][63] ^= 1,
        _ => registers.zmm[31][63] ^= 1,
    }
    state.extended = registers.to_image(u64::MAX);
}
