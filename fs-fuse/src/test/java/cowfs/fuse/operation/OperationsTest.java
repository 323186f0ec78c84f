package cowfs.fuse.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.InodeFlags;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.model.ModelPools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// The operations of a mount, on the model.
final class OperationsTest {
    private static final long ROOT = NodeId.ROOT;
    private static final Caller CALLER = new Caller(10, 20);

    private final Pool pool = ModelPools.create();
    private Volume volume;
    private Operations operations;

    @BeforeEach
    void open() throws IOException {
        volume = pool.volume(Ref.MAIN);
        operations = new Operations(pool, pool, volume);
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Node file(long parent, String name) throws IOException {
        return operations.create(parent, name(name), Attributes.REGULAR | 0644, 0, CALLER);
    }

    private Node directory(long parent, String name) throws IOException {
        return operations.create(parent, name(name), Attributes.DIRECTORY | 0755, 0, CALLER);
    }

    private Node get(long parent, String name) throws IOException {
        return Objects.requireNonNull(operations.lookup(parent, name(name)), name);
    }

    private List<String> names(long node) throws IOException {
        List<String> names = new ArrayList<>();
        operations.readDirectory(
                node,
                0,
                (name, child, type, cookie) -> names.add(new String(name, StandardCharsets.UTF_8)));
        return names;
    }

    private void write(Node node, String text) throws IOException {
        operations.write(node.id(), 0, ByteBuffer.wrap(name(text)));
    }

    private String read(Node node) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(1000);
        return new String(
                target.array(), 0, operations.read(node.id(), 0, target), StandardCharsets.UTF_8);
    }

    private static void refuses(Errno errno, Executable action) {
        assertEquals(errno, Errno.of(assertThrows(IOException.class, action)));
    }

    @Test
    void filesOfTheMountedTreeHaveTheirInodeNumbers() throws IOException {
        Node made = file(ROOT, "f");
        assertEquals(made.attributes().inode(), made.id());
        assertEquals(made.id(), get(ROOT, "f").id());
        assertTrue(made.entrySeconds() > 100);
        assertNull(operations.lookup(ROOT, name("g")));
    }

    @Test
    void newFilesBelongToTheCaller() throws IOException {
        Attributes made = file(ROOT, "f").attributes();
        assertEquals(10, made.uid());
        assertEquals(20, made.gid());
    }

    @Test
    void aSetGroupIdDirectoryHandsItsGroupOn() throws IOException {
        Node shared = directory(ROOT, "d");
        operations.setAttributes(shared.id(), AttributeChange.ofOwner(1, 77));
        operations.setAttributes(shared.id(), AttributeChange.ofMode(02775));
        assertEquals(77, file(shared.id(), "f").attributes().gid());
        assertEquals(0100644, file(shared.id(), "g").attributes().mode());
        Attributes below = directory(shared.id(), "e").attributes();
        assertEquals(77, below.gid());
        assertEquals(042755, below.mode());
        Attributes link =
                operations.symlink(shared.id(), name("l"), name("f"), CALLER).attributes();
        assertEquals(77, link.gid());
    }

    @Test
    void theVirtualDirectoryIsFoundAndNotListed() throws IOException {
        file(ROOT, "f");
        Node snapshots = get(ROOT, ".snapshots");
        assertEquals(NodeId.SNAPSHOTS, snapshots.id());
        assertTrue(snapshots.attributes().isDirectory());
        assertEquals(List.of(".", "..", "f"), names(ROOT));
        assertEquals(0, snapshots.entrySeconds());
        assertNull(operations.lookup(directory(ROOT, "d").id(), name(".snapshots")));
    }

