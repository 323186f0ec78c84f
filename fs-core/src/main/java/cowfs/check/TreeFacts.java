package cowfs.check;

import cowfs.check.FileFacts.Ref;
import cowfs.file.Attributes;
import cowfs.format.DirentItem;
import cowfs.format.EntryName;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// What the items of a file tree say while it is mended, and the changes that are to be made to
/// them. Memory: about 200 bytes for each inode and each name. Not thread safe.
final class TreeFacts {
    /// Stands for the removal of an item.
    static final byte[] REMOVE = new byte[0];

    final NameHash hash;

    /// Of the state that is mended.
    final long txg;

    final Map<Long, FileFacts> inodes = new TreeMap<>(Long::compareUnsigned);

    /// The entries of each directory by name; names are bytes, as text each byte is one character.
    final Map<Long, Map<String, Entry>> directories = new HashMap<>();

    /// New values of items, or {@link #REMOVE}.
    final NavigableMap<Key, byte[]> edits = new TreeMap<>();

    /// Of each inode, offset and length of ranges of its content; length 0 when it is not known.
    final Map<Long, List<long[]>> lostContent = new HashMap<>();

    final Set<Long> lostXattrs = new HashSet<>();
    final Set<Long> lostAttributes = new HashSet<>();
    final List<DeadEntry> deadEntries = new ArrayList<>();

    /// An entry of a directory.
    static final class Entry {
        final long child;
        int type;
        long offset;
        boolean hasRef;

        Entry(long child, int type, long offset) {
            this.child = child;
            this.type = type;
            this.offset = offset;
        }
    }

    /// An entry whose inode is lost.
    record DeadEntry(long directory, String name) {}

    TreeFacts(NameHash hash, long txg) {
        this.hash = hash;
        this.txg = txg;
    }

    void loseContent(long inode, long offset, long lengthBytes) {
        List<long[]> ranges = lostContent.computeIfAbsent(inode, i -> new ArrayList<>());
        long[] last = ranges.isEmpty() ? null : ranges.getLast();
        if (last != null && last[0] + last[1] == offset && last[1] > 0) {
            last[1] += lengthBytes;
        } else {
            ranges.add(new long[] {offset, lengthBytes});
        }
    }

    boolean exists(long inode) {
        FileFacts facts = inodes.get(inode);
        return facts != null && facts.present;
    }

    boolean isDirectory(long inode) {
        FileFacts facts = inodes.get(inode);
        return facts != null && facts.present && type(facts) == Attributes.DIRECTORY;
    }

    // ---- making items

    Entry addEntry(long directory, String name, long child) {
        Map<String, Entry> entries = entriesOf(directory);
        Set<Long> taken = new HashSet<>();
        entries.values().forEach(entry -> taken.add(entry.offset));
        long offset = hash.offset(bytes(name));
        while (taken.contains(offset)) {
            offset++;
        }
        Entry entry = new Entry(child, type(facts(child)), offset);
        entries.put(name, entry);
        facts(directory).hasEntries = true;
        putEntry(directory, name, entry);
        return entry;
    }

    void putEntry(long directory, String name, Entry entry) {
        edits.put(
                direntKey(directory, entry.offset),
                DirentItem.of(entry.child, entry.type, bytes(name)));
    }

    void addRef(long inode, long parent, String name) {
        FileFacts facts = facts(inode);
        long offset = hash.offset(parent, bytes(name));
        Set<Long> taken = new HashSet<>();
        facts.refs.forEach(ref -> taken.add(ref.offset()));
        while (taken.contains(offset)) {
            offset++;
        }
        facts.refs.add(new Ref(parent, name, offset));
        edits.put(refKey(inode, offset), InodeRefItem.of(parent, bytes(name)));
    }

    Map<String, Entry> entriesOf(long directory) {
        return directories.computeIfAbsent(directory, d -> new LinkedHashMap<>());
    }

    FileFacts facts(long inode) {
        return Objects.requireNonNull(inodes.get(inode));
    }

    static int type(FileFacts facts) {
        return facts.mode & Attributes.TYPE_MASK;
    }

    static Key direntKey(long directory, long offset) {
        return new Key(directory, ItemKind.DIRENT.number(), offset);
    }

    static Key refKey(long inode, long offset) {
        return new Key(inode, ItemKind.INODE_REF.number(), offset);
    }

    static Key orphanKey(long inode) {
        return new Key(0, ItemKind.ORPHAN.number(), inode);
    }

    /// Names are bytes; as text each byte is one character.
    static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    static boolean isName(byte[] name) {
        return EntryName.check(name, 0, name.length) == null;
    }
}
