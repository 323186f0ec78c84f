package cowfs.fuse.operation;

import static cowfs.fuse.operation.MountedModel.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Attributes on a mount of the model.
final class AttributeOperationsTest {
    private MountedModel mount;

    @BeforeEach
    void open() throws IOException {
        mount = new MountedModel();
    }

    @Test
    void timesThatTheKernelKeepsAreTakenOverOnce() throws IOException {
        Node file = mount.file(ROOT, "f");
        Attributes before = mount.operations().attributes().get(file.id()).attributes();
        // after a rename: the change time is the operation's own
        mount.operations().attributes().keepTimes(file.id(), before.modified(), before.changed());
        assertEquals(before, mount.operations().attributes().get(file.id()).attributes());
        Timestamp written = new Timestamp(before.modified().seconds(), 123_456_789);
        mount.operations().attributes().keepTimes(file.id(), written, before.changed());
        assertEquals(
                written, mount.operations().attributes().get(file.id()).attributes().modified());
        // the same time set again later is a change
        Timestamp later = new Timestamp(before.changed().seconds() + 60, 0);
        Timestamp changed = mount.operations().attributes().get(file.id()).attributes().changed();
        mount.operations().attributes().keepTimes(file.id(), written, later);
        assertNotEquals(
                changed, mount.operations().attributes().get(file.id()).attributes().changed());
    }
}