    @Test
    void eachSnapshotIsATreeOfItsOwn() throws IOException {
        Node live = file(ROOT, "f");
        write(live, "old");
        Node first = directory(NodeId.SNAPSHOTS, "a");
        write(live, "new");
        Node second = directory(NodeId.SNAPSHOTS, "b");
        Node old = get(first.id(), "f");
        Node recent = get(second.id(), "f");
        assertEquals("old", read(old));
        assertEquals("new", read(recent));
        assertNotEquals(old.id(), recent.id());
        assertNotEquals(live.id(), old.id());
        assertEquals(old.id(), get(get(NodeId.SNAPSHOTS, "a").id(), "f").id());
        refuses(
                Errno.EROFS,
                () -> operations.open(old.id(), new Opening(true, false, false, SetIdBits.KEEP)));
        refuses(Errno.EROFS, () -> file(first.id(), "new"));
        refuses(Errno.EXDEV, () -> operations.link(old.id(), ROOT, name("g")));
        refuses(
                Errno.EXDEV,
                () ->
                        operations.rename(
                                ROOT, name("f"), first.id(), name("g"), Volume.RenameMode.REPLACE));
    }

    @Test
    void snapshotsAreListedFromAnyCookie() throws IOException {
        for (String name : List.of("c", "a", "b")) {
            directory(NodeId.SNAPSHOTS, name);
        }
        List<Long> cookies = new ArrayList<>();
        List<Long> nodes = new ArrayList<>();
        operations.readDirectory(
                NodeId.SNAPSHOTS,
                0,
                (name, node, type, cookie) -> cookies.add(cookie) && nodes.add(node));
        assertEquals(List.of(".", "..", "c", "a", "b"), names(NodeId.SNAPSHOTS));
        assertEquals(get(NodeId.SNAPSHOTS, "a").id(), nodes.get(3));
        for (int i = 0; i < cookies.size(); i++) {
            List<Long> rest = new ArrayList<>();
            operations.readDirectory(
                    NodeId.SNAPSHOTS, cookies.get(i), (name, node, type, next) -> rest.add(node));
            assertEquals(nodes.subList(i + 1, nodes.size()), rest);
        }
        operations.removeDirectory(NodeId.SNAPSHOTS, name("a"));
        assertEquals(List.of(".", "..", "c", "b"), names(NodeId.SNAPSHOTS));
    }

    @Test
    void theParentOfASnapshotIsTheVirtualDirectory() throws IOException {
        Node root = directory(NodeId.SNAPSHOTS, "a");
        List<Long> nodes = new ArrayList<>();
        operations.readDirectory(root.id(), 0, (name, node, type, cookie) -> nodes.add(node));
        assertEquals(List.of(root.id(), NodeId.SNAPSHOTS), nodes);
    }

    @Test
    void onlyTakingAndDeletingSnapshotsMayWait() throws IOException {
        assertTrue(operations.mayWait(NodeId.SNAPSHOTS));
        assertFalse(operations.mayWait(ROOT));
        assertFalse(operations.mayWait(directory(NodeId.SNAPSHOTS, "a").id()));
    }

    @Test
    void aDeletedSnapshotIsStale() throws IOException {
        file(ROOT, "f");
        Node root = directory(NodeId.SNAPSHOTS, "a");
        Node file = get(root.id(), "f");
        operations.removeDirectory(NodeId.SNAPSHOTS, name("a"));
        refuses(Errno.ESTALE, () -> operations.getAttributes(file.id()));
        refuses(Errno.ENOENT, () -> operations.removeDirectory(NodeId.SNAPSHOTS, name("a")));
        assertNull(operations.lookup(NodeId.SNAPSHOTS, name("a")));
    }

    @Test
    void namesThatNoSnapshotCanHaveAreNotFoundAndNotTaken() throws IOException {
        byte[] noText = {(byte) 0xff};
        assertNull(operations.lookup(NodeId.SNAPSHOTS, noText));
        refuses(
                Errno.EINVAL,
                () -> operations.create(NodeId.SNAPSHOTS, noText, Attributes.DIRECTORY, 0, CALLER));
        refuses(Errno.EINVAL, () -> directory(NodeId.SNAPSHOTS, "a:b"));
        refuses(Errno.EPERM, () -> file(NodeId.SNAPSHOTS, "f"));
    }

