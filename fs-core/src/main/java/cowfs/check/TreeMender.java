package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.check.FileFacts.Ref;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.EntryName;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.OrphanItem;
import cowfs.format.SymlinkTarget;
import cowfs.format.XattrItem;
import cowfs.txn.Rebuild;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The second half of mending a file tree: makes its items keep the rules that tie them together,
/// and says what was lost.
///
/// Much of a file tree is told twice, and what one side has lost the other gives back:
///
/// - a name whose entry is lost comes back from the inode ref, and the other way round;
/// - link counts, directory sizes and sectors are counted;
/// - an inode without any name goes to `/lost+found`, as `#` and its number; with what is below it,
///   when it is a directory. One that had no links left becomes an orphan again;
/// - an inode whose attributes are lost, but whose content or entries are there, is kept: owned by
///   root, readable by root, its length rounded up to a block;
/// - an entry that leads to nothing goes, and its path is listed;
/// - of content that can't be read the blocks are left out: they read as zeros, and path and range
///   are listed.
///
/// Items that are no valid records go. Of what is readable nothing is given up.
///
/// Memory: about 200 bytes for each inode of the tree and each of its names. Used for one tree, on
/// one thread.
final class TreeMender {
    private static final byte[] REMOVE = new byte[0];
    private static final long MAX_FILE_BLOCKS = (1L << 51) - 1;
    private static final String LOST_AND_FOUND = "lost+found";
    private static final int ROOT_MODE = Attributes.DIRECTORY | 0755;

    private final Rebuild rebuild;
    private final NameHash hash;
    private final ContentVerdict verdict;
    private final long tree;
    private final long txg;
    private final List<LostPath> lost;
    private final Map<Long, FileFacts> inodes = new TreeMap<>(Long::compareUnsigned);
    private final Map<Long, Map<String, Entry>> directories = new HashMap<>();
    private final TreeMap<Key, byte[]> edits = new TreeMap<>();
    private final Map<Long, List<long[]>> lostContent = new HashMap<>();
    private final Set<Long> lostXattrs = new HashSet<>();
    private final Set<Long> lostAttributes = new HashSet<>();
    private final List<DeadEntry> deadEntries = new ArrayList<>();
    private long nextInode;
    private long lostAndFound;
    private @Nullable BTree files;

    // of the item before, in key order
    private long contentInode;
    private long contentEndBlock;
    private List<Key> xattrKeys = new ArrayList<>();
    private long xattrInode;
    private long xattrHead;
    private long xattrTotal;
    private long xattrFound;

    private static final class Entry {
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
    private record DeadEntry(long directory, String name) {}

    /// @param txg of the state that is mended
    /// @param lost takes what could not be kept
    TreeMender(
            Rebuild rebuild,
            NameHash hash,
            ContentVerdict verdict,
            long tree,
            long txg,
            List<LostPath> lost) {
        this.rebuild = rebuild;
        this.hash = hash;
        this.verdict = verdict;
        this.tree = tree;
        this.txg = txg;
        this.lost = lost;
    }

    /// Mends the tree below `root`, which can be read as a whole.
    ///
    /// @param ranges keys whose items are lost
    /// @return the new root
    @Nullable CommittedNode mend(
            @Nullable CommittedNode root, List<KeyRange> ranges, long firstFreeInode)
            throws IOException {
        BTree open = rebuild.tree(tree, root);
        files = open;
        nextInode = Math.max(firstFreeInode, Volume.ROOT_INODE + 1);
        if (root != null) {
            new ItemScan(rebuild.nodes(), Long.MAX_VALUE, this::item)
                    .scan(root.pointer(), root.level());
        }
        finishXattr();
        for (long inode : inodes.keySet()) {
            nextInode = inode >= nextInode ? inode + 1 : nextInode;
        }
        reviveInodes();
        dropDeadEntries();
        matchRefs();
        adoptNameless();
        breakLoops();
        count();
        report(ranges);
        for (Map.Entry<Key, byte[]> edit : edits.entrySet()) {
            Key key = edit.getKey();
            if (edit.getValue() == REMOVE) {
                open.remove(key.inode(), key.kind(), key.offset());
            } else {
                open.put(key.inode(), key.kind(), key.offset(), edit.getValue());
            }
        }
        return rebuild.write(open);
    }

