package cowfs.txn;

import cowfs.device.BlockDevice;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.UUID;

/// Makes small pools for tests, and does by hand what the room of subvolumes does: snapshots and
/// their deletion.
final class TestPool {
    static final PoolOptions OPTIONS =
            new PoolOptions(false, 4 << 20, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    private TestPool() {}

    /// What an image is like.
    record Shape(int sizeMiB, int nodeBytes, int copies) {
        long sizeBytes() {
            return (long) sizeMiB << 20;
        }
    }

    /// The first superblock of an image; what `format` promises to ignore is nonsense here.
    static Superblock start(Shape shape) {
        return new Superblock(
                Superblock.Features.NONE,
                new UUID(11, shape.nodeBytes()),
                "test",
                Blocks.fromBytes(shape.sizeBytes()),
                0,
                shape.nodeBytes(),
                shape.copies(),
                new UUID(3, 4),
                77,
                BlockPointer.NONE,
                0,
                TreeId.FIRST_SUBVOLUME,
                12345,
                54321,
                true,
                List.of());
    }

    /// An image with empty subvolumes, whose ids count on from the first one.
    static MemoryDevice image(Shape shape, int treeCount) throws IOException {
        MemoryDevice device = new MemoryDevice(shape.sizeBytes());
        format(device, shape, treeCount);
        return device;
    }

    static void format(BlockDevice device, Shape shape, int treeCount) throws IOException {
        NewPool.format(
                device,
                start(shape),
                context -> {
                    for (int i = 0; i < treeCount; i++) {
                        long id = context.newTreeId();
                        context.putSubvolume(id, emptyItem("tree" + i, context.txg()));
                    }
                });
    }

    static SubvolumeItem emptyItem(String name, long txg) {
        return new SubvolumeItem(
                BlockPointer.NONE,
                0,
                new UUID(7, name.hashCode()),
                0,
                0,
                txg,
                1_700_000_000,
                0,
                0,
                2,
                0,
                0,
                0,
                0,
                name);
    }

    /// Opens the tree with an id as the durable state has it.
    static FileTree tree(PoolStore store, long id) throws IOException {
        FileTree open = store.lookupOpenTree(id);
        return open != null ? open : store.tree(id, "tree-" + id, item(store, id));
    }

    static SubvolumeItem item(PoolStore store, long id) throws IOException {
        long epoch = store.epochs().enter();
        try {
            var root = store.rootTreeOf(store.state());
            var cursor = root.cursor();
            if (!root.find(cursor, id, cowfs.format.ItemKind.SUBVOLUME.number(), 0)) {
                throw new AssertionError("no tree " + id);
            }
            return SubvolumeItem.readFrom(
                    cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + id);
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Takes a snapshot and returns its id.
    static long snapshot(PoolStore store, long source) throws IOException {
        long[] id = new long[1];
        store.submit(
                SpaceClaim.SHARING, 2, context -> id[0] = shareTree(context, source, "s", source));
        return id[0];
    }

    /// Makes a writable clone and returns its id.
    static long cloneOf(PoolStore store, long source) throws IOException {
        long[] id = new long[1];
        store.submit(SpaceClaim.SHARING, 2, context -> id[0] = shareTree(context, source, "c", 0));
        return id[0];
    }

    private static long shareTree(
            CommitContext context, long source, String prefix, long parentTree) throws IOException {
        SubvolumeItem item = context.lookupSubvolume(source);
        if (item == null) {
            throw new AssertionError("no tree " + source);
        }
        long id = context.newTreeId();
        context.shareRoot(item);
        context.putSubvolume(
                id,
                new SubvolumeItem(
                        item.root(),
                        item.rootLevel(),
                        new UUID(8, id),
                        parentTree,
                        source,
                        context.txg(),
                        1_700_000_000,
                        0,
                        Math.max(item.lastSnapshotTxg(), context.txg()),
                        item.nextInode(),
                        item.referencedBlocks(),
                        item.nodeCount(),
                        item.inodeCount(),
                        0,
                        prefix + id));
        context.raiseLastSnapshotTxg(source);
        return id;
    }

    /// Deletes a subvolume or snapshot, everything in one commit.
    static void delete(PoolStore store, long id) throws IOException {
        store.forgetTree(id);
        store.submit(SpaceClaim.DELETING, 2, context -> dropTree(context, id));
    }

    private static void dropTree(CommitContext context, long id) throws IOException {
        record Reference(BlockPointer pointer, int level) {}
        SubvolumeItem item = context.lookupSubvolume(id);
        if (item == null) {
            throw new AssertionError("no tree " + id);
        }
        context.rootTree().remove(id, cowfs.format.ItemKind.SUBVOLUME.number(), 0);
        ArrayDeque<Reference> stack = new ArrayDeque<>();
        if (!item.root().isNone()) {
            stack.push(new Reference(item.root(), item.rootLevel()));
        }
        while (!stack.isEmpty()) {
            Reference next = stack.pop();
            context.dropNode(
                    next.pointer,
                    next.level,
                    (pointer, level) -> stack.push(new Reference(pointer, level)));
        }
    }
}
