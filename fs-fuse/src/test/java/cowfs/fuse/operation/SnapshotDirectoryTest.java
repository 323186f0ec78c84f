package cowfs.fuse.operation;

import static cowfs.fuse.operation.MountedModel.CALLER;
import static cowfs.fuse.operation.MountedModel.ROOT;
import static cowfs.fuse.operation.MountedModel.name;
import static cowfs.fuse.operation.MountedModel.refuses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Ref;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The virtual directory of a mount of the model.
final class SnapshotDirectoryTest {
    private MountedModel mount;

    @BeforeEach
    void open() throws IOException {
        mount = new MountedModel();
    }

    @Test
    void theVirtualDirectoryIsFoundAndNotListed() throws IOException {
        mount.file(ROOT, "f");
        Node snapshots = mount.get(ROOT, ".snapshots");
        assertEquals(NodeId.SNAPSHOTS, snapshots.id());
        assertTrue(snapshots.attributes().isDirectory());
        assertEquals(List.of(".", "..", "f"), mount.names(ROOT));
        assertEquals(0, snapshots.entrySeconds());
        assertNull(
                mount.operations()
                        .names()
                        .lookup(mount.directory(ROOT, "d").id(), name(".snapshots")));
    }

    @Test
    void eachSnapshotIsATreeOfItsOwn() throws IOException {
        Node live = mount.file(ROOT, "f");
        mount.write(live, "old");
        Node first = mount.directory(NodeId.SNAPSHOTS, "a");
        mount.write(live, "new");
        Node second = mount.directory(NodeId.SNAPSHOTS, "b");
        Node old = mount.get(first.id(), "f");
        Node recent = mount.get(second.id(), "f");
        assertEquals("old", mount.read(old));
        assertEquals("new", mount.read(recent));
        assertNotEquals(old.id(), recent.id());
        assertNotEquals(live.id(), old.id());
        assertEquals(old.id(), mount.get(mount.get(NodeId.SNAPSHOTS, "a").id(), "f").id());
        refuses(
                Errno.EROFS,
                () ->
                        mount.operations()
                                .opens()
                                .open(old.id(), new Opening(true, false, false, SetIdBits.KEEP)));
        refuses(Errno.EROFS, () -> mount.file(first.id(), "new"));
        refuses(Errno.EXDEV, () -> mount.operations().names().link(old.id(), ROOT, name("g")));
        refuses(
                Errno.EXDEV,
                () ->
                        mount.operations()
                                .names()
                                .rename(
                                        ROOT,
                                        name("f"),
                                        first.id(),
                                        name("g"),
                                        Volume.RenameMode.REPLACE));
    }

    @Test
    void snapshotsAreListedFromAnyCookie() throws IOException {
        for (String name : List.of("c", "a", "b")) {
            mount.directory(NodeId.SNAPSHOTS, name);
        }
        List<Long> cookies = new ArrayList<>();
        List<Long> nodes = new ArrayList<>();
        mount.operations()
                .listings()
                .read(
                        NodeId.SNAPSHOTS,
                        0,
                        (name, node, type, cookie) -> cookies.add(cookie) && nodes.add(node));
        assertEquals(List.of(".", "..", "c", "a", "b"), mount.names(NodeId.SNAPSHOTS));
        assertEquals(mount.get(NodeId.SNAPSHOTS, "a").id(), nodes.get(3));
        for (int i = 0; i < cookies.size(); i++) {
            List<Long> rest = new ArrayList<>();
            mount.operations()
                    .listings()
                    .read(
                            NodeId.SNAPSHOTS,
                            cookies.get(i),
                            (name, node, type, next) -> rest.add(node));
            assertEquals(nodes.subList(i + 1, nodes.size()), rest);
        }
        mount.operations().names().removeDirectory(NodeId.SNAPSHOTS, name("a"));
        assertEquals(List.of(".", "..", "c", "b"), mount.names(NodeId.SNAPSHOTS));
    }

    @Test
    void theParentOfASnapshotIsTheVirtualDirectory() throws IOException {
        Node root = mount.directory(NodeId.SNAPSHOTS, "a");
        List<Long> nodes = new ArrayList<>();
        mount.operations()
                .listings()
                .read(root.id(), 0, (name, node, type, cookie) -> nodes.add(node));
        assertEquals(List.of(root.id(), NodeId.SNAPSHOTS), nodes);
    }