    /// The lowest inode number that was never used.
    long nextInode() {
        return nextInode;
    }

    // ---- the items, in key order

    private void item(Key key, byte[] page, int position, int length) {
        int kind = key.kind();
        if (xattrInode != 0 && (key.inode() != xattrInode || kind != ItemKind.XATTR.number())) {
            finishXattr();
        }
        if (key.inode() == 0) {
            orphan(key, page, position, length);
            return;
        }
        FileFacts facts = inodes.computeIfAbsent(key.inode(), inode -> new FileFacts());
        if (kind == ItemKind.INODE.number()) {
            inode(key, facts, page, position, length);
            return;
        }
        if (!facts.present || type(facts) == Attributes.SYMLINK) {
            facts.keys.add(key);
        }
        boolean kept;
        if (kind == ItemKind.INODE_REF.number()) {
            kept = ref(key, facts, page, position, length);
        } else if (kind == ItemKind.XATTR.number()) {
            kept = xattr(key, page, position, length);
        } else if (kind == ItemKind.DIRENT.number()) {
            kept = dirent(key, facts, page, position, length);
        } else if (kind == ItemKind.CONTENT.number()) {
            kept = content(key, facts, page, position, length);
        } else {
            kept = false;
        }
        if (!kept) {
            facts.damaged = true;
            edits.put(key, REMOVE);
        }
    }

    private void orphan(Key key, byte[] page, int position, int length) {
        if (key.kind() == ItemKind.ORPHAN.number()
                && OrphanItem.check(page, position, length) == null) {
            inodes.computeIfAbsent(key.offset(), inode -> new FileFacts()).hasOrphanItem = true;
        } else {
            edits.put(key, REMOVE);
        }
    }

    private void inode(Key key, FileFacts facts, byte[] page, int position, int length) {
        if (key.offset() != 0 || InodeItem.check(page, position, length) != null) {
            edits.put(key, REMOVE);
            return;
        }
        facts.present = true;
        facts.mode = InodeItem.MODE.get(page, position);
        facts.links = InodeItem.LINK_COUNT.get(page, position);
        facts.size = InodeItem.SIZE_BYTES.get(page, position);
        facts.sectors = InodeItem.SECTORS.get(page, position);
        facts.generation = InodeItem.GENERATION.get(page, position);
    }

    private boolean ref(Key key, FileFacts facts, byte[] page, int position, int length) {
        if (InodeRefItem.check(page, position, length) != null) {
            return false;
        }
        long parent = InodeRefItem.PARENT.get(page, position);
        byte[] name = InodeRefItem.name(page, position);
        if (!isName(name) || !NameHash.sameHash(key.offset(), hash.offset(parent, name))) {
            return false;
        }
        facts.refs.add(new Ref(parent, text(name), key.offset()));
        return true;
    }

    private boolean dirent(Key key, FileFacts facts, byte[] page, int position, int length) {
        boolean directory = !facts.present || type(facts) == Attributes.DIRECTORY;
        if (!directory
                || DirentItem.check(page, position, length) != null
                || key.offset() >>> NameHash.DISAMBIGUATOR_BITS == 0) {
            return false;
        }
        byte[] name = DirentItem.name(page, position);
        if (!isName(name) || !NameHash.sameHash(key.offset(), hash.offset(name))) {
            return false;
        }
        facts.hasEntries = true;
        Entry entry =
                new Entry(
                        DirentItem.CHILD.get(page, position),
                        DirentItem.type(page, position),
                        key.offset());
        return entriesOf(key.inode()).putIfAbsent(text(name), entry) == null;
    }

    private boolean xattr(Key key, byte[] page, int position, int length) {
        if (XattrItem.check(page, position, length) != null) {
            lostXattrs.add(key.inode());
            return false;
        }
        int piece = XattrItem.PIECE.get(page, position);
        long total = XattrItem.VALUE_BYTES.getUnsigned(page, position);
        boolean goesOn =
                piece == xattrKeys.size()
                        && piece > 0
                        && key.inode() == xattrInode
                        && key.offset() - piece == xattrHead
                        && total == xattrTotal;
        if (!goesOn) {
            finishXattr();
            boolean head =
                    piece == 0
                            && NameHash.sameHash(
                                    key.offset(), hash.offset(XattrItem.name(page, position)));
            if (!head) {
                lostXattrs.add(key.inode());
                return false;
            }
            xattrInode = key.inode();
            xattrHead = key.offset();
            xattrTotal = total;
        }
        xattrKeys.add(key);
        xattrFound += length - XattrItem.valueOffset(page, position);
        return true;
    }

