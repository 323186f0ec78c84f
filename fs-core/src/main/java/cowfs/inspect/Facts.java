package cowfs.inspect;

import cowfs.format.BlockPointer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes the maps that answers are made of. Members stay in the order in which they are put.
final class Facts {
    private Facts() {}

    static Map<String, @Nullable Object> of() {
        return new LinkedHashMap<>();
    }

    static Map<String, @Nullable Object> of(BlockPointer pointer, int level) {
        Map<String, @Nullable Object> facts = of();
        facts.put("block", pointer.address());
        facts.put("copy", pointer.copyAddress() == 0 ? null : pointer.copyAddress());
        facts.put("birth_txg", pointer.birthTxg());
        facts.put("checksum", hex(pointer.checksum()));
        facts.put("level", level);
        return facts;
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
