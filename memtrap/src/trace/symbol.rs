//! The driver's function and source line of an instruction, and the functions that called it.
//!
//! Debug information is read on the first question, which only a report asks, and every answer is kept.

use std::{
    collections::HashMap,
    env, fmt, fs,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// Functions on the way from the test to the access that a report names.
const DEPTH: usize = 8;

/// A function, and the line of it that an instruction belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Symbol {
    function: String,
    /// File as the compiler knew it, and line.
    line: Option<(String, u32)>,
}

/// Writes the function and the source line of the instruction at `address`.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, address: usize) -> fmt::Result {
    let symbols = instruction(address);
    match symbols.iter().find(|symbol| !symbol.is_library()).or(symbols.first()) {
        Some(symbol) => write!(f, "{symbol}"),
        None => f.write_str(&unnamed(address)),
    }
}

/// The driver's function and source line of the instruction at `address`, if debug information knows them.
pub(crate) fn driver(address: usize) -> Option<String> {
    instruction(address).iter().find(|symbol| !symbol.is_library()).map(Symbol::to_string)
}

/// The instruction at an address whose function is not known.
fn unnamed(address: usize) -> String {
    match object(address) {
        Some((object, offset)) => format!("instruction {offset:#x} of {object}"),
        None => format!("instruction {address:#x}"),
    }
}

/// The driver's functions on this thread's stack, from the one that made the access at `address` outwards, one a line.
///
/// In a debug build the instruction lies in `read_volatile` itself, so that only the stack knows the driver. If the
/// address is not on the stack, the line that [`write`](fn@write) writes.
pub(crate) fn path(address: usize) -> String {
    let mut path: Vec<String> = Vec::new();
    let mut found = false;
    if !can_unwind(address) {
        return fmt::from_fn(|f| write(f, address)).to_string();
    }
    backtrace::trace(|frame| {
        let at = frame.ip().addr();
        found |= at == return_address(address);
        if !found {
            return true;
        }
        let symbols = resolve(at);
        if symbols.is_empty() && path.is_empty() {
            path.push(unnamed(at - 1));
        }
        let driver = symbols.iter().take_while(|symbol| !symbol.is_harness());
        path.extend(driver.filter(|symbol| !symbol.is_library()).map(Symbol::to_string));
        path.len() < DEPTH && !symbols.iter().any(Symbol::is_harness)
    });
    path.truncate(DEPTH);
    if path.is_empty() {
        path.push(fmt::from_fn(|f| write(f, address)).to_string());
    }
    path.join("\n")
}

/// Whether the unwinder may look at the driver's code. Behind a return address of a function that it does not know, it
/// reads some bytes to recognise a signal handler's; code that was made at run time may end before them.
fn can_unwind(address: usize) -> bool {
    const LOOKED_AT: usize = 16;
    let Ok(maps) = fs::read_to_string("/proc/self/maps") else { return true };
    let readable = |at: usize| {
        maps.lines().any(|line| {
            let mut columns = line.split_whitespace();
            let range = columns.next().and_then(|range| range.split_once('-'));
            let Some((start, end)) = range else { return false };
            let bounds = (usize::from_str_radix(start, 16), usize::from_str_radix(end, 16));
            let readable = columns.next().is_some_and(|rights| rights.starts_with('r'));
            matches!(bounds, (Ok(start), Ok(end)) if readable && (start..end).contains(&at))
        })
    };
    readable(address) && readable(address + LOOKED_AT)
}

/// The file that is mapped at `address`, and the offset in the file: what a tool needs to name the function. The resolver
/// knows the libraries that were loaded when it was asked first, and none that was loaded later.
fn object(address: usize) -> Option<(String, usize)> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let mut columns = line.split_whitespace();
        let (start, end) = columns.next()?.split_once('-')?;
        let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
        let offset = usize::from_str_radix(columns.nth(1)?, 16).ok()?;
        let path = columns.nth(2).filter(|path| path.starts_with('/'))?;
        let name = path.rsplit('/').next().unwrap_or(path);
        (start..end).contains(&address).then(|| (name.to_owned(), address - start + offset))
    })
}

/// The functions that the instruction at `address` belongs to, innermost first: several where calls were inlined.
fn instruction(address: usize) -> Arc<[Symbol]> {
    resolve(return_address(address))
}

/// The return address of the instruction at `address`, taken as a call: what the entry thunk gives as its own, because
/// a resolver looks one byte before it.
fn return_address(address: usize) -> usize {
    address.wrapping_add(1)
}

/// As [`instruction`], for the call that returns to `return_address`.
fn resolve(return_address: usize) -> Arc<[Symbol]> {
    static KNOWN: Mutex<Option<HashMap<usize, Arc<[Symbol]>>>> = Mutex::new(None);

    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(symbols) = known.get(&return_address) {
        return Arc::clone(symbols);
    }
    let mut symbols = Vec::new();
    backtrace::resolve(std::ptr::without_provenance_mut(return_address), |symbol| {
        if let Some(name) = symbol.name() {
            let line = symbol.filename().zip(symbol.lineno());
            symbols.push(Symbol {
                function: format!("{name:#}"),
                line: line.map(|(file, line)| (file.to_string_lossy().into_owned(), line)),
            });
        }
    });
    let symbols: Arc<[Symbol]> = symbols.into();
    known.insert(return_address, Arc::clone(&symbols));
    symbols
}

