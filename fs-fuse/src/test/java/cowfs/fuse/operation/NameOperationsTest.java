package cowfs.fuse.operation;

import static cowfs.fuse.operation.MountedModel.CALLER;
import static cowfs.fuse.operation.MountedModel.ROOT;
import static cowfs.fuse.operation.MountedModel.name;
import static cowfs.fuse.operation.MountedModel.refuses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Names on a mount of the model, and what keeps an inode without one.
final class NameOperationsTest {
    private MountedModel mount;

    @BeforeEach
    void open() throws IOException {
        mount = new MountedModel();
    }

    @Test
    void filesOfTheMountedTreeHaveTheirInodeNumbers() throws IOException {
        Node made = mount.file(ROOT, "f");
        assertEquals(made.attributes().inode(), made.id());
        assertEquals(made.id(), mount.get(ROOT, "f").id());
        assertTrue(made.entrySeconds() > 100);
        assertNull(mount.operations().names().lookup(ROOT, name("g")));
    }

    @Test
    void newFilesBelongToTheCaller() throws IOException {
        Attributes made = mount.file(ROOT, "f").attributes();
        assertEquals(10, made.uid());
        assertEquals(20, made.gid());
    }

    @Test
    void aSetGroupIdDirectoryHandsItsGroupOn() throws IOException {
        Node shared = mount.directory(ROOT, "d");
        mount.operations().attributes().set(shared.id(), AttributeChange.ofOwner(1, 77));
        mount.operations().attributes().set(shared.id(), AttributeChange.ofMode(02775));
        assertEquals(77, mount.file(shared.id(), "f").attributes().gid());
        assertEquals(0100644, mount.file(shared.id(), "g").attributes().mode());
        Attributes below = mount.directory(shared.id(), "e").attributes();
        assertEquals(77, below.gid());
        assertEquals(042755, below.mode());
        Attributes link =
                mount.operations()
                        .names()
                        .symlink(shared.id(), name("l"), name("f"), CALLER)
                        .attributes();
        assertEquals(77, link.gid());
    }

    @Test
    void aWhiteoutBelongsToTheCaller() throws IOException {
        mount.file(ROOT, "f");
        mount.operations()
                .names()
                .renameLeavingWhiteout(
                        ROOT, name("f"), ROOT, name("g"), Volume.RenameMode.REPLACE, CALLER);
        Attributes whiteout = mount.get(ROOT, "f").attributes();
        assertEquals(Attributes.CHARACTER_DEVICE, whiteout.mode());
        assertEquals(10, whiteout.uid());
        assertEquals(20, whiteout.gid());
    }

