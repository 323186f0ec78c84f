package cowfs.stream;

import java.util.Arrays;

/// The value of an item, in place in the node that holds it: a view of immutable bytes, good for as
/// long as anybody keeps it.
public final class ItemValue {
    private final byte[] page;
    private final int position;
    private final int lengthBytes;

    /// @param page never changed again by anyone
    ItemValue(byte[] page, int position, int lengthBytes) {
        this.page = page;
        this.position = position;
        this.lengthBytes = lengthBytes;
    }

    /// The page that holds the value; never to be changed.
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] page() {
        return page;
    }

    /// Where in the page the value starts.
    public int position() {
        return position;
    }

    public int lengthBytes() {
        return lengthBytes;
    }

    /// A copy of the bytes.
    public byte[] toBytes() {
        return Arrays.copyOfRange(page, position, position + lengthBytes);
    }

    /// Whether both have the same bytes, wherever they lie.
    public boolean hasSameBytes(ItemValue other) {
        return Arrays.equals(
                page,
                position,
                position + lengthBytes,
                other.page,
                other.position,
                other.position + other.lengthBytes);
    }
}
