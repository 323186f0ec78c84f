package cowfs.fuse.operation;

import static cowfs.fuse.operation.MountedModel.ROOT;
import static cowfs.fuse.operation.MountedModel.name;
import static cowfs.fuse.operation.MountedModel.refuses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Extended attributes on a mount of the model.
final class XattrOperationsTest {
    private MountedModel mount;

    @BeforeEach
    void open() throws IOException {
        mount = new MountedModel();
    }

    @Test
    void systemAttributesAreNotKept() throws IOException {
        Node file = mount.file(ROOT, "f");
        byte[] acl = name("system.posix_acl_access");
        refuses(Errno.EOPNOTSUPP, () -> mount.operations().xattrs().get(file.id(), acl));
        refuses(
                Errno.EOPNOTSUPP,
                () ->
                        mount.operations()
                                .xattrs()
                                .set(
                                        file.id(),
                                        acl,
                                        acl,
                                        Volume.XattrMode.CREATE_OR_REPLACE,
                                        SetIdBits.KEEP));
        refuses(Errno.EOPNOTSUPP, () -> mount.operations().xattrs().remove(file.id(), acl));
        for (String other : List.of("system", "bogus.e", "user.")) {
            refuses(
                    Errno.EOPNOTSUPP,
                    () -> mount.operations().xattrs().get(file.id(), name(other)));
        }
    }

    @Test
    void accessListsAreOnlyThereWhereTheKernelChecksThem() throws IOException {
        Operations checking = new Operations(mount.pool(), mount.pool(), mount.volume(), true);
        byte[] name = name("system.posix_acl_access");
        byte[] list = new byte[4 + 4 * 8];
        int[] entries = {0x01, 7, 0x04, 5, 0x10, 4, 0x20, 0};
        list[0] = 2;
        for (int i = 0; i < 4; i++) {
            list[4 + 8 * i] = (byte) entries[2 * i];
            list[6 + 8 * i] = (byte) entries[2 * i + 1];
        }
        Node f = mount.file(ROOT, "f");
        Volume.XattrMode mode = Volume.XattrMode.CREATE;
        refuses(
                Errno.EOPNOTSUPP,
                () -> mount.operations().xattrs().set(f.id(), name, list, mode, SetIdBits.KEEP));
        checking.xattrs().set(f.id(), name, list, mode, SetIdBits.KEEP);
        assertEquals(0740, mount.operations().attributes().get(f.id()).attributes().mode() & 07777);
        assertEquals(1, checking.xattrs().list(f.id()).size());
        assertEquals(0, mount.operations().xattrs().list(f.id()).size());
        refuses(Errno.EOPNOTSUPP, () -> mount.operations().xattrs().get(f.id(), name));
        Caller masked = new Caller(10, 20, 027);
        Node g = checking.names().create(ROOT, name("g"), Attributes.REGULAR | 0666, 0, masked);
        assertEquals(0640, g.attributes().mode() & 07777);
    }
}