    @Test
    void anUnlinkedInodeStaysUntilTheKernelForgetsIt() throws IOException {
        Node file = file(ROOT, "f"); // one lookup
        get(ROOT, "f"); // and another
        write(file, "text");
        operations.unlink(ROOT, name("f"));
        assertEquals("text", read(file));
        assertEquals(0, operations.getAttributes(file.id()).attributes().linkCount());
        operations.forget(file.id(), 1);
        assertEquals("text", read(file));
        operations.forget(file.id(), 1);
        refuses(Errno.ENOENT, () -> operations.getAttributes(file.id()));
        assertEquals(0, operations.knownNodeCount());
    }

    @Test
    void anInodeThatTheKernelDoesNotKnowGoesWithItsName() throws IOException {
        Node file = file(ROOT, "f");
        operations.forget(file.id(), 1);
        operations.unlink(ROOT, name("f"));
        refuses(Errno.ENOENT, () -> operations.getAttributes(file.id()));
    }

    @Test
    void aFileWithAnotherNameIsNotHeld() throws IOException {
        Node file = file(ROOT, "f");
        operations.link(file.id(), ROOT, name("g"));
        operations.unlink(ROOT, name("f"));
        operations.forget(file.id(), 2);
        operations.unlink(ROOT, name("g"));
        refuses(Errno.ENOENT, () -> operations.getAttributes(file.id()));
    }

    @Test
    void whatARenameReplacesStaysUntilTheKernelForgetsIt() throws IOException {
        Node old = file(ROOT, "to");
        write(old, "old");
        file(ROOT, "from");
        operations.rename(ROOT, name("from"), ROOT, name("to"), Volume.RenameMode.REPLACE);
        assertEquals("old", read(old));
        operations.forget(old.id(), 1);
        refuses(Errno.ENOENT, () -> operations.getAttributes(old.id()));
    }

    @Test
    void aRemovedDirectoryStaysUntilTheKernelForgetsIt() throws IOException {
        Node directory = directory(ROOT, "d");
        operations.removeDirectory(ROOT, name("d"));
        assertTrue(operations.getAttributes(directory.id()).attributes().isDirectory());
        refuses(Errno.ENOENT, () -> file(directory.id(), "f"));
        operations.forget(directory.id(), 1);
        refuses(Errno.ENOENT, () -> operations.getAttributes(directory.id()));
    }

    @Test
    void aFailedUnlinkHoldsNothing() throws IOException {
        Node directory = directory(ROOT, "d");
        file(directory.id(), "f");
        refuses(Errno.ENOTEMPTY, () -> operations.removeDirectory(ROOT, name("d")));
        operations.unlink(directory.id(), name("f"));
        operations.forget(directory.id(), 1);
        operations.removeDirectory(ROOT, name("d"));
        refuses(Errno.ENOENT, () -> operations.getAttributes(directory.id()));
    }

    @Test
    void theEndOfTheMountFreesWhatHasNoName() throws IOException {
        Node file = file(ROOT, "f");
        operations.unlink(ROOT, name("f"));
        assertNotNull(volume.getAttributes(file.id()));
        operations.close();
        assertThrows(IOException.class, () -> volume.getAttributes(file.id()));
    }

    @Test
    void theNameOfTheVirtualDirectoryIsTaken() throws IOException {
        Node file = file(ROOT, "f");
        refuses(Errno.EEXIST, () -> file(ROOT, ".snapshots"));
        refuses(Errno.EEXIST, () -> operations.link(file.id(), ROOT, name(".snapshots")));
        refuses(Errno.EPERM, () -> operations.removeDirectory(ROOT, name(".snapshots")));
        refuses(
                Errno.EPERM,
                () ->
                        operations.rename(
                                ROOT,
                                name("f"),
                                ROOT,
                                name(".snapshots"),
                                Volume.RenameMode.REPLACE));
        refuses(
                Errno.EPERM,
                () -> operations.setAttributes(NodeId.SNAPSHOTS, AttributeChange.ofMode(0)));
        assertEquals(List.of(), operations.listXattrs(NodeId.SNAPSHOTS));
        refuses(Errno.ENODATA, () -> operations.getXattr(NodeId.SNAPSHOTS, name("user.a")));
    }

