package cowfs.fuse.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/// The processors of the machine by their numbers.
final class Processors {
    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

    /// More than any kernel is built for.
    private static final int MAX_COUNT = 1 << 14;

    private Processors() {}

    /// How many the kernel counts with, those included that are off: all numbers are below.
    static int possibleCount() throws IOException {
        return possibleCount(Files.readString(POSSIBLE).strip());
    }

    /// @param ranges as in `0-3,8`
    static int possibleCount(String ranges) throws IOException {
        String last = ranges.substring(ranges.lastIndexOf(',') + 1);
        try {
            return Integer.parseInt(last.substring(last.lastIndexOf('-') + 1)) + 1;
        } catch (NumberFormatException e) {
            throw new IOException(POSSIBLE + " is not understood: " + ranges, e);
        }
    }

    /// Lets the calling thread run on one processor only.
    ///
    /// @return false when it can't, since the processor is off, or not for this process
    static boolean pin(int processor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = noProcessors(arena);
            if (processor >= MAX_COUNT) {
                return false;
            }
            set.setAtIndex(
                    ValueLayout.JAVA_LONG, processor / Long.SIZE, 1L << (processor % Long.SIZE));
            return Linux.setAffinity(set) >= 0;
        }
    }

    /// Lets the calling thread run on every processor that this process may use.
    static void unpin() {
        try (Arena arena = Arena.ofConfined()) {
            Linux.setAffinity(noProcessors(arena).fill((byte) -1));
        }
    }

    private static MemorySegment noProcessors(Arena arena) {
        return arena.allocate(MAX_COUNT / Byte.SIZE, Long.BYTES);
    }
}
