//! Reading through a shared reference, from several threads.

#[memtrap::simulated(size = 0x10)]
pub struct Timer {
    #[reg(0x0, rw, reset = 5)]
    pub load: u32,
    #[reg(0x4, ro, reset = 6)]
    pub count: u32,
    #[reg(0x8, ro, reset = 7)]
    pub capture: [u8; 2],
}

struct Model;
impl timer::Model for Model {}

fn sum(timer: &Timer) -> u32 {
    let shared = timer.shared();
    let copy = shared;
    copy.load().read() + shared.count().read() + timer.count().read() + u32::from(shared.capture().at(1).read())
}

#[test]
fn runs() {
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Timer>();
    assert_send_sync::<timer::Shared<'static>>();

    let sim = Timer::simulate(Model).unwrap();
    let timer = sim.regs();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| sum(&timer))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 5 + 6 + 6 + 7);
        }
    });
}
