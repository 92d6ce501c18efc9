//! Compiles the driver as a shared object and loads it.

use std::{
    ffi::{CStr, CString, c_void},
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

const DRIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/c_driver/mailbox.c");

/// A compiler, and the version it reports.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    name: &'static str,
    pub(crate) version: String,
}

impl Compiler {
    /// The compiler that is run by this name, if there is one.
    pub(crate) fn find(name: &'static str) -> Option<Self> {
        let output = Command::new(name).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Some(Self { name, version: text.lines().next().unwrap_or_default().to_owned() })
    }

    /// The driver, compiled with these flags and loaded.
    ///
    /// # Panics
    ///
    /// With what the compiler or the loader says, if one of them fails.
    pub(crate) fn load(&self, flags: &[&str]) -> Driver {
        let object = self.compile(flags);
        let path = CString::new(object.to_str().expect("the target directory's name is UTF-8")).expect("without a NUL");
        // SAFETY: The path ends in a NUL, and the object has no constructors.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!handle.is_null(), "{} cannot be loaded: {}", object.display(), loader_error());
        Driver(handle.expose_provenance())
    }

    fn compile(&self, flags: &[&str]) -> PathBuf {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        let name = format!("mailbox-{}{}.so", self.name, flags.concat().replace('=', "-"));
        let object = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // Another test may have loaded it: that file must stay as it is, so it is replaced and not written to.
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let fresh = object.with_extension(format!("{}-{count}", process::id()));
        let output = Command::new(self.name)
            .args(["-std=c11", "-g", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror"])
            .args(flags)
            .arg("-o")
            .args([&fresh, Path::new(DRIVER)])
            .output()
            .unwrap_or_else(|error| panic!("`{}` cannot be run: {error}", self.name));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{} {}` failed:\n{said}", self.name, flags.join(" "));
        fs::rename(&fresh, &object).expect("a file can be renamed within the target directory");
        object
    }
}

fn loader_error() -> String {
    // SAFETY: Always safe to call.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return String::new();
    }
    // SAFETY: Not null, so it is a message that ends in a NUL and stays until this thread's next call into the loader.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_string_lossy().into_owned()
}

/// A loaded driver. It is never unloaded: nothing may remember an address in it that then means something else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Driver(usize);

impl Driver {
    /// The address of a function.
    ///
    /// # Panics
    ///
    /// If the driver has none of this name.
    pub(crate) fn symbol(self, name: &CStr) -> *mut c_void {
        let handle = std::ptr::with_exposed_provenance_mut(self.0);
        // SAFETY: The handle is that of an object which is never unloaded, and the name ends in a NUL.
        let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
        assert!(!address.is_null(), "the driver has no {name:?}: {}", loader_error());
        address
    }
}
