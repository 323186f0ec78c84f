package cowfs.inspect;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.format.BlockPointer;
import cowfs.format.BookmarkItem;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.GroupItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.Layout;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.OrphanItem;
import cowfs.format.PendingItem;
import cowfs.format.PropertyItem;
import cowfs.format.ReceiveItem;
import cowfs.format.RefcountItem;
import cowfs.format.ScrubDamageItem;
import cowfs.format.ScrubItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.XattrItem;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Shows records by their declared fields, and behind them what the record's own accessors say of
/// its variable part. Stateless.
final class RecordReader {
    /// What a block pointer's field says that it is.
    private static final String POINTER = "a block_pointer";

    private static final int SHOWN_BYTES = 64;

    private RecordReader() {}

    /// The fixed fields of a record. Reserved fields are shown only where they are not zero.
    static Map<String, @Nullable Object> fields(Layout layout, byte[] bytes, int base) {
        Map<String, @Nullable Object> facts = Facts.of();
        for (Layout.Field field : layout.fields()) {
            int at = base + field.offset();
            if (field.type().equals("reserved")) {
                byte[] reserved = Arrays.copyOfRange(bytes, at, at + field.sizeBytes());
                if (!Arrays.equals(reserved, new byte[reserved.length])) {
                    facts.put("reserved_" + field.offset(), hex(reserved));
                }
            } else {
                facts.put(field.name(), value(field, bytes, at));
            }
        }
        return facts;
    }