    /// Gives up the attribute that was being read when it is not whole.
    private void finishXattr() {
        if (xattrFound != xattrTotal) {
            xattrKeys.forEach(key -> edits.put(key, REMOVE));
            lostXattrs.add(xattrInode);
        }
        xattrKeys = new ArrayList<>();
        xattrInode = 0;
        xattrTotal = 0;
        xattrFound = 0;
    }

    private boolean content(Key key, FileFacts facts, byte[] page, int position, int length) {
        boolean mayHold =
                !facts.present
                        || type(facts) == Attributes.REGULAR
                        || type(facts) == Attributes.SYMLINK;
        long start = key.offset() >>> Blocks.SHIFT;
        if (!mayHold
                || ContentItem.check(page, position, length) != null
                || (key.offset() & (Blocks.SIZE - 1)) != 0
                || start + ContentItem.blockCount(page, position) > MAX_FILE_BLOCKS) {
            loseContent(key.inode(), key.offset(), 0);
            return false;
        }
        int blocks = ContentItem.blockCount(page, position);
        if (key.inode() == contentInode && start < contentEndBlock) {
            loseContent(key.inode(), key.offset(), Blocks.toBytes(blocks));
            return false;
        }
        contentInode = key.inode();
        contentEndBlock = start + blocks;
        int encoding = ContentItem.ENCODING.get(page, position);
        if (encoding == ContentItem.INLINE) {
            inline(key, facts, page, position);
            int bytes = ContentItem.LENGTH.get(page, position);
            long target = facts.present ? facts.size : bytes;
            facts.hasTarget |=
                    start == 0
                            && target <= bytes
                            && SymlinkTarget.check(
                                            page, position + ContentItem.LAYOUT.sizeBytes(), target)
                                    == null;
            return true;
        }
        boolean[] good = verdict.of(page, position);
        // a long target has a block of its own, which its reader looks at
        facts.hasTarget |= start == 0 && good[0] && encoding == ContentItem.PLAIN;
        long birth = ContentItem.BIRTH_TXG.get(page, position);
        boolean allGood = birth <= txg;
        for (boolean each : good) {
            allGood &= each;
        }
        if (!allGood) {
            edits.put(key, REMOVE);
            facts.damaged = true;
        }
        int from = -1;
        for (int i = 0; i <= blocks; i++) {
            boolean here = i < blocks && good[i];
            if (here && from < 0) {
                from = i;
            } else if (!here && from >= 0) {
                extent(key, facts, page, position, from, i, allGood);
                from = -1;
            }
            if (i < blocks && !here) {
                loseContent(key.inode(), key.offset() + Blocks.toBytes(i), Blocks.SIZE);
            }
        }
        return true;
    }

    private void inline(Key key, FileFacts facts, byte[] page, int position) {
        int bytes = ContentItem.LENGTH.get(page, position);
        facts.hasContent = true;
        facts.foundSectors += (bytes + 511) / 512;
        facts.contentEnd = Math.max(facts.contentEnd, key.offset() + bytes);
        int from = position + ContentItem.LAYOUT.sizeBytes();
        for (int i = (int) Math.max(0, Math.min(bytes, facts.size - key.offset()));
                i < bytes;
                i++) {
            if (page[from + i] != 0) {
                facts.sizeNeeded = Math.max(facts.sizeNeeded, key.offset() + i + 1);
            }
        }
        if (Blocks.fromBytes(facts.size) <= key.offset() >>> Blocks.SHIFT) {
            facts.sizeNeeded = Math.max(facts.sizeNeeded, key.offset() + bytes);
        }
    }

