/// How the command reads and writes text: sizes, tables, JSON and one-line errors.
///
/// May use: `cowfs.api`, `cowfs.file`, `cowfs.error`; no other package of the command.
///
/// - The JSON of a record is the same in `--json` and on the control socket.
/// - Keys are stable, lower case with `_`; bytes are integers.
@NullMarked
package cowfs.tools.text;

import org.jspecify.annotations.NullMarked;
