//! The chapters of the book and the README, as documentation whose examples the test command compiles and runs.

/// One module for each file, with its text as documentation.
macro_rules! texts {
    ($($module:ident = $file:literal,)*) => {
        $(
            #[doc = include_str!($file)]
            pub mod $module {}
        )*

        /// The files whose examples are tested.
        pub const TEXTS: &[&str] = &[$($file),*];
    };
}

texts! {
    readme = "../README.md",
    introduction = "src/introduction.md",
    typed = "src/typed.md",
    language = "src/language.md",
    trapped = "src/trapped.md",
    guide = "src/guide.md",
    hal = "src/hal.md",
    drivers = "src/drivers.md",
    models = "src/models.md",
    blocks = "src/blocks.md",
    svd = "src/svd.md",
    time = "src/time.md",
    memory = "src/memory.md",
    reports = "src/reports.md",
    trace = "src/trace.md",
    scripts = "src/scripts.md",
    faults = "src/faults.md",
    guarantees = "src/guarantees.md",
    promotion = "src/promotion.md",
    internals = "src/internals.md",
    coverage = "src/coverage.md",
}

#[cfg(test)]
mod tests {
    use super::TEXTS;
    use std::{collections::BTreeSet, fs, path::Path, process::Command};

    fn sources() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
    }

    fn tested() -> BTreeSet<String> {
        TEXTS.iter().filter_map(|file| file.strip_prefix("src/")).map(str::to_owned).collect()
    }

    #[test]
    fn every_chapter_in_the_summary_is_tested() {
        let summary = fs::read_to_string(sources().join("SUMMARY.md")).expect("the book has a summary");
        let chapters: BTreeSet<_> =
            summary.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect();
        assert_eq!(chapters, tested());
    }

    #[test]
    fn every_file_of_the_book_is_in_the_summary() {
        let entries = fs::read_dir(sources()).expect("the book has chapters");
        let files = entries.map(|entry| entry.expect("a directory can be listed").file_name());
        let files = files.map(|name| name.to_string_lossy().into_owned());
        let files: BTreeSet<_> = files.filter(|name| name.ends_with(".md")).collect();
        assert_eq!(files, tested().into_iter().chain(["SUMMARY.md".to_owned()]).collect());
    }

    #[test]
    fn links_between_chapters_lead_somewhere() {
        for file in tested() {
            let text = fs::read_to_string(sources().join(&file)).expect("a tested chapter exists");
            for link in text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)) {
                let target = link.split('#').next().unwrap_or(link);
                let external = target.contains("://") || target.is_empty();
                assert!(external || sources().join(target).exists(), "{file}: {link}");
            }
        }
    }

    /// The crates of `memtrap/acceptance/run` with the versions of its lock files, which are those that ran.
    #[test]
    fn every_driver_that_ran_is_in_its_chapter() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../memtrap/acceptance/run");
        let list = Command::new("bash").args([script, "--list"]).output().expect("bash runs");
        assert!(list.status.success(), "{}", String::from_utf8_lossy(&list.stderr));
        let list = String::from_utf8(list.stdout).expect("names of crates are text");
        let ran: BTreeSet<_> = list.lines().filter_map(|line| line.split_once(' ')).collect();
        let chapter = fs::read_to_string(sources().join("drivers.md")).expect("the chapter exists");
        let cells = |row: &str| row.split('|').map(str::trim).map(str::to_owned).collect::<Vec<_>>();
        let rows: Vec<_> = chapter.lines().filter(|line| line.starts_with("| ")).skip(2).map(cells).collect();
        let told: BTreeSet<_> = rows.iter().map(|row| (row[1].as_str(), row[2].as_str())).collect();
        assert_eq!(told, ran);
        assert!(ran.len() >= 20, "{ran:?}");
    }

    /// A code block without a language, or with another one, is not compiled; it must say what it is.
    #[test]
    fn every_code_block_says_what_it_is() {
        for file in TEXTS {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("the text exists");
            let fences = text.lines().filter_map(|line| line.trim_start().strip_prefix("```")).step_by(2);
            for language in fences {
                let known =
                    ["rust", "text", "console", "toml", "c,ignore"].iter().any(|known| language.starts_with(known));
                assert!(known && !language.contains("rust,ignore"), "{file}: a code block of {language:?}");
            }
        }
    }
}
