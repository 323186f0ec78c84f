package cowfs.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The declared fields of one on-disk record: names, types, computed offsets and the total size.
///
/// A record declares its fields in order through a {@link Builder}; each declaration returns a
/// typed accessor that reads and writes little-endian bytes in place. {@link Builder#size} closes
/// the record and throws unless the fields end exactly there, so that an offset can never drift
/// from the declaration. The tables of `docs/format.md` are generated from these declarations.
///
/// Immutable and thread safe; accessors are meant to be `static final` so that the JIT folds the
/// offsets.
public final class Layout {
    private static final VarHandle U16 =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U32 =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U64 =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final List<Field> fields;
    private final int sizeBytes;

    private Layout(String name, List<Field> fields, int sizeBytes) {
        this.name = name;
        this.fields = List.copyOf(fields);
        this.sizeBytes = sizeBytes;
    }

    /// Starts the declaration of a record.
    public static Builder of(String name) {
        return new Builder(name);
    }

    /// The record's name as the format document shows it.
    public String name() {
        return name;
    }

    /// The fields in the order of their offsets.
    public List<Field> fields() {
        return fields;
    }

    /// The size of the record's fixed part in bytes; a variable tail follows it where the record
    /// has one.
    public int sizeBytes() {
        return sizeBytes;
    }

    /// One declared field.
    ///
    /// @param type one of `u8`, `u16`, `u32`, `u64`, `bytes`, `reserved`
    public record Field(String name, String type, int offset, int sizeBytes, String meaning) {}

    /// Collects the fields of a record. Not thread safe; used in static initialisers only.
    public static final class Builder {
        private final String name;
        private final List<Field> fields = new ArrayList<>();
        private int offset;

        private Builder(String name) {
            this.name = name;
        }

        private int add(String field, String type, int sizeBytes, String meaning) {
            int at = offset;
            fields.add(new Field(field, type, at, sizeBytes, meaning));
            offset += sizeBytes;
            return at;
        }

        public U8Field u8(String field, String meaning) {
            return new U8Field(add(field, "u8", 1, meaning));
        }

        public U16Field u16(String field, String meaning) {
            return new U16Field(add(field, "u16", 2, meaning));
        }

        public U32Field u32(String field, String meaning) {
            return new U32Field(add(field, "u32", 4, meaning));
        }

        public U64Field u64(String field, String meaning) {
            return new U64Field(add(field, "u64", 8, meaning));
        }

        public BytesField bytes(String field, int sizeBytes, String meaning) {
            return new BytesField(add(field, "bytes", sizeBytes, meaning), sizeBytes);
        }

        /// Bytes that are zero in this version; `validate` of the record checks them.
        public ReservedField reserved(int sizeBytes) {
            return new ReservedField(add("reserved", "reserved", sizeBytes, "zero"), sizeBytes);
        }

        /// Closes the declaration.
        ///
        /// @throws IllegalStateException when the declared fields do not end at `sizeBytes`
        public Layout size(int sizeBytes) {
            if (offset != sizeBytes) {
                throw new IllegalStateException(
                        name + ": fields end at " + offset + ", declared size is " + sizeBytes);
            }
            return new Layout(name, fields, sizeBytes);
        }
    }

    /// An unsigned byte.
    public record U8Field(int offset) {
        public int get(byte[] bytes, int base) {
            return bytes[base + offset] & 0xff;
        }

        public void set(byte[] bytes, int base, int value) {
            bytes[base + offset] = (byte) value;
        }
    }

    /// An unsigned 16-bit number.
    public record U16Field(int offset) {
        public int get(byte[] bytes, int base) {
            return (short) U16.get(bytes, base + offset) & 0xffff;
        }

        public void set(byte[] bytes, int base, int value) {
            U16.set(bytes, base + offset, (short) value);
        }
    }

    /// A 32-bit number; {@link #get} gives the raw bits, {@link #getUnsigned} the unsigned value.
    public record U32Field(int offset) {
        public int get(byte[] bytes, int base) {
            return (int) U32.get(bytes, base + offset);
        }

        public long getUnsigned(byte[] bytes, int base) {
            return get(bytes, base) & 0xffff_ffffL;
        }

        public void set(byte[] bytes, int base, int value) {
            U32.set(bytes, base + offset, value);
        }
    }

    /// A 64-bit number.
    public record U64Field(int offset) {
        public long get(byte[] bytes, int base) {
            return (long) U64.get(bytes, base + offset);
        }

        public void set(byte[] bytes, int base, long value) {
            U64.set(bytes, base + offset, value);
        }
    }

    /// A run of bytes of fixed length.
    public record BytesField(int offset, int sizeBytes) {
        public byte[] get(byte[] bytes, int base) {
            return Arrays.copyOfRange(bytes, base + offset, base + offset + sizeBytes);
        }

        public void set(byte[] bytes, int base, byte[] value) {
            if (value.length != sizeBytes) {
                throw new IllegalArgumentException(
                        "value has " + value.length + " bytes, field has " + sizeBytes);
            }
            System.arraycopy(value, 0, bytes, base + offset, sizeBytes);
        }
    }

    /// Bytes that must be zero.
    public record ReservedField(int offset, int sizeBytes) {
        public boolean isZero(byte[] bytes, int base) {
            for (int i = 0; i < sizeBytes; i++) {
                if (bytes[base + offset + i] != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
