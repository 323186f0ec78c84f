/// The subcommands: each parses its arguments, calls the engine or a daemon, and prints.
///
/// May use: `daemon`, `manual`, `place`, `control`, `text`, and the engine's door.
///
/// - Nothing is printed before the work is done, and nothing but one line on stderr when it fails.
/// - Every subcommand has `--json`.
@NullMarked
package cowfs.tools.command;

import org.jspecify.annotations.NullMarked;