    @Test
    void onlyTakingAndDeletingSnapshotsMayWait() throws IOException {
        assertTrue(mount.operations().names().mayWait(NodeId.SNAPSHOTS));
        assertFalse(mount.operations().names().mayWait(ROOT));
        assertFalse(
                mount.operations().names().mayWait(mount.directory(NodeId.SNAPSHOTS, "a").id()));
    }

    @Test
    void aDeletedSnapshotIsStale() throws IOException {
        mount.file(ROOT, "f");
        Node root = mount.directory(NodeId.SNAPSHOTS, "a");
        Node file = mount.get(root.id(), "f");
        mount.operations().names().removeDirectory(NodeId.SNAPSHOTS, name("a"));
        refuses(Errno.ESTALE, () -> mount.operations().attributes().get(file.id()));
        refuses(
                Errno.ENOENT,
                () -> mount.operations().names().removeDirectory(NodeId.SNAPSHOTS, name("a")));
        assertNull(mount.operations().names().lookup(NodeId.SNAPSHOTS, name("a")));
    }

    @Test
    void namesThatNoSnapshotCanHaveAreNotFoundAndNotTaken() throws IOException {
        byte[] noText = {(byte) 0xff};
        assertNull(mount.operations().names().lookup(NodeId.SNAPSHOTS, noText));
        refuses(
                Errno.EINVAL,
                () ->
                        mount.operations()
                                .names()
                                .create(NodeId.SNAPSHOTS, noText, Attributes.DIRECTORY, 0, CALLER));
        refuses(Errno.EINVAL, () -> mount.directory(NodeId.SNAPSHOTS, "a:b"));
        refuses(Errno.EPERM, () -> mount.file(NodeId.SNAPSHOTS, "f"));
    }

    @Test
    void theNameOfTheVirtualDirectoryIsTaken() throws IOException {
        Node file = mount.file(ROOT, "f");
        refuses(Errno.EEXIST, () -> mount.file(ROOT, ".snapshots"));
        refuses(
                Errno.EEXIST,
                () -> mount.operations().names().link(file.id(), ROOT, name(".snapshots")));
        refuses(
                Errno.EPERM,
                () -> mount.operations().names().removeDirectory(ROOT, name(".snapshots")));
        refuses(
                Errno.EPERM,
                () ->
                        mount.operations()
                                .names()
                                .rename(
                                        ROOT,
                                        name("f"),
                                        ROOT,
                                        name(".snapshots"),
                                        Volume.RenameMode.REPLACE));
        refuses(
                Errno.EPERM,
                () ->
                        mount.operations()
                                .attributes()
                                .set(NodeId.SNAPSHOTS, AttributeChange.ofMode(0)));
        assertEquals(List.of(), mount.operations().xattrs().list(NodeId.SNAPSHOTS));
        refuses(
                Errno.ENODATA,
                () -> mount.operations().xattrs().get(NodeId.SNAPSHOTS, name("user.a")));
    }

    @Test
    void aMountedSnapshotShowsItsSiblings() throws IOException {
        mount.file(ROOT, "f");
        mount.directory(NodeId.SNAPSHOTS, "a");
        Operations ofSnapshot =
                new Operations(
                        mount.pool(), mount.pool(), mount.pool().volume(new Ref("main", "a")));
        Node sibling =
                Objects.requireNonNull(ofSnapshot.names().lookup(NodeId.SNAPSHOTS, name("a")));
        Node shown = Objects.requireNonNull(ofSnapshot.names().lookup(sibling.id(), name("f")));
        Node mounted = Objects.requireNonNull(ofSnapshot.names().lookup(ROOT, name("f")));
        assertNotEquals(shown.id(), mounted.id());
    }

    @Test
    void aFileOfASnapshotIsCopiedBackBySharing() throws IOException {
        Node f = mount.file(ROOT, "f");
        mount.write(f, "before");
        mount.operations()
                .names()
                .create(NodeId.SNAPSHOTS, name("mon"), Attributes.DIRECTORY | 0755, 0, CALLER);
        mount.write(f, "behind");
        Node old = mount.get(mount.get(NodeId.SNAPSHOTS, "mon").id(), "f");
        assertEquals(
                6,
                mount.operations()
                        .content()
                        .copyRange(old.id(), 0, f.id(), 0, 1 << 20, SetIdBits.KEEP));
        assertEquals("before", mount.read(f));
        refuses(
                Errno.EROFS,
                () ->
                        mount.operations()
                                .content()
                                .copyRange(f.id(), 0, old.id(), 0, 1, SetIdBits.KEEP));
    }
}