    /// Keeps the good blocks `from` to `to` of an extent.
    private void extent(
            Key key, FileFacts facts, byte[] page, int position, int from, int to, boolean whole) {
        boolean plain = ContentItem.ENCODING.get(page, position) == ContentItem.PLAIN;
        long address = ContentItem.ADDRESS.get(page, position);
        if (!whole) {
            byte[] item =
                    ContentItem.extent(
                            plain ? ContentItem.PLAIN : ContentItem.UNWRITTEN,
                            address + from,
                            to - from,
                            Math.min(txg, ContentItem.BIRTH_TXG.get(page, position)));
            for (int i = from; plain && i < to; i++) {
                ContentItem.setCrc(item, 0, i - from, ContentItem.crc(page, position, i));
            }
            edits.put(new Key(key.inode(), key.kind(), key.offset() + Blocks.toBytes(from)), item);
        }
        facts.hasContent = true;
        facts.foundSectors += 8L * (to - from);
        if (!plain) {
            return;
        }
        long end = key.offset() + Blocks.toBytes(to);
        facts.contentEnd = Math.max(facts.contentEnd, end);
        if (!facts.present) {
            return;
        }
        if (end >>> Blocks.SHIFT > Blocks.fromBytes(facts.size)) {
            facts.sizeNeeded = Math.max(facts.sizeNeeded, end);
        } else if (end > facts.size
                && !verdict.isZeroFrom(address + to - 1, (int) (facts.size & (Blocks.SIZE - 1)))) {
            facts.sizeNeeded = Math.max(facts.sizeNeeded, end);
        }
    }

    private void loseContent(long inode, long offset, long lengthBytes) {
        List<long[]> ranges = lostContent.computeIfAbsent(inode, i -> new ArrayList<>());
        long[] last = ranges.isEmpty() ? null : ranges.getLast();
        if (last != null && last[0] + last[1] == offset && last[1] > 0) {
            last[1] += lengthBytes;
        } else {
            ranges.add(new long[] {offset, lengthBytes});
        }
    }

    // ---- inodes and names

    private void reviveInodes() {
        inodes.computeIfAbsent(Volume.ROOT_INODE, inode -> new FileFacts());
        Map<Long, Integer> types = new HashMap<>();
        directories.forEach(
                (directory, entries) ->
                        entries.values().forEach(entry -> types.put(entry.child, entry.type)));
        for (Map.Entry<Long, FileFacts> each : inodes.entrySet()) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            if (inode == Volume.ROOT_INODE) {
                if (!facts.present || type(facts) != Attributes.DIRECTORY) {
                    lostAttributes.add(inode);
                    facts.present = true;
                    facts.damaged = true;
                    facts.mode = ROOT_MODE;
                    facts.generation = txg;
                    facts.links = -1;
                }
            } else if (!facts.present && (facts.hasContent || facts.hasEntries)) {
                lostAttributes.add(inode);
                facts.present = true;
                facts.damaged = true;
                facts.generation = txg;
                facts.links = -1;
                boolean target =
                        types.getOrDefault(inode, 0) == Attributes.SYMLINK && facts.hasTarget;
                facts.mode =
                        facts.hasEntries
                                ? Attributes.DIRECTORY | 0700
                                : target ? Attributes.SYMLINK | 0777 : Attributes.REGULAR | 0600;
                facts.size = facts.contentEnd;
            }
            boolean symlink = facts.present && type(facts) == Attributes.SYMLINK;
            boolean lostTarget =
                    symlink
                            && (!facts.hasTarget
                                    || facts.size < 1
                                    || facts.size > SymlinkTarget.MAX_BYTES);
            if (!facts.present || lostTarget) {
                if (lostTarget) {
                    facts.keys.add(new Key(inode, ItemKind.INODE.number(), 0));
                    lostAttributes.remove(inode);
                }
                facts.present = false;
                facts.keys.forEach(key -> edits.put(key, REMOVE));
                facts.refs.clear();
            }
        }
    }

    private boolean exists(long inode) {
        FileFacts facts = inodes.get(inode);
        return facts != null && facts.present;
    }

    private boolean isDirectory(long inode) {
        FileFacts facts = inodes.get(inode);
        return facts != null && facts.present && type(facts) == Attributes.DIRECTORY;
    }

