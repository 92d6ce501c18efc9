//! The page of a trace: the same in every build, left behind by a test run that asks for it, and drawn by a browser.

use memtrap::{Bus, Context, simulated};
use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A timer that can be started.
#[simulated(size = 0x100, width = 32)]
pub struct Timer {
    /// Starts it.
    #[reg(0x00, rw)]
    pub control: u32,
    /// Set when the time is over.
    #[reg(0x04, ro)]
    pub status: u32,
}

struct Clockwork;

impl timer::Model for Clockwork {
    fn write_control(&mut self, regs: &mut timer::State, value: u32, cx: &mut Context<'_>) {
        regs.control = value;
        cx.note("started <here>");
        cx.after(Duration::from_micros(50), 1);
    }

    fn event(&mut self, regs: &mut timer::State, _event: u64, cx: &mut Context<'_>) {
        regs.status = 1;
        cx.pulse(3);
    }
}

/// Lines of the driver.
const STARTS: u32 = line!() + 8;
const WAITS: u32 = line!() + 8;

/// A driver that waits for the timer, and an interrupt.
fn ring(bus: &Bus) {
    let sim = bus.simulate::<Timer, _>(Clockwork).expect("there is address space for a page");
    bus.on_interrupt(3, || {});
    let mut regs = sim.regs();
    regs.control().write(1);
    while regs.status().read() == 0 {}
}

/// What the page shows, with the driver's lines by name.
fn data(bus: &Bus) -> String {
    let page = bus.trace().to_html();
    let (_, behind) = page.split_once("application/json\">\n").expect("the page has data");
    let (data, _) = behind.split_once("</script>").expect("the data ends");
    data.replace(&format!("{}:{STARTS}", file!()), "starts").replace(&format!("{}:{WAITS}", file!()), "waits")
}

#[test]
fn the_page_is_the_same_in_every_build() {
    let bus = Bus::new();
    ring(&bus);
    assert_eq!(data(&bus), include_str!("timeline/data.json"));
}

/// The same driver through raw pointers.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn through_the_trapped_door_it_differs_only_in_the_drivers_lines() {
    /// A load that is an instruction of this function in every build.
    fn load(register: *const u32) -> u32 {
        let value: u32;
        // SAFETY: The address lies in a region, which traps the access.
        unsafe { std::arch::asm!("mov {:e}, [{}]", out(reg) value, in(reg) register) };
        value
    }

    let bus = Bus::new();
    let sim = bus.simulate::<Timer, _>(Clockwork).expect("there is address space for a page");
    bus.on_interrupt(3, || {});
    let control = sim.base().cast::<u32>();
    // SAFETY: The address lies in a region, which traps the access.
    unsafe { control.write_volatile(1) };
    while load(control.wrapping_add(1)) == 0 {}

    let without_lines = |data: &str| {
        let (head, rows) = data.split_once("\"sources\":[").expect("the page names its sources");
        let (_, rows) = rows.split_once("\"rows\":[").expect("the page has rows");
        format!("{head}{}", rows.replace(",\"s\":0", "").replace(",\"s\":1", ""))
    };
    let trapped = data(&bus);
    assert_eq!(without_lines(&trapped), without_lines(include_str!("timeline/data.json")));
    assert!(trapped.contains("_drivers_lines::load (tests/timeline.rs:"), "{trapped}");
}

#[test]
fn a_test_run_that_asks_for_pages_gets_one_for_each_bus() {
    const NAME: &str = "a_test_run_that_asks_for_pages_gets_one_for_each_bus";
    if env::var_os("MEMTRAP_TIMELINE").is_some() {
        (0..2).for_each(|_| ring(&Bus::new()));
        drop(Bus::new());
        return;
    }
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("timeline-{}", std::process::id()));
    let _nothing_left = fs::remove_dir_all(&directory);
    let status = Command::new(env::current_exe().expect("a test binary knows its path"))
        .args(["--exact", NAME])
        .env("MEMTRAP_TIMELINE", &directory)
        .stdout(Stdio::null())
        .status()
        .expect("the test binary can be run again");
    assert!(status.success());
    let files = fs::read_dir(&directory).expect("the directory is made");
    let mut names: Vec<_> =
        files.map(|file| file.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, [format!("timeline.{NAME}.2.html"), format!("timeline.{NAME}.html")], "none for the unused bus");
    let page = fs::read_to_string(directory.join(&names[1])).expect("the page can be read");
    assert!(page.contains(&format!("<title>{NAME} - memtrap</title>")), "{page}");
    fs::remove_dir_all(&directory).expect("the directory is this test's");
}

/// Ends the browser, whatever happens.
struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// How long a browser may take before it counts as one that does not work here.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the page looks like to a browser when its scripts have run; `Err` says why none could be asked.
fn rendered(page: &Path) -> Result<String, String> {
    let profile = page.with_extension("profile");
    let dom = page.with_extension("dom");
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        let output = fs::File::create(&dom).expect("a file can be made beside the page");
        let started = Command::new(name)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1200,700",
                "--virtual-time-budget=2000",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("--dump-dom")
            .arg(format!("file://{}#n=2", page.display()))
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else { continue };
        let mut browser = Browser(child);
        let began = Instant::now();
        let ended = loop {
            match browser.0.try_wait().expect("a child can be asked") {
                Some(status) => break Some(status),
                None if began.elapsed() > PATIENCE => break None,
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        drop(browser);
        let dom = fs::read_to_string(&dom).unwrap_or_default();
        return match ended {
            Some(status) if status.success() && dom.contains("</html>") => Ok(dom),
            Some(status) => Err(format!("`{name}` ended with {status} and gave no page")),
            None => Err(format!("`{name}` gave no page within {PATIENCE:?}")),
        };
    }
    Err("no Chromium is installed".to_owned())
}

/// Looks for the colours of the marks in the picture, and leaves in the page what it found.
const WITNESS: &str = r##"<script>
(() => {
  const lanes = document.getElementById("lanes");
  const { data } = lanes.getContext("2d").getImageData(0, 0, lanes.width, lanes.height);
  const style = getComputedStyle(document.documentElement);
  for (const name of ["read", "write", "irq", "model"]) {
    const color = style.getPropertyValue("--" + name).trim();
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] === r && data[at + 1] === g && data[at + 2] === b) count++;
    document.body.dataset[name] = count > 8 ? "drawn" : `${count} pixels`;
  }
})();
</script></body>"##;

#[test]
fn a_browser_draws_the_page() {
    let bus = Bus::new();
    ring(&bus);
    let page = bus.trace().to_html().replace("</body>", WITNESS);
    let file: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("timeline-{}.html", std::process::id()));
    fs::write(&file, page).expect("the directory exists");
    let dom = match rendered(&file) {
        Ok(dom) => dom,
        Err(why) => return say(&format!("NOT TESTED: the page was not rendered: {why}")),
    };
    let has = |text: &str| assert!(dom.contains(text), "no `{text}` in\n{dom}");
    has("data-drawn=\"8\"");
    for color in ["read", "write", "irq", "model"] {
        has(&format!("data-{color}=\"drawn\""));
    }
    has("<p id=\"summary\">10 reads, 1 write, ");
    has("<h2>#2 read of timer.status</h2>");
    has("9 times, until ");
    has("timer: started &lt;here&gt;");
    let _profile = fs::remove_dir_all(file.with_extension("profile"));
}

/// Past the test harness, which would keep it to itself.
fn say(line: &str) {
    writeln!(io::stdout(), "timeline: {line}").expect("standard output is open");
}
