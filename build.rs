//! Bundles what browsers load: `static/` and the npm packages of `package-lock.json`.
//!
//! Everything happens in a copy under `OUT_DIR`; the source tree is only read. Packages are
//! installed once and again only when the lock file changes. The result is a table of files,
//! included by `src/platform/web/assets.rs`, so the binary needs no folder beside it.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

type Outcome<T> = Result<T, Box<dyn Error>>;

const OLDEST_NODE: u32 = 20;

fn main() {
    for path in ["build.rs", "static", "package.json", "package-lock.json"] {
        println!("cargo::rerun-if-changed={path}");
    }
    if let Err(fault) = bundle() {
        // `cargo::error` shows the sentence alone, without a panic around it.
        println!("cargo::error={fault}");
    }
}

fn bundle() -> Outcome<()> {
    check_c_compiler()?;
    check_node()?;
    let work = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("web");
    fs::create_dir_all(&work)?;
    install_packages(&work)?;
    copy_sources(&work)?;
    run(
        Command::new("node")
            .arg("static/bundle.mjs")
            .current_dir(&work),
        "node static/bundle.mjs",
    )
}

/// `ring` and SQLite are partly C. The `cc` crate reports a missing compiler at length; this says
/// it in one sentence. Whoever names a compiler of their own is left alone.
fn check_c_compiler() -> Outcome<()> {
    let named = env::vars_os().any(|(name, _)| {
        name.to_str()
            .is_some_and(|name| name == "CC" || name.starts_with("CC_"))
            || name == "TARGET_CC"
            || name == "HOST_CC"
    });
    if named
        || cfg!(windows)
        || ["cc", "gcc", "clang"]
            .iter()
            .any(|name| version(name).is_some())
    {
        return Ok(());
    }
    Err(
        "a C compiler is missing; install one, for example with `apt-get install gcc libc6-dev` \
         on Debian or `xcode-select --install` on macOS"
            .into(),
    )
}

fn check_node() -> Outcome<()> {
    let advice = "install Node.js 20 or newer with npm from https://nodejs.org or your system's \
                  packages (nvm, fnm and Debian 13's `apt-get install nodejs npm` work too)";
    let Some(found) = version("node") else {
        return Err(format!("Node.js is missing; {advice}").into());
    };
    let major = found
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|n| n.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        return Err(format!("Node.js {found} is too old; {advice}").into());
    }
    if version(npm()).is_none() {
        return Err(format!("npm is missing; {advice}").into());
    }
    Ok(())
}

/// What `<program> --version` prints, or nothing if it cannot be run.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn npm() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

/// Runs `npm ci` in the copy, unless what is there was installed from this very lock file.
fn install_packages(work: &Path) -> Outcome<()> {
    let manifest = fs::read("package.json")?;
    let lock = fs::read("package-lock.json")?;
    let stamp = work.join("installed.stamp");
    let wanted = [manifest.as_slice(), lock.as_slice()].concat();
    if fs::read(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    fs::write(work.join("package.json"), manifest)?;
    fs::write(work.join("package-lock.json"), lock)?;
    let mut command = Command::new(npm());
    // No package needs its install script, so none of them gets to run code here.
    command.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
    ]);
    run(command.current_dir(work), "npm ci")?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn copy_sources(work: &Path) -> Outcome<()> {
    let target = work.join("static");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    copy_folder(Path::new("static"), &target)
}

fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Runs a step and, if it fails, says in one line which one and what it printed last.
fn run(command: &mut Command, step: &str) -> Outcome<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&output.stderr);
    for line in printed.lines() {
        println!("cargo::warning={line}");
    }
    Err(format!("`{step}` failed; its output stands in the warnings above").into())
}