    /// Entries that lead to nothing, to the root, or twice to one directory.
    private void dropDeadEntries() {
        Set<Long> named = new HashSet<>();
        for (Map.Entry<Long, Map<String, Entry>> each : directories.entrySet()) {
            long directory = each.getKey();
            boolean alive = isDirectory(directory);
            each.getValue()
                    .entrySet()
                    .removeIf(
                            nameAndEntry -> {
                                Entry entry = nameAndEntry.getValue();
                                boolean leadsNowhere =
                                        !exists(entry.child) || entry.child == Volume.ROOT_INODE;
                                boolean again =
                                        !leadsNowhere
                                                && isDirectory(entry.child)
                                                && !named.add(entry.child);
                                if (alive && !leadsNowhere && !again) {
                                    return false;
                                }
                                edits.put(direntKey(directory, entry.offset), REMOVE);
                                if (alive && leadsNowhere && entry.child != Volume.ROOT_INODE) {
                                    deadEntries.add(
                                            new DeadEntry(directory, nameAndEntry.getKey()));
                                }
                                return true;
                            });
            for (Map.Entry<String, Entry> entry : each.getValue().entrySet()) {
                int type = type(facts(entry.getValue().child));
                if (entry.getValue().type != type) {
                    entry.getValue().type = type;
                    putEntry(directory, entry.getKey(), entry.getValue());
                }
            }
        }
    }

