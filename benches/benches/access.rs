//! What one access of a driver costs: on plain memory, with a mock, through the typed door, through the trapped door,
//! and with the barest signal handler that any trap has to pay for.
//!
//! Every line is checked before it is timed: the access must reach its device and bring back the right value. The
//! simulated device also checks the access against its declaration and records it in the trace; a mock does neither.

use criterion::{Criterion, criterion_group, criterion_main};
use memtrap_benches::{
    device::{Counter, Counting},
    instruction,
    mock::{Bus, Mock},
};
use std::{hint::black_box, sync::Mutex, time::Duration};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use memtrap_benches::barest::{Barest, FAULTS};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use std::sync::atomic::Ordering::Relaxed;

const REGISTER: usize = 0x18;

fn boxed() -> Box<dyn Bus> {
    black_box(Box::new(Mock::default()))
}

fn loads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");

    let memory = 7_u32;
    group.bench_function("plain memory", |bencher| {
        // SAFETY: The variable may be read.
        let mut load = || unsafe { instruction::load(&raw const memory) };
        assert_eq!(load(), 7);
        bencher.iter(&mut load);
    });
    group.bench_function("dyn mock", |bencher| {
        let mut mock = boxed();
        let mut load = || mock.read(REGISTER);
        assert_eq!((load(), load()), (1, 2));
        bencher.iter(&mut load);
    });
    group.bench_function("mutex dyn mock", |bencher| {
        let mock = Mutex::new(boxed());
        let mut load = || mock.lock().expect("no mock panics").read(REGISTER);
        assert_eq!((load(), load()), (1, 2));
        bencher.iter(&mut load);
    });
    group.bench_function("typed door", |bencher| {
        let sim = Counter::simulate(Counting::default()).expect("there is address space");
        let mut regs = sim.regs();
        let mut load = || regs.value().read();
        assert_eq!((load(), load()), (1, 2));
        bencher.iter(&mut load);
    });
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    {
        group.bench_function("trapped door", |bencher| {
            let sim = Counter::simulate(Counting::default()).expect("there is address space");
            let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
            // SAFETY: The access is trapped.
            let mut load = || unsafe { instruction::load(register) };
            assert_eq!((load(), load()), (1, 2));
            bencher.iter(&mut load);
        });
        group.bench_function("barest SIGSEGV", |bencher| {
            let barest = Barest::install();
            let before = FAULTS.load(Relaxed);
            // SAFETY: The access is trapped.
            let mut load = || unsafe { instruction::load(barest.address()) };
            assert_eq!((load(), load()), (before + 1, before + 2));
            bencher.iter(&mut load);
        });
    }
    group.finish();
}

fn stores(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store");

    group.bench_function("plain memory", |bencher| {
        let mut memory = 0_u32;
        let register = &raw mut memory;
        // SAFETY: The variable may be written.
        let mut store = || unsafe { instruction::store(register, 9) };
        store();
        // SAFETY: The variable may be read.
        assert_eq!(unsafe { instruction::load(register) }, 9);
        bencher.iter(&mut store);
    });
    group.bench_function("dyn mock", |bencher| {
        let mut mock = boxed();
        bencher.iter(|| mock.write(REGISTER, black_box(9)));
    });
    group.bench_function("mutex dyn mock", |bencher| {
        let mock = Mutex::new(boxed());
        bencher.iter(|| mock.lock().expect("no mock panics").write(REGISTER, black_box(9)));
    });
    group.bench_function("typed door", |bencher| {
        let sim = Counter::simulate(Counting::default()).expect("there is address space");
        let mut regs = sim.regs();
        let mut store = || regs.value().write(9);
        store();
        assert_eq!(sim.model().written, 9);
        bencher.iter(&mut store);
    });
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    {
        group.bench_function("trapped door", |bencher| {
            let sim = Counter::simulate(Counting::default()).expect("there is address space");
            let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
            // SAFETY: The access is trapped.
            let mut store = || unsafe { instruction::store(register, 9) };
            store();
            assert_eq!(sim.model().written, 9);
            bencher.iter(&mut store);
        });
        group.bench_function("barest SIGSEGV", |bencher| {
            let barest = Barest::install();
            let before = FAULTS.load(Relaxed);
            // SAFETY: The access is trapped.
            let mut store = || unsafe { instruction::store(barest.address(), 9) };
            store();
            assert_eq!(FAULTS.load(Relaxed), before + 1);
            bencher.iter(&mut store);
        });
    }
    group.finish();
}

fn read_modify_writes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read-modify-write");

    group.bench_function("plain memory", |bencher| {
        let mut memory = 1_u32;
        let register = &raw mut memory;
        // SAFETY: The variable may be read and written.
        let mut set = || unsafe { instruction::set(register, 8) };
        set();
        // SAFETY: The variable may be read.
        assert_eq!(unsafe { instruction::load(register) }, 9);
        bencher.iter(&mut set);
    });
    group.bench_function("mutex dyn mock", |bencher| {
        let mock = Mutex::new(boxed());
        bencher.iter(|| {
            let mut mock = mock.lock().expect("no mock panics");
            let value = mock.read(REGISTER);
            mock.write(REGISTER, value | 8);
        });
    });
    group.bench_function("typed door", |bencher| {
        let sim = Counter::simulate(Counting::default()).expect("there is address space");
        let mut regs = sim.regs();
        let mut set = || regs.value().modify(|value| value | 8);
        set();
        assert_eq!(sim.model().reads, 1);
        assert_eq!(sim.model().written, 9);
        bencher.iter(&mut set);
    });
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    {
        group.bench_function("trapped door", |bencher| {
            let sim = Counter::simulate(Counting::default()).expect("there is address space");
            let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
            // SAFETY: The access is trapped.
            let mut set = || unsafe { instruction::set(register, 8) };
            set();
            assert_eq!(sim.model().reads, 1);
            assert_eq!(sim.model().written, 9);
            bencher.iter(&mut set);
        });
        group.bench_function("barest SIGSEGV", |bencher| {
            let barest = Barest::install();
            let before = FAULTS.load(Relaxed);
            // SAFETY: The access is trapped.
            let mut set = || unsafe { instruction::set(barest.address(), 8) };
            set();
            assert_eq!(FAULTS.load(Relaxed), before + 1);
            bencher.iter(&mut set);
        });
    }
    group.finish();
}

criterion_group! {
    name = access;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = loads, stores, read_modify_writes
}
criterion_main!(access);