impl Symbol {
    /// Whether the function is part of the standard library, as `read_volatile` is.
    fn is_library(&self) -> bool {
        match &self.line {
            Some((file, _)) => file.starts_with("/rustc/") || file.contains("/lib/rustlib/src/rust/library/"),
            None => ["core::", "std::", "alloc::"].iter().any(|library| self.function.starts_with(library)),
        }
    }

    /// Whether this function, or what called it, is the test harness, the start of a thread or of the program, or that of a
    /// driver's own stack.
    fn is_harness(&self) -> bool {
        ["__rust_begin_short_backtrace", "__rust_try", "memtrap::trap::driver_stack::", "corosensei::"]
            .iter()
            .any(|start| self.function.contains(start))
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        match &self.line {
            Some((file, line)) => write!(f, " ({}:{line})", short(file)),
            None => Ok(()),
        }
    }
}

/// `file` without the part that differs from machine to machine: relative to the current directory or, for a crate from
/// a registry, to the registry's sources.
fn short(file: &str) -> &str {
    static DIRECTORY: OnceLock<Option<String>> = OnceLock::new();

    let registry = || file.split_once("/registry/src/")?.1.split_once('/').map(|(_index, path)| path);
    let directory = DIRECTORY.get_or_init(|| env::current_dir().ok()?.into_os_string().into_string().ok());
    let local = || file.strip_prefix(directory.as_deref()?)?.strip_prefix('/');
    registry().or_else(local).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn driver() -> String {
        std::hint::black_box(access())
    }

    /// Stands in for the trapped instruction: the path to the address in `driver` that this call returns to.
    #[inline(never)]
    fn access() -> String {
        let mut address = None;
        backtrace::trace(|frame| {
            let return_address = frame.ip().addr();
            let in_driver = resolve(return_address).iter().any(|symbol| symbol.function.ends_with("tests::driver"));
            address = in_driver.then_some(return_address);
            !in_driver
        });
        path(address.expect("the driver is on the stack") - 1)
    }

    #[test]
    fn the_path_starts_in_the_driver_and_ends_in_the_test() {
        let path = driver();
        let functions: Vec<_> = path.lines().map(|line| line.split(" (").next().unwrap_or(line)).collect();
        assert!(functions[0].ends_with("symbol::tests::driver"), "{path}");
        assert!(functions[1].ends_with("the_path_starts_in_the_driver_and_ends_in_the_test"), "{path}");
        assert!(!path.contains("core::"), "{path}");
    }

    #[test]
    fn the_first_instruction_of_a_function_is_not_taken_for_the_end_of_the_one_before() {
        let text = fmt::from_fn(|f| write(f, driver as *const () as usize)).to_string();
        assert!(text.contains("trace::symbol::tests::driver"), "{text}");
        assert!(text.contains("src/trace/symbol.rs:"), "{text}");
        assert!(!text.contains("(/"), "the path is relative: {text}");
    }

    #[test]
    fn an_address_without_a_symbol_is_printed_as_a_number() {
        assert_eq!(fmt::from_fn(|f| write(f, 0x10)).to_string(), "instruction 0x10");
        assert_eq!(path(0x10), "instruction 0x10");
    }

    #[test]
    fn an_address_of_a_file_is_at_least_placed_in_it() {
        let (object, offset) = object(driver as *const () as usize).expect("the test binary is mapped from its file");
        assert!(object.starts_with("memtrap-"), "{object}");
        assert!(offset > 0 && offset < 1 << 32, "{offset:#x}");
        assert_eq!(super::object(&raw const offset as usize), None, "the stack is no file");
    }

    #[test]
    fn an_answer_is_kept() {
        let address = driver as *const () as usize;
        assert!(Arc::ptr_eq(&instruction(address), &instruction(address)));
    }

    #[test]
    fn library_functions_are_told_from_the_drivers() {
        let symbol = |function: &str, file: Option<&str>| Symbol {
            function: function.to_owned(),
            line: file.map(|file| (file.to_owned(), 1)),
        };
        let volatile = symbol("core::ptr::read_volatile", Some("/rustc/59807616e/library/core/src/ptr/mod.rs"));
        let sources = symbol("read_volatile<u32>", Some("/t/lib/rustlib/src/rust/library/core/src/ptr/mod.rs"));
        assert!(volatile.is_library() && sources.is_library() && symbol("core::ptr::read_volatile", None).is_library());
        assert!(!symbol("core::Driver::read", Some("/home/me/core/src/lib.rs")).is_library());
        assert!(!symbol("driver_init", None).is_library());
    }

    #[test]
    fn a_file_of_a_registry_crate_starts_with_the_crates_name() {
        let file = "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/uart-1.0.0/src/lib.rs";
        assert_eq!(short(file), "uart-1.0.0/src/lib.rs");
        assert_eq!(short("/elsewhere/lib.rs"), "/elsewhere/lib.rs");
    }
}