    /// Pairs entries with inode refs, and makes the missing side.
    private void matchRefs() {
        Set<Long> named = new HashSet<>();
        directories.values().forEach(d -> d.values().forEach(entry -> named.add(entry.child)));
        for (Map.Entry<Long, FileFacts> each : inodes.entrySet()) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            Set<String> seen = new HashSet<>();
            for (Ref ref : List.copyOf(facts.refs)) {
                Entry entry = directories.getOrDefault(ref.parent(), Map.of()).get(ref.name());
                boolean first = seen.add(ref.parent() + "/" + ref.name());
                if (entry != null && entry.child == inode && first) {
                    entry.hasRef = true;
                } else if (entry == null
                        && first
                        && isDirectory(ref.parent())
                        && inode != Volume.ROOT_INODE
                        && !(isDirectory(inode) && named.contains(inode))
                        && !(facts.links == 0 && facts.hasOrphanItem)) {
                    Entry back = addEntry(ref.parent(), ref.name(), inode);
                    back.hasRef = true;
                    named.add(inode);
                } else {
                    facts.refs.remove(ref);
                    edits.put(refKey(inode, ref.offset()), REMOVE);
                }
            }
        }
        for (Map.Entry<Long, Map<String, Entry>> each : directories.entrySet()) {
            for (Map.Entry<String, Entry> entry : each.getValue().entrySet()) {
                if (!entry.getValue().hasRef) {
                    addRef(entry.getValue().child, each.getKey(), entry.getKey());
                    entry.getValue().hasRef = true;
                }
            }
        }
    }

    /// Inodes without a name: orphans stay, others get one in `lost+found`.
    private void adoptNameless() {
        Set<Long> named = new HashSet<>();
        directories.values().forEach(d -> d.values().forEach(entry -> named.add(entry.child)));
        for (Map.Entry<Long, FileFacts> each : List.copyOf(inodes.entrySet())) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            boolean nameless =
                    facts.present && inode != Volume.ROOT_INODE && !named.contains(inode);
            boolean orphan =
                    nameless
                            && (facts.hasOrphanItem || facts.links == 0)
                            && directories.getOrDefault(inode, Map.of()).isEmpty();
            if (orphan && !facts.hasOrphanItem) {
                edits.put(orphanKey(inode), OrphanItem.of(txg));
            } else if (!orphan && facts.hasOrphanItem) {
                edits.put(orphanKey(inode), REMOVE);
            }
            facts.hasOrphanItem = orphan;
            if (nameless && !orphan) {
                adopt(inode);
            }
        }
    }

    private void adopt(long inode) {
        if (lostAndFound == 0) {
            lostAndFound = findLostAndFound();
        }
        String name = "#" + Long.toUnsignedString(inode);
        while (entriesOf(lostAndFound).containsKey(name)) {
            name += "_";
        }
        addEntry(lostAndFound, name, inode).hasRef = true;
        addRef(inode, lostAndFound, name);
    }

    private long findLostAndFound() {
        Map<String, Entry> root = entriesOf(Volume.ROOT_INODE);
        String name = LOST_AND_FOUND;
        while (root.containsKey(name) && !isDirectory(root.get(name).child)) {
            name += "_";
        }
        Entry known = root.get(name);
        if (known != null) {
            return known.child;
        }
        long inode = nextInode++;
        FileFacts facts = new FileFacts();
        facts.present = true;
        facts.damaged = true;
        facts.mode = Attributes.DIRECTORY | 0700;
        facts.generation = txg;
        facts.links = -1;
        inodes.put(inode, facts);
        addEntry(Volume.ROOT_INODE, name, inode).hasRef = true;
        addRef(inode, Volume.ROOT_INODE, name);
        return inode;
    }

    /// Directories that can't be reached from the root lie in a loop, or below one.
    private void breakLoops() {
        reach(Volume.ROOT_INODE);
        for (long inode : List.copyOf(inodes.keySet())) {
            FileFacts facts = facts(inode);
            if (!isDirectory(inode) || facts.reached || facts.hasOrphanItem) {
                continue;
            }
            // each has one name: following it backwards leads into the loop
            Set<Long> way = new HashSet<>();
            long at = inode;
            while (way.add(at)) {
                at = facts(at).refs.getFirst().parent();
            }
            Ref name = facts(at).refs.removeFirst();
            edits.put(refKey(at, name.offset()), REMOVE);
            Entry entry = entriesOf(name.parent()).remove(name.name());
            if (entry != null) {
                edits.put(direntKey(name.parent(), entry.offset), REMOVE);
            }
            adopt(at);
            reach(lostAndFound);
            reach(at);
        }
    }

    private void reach(long from) {
        Deque<Long> stack = new ArrayDeque<>(List.of(from));
        while (!stack.isEmpty()) {
            long at = stack.pop();
            FileFacts facts = facts(at);
            if (!facts.reached || at == from) {
                facts.reached = true;
                directories
                        .getOrDefault(at, Map.of())
                        .values()
                        .forEach(
                                entry -> {
                                    if (isDirectory(entry.child) && !facts(entry.child).reached) {
                                        stack.push(entry.child);
                                    }
                                });
            }
        }
    }

    // ---- counts

    private void count() throws IOException {
        directories.forEach(
                (directory, entries) -> {
                    for (Entry entry : entries.values()) {
                        facts(directory).entries++;
                        facts(entry.child).names++;
                        if (isDirectory(entry.child)) {
                            facts(directory).subdirectories++;
                        }
                    }
                });
        for (Map.Entry<Long, FileFacts> each : inodes.entrySet()) {
            FileFacts facts = each.getValue();
            if (facts.present) {
                settle(each.getKey(), facts);
            } else if (facts.hasOrphanItem) {
                edits.put(orphanKey(each.getKey()), REMOVE);
            }
        }
    }

    private void settle(long inode, FileFacts facts) throws IOException {
        boolean directory = type(facts) == Attributes.DIRECTORY;
        long links = facts.hasOrphanItem ? 0 : directory ? 2L + facts.subdirectories : facts.names;
        boolean content = type(facts) == Attributes.REGULAR || type(facts) == Attributes.SYMLINK;
        long size =
                directory ? facts.entries : content ? Math.max(facts.size, facts.sizeNeeded) : 0;
        long sectors = facts.foundSectors;
        boolean right =
                facts.links == links
                        && facts.size == size
                        && facts.sectors == sectors
                        && facts.generation >= 0
                        && facts.generation <= txg;
        if (right) {
            return;
        }
        byte[] item = new byte[InodeItem.LAYOUT.sizeBytes()];
        BTree open = Objects.requireNonNull(files);
        Cursor cursor = open.cursor();
        boolean keep = facts.links >= 0 && open.find(cursor, inode, ItemKind.INODE.number(), 0);
        if (keep) {
            item = cursor.value();
        } else {
            long now = Instant.now().getEpochSecond();
            InodeItem.ACCESSED_SECONDS.set(item, 0, now);
            InodeItem.MODIFIED_SECONDS.set(item, 0, now);
            InodeItem.CHANGED_SECONDS.set(item, 0, now);
            InodeItem.BORN_SECONDS.set(item, 0, now);
        }
        InodeItem.MODE.set(item, 0, facts.mode);
        InodeItem.LINK_COUNT.set(item, 0, (int) links);
        InodeItem.SIZE_BYTES.set(item, 0, size);
        InodeItem.SECTORS.set(item, 0, sectors);
        InodeItem.GENERATION.set(
                item, 0, facts.generation < 0 ? txg : Math.min(facts.generation, txg));
        edits.put(new Key(inode, ItemKind.INODE.number(), 0), item);
    }

    // ---- what was lost

    private void report(List<KeyRange> ranges) {
        Map<Long, String> names = new HashMap<>();
        Map<Long, Long> parents = new HashMap<>();
        directories.forEach(
                (directory, entries) ->
                        entries.forEach(
                                (name, entry) -> {
                                    if (parents.putIfAbsent(entry.child, directory) == null) {
                                        names.put(entry.child, name);
                                    }
                                }));
        for (DeadEntry dead : deadEntries) {
            add(path(dead.directory, parents, names) + "/" + show(dead.name), "file", 0, 0);
        }
        for (Map.Entry<Long, FileFacts> each : inodes.entrySet()) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            if (!facts.present) {
                continue;
            }
            String path = path(inode, parents, names);
            path = path.isEmpty() ? "/" : path;
            if (lostAttributes.contains(inode)) {
                add(path, "attributes", 0, 0);
            }
            if (lostXattrs.contains(inode)) {
                add(path, "xattr", 0, 0);
            }
            for (long[] range : lostContent.getOrDefault(inode, List.of())) {
                add(path, "data", range[0], range[1]);
            }
            boolean directory = type(facts) == Attributes.DIRECTORY;
            if (directory && facts.links >= 0 && facts.size > facts.entries) {
                add(path, "names", 0, 0);
            }
            if (!directory
                    && !lostContent.containsKey(inode)
                    && facts.links >= 0
                    && facts.sectors > facts.foundSectors) {
                addLostRanges(path, inode, facts, ranges);
            }
        }
        for (KeyRange range : ranges) {
            if (range.from().inode() == 0 && range.to() == null) {
                add("/", "tree", 0, 0);
            }
        }
    }

    private void addLostRanges(String path, long inode, FileFacts facts, List<KeyRange> ranges) {
        int kind = ItemKind.CONTENT.number();
        boolean any = false;
        for (KeyRange range : ranges) {
            if (range.touches(inode, kind)) {
                boolean starts = range.from().inode() == inode && range.from().kind() == kind;
                Key to = range.to();
                boolean ends = to != null && to.inode() == inode && to.kind() == kind;
                long from = starts ? range.from().offset() & -Blocks.SIZE : 0;
                long end = ends && to != null ? to.offset() : facts.size;
                add(path, "data", from, Math.max(0, end - from));
                any = true;
            }
        }
        if (!any) {
            add(path, "data", 0, 0);
        }
    }

    private void add(String path, String what, long offset, long lengthBytes) {
        lost.add(new LostPath(tree, path, what, offset, lengthBytes));
    }

    private static String path(long inode, Map<Long, Long> parents, Map<Long, String> names) {
        StringBuilder path = new StringBuilder();
        long at = inode;
        for (int depth = 0; at != Volume.ROOT_INODE && depth < 4096; depth++) {
            Long parent = parents.get(at);
            String name = names.get(at);
            if (parent == null || name == null) {
                return "inode " + Long.toUnsignedString(inode);
            }
            path.insert(0, "/" + show(name));
            at = parent;
        }
        return path.toString();
    }

    private static String show(String name) {
        return InodePaths.printable(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    // ---- making items

    private Entry addEntry(long directory, String name, long child) {
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

    private void putEntry(long directory, String name, Entry entry) {
        edits.put(
                direntKey(directory, entry.offset),
                DirentItem.of(entry.child, entry.type, bytes(name)));
    }

    private void addRef(long inode, long parent, String name) {
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

    private Map<String, Entry> entriesOf(long directory) {
        return directories.computeIfAbsent(directory, d -> new LinkedHashMap<>());
    }

    private FileFacts facts(long inode) {
        return Objects.requireNonNull(inodes.get(inode));
    }

    private static int type(FileFacts facts) {
        return facts.mode & Attributes.TYPE_MASK;
    }

    private static Key direntKey(long directory, long offset) {
        return new Key(directory, ItemKind.DIRENT.number(), offset);
    }

    private static Key refKey(long inode, long offset) {
        return new Key(inode, ItemKind.INODE_REF.number(), offset);
    }

    private static Key orphanKey(long inode) {
        return new Key(0, ItemKind.ORPHAN.number(), inode);
    }

    /// Names are bytes; as text each byte is one character.
    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean isName(byte[] name) {
        return EntryName.check(name, 0, name.length) == null;
    }
}