    @Test
    void systemAttributesAreNotKept() throws IOException {
        Node file = file(ROOT, "f");
        byte[] acl = name("system.posix_acl_access");
        refuses(Errno.EOPNOTSUPP, () -> operations.getXattr(file.id(), acl));
        refuses(
                Errno.EOPNOTSUPP,
                () -> operations.setXattr(file.id(), acl, acl, Volume.XattrMode.CREATE_OR_REPLACE));
        refuses(Errno.EOPNOTSUPP, () -> operations.removeXattr(file.id(), acl));
        for (String other : List.of("system", "bogus.e", "user.")) {
            refuses(Errno.EOPNOTSUPP, () -> operations.getXattr(file.id(), name(other)));
        }
    }

    @Test
    void openingTruncatesWhenAsked() throws IOException {
        Node file = file(ROOT, "f");
        write(file, "text");
        operations.open(file.id(), new Opening(true, false, true, SetIdBits.KEEP));
        assertEquals("", read(file));
        assertTrue(operations.writers().beginBarrier());
        operations.close(file.id(), true);
        assertTrue(operations.writers().beginBarrier());
        assertFalse(operations.writers().beginBarrier());
        operations.open(file.id(), new Opening(false, false, false, SetIdBits.KEEP));
        assertFalse(operations.writers().beginBarrier());
    }

    @Test
    void aMountedSnapshotShowsItsSiblings() throws IOException {
        file(ROOT, "f");
        directory(NodeId.SNAPSHOTS, "a");
        Operations ofSnapshot = new Operations(pool, pool, pool.volume(new Ref("main", "a")));
        Node sibling = Objects.requireNonNull(ofSnapshot.lookup(NodeId.SNAPSHOTS, name("a")));
        Node shown = Objects.requireNonNull(ofSnapshot.lookup(sibling.id(), name("f")));
        Node mounted = Objects.requireNonNull(ofSnapshot.lookup(ROOT, name("f")));
        assertNotEquals(shown.id(), mounted.id());
    }

    @Test
    void aFileOfASnapshotIsCopiedBackBySharing() throws IOException {
        Node f = file(ROOT, "f");
        write(f, "before");
        operations.create(NodeId.SNAPSHOTS, name("mon"), Attributes.DIRECTORY | 0755, 0, CALLER);
        write(f, "behind");
        Node old = get(get(NodeId.SNAPSHOTS, "mon").id(), "f");
        assertEquals(6, operations.copyRange(old.id(), 0, f.id(), 0, 1 << 20, SetIdBits.KEEP));
        assertEquals("before", read(f));
        refuses(Errno.EROFS, () -> operations.copyRange(f.id(), 0, old.id(), 0, 1, SetIdBits.KEEP));
    }

    @Test
    void aFileMadeWithoutANameLivesUntilItIsForgotten() throws IOException {
        Node f = operations.createUnlinked(ROOT, Attributes.REGULAR | 0600, CALLER);
        write(f, "text");
        assertEquals("text", read(f));
        operations.forget(f.id(), 1);
        refuses(Errno.ENOENT, () -> operations.getAttributes(f.id()));
        Node linked = operations.createUnlinked(ROOT, Attributes.REGULAR | 0600, CALLER);
        operations.link(linked.id(), ROOT, name("g"));
        operations.unlink(ROOT, name("g"));
        assertEquals(0, operations.getAttributes(linked.id()).attributes().linkCount());
        operations.forget(linked.id(), 2);
        refuses(Errno.ENOENT, () -> operations.getAttributes(linked.id()));
        Node kept = operations.createUnlinked(ROOT, Attributes.REGULAR | 0600, CALLER);
        operations.link(kept.id(), ROOT, name("kept"));
        operations.forget(kept.id(), 2);
        assertEquals(kept.id(), get(ROOT, "kept").id());
    }

    @Test
    void aWhiteoutBelongsToTheCaller() throws IOException {
        file(ROOT, "f");
        operations.renameLeavingWhiteout(
                ROOT, name("f"), ROOT, name("g"), Volume.RenameMode.REPLACE, CALLER);
        Attributes whiteout = get(ROOT, "f").attributes();
        assertEquals(Attributes.CHARACTER_DEVICE, whiteout.mode());
        assertEquals(10, whiteout.uid());
        assertEquals(20, whiteout.gid());
    }