    private static @Nullable Object value(Layout.Field field, byte[] bytes, int at) {
        if (field.type().equals("bytes")) {
            return field.meaning().contains(POINTER)
                    ? fields(BlockPointer.LAYOUT, bytes, at)
                    : hex(Arrays.copyOfRange(bytes, at, at + field.sizeBytes()));
        }
        byte[] bigEndian = new byte[field.sizeBytes()];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = bytes[at + bigEndian.length - 1 - i];
        }
        BigInteger number = new BigInteger(1, bigEndian);
        boolean bits =
                field.name().contains("checksum")
                        || field.name().contains("uuid")
                        || field.name().contains("seed")
                        || field.name().equals("magic");
        if (bits) {
            return "0x" + number.toString(16);
        }
        if (field.meaning().contains("signed") && !field.meaning().contains("unsigned")) {
            return number.longValue();
        }
        return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
    }

    /// An item of a leaf: its key, its fields, and in `problem` what is wrong with it.
    static Map<String, @Nullable Object> item(byte[] page, int slot) {
        int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
        int kind = NodePage.kind(page, at);
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("slot", slot);
        putKey(facts, page, at);
        int position = NodePage.valuePosition(page, at);
        int length = NodePage.valueLength(page, at);
        facts.put("bytes", length);
        String problem = problem(kind, page, position, length);
        if (problem == null) {
            facts.putAll(value(kind, page, position, length));
        } else {
            facts.put("problem", problem);
            facts.put("raw", hex(Arrays.copyOfRange(page, position, position + length)));
        }
        return facts;
    }

    static void putKey(Map<String, @Nullable Object> facts, byte[] page, int slotPosition) {
        facts.put("inode", NodePage.inode(page, slotPosition));
        facts.put("kind", ItemKind.nameOf(NodePage.kind(page, slotPosition)));
        facts.put("offset", NodePage.offset(page, slotPosition));
    }

    /// What the record's own check says, before any of it is read.
    private static @Nullable String problem(int kind, byte[] page, int position, int length) {
        if (!ItemKind.isKnown(kind)) {
            return "unknown kind " + kind;
        }
        Layout layout = layout(kind, page, position, length);
        if (layout != null && length < layout.sizeBytes()) {
            return "it has "
                    + CountText.of(length, "byte")
                    + ", its fields need "
                    + layout.sizeBytes();
        }
        if (kind == ItemKind.INODE.number()) {
            return InodeItem.check(page, position, length);
        } else if (kind == ItemKind.INODE_REF.number()) {
            return InodeRefItem.check(page, position, length);
        } else if (kind == ItemKind.XATTR.number()) {
            return XattrItem.check(page, position, length);
        } else if (kind == ItemKind.DIRENT.number()) {
            return DirentItem.check(page, position, length);
        } else if (kind == ItemKind.CONTENT.number()) {
            return ContentItem.check(page, position, length);
        } else if (kind == ItemKind.ORPHAN.number()) {
            return OrphanItem.check(page, position, length);
        } else if (kind == ItemKind.RECEIVE.number()) {
            return ReceiveItem.check(page, position, length);
        }
        return null;
    }

    private static @Nullable Layout layout(int kind, byte[] page, int position, int length) {
        for (ItemKind each : ItemKind.values()) {
            if (each.number() == kind) {
                return switch (each) {
                    case INODE -> InodeItem.LAYOUT;
                    case INODE_REF -> InodeRefItem.LAYOUT;
                    case XATTR -> XattrItem.LAYOUT;
                    case DIRENT -> DirentItem.LAYOUT;
                    case CONTENT -> contentLayout(page, position, length);
                    case ORPHAN -> OrphanItem.LAYOUT;
                    case SUBVOLUME -> SubvolumeItem.LAYOUT;
                    case RECLAIM, TREE_ROOT -> NodeRefItem.LAYOUT;
                    case PENDING -> null;
                    case GROUP_SUMMARY -> GroupItem.SUMMARY_LAYOUT;
                    case GROUP_BITMAP -> GroupItem.BITMAP_LAYOUT;
                    case REFCOUNT -> RefcountItem.LAYOUT;
                    case SCRUB -> ScrubItem.LAYOUT;
                    case SCRUB_DAMAGE -> ScrubDamageItem.LAYOUT;
                    case PROPERTY -> PropertyItem.LAYOUT;
                    case BOOKMARK -> BookmarkItem.LAYOUT;
                    case RECEIVE -> ReceiveItem.LAYOUT;
                };
            }
        }
        return null;
    }

    private static Layout contentLayout(byte[] page, int position, int length) {
        if (ContentItem.isCompressed(page, position)
                && length >= ContentItem.COMPRESSED_LAYOUT.sizeBytes()) {
            return ContentItem.COMPRESSED_LAYOUT;
        }
        return ContentItem.namesBlocks(page, position)
                        && length >= ContentItem.EXTENT_LAYOUT.sizeBytes()
                ? ContentItem.EXTENT_LAYOUT
                : ContentItem.LAYOUT;
    }

    private static Map<String, @Nullable Object> value(
            int kind, byte[] page, int position, int length) {
        Layout layout = layout(kind, page, position, length);
        Map<String, @Nullable Object> facts =
                layout == null ? Facts.of() : fields(layout, page, position);
        if (kind == ItemKind.PENDING.number()) {
            facts.put("entries", entries(page, position, length));
        } else if (kind == ItemKind.INODE_REF.number()) {
            facts.put("name", text(InodeRefItem.name(page, position)));
        } else if (kind == ItemKind.DIRENT.number()) {
            facts.put("name", text(DirentItem.name(page, position)));
        } else if (kind == ItemKind.XATTR.number()) {
            facts.put("name", text(XattrItem.name(page, position)));
            int from = position + XattrItem.valueOffset(page, position);
            facts.put("value", hex(Arrays.copyOfRange(page, from, position + length)));
        } else if (kind == ItemKind.CONTENT.number()) {
            content(facts, page, position, length);
        } else if (kind == ItemKind.SUBVOLUME.number()) {
            try {
                facts.put("name", SubvolumeItem.readFrom(page, position, length, "").name());
            } catch (CorruptException damaged) {
                facts.put("problem", damaged.reason());
            }
        } else if (kind == ItemKind.BOOKMARK.number()) {
            try {
                facts.put("name", BookmarkItem.readFrom(page, position, length, "").name());
            } catch (CorruptException damaged) {
                facts.put("problem", damaged.reason());
            }
        } else if (kind == ItemKind.PROPERTY.number()) {
            try {
                PropertyItem property = PropertyItem.readFrom(page, position, length, "");
                facts.put("name", property.name());
                facts.put("value", property.value());
            } catch (CorruptException damaged) {
                facts.put("problem", damaged.reason());
            }
        } else if (kind == ItemKind.GROUP_SUMMARY.number()) {
            facts.put("entries", summary(page, position));
        } else if (kind == ItemKind.GROUP_BITMAP.number()) {
            facts.remove("bits");
            facts.put("allocated", SpaceFacts.runs(page, position));
        }
        return facts;
    }

    private static void content(
            Map<String, @Nullable Object> facts, byte[] page, int position, int length) {
        facts.remove("content_item");
        if (facts.remove("extent_item") != null) {
            facts.put("address", ContentItem.ADDRESS.get(page, position));
            facts.put("birth_txg", ContentItem.BIRTH_TXG.get(page, position));
        }
        facts.put("encoding", ContentItem.encodingName(page, position));
        facts.put("length", ContentItem.LENGTH.getUnsigned(page, position));
        if (!ContentItem.namesBlocks(page, position)) {
            int from = position + ContentItem.LAYOUT.sizeBytes();
            facts.put("content", hex(Arrays.copyOfRange(page, from, position + length)));
        } else if (ContentItem.hasCrcs(page, position)) {
            List<String> crcs = new ArrayList<>();
            for (int i = 0; i < ContentItem.diskBlocks(page, position); i++) {
                crcs.add(Facts.hex(Integer.toUnsignedLong(ContentItem.crc(page, position, i))));
            }
            facts.put("crcs", crcs);
        }
    }

    private static List<Map<String, @Nullable Object>> entries(
            byte[] page, int position, int length) {
        List<Map<String, @Nullable Object>> entries = new ArrayList<>();
        int size = PendingItem.LAYOUT.sizeBytes();
        for (int at = position; at + size <= position + length; at += size) {
            Map<String, @Nullable Object> entry = fields(PendingItem.LAYOUT, page, at);
            if (!Long.valueOf(0).equals(entry.get("address"))) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static List<Map<String, @Nullable Object>> summary(byte[] page, int position) {
        List<Map<String, @Nullable Object>> entries = new ArrayList<>();
        for (int i = 0; i < GroupItem.GROUPS_PER_SUMMARY; i++) {
            int use = GroupItem.useNumber(page, position, i);
            if (use != 0) {
                Map<String, @Nullable Object> entry = Facts.of();
                entry.put("entry", i);
                entry.put("use", SpaceFacts.useName(use));
                entry.put("free", GroupItem.freeCount(page, position, i));
                entries.add(entry);
            }
        }
        return entries;
    }

    /// A name as it may go to a terminal; what is no printable UTF-8 is `\xHH`.
    static String text(byte[] name) {
        String whole = new String(name, StandardCharsets.UTF_8);
        boolean plain =
                Arrays.equals(whole.getBytes(StandardCharsets.UTF_8), name)
                        && whole.codePoints().noneMatch(Character::isISOControl)
                        && whole.indexOf('\\') < 0;
        if (plain) {
            return whole;
        }
        StringBuilder text = new StringBuilder();
        for (byte each : name) {
            boolean printable = each >= 0x20 && each < 0x7f && each != '\\';
            text.append(
                    printable
                            ? String.valueOf((char) each)
                            : "\\x" + HexFormat.of().toHexDigits(each));
        }
        return text.toString();
    }

    private static String hex(byte[] bytes) {
        return bytes.length <= SHOWN_BYTES
                ? HexFormat.of().formatHex(bytes)
                : HexFormat.of().formatHex(bytes, 0, SHOWN_BYTES)
                        + "... ("
                        + CountText.of(bytes.length, "byte")
                        + ")";
    }
}
