package cowfs.fuse.operation;

import static cowfs.fuse.operation.MountedModel.ROOT;
import static cowfs.fuse.operation.MountedModel.refuses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.file.AttributeChange;
import cowfs.file.InodeFlags;
import cowfs.file.SetIdBits;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Opening files on a mount of the model.
final class OpenOperationsTest {
    private MountedModel mount;

    @BeforeEach
    void open() throws IOException {
        mount = new MountedModel();
    }

    @Test
    void openingTruncatesWhenAsked() throws IOException {
        Node file = mount.file(ROOT, "f");
        mount.write(file, "text");
        mount.operations().opens().open(file.id(), new Opening(true, false, true, SetIdBits.KEEP));
        assertEquals("", mount.read(file));
        assertTrue(mount.operations().opens().writers().beginBarrier());
        mount.operations().opens().close(file.id(), true);
        assertTrue(mount.operations().opens().writers().beginBarrier());
        assertFalse(mount.operations().opens().writers().beginBarrier());
        mount.operations()
                .opens()
                .open(file.id(), new Opening(false, false, false, SetIdBits.KEEP));
        assertFalse(mount.operations().opens().writers().beginBarrier());
    }

    @Test
    void aFileIsNotOpenedForWhatItsFlagsForbid() throws IOException {
        Node f = mount.file(ROOT, "f");
        mount.operations().opens().requireOpenable(f.id(), false, true);
        mount.operations().attributes().set(f.id(), AttributeChange.ofFlags(InodeFlags.APPEND));
        mount.operations().opens().requireOpenable(f.id(), true, false);
        refuses(
                Errno.EPERM,
                () -> mount.operations().opens().requireOpenable(f.id(), false, false));
        refuses(Errno.EPERM, () -> mount.operations().opens().requireOpenable(f.id(), true, true));
        mount.operations().attributes().set(f.id(), AttributeChange.ofFlags(InodeFlags.IMMUTABLE));
        refuses(Errno.EPERM, () -> mount.operations().opens().requireOpenable(f.id(), true, false));
    }
}