    @Test
    void anEntryReadWithAttributesCountsAsLookedUp() throws IOException {
        Node f = file(ROOT, "f");
        Node g = file(ROOT, "g");
        operations.forget(f.id(), 1);
        operations.forget(g.id(), 1);
        List<Long> taken = new ArrayList<>();
        operations.readDirectoryWithAttributes(
                ROOT, 0, 10, (name, node, cookie) -> taken.size() < 3 && taken.add(node.id()));
        assertEquals(List.of(ROOT, ROOT), taken.subList(0, 2));
        assertEquals(1, operations.knownNodeCount());
        operations.unlink(ROOT, name("f"));
        operations.unlink(ROOT, name("g"));
        long held = taken.get(2);
        assertEquals(0, operations.getAttributes(held).attributes().linkCount());
        operations.forget(held, 1);
        refuses(Errno.ENOENT, () -> operations.getAttributes(held));
    }

    @Test
    void aFileIsNotOpenedForWhatItsFlagsForbid() throws IOException {
        Node f = file(ROOT, "f");
        operations.requireOpenable(f.id(), false, true);
        operations.setAttributes(f.id(), AttributeChange.ofFlags(InodeFlags.APPEND));
        operations.requireOpenable(f.id(), true, false);
        refuses(Errno.EPERM, () -> operations.requireOpenable(f.id(), false, false));
        refuses(Errno.EPERM, () -> operations.requireOpenable(f.id(), true, true));
        operations.setAttributes(f.id(), AttributeChange.ofFlags(InodeFlags.IMMUTABLE));
        refuses(Errno.EPERM, () -> operations.requireOpenable(f.id(), true, false));
    }

    @Test
    void accessListsAreOnlyThereWhereTheKernelChecksThem() throws IOException {
        Operations checking = new Operations(pool, pool, volume, true);
        byte[] name = name("system.posix_acl_access");
        byte[] list = new byte[4 + 4 * 8];
        int[] entries = {0x01, 7, 0x04, 5, 0x10, 4, 0x20, 0};
        list[0] = 2;
        for (int i = 0; i < 4; i++) {
            list[4 + 8 * i] = (byte) entries[2 * i];
            list[6 + 8 * i] = (byte) entries[2 * i + 1];
        }
        Node f = file(ROOT, "f");
        Volume.XattrMode mode = Volume.XattrMode.CREATE;
        refuses(Errno.EOPNOTSUPP, () -> operations.setXattr(f.id(), name, list, mode));
        checking.setXattr(f.id(), name, list, mode, SetIdBits.KEEP);
        assertEquals(0740, operations.getAttributes(f.id()).attributes().mode() & 07777);
        assertEquals(1, checking.listXattrs(f.id()).size());
        assertEquals(0, operations.listXattrs(f.id()).size());
        refuses(Errno.EOPNOTSUPP, () -> operations.getXattr(f.id(), name));
        Caller masked = new Caller(10, 20, 027);
        Node g = checking.create(ROOT, name("g"), Attributes.REGULAR | 0666, 0, masked);
        assertEquals(0640, g.attributes().mode() & 07777);
    }

    @Test
    void timesThatTheKernelKeepsAreTakenOverOnce() throws IOException {
        Node file = file(ROOT, "f");
        Attributes before = operations.getAttributes(file.id()).attributes();
        // after a rename: the change time is the operation's own
        operations.keepTimes(file.id(), before.modified(), before.changed());
        assertEquals(before, operations.getAttributes(file.id()).attributes());
        Timestamp written = new Timestamp(before.modified().seconds(), 123_456_789);
        operations.keepTimes(file.id(), written, before.changed());
        assertEquals(written, operations.getAttributes(file.id()).attributes().modified());
        // the same time set again later is a change
        Timestamp later = new Timestamp(before.changed().seconds() + 60, 0);
        Timestamp changed = operations.getAttributes(file.id()).attributes().changed();
        operations.keepTimes(file.id(), written, later);
        assertNotEquals(changed, operations.getAttributes(file.id()).attributes().changed());
    }
}
