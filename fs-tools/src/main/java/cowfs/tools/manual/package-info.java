/// What is made of the command model: manual pages and completion for shells.
///
/// May use: nothing but picocli's model.
///
/// - Nothing in here names a command or an option: what it writes follows from the model alone, as
///   `--help` does.
/// - The kind of a parameter is its label: `POOL`, `IMAGE`, `DIR` and `FILE` are paths, `REF` is a
///   subvolume or snapshot, `SUBVOL` a subvolume.
@NullMarked
package cowfs.tools.manual;

import org.jspecify.annotations.NullMarked;
