package cowfs.fuse.jnr;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/// A `struct fuse_args` (`int argc, char **argv, int allocated`): a command line that libfuse
/// reads, changes and finally frees what it added.
final class FuseArguments {
    private static final int STRUCT_BYTES = 24;
    private static final int ARGV = 8;
    private static final int POINTER_BYTES = 8;

    private final Pointer struct;

    /// libfuse copies the words when it first parses them; until then they must stay.
    private final List<Pointer> anchors = new ArrayList<>();

    FuseArguments(String... words) {
        Runtime runtime = Runtime.getSystemRuntime();
        struct = Memory.allocateDirect(runtime, STRUCT_BYTES, true);
        Pointer vector = Memory.allocateDirect(runtime, (words.length + 1) * POINTER_BYTES, true);
        anchors.add(vector);
        for (int i = 0; i < words.length; i++) {
            byte[] bytes = words[i].getBytes(StandardCharsets.UTF_8);
            Pointer word = Memory.allocateDirect(runtime, bytes.length + 1, true);
            word.put(0, bytes, 0, bytes.length);
            anchors.add(word);
            vector.putPointer((long) i * POINTER_BYTES, word);
        }
        struct.putInt(0, words.length);
        struct.putPointer(ARGV, vector);
    }

    long address() {
        return struct.address();
    }
}
