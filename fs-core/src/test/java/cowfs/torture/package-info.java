/// The long way to run the tests: `scripts/torture` runs rounds of {@link
/// cowfs.torture.TortureMode}s with ever new seeds for hours.
@NullMarked
package cowfs.torture;

import org.jspecify.annotations.NullMarked;
