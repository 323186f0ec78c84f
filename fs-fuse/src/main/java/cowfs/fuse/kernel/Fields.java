package cowfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// The fields of one structure of the kernel's protocol, declared in their order; offsets are
/// computed. Requests ({@link RequestFormat}) and replies ({@link ReplyFormat}) are declared alike:
/// a class for each structure, whose fields are its constants and whose `BYTES` ends it.
///
/// ```java
/// private static final Fields F = Fields.of("fuse_link_in");
/// static final U64 NODE = F.u64();
/// static final int BYTES = F.size(8);
/// ```
///
/// Numbers are in the byte order of the machine. The protocol aligns every field to its size, and a
/// declaration that would not is refused, as is one that does not end at the structure's size.
final class Fields {
    private final String structure;
    private int next;

    private Fields(String structure) {
        this.structure = structure;
    }

    /// @param structure its name in the kernel's header, for messages
    static Fields of(String structure) {
        return new Fields(structure);
    }

    U16 u16() {
        return new U16(take(Short.BYTES));
    }

    U32 u32() {
        return new U32(take(Integer.BYTES));
    }

    U64 u64() {
        return new U64(take(Long.BYTES));
    }

    /// A structure inside this one.
    ///
    /// @return its offset
    int nested(int sizeBytes) {
        return skip(sizeBytes);
    }

    private int skip(int sizeBytes) {
        int offset = next;
        next += sizeBytes;
        return offset;
    }

    /// Passes over bytes that mean nothing to this side.
    Fields gap(int sizeBytes) {
        skip(sizeBytes);
        return this;
    }

    /// Ends the declaration.
    ///
    /// @param sizeBytes that of the structure
    int size(int sizeBytes) {
        if (next != sizeBytes) {
            throw new IllegalStateException(
                    structure + " ends at " + next + ", not at " + sizeBytes);
        }
        return sizeBytes;
    }

    private int take(int sizeBytes) {
        if (next % sizeBytes != 0) {
            throw new IllegalStateException(structure + " has an unaligned field at " + next);
        }
        return skip(sizeBytes);
    }

    /// An unsigned number of 16 bits.
    record U16(int offset) {
        int get(MemorySegment memory, long structure) {
            return Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, structure + offset));
        }

        void set(MemorySegment memory, long structure, int value) {
            memory.set(JAVA_SHORT_UNALIGNED, structure + offset, (short) value);
        }
    }

    /// A number of 32 bits; who reads it knows whether it has a sign.
    record U32(int offset) {
        int get(MemorySegment memory, long structure) {
            return memory.get(JAVA_INT_UNALIGNED, structure + offset);
        }

        void set(MemorySegment memory, long structure, int value) {
            memory.set(JAVA_INT_UNALIGNED, structure + offset, value);
        }
    }

    /// A number of 64 bits.
    record U64(int offset) {
        long get(MemorySegment memory, long structure) {
            return memory.get(JAVA_LONG_UNALIGNED, structure + offset);
        }

        void set(MemorySegment memory, long structure, long value) {
            memory.set(JAVA_LONG_UNALIGNED, structure + offset, value);
        }
    }
}
