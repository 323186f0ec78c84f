package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Random operations on the trees of a pool, each applied to a model as well. One thread.
final class Workload {
    private static final int INODES = 12;
    private static final int SLOTS = 10;
    private static final long SLOT_BYTES = 128L * Blocks.SIZE;

    private final PoolStore store;
    private final Random random;
    private final TreeMap<Long, TreeMap<ItemKey, ByteBuffer>> models = new TreeMap<>();
    private int maxExtentBlocks = 12;
    private int fullCount;
    private int undoneCount;

    Workload(PoolStore store, long seed) {
        this.store = store;
        this.random = new Random(seed);
    }

    /// The same with another pool object for the same image, after a reopen.
    Workload on(PoolStore reopened) {
        Workload next = new Workload(reopened, random.nextLong());
        models.forEach((id, model) -> next.models.put(id, new TreeMap<>(model)));
        next.maxExtentBlocks = maxExtentBlocks;
        return next;
    }

    Workload withExtentsUpTo(int blocks) {
        maxExtentBlocks = blocks;
        return this;
    }

    void addTree(long id) {
        models.put(id, new TreeMap<>());
    }

    void addTree(long id, SortedMap<ItemKey, ByteBuffer> model) {
        models.put(id, new TreeMap<>(model));
    }

    void removeTree(long id) {
        models.remove(id);
    }

    /// A copy of what a tree should hold.
    SortedMap<ItemKey, ByteBuffer> model(long id) {
        return new TreeMap<>(modelOf(id));
    }

    /// A copy of what all trees should hold.
    SortedMap<Long, SortedMap<ItemKey, ByteBuffer>> models() {
        TreeMap<Long, SortedMap<ItemKey, ByteBuffer>> copy = new TreeMap<>();
        models.forEach((id, model) -> copy.put(id, new TreeMap<>(model)));
        return copy;
    }

    /// How many operations were refused for lack of space.
    int fullCount() {
        return fullCount;
    }

    /// How many operations failed at their end.
    int undoneCount() {
        return undoneCount;
    }

    private TreeMap<ItemKey, ByteBuffer> modelOf(long id) {
        TreeMap<ItemKey, ByteBuffer> model = models.get(id);
        if (model == null) {
            throw new AssertionError("no model of tree " + id);
        }
        return model;
    }

