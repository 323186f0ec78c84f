/// Benchmarks: JMH classes for operations a second, and programs for what JMH can't say, such as
/// bytes written to the device. `scripts/bench` runs them; `docs/performance.md` keeps the figures.
///
/// May use everything. Programs print a table to stdout and write JSON where `--json` says.
@NullMarked
package cowfs.bench;

import org.jspecify.annotations.NullMarked;
