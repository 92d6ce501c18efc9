//! The SVD files in the packages of the registry.

use memtrap::svd::Chip;
use std::{path::PathBuf, process::Command, sync::OnceLock};

/// The path of a file in a package.
///
/// # Panics
///
/// If cargo does not know the package.
pub(crate) fn path(package: &str, file: &str) -> PathBuf {
    static METADATA: OnceLock<String> = OnceLock::new();
    let metadata = METADATA.get_or_init(|| {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let cargo = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest])
            .output()
            .expect("cargo runs");
        assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
        String::from_utf8(cargo.stdout).expect("JSON is UTF-8")
    });
    // Not worth a parser of JSON: no path of a package has a quotation mark.
    let directory = metadata
        .split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split_once("/Cargo.toml\""))
        .map(|(directory, _)| directory)
        .find(|directory| directory.rsplit('/').next().is_some_and(|name| name.starts_with(&format!("{package}-"))))
        .unwrap_or_else(|| panic!("cargo does not know {package}"));
    PathBuf::from(directory).join(file)
}

pub(crate) fn chip(package: &str, file: &str) -> Chip {
    Chip::load(path(package, file)).unwrap_or_else(|error| panic!("{error}"))
}