    /// One random change of a tree.
    void change(long id) throws IOException {
        try {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> putItem(id);
                case 3 -> removeSome(id);
                case 4, 5, 6 -> writeExtent(id);
                case 7 -> cut(id);
                case 8 -> punch(id);
                case 9 -> reflink(id);
                case 10 -> unwritten(id);
                default -> removeOne(id);
            }
        } catch (RequestException refused) {
            if (refused.kind() == ErrorKind.NOT_PERMITTED) {
                undoneCount++;
                return;
            }
            assertEquals(ErrorKind.NO_SPACE, refused.kind(), refused.getMessage());
            fullCount++;
        }
    }

    /// Runs a change; now and then it is made to fail at its end, and must leave nothing.
    private <T> T apply(long id, int itemCount, TreeChange<T> body) throws IOException {
        boolean fails = random.nextInt(20) == 0;
        TreeChange<T> wrapped =
                change -> {
                    T result = body.run(change);
                    if (fails) {
                        throw new RequestException(ErrorKind.NOT_PERMITTED, "not this time");
                    }
                    return result;
                };
        FileTree tree = TestPool.tree(store, id);
        return itemCount < 0
                ? tree.changeFreeing(-itemCount, wrapped)
                : tree.change(itemCount, wrapped);
    }

    /// Removes everything from a tree, in a few changes.
    void clear(long id) throws IOException {
        for (ItemKey key : List.copyOf(modelOf(id).keySet())) {
            while (modelOf(id).containsKey(key)) {
                try {
                    remove(id, List.of(key));
                } catch (RequestException undone) {
                    assertEquals(ErrorKind.NOT_PERMITTED, undone.kind(), undone.getMessage());
                }
            }
        }
    }

    /// Compares what a tree holds now with its model.
    void compare(long id) throws IOException {
        SortedMap<ItemKey, ByteBuffer> found = TestPool.tree(store, id).read(Workload::itemsOf);
        assertEquals(modelOf(id), found, "content of tree " + id);
    }

    void compareAll() throws IOException {
        for (long id : models.keySet()) {
            compare(id);
        }
    }

    static SortedMap<ItemKey, ByteBuffer> itemsOf(BTree tree) throws IOException {
        TreeMap<ItemKey, ByteBuffer> items = new TreeMap<>();
        Cursor cursor = tree.cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            items.put(
                    new ItemKey(cursor.inode(), cursor.kind(), cursor.offset()),
                    ByteBuffer.wrap(cursor.value()));
        }
        return items;
    }

    private void putItem(long id) throws IOException {
        putItems(id, 1);
    }

    /// Puts many items in one change, so that trees get several levels.
    void putItems(long id, int count) throws IOException {
        FileTree tree = TestPool.tree(store, id);
        int limit = tree.read(BTree::maxValueBytes);
        TreeMap<ItemKey, ByteBuffer> items = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            ItemKey key =
                    new ItemKey(
                            random.nextInt(4) == 0 ? random.nextLong() : 1 + random.nextInt(300),
                            ItemKind.INODE.number(),
                            0);
            int length = random.nextInt(5) == 0 ? random.nextInt(limit + 1) : random.nextInt(120);
            byte[] value = new byte[length];
            random.nextBytes(value);
            items.put(key, ByteBuffer.wrap(value));
        }
        apply(
                id,
                items.size(),
                change -> {
                    for (var item : items.entrySet()) {
                        ItemKey key = item.getKey();
                        byte[] value = item.getValue().array();
                        change.tree().put(key.inode(), key.kind(), key.offset(), value);
                    }
                    return true;
                });
        modelOf(id).putAll(items);
    }

    private void removeSome(long id) throws IOException {
        List<ItemKey> keys = new ArrayList<>();
        ItemKey key = anyKey(id, false);
        for (int i = random.nextInt(20); i >= 0 && key != null; i--) {
            keys.add(key);
            key = modelOf(id).higherKey(key);
        }
        remove(id, keys);
    }

    private void removeOne(long id) throws IOException {
        ItemKey key = anyKey(id, random.nextBoolean());
        if (key != null) {
            remove(id, List.of(key));
        }
    }

    private void remove(long id, List<ItemKey> keys) throws IOException {
        boolean dropFirst = random.nextBoolean();
        apply(
                id,
                -keys.size(),
                change -> {
                    for (ItemKey key : keys) {
                        ByteBuffer old = modelOf(id).get(key);
                        if (dropFirst) {
                            drop(change, key, old);
                        }
                        assertEquals(
                                true, change.tree().remove(key.inode(), key.kind(), key.offset()));
                        if (!dropFirst) {
                            drop(change, key, old);
                        }
                    }
                    return true;
                });
        keys.forEach(modelOf(id)::remove);
    }

    private void writeExtent(long id) throws IOException {
        Allocation blocks = store.data().allocate(1 + random.nextInt(maxExtentBlocks));
        byte[] content = new byte[blocks.blockCount() * Blocks.SIZE];
        random.nextBytes(content);
        store.data().write(blocks.address(), ByteBuffer.wrap(content));
        int[] crcs = new int[blocks.blockCount()];
        for (int i = 0; i < crcs.length; i++) {
            crcs[i] = Checksum.crc32c(content, i * Blocks.SIZE, Blocks.SIZE);
        }
        insert(id, blocks, ContentItem.PLAIN, crcs);
    }

    private void unwritten(long id) throws IOException {
        Allocation blocks = store.data().allocate(1 + random.nextInt(maxExtentBlocks));
        insert(id, blocks, ContentItem.UNWRITTEN, new int[0]);
    }

    private void insert(long id, Allocation blocks, int encoding, int[] crcs) throws IOException {
        ItemKey key = contentKey();
        boolean dropFirst = random.nextBoolean();
        int count = blocks.blockCount();
        ByteBuffer old = modelOf(id).get(key);
        byte[] stored;
        try {
            stored =
                    apply(
                            id,
                            2,
                            change -> {
                                byte[] item =
                                        ContentItem.extent(
                                                encoding, blocks.address(), count, change.txg());
                                for (int i = 0; i < crcs.length; i++) {
                                    ContentItem.setCrc(item, 0, i, crcs[i]);
                                }
                                replace(change, key, old, item, dropFirst);
                                change.insertExtent(blocks.address(), count, crcs, 0);
                                change.addReferencedBlocks(count);
                                return item;
                            });
        } catch (RequestException refused) {
            store.data().giveBack(blocks);
            throw refused;
        }
        modelOf(id).put(key, ByteBuffer.wrap(stored));
    }

    /// Drops the tail of an extent.
    private void cut(long id) throws IOException {
        ItemKey key = anyKey(id, true);
        ByteBuffer old = key == null ? null : modelOf(id).get(key);
        if (key == null || old == null || ContentItem.blockCount(old.array(), 0) < 2) {
            return;
        }
        int count = ContentItem.blockCount(old.array(), 0);
        int keep = 1 + random.nextInt(count - 1);
        byte[] head = piece(old.array(), 0, keep);
        apply(
                id,
                -2,
                change -> {
                    change.tree().put(key.inode(), key.kind(), key.offset(), head);
                    change.dropExtent(address(old) + keep, count - keep, birth(old));
                    change.addReferencedBlocks(keep - count);
                    return true;
                });
        modelOf(id).put(key, ByteBuffer.wrap(head));
    }

    /// Drops the middle of an extent, which leaves two.
    private void punch(long id) throws IOException {
        ItemKey key = anyKey(id, true);
        ByteBuffer old = key == null ? null : modelOf(id).get(key);
        if (key == null || old == null || ContentItem.blockCount(old.array(), 0) < 3) {
            return;
        }
        int count = ContentItem.blockCount(old.array(), 0);
        int from = 1 + random.nextInt(count - 2);
        int to = from + 1 + random.nextInt(count - 1 - from);
        byte[] head = piece(old.array(), 0, from);
        byte[] tail = piece(old.array(), to, count);
        ItemKey tailKey =
                new ItemKey(key.inode(), key.kind(), key.offset() + (long) to * Blocks.SIZE);
        if (modelOf(id).containsKey(tailKey)) {
            return;
        }
        apply(
                id,
                3,
                change -> {
                    change.tree().put(key.inode(), key.kind(), key.offset(), head);
                    change.tree().put(tailKey.inode(), tailKey.kind(), tailKey.offset(), tail);
                    change.dropExtent(address(old) + from, to - from, birth(old));
                    change.addReferencedBlocks(from - to);
                    return true;
                });
        modelOf(id).put(key, ByteBuffer.wrap(head));
        modelOf(id).put(tailKey, ByteBuffer.wrap(tail));
    }

    /// Lets another item, of this tree, name the blocks that one of any tree names.
    private void reflink(long id) throws IOException {
        List<Long> ids = List.copyOf(models.keySet());
        long sourceTree = ids.get(random.nextInt(ids.size()));
        ItemKey sourceKey = anyKey(sourceTree, true);
        ItemKey key = contentKey();
        if (sourceKey == null || (sourceTree == id && sourceKey.equals(key))) {
            return;
        }
        ByteBuffer source = modelOf(sourceTree).get(sourceKey);
        if (source == null) {
            return;
        }
        ByteBuffer old = modelOf(id).get(key);
        int count = ContentItem.blockCount(source.array(), 0);
        boolean shareFirst = random.nextBoolean();
        apply(
                id,
                2,
                change -> {
                    if (shareFirst) {
                        change.shareExtent(address(source), count);
                    }
                    replace(change, key, old, source.array(), shareFirst);
                    if (!shareFirst) {
                        change.shareExtent(address(source), count);
                    }
                    change.addReferencedBlocks(count);
                    return true;
                });
        modelOf(id).put(key, source);
    }

    private static void replace(
            Change change, ItemKey key, @Nullable ByteBuffer old, byte[] item, boolean dropFirst)
            throws IOException {
        if (dropFirst) {
            drop(change, key, old);
        }
        change.tree().put(key.inode(), key.kind(), key.offset(), item);
        if (!dropFirst) {
            drop(change, key, old);
        }
    }

    private static void drop(Change change, ItemKey key, @Nullable ByteBuffer old) {
        if (old != null && key.kind() == ItemKind.CONTENT.number()) {
            int count = ContentItem.blockCount(old.array(), 0);
            change.dropExtent(address(old), count, birth(old));
            change.addReferencedBlocks(-count);
        }
    }

    private static byte[] piece(byte[] extent, int from, int to) {
        int encoding = ContentItem.ENCODING.get(extent, 0);
        byte[] piece =
                ContentItem.extent(
                        encoding,
                        ContentItem.ADDRESS.get(extent, 0) + from,
                        to - from,
                        ContentItem.BIRTH_TXG.get(extent, 0));
        for (int i = from; i < to && encoding == ContentItem.PLAIN; i++) {
            ContentItem.setCrc(piece, 0, i - from, ContentItem.crc(extent, 0, i));
        }
        return piece;
    }

    private static long address(ByteBuffer extent) {
        return ContentItem.ADDRESS.get(extent.array(), 0);
    }

    private static long birth(ByteBuffer extent) {
        return ContentItem.BIRTH_TXG.get(extent.array(), 0);
    }

    private ItemKey contentKey() {
        return new ItemKey(
                1 + random.nextInt(INODES),
                ItemKind.CONTENT.number(),
                random.nextInt(SLOTS) * SLOT_BYTES);
    }

    private @Nullable ItemKey anyKey(long id, boolean content) {
        TreeMap<ItemKey, ByteBuffer> model = modelOf(id);
        ItemKey from =
                content
                        ? contentKey()
                        : new ItemKey(1 + random.nextInt(300), ItemKind.INODE.number(), 0);
        ItemKey key = model.ceilingKey(from);
        while (content && key != null && key.kind() != ItemKind.CONTENT.number()) {
            key = model.higherKey(key);
        }
        if (key == null && !content && !model.isEmpty()) {
            return model.firstKey();
        }
        return key;
    }
}
