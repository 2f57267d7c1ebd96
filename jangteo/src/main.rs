//! The binary `jangteo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    jangteo::program::main()
}