    @Test
    void anUnlinkedInodeStaysUntilTheKernelForgetsIt() throws IOException {
        Node file = mount.file(ROOT, "f"); // one lookup
        mount.get(ROOT, "f"); // and another
        mount.write(file, "text");
        mount.operations().names().unlink(ROOT, name("f"));
        assertEquals("text", mount.read(file));
        assertEquals(0, mount.operations().attributes().get(file.id()).attributes().linkCount());
        mount.operations().names().forget(file.id(), 1);
        assertEquals("text", mount.read(file));
        mount.operations().names().forget(file.id(), 1);
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(file.id()));
        assertEquals(0, mount.operations().names().knownNodeCount());
    }

    @Test
    void anInodeThatTheKernelDoesNotKnowGoesWithItsName() throws IOException {
        Node file = mount.file(ROOT, "f");
        mount.operations().names().forget(file.id(), 1);
        mount.operations().names().unlink(ROOT, name("f"));
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(file.id()));
    }

    @Test
    void aFileWithAnotherNameIsNotHeld() throws IOException {
        Node file = mount.file(ROOT, "f");
        mount.operations().names().link(file.id(), ROOT, name("g"));
        mount.operations().names().unlink(ROOT, name("f"));
        mount.operations().names().forget(file.id(), 2);
        mount.operations().names().unlink(ROOT, name("g"));
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(file.id()));
    }

    @Test
    void whatARenameReplacesStaysUntilTheKernelForgetsIt() throws IOException {
        Node old = mount.file(ROOT, "to");
        mount.write(old, "old");
        mount.file(ROOT, "from");
        mount.operations()
                .names()
                .rename(ROOT, name("from"), ROOT, name("to"), Volume.RenameMode.REPLACE);
        assertEquals("old", mount.read(old));
        mount.operations().names().forget(old.id(), 1);
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(old.id()));
    }

    @Test
    void aRemovedDirectoryStaysUntilTheKernelForgetsIt() throws IOException {
        Node directory = mount.directory(ROOT, "d");
        mount.operations().names().removeDirectory(ROOT, name("d"));
        assertTrue(mount.operations().attributes().get(directory.id()).attributes().isDirectory());
        refuses(Errno.ENOENT, () -> mount.file(directory.id(), "f"));
        mount.operations().names().forget(directory.id(), 1);
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(directory.id()));
    }

    @Test
    void aFailedUnlinkHoldsNothing() throws IOException {
        Node directory = mount.directory(ROOT, "d");
        mount.file(directory.id(), "f");
        refuses(Errno.ENOTEMPTY, () -> mount.operations().names().removeDirectory(ROOT, name("d")));
        mount.operations().names().unlink(directory.id(), name("f"));
        mount.operations().names().forget(directory.id(), 1);
        mount.operations().names().removeDirectory(ROOT, name("d"));
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(directory.id()));
    }

    @Test
    void theEndOfTheMountFreesWhatHasNoName() throws IOException {
        Node file = mount.file(ROOT, "f");
        mount.operations().names().unlink(ROOT, name("f"));
        assertNotNull(mount.volume().getAttributes(file.id()));
        mount.operations().close();
        assertThrows(IOException.class, () -> mount.volume().getAttributes(file.id()));
    }

    @Test
    void aFileMadeWithoutANameLivesUntilItIsForgotten() throws IOException {
        Node f = mount.operations().names().createUnlinked(ROOT, Attributes.REGULAR | 0600, CALLER);
        mount.write(f, "text");
        assertEquals("text", mount.read(f));
        mount.operations().names().forget(f.id(), 1);
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(f.id()));
        Node linked =
                mount.operations().names().createUnlinked(ROOT, Attributes.REGULAR | 0600, CALLER);
        mount.operations().names().link(linked.id(), ROOT, name("g"));
        mount.operations().names().unlink(ROOT, name("g"));
        assertEquals(0, mount.operations().attributes().get(linked.id()).attributes().linkCount());
        mount.operations().names().forget(linked.id(), 2);
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(linked.id()));
        Node kept =
                mount.operations().names().createUnlinked(ROOT, Attributes.REGULAR | 0600, CALLER);
        mount.operations().names().link(kept.id(), ROOT, name("kept"));
        mount.operations().names().forget(kept.id(), 2);
        assertEquals(kept.id(), mount.get(ROOT, "kept").id());
    }

    @Test
    void anEntryReadWithAttributesCountsAsLookedUp() throws IOException {
        Node f = mount.file(ROOT, "f");
        Node g = mount.file(ROOT, "g");
        mount.operations().names().forget(f.id(), 1);
        mount.operations().names().forget(g.id(), 1);
        List<Long> taken = new ArrayList<>();
        mount.operations()
                .listings()
                .readWithAttributes(
                        ROOT,
                        0,
                        10,
                        (name, node, cookie) -> taken.size() < 3 && taken.add(node.id()));
        assertEquals(List.of(ROOT, ROOT), taken.subList(0, 2));
        assertEquals(1, mount.operations().names().knownNodeCount());
        mount.operations().names().unlink(ROOT, name("f"));
        mount.operations().names().unlink(ROOT, name("g"));
        long held = taken.get(2);
        assertEquals(0, mount.operations().attributes().get(held).attributes().linkCount());
        mount.operations().names().forget(held, 1);
        refuses(Errno.ENOENT, () -> mount.operations().attributes().get(held));
    }
}
