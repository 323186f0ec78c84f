/// The `cowfs` command.
///
/// May use: `cowfs.api`, `cowfs.file` and `cowfs.error` of the engine, and `cowfs.fuse` to mount.
///
/// - A failure is one line on stderr that says what to do: exit 1, and 2 for wrong usage.
/// - Tables are for people; `--json` has stable keys and bytes as integers.
/// - No filesystem logic: a subcommand parses, calls the engine and prints.
@NullMarked
package cowfs.tools;

import org.jspecify.annotations.NullMarked;
