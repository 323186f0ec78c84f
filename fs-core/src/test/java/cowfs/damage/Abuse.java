package cowfs.damage;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.device.MemoryDevice;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Every kind of change, made to an image that may be damaged: writes into all files, renames and
/// removes all names, deletes all snapshots and waits for their space.
///
/// Each call may be refused; a pool may fail, in words. Nothing else may come out.
final class Abuse {
    private static final OpenOptions OPTIONS = new OpenOptions(false, 1 << 20, Duration.ZERO);
    private static final int MAX_NAMES = 2000;

    private final List<String> refusals = new ArrayList<>();
    private int nameCount;

    private record Name(long directory, byte[] name, long inode, int type) {}

    private interface Step {
        void run() throws IOException;
    }

    /// Abuses an image.
    ///
    /// @return what was refused
    static List<String> of(MemoryDevice image) throws IOException {
        Abuse abuse = new Abuse();
        abuse.attempt(
                () -> {
                    try (Pool pool = Images.open(image.copy(), OPTIONS)) {
                        abuse.pool(pool);
                    }
                });
        return abuse.refusals;
    }

    private void attempt(Step step) {
        try {
            step.run();
        } catch (IOException refused) {
            refusals.add(String.valueOf(refused.getMessage()));
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                // a pool that has failed says why: a contradiction that the engine saw is fair
                boolean fair =
                        cause instanceof IOException || cause instanceof IllegalStateException;
                if (!fair) {
                    throw new AssertionError("not a refusal: " + cause, cause);
                }
            }
        }
    }

    private void pool(Pool pool) throws IOException {
        List<Ref> refs = pool.list().stream().map(SubvolumeInfo::ref).toList();
        attempt(() -> pool.spaceUsage(List.of()));
        for (Ref ref : refs) {
            if (!ref.isSnapshot()) {
                attempt(() -> volume(pool.volume(ref)));
                attempt(pool::sync);
            }
        }
        attempt(() -> pool.snapshot(new Ref("main", "after")));
        attempt(() -> pool.cloneSubvolume(Ref.MAIN, "another"));
        for (Ref ref : refs) {
            if (ref.isSnapshot()) {
                attempt(() -> pool.delete(List.of(ref)));
            }
        }
        attempt(pool::awaitReclaim);
        attempt(pool::sync);
    }

    private void volume(Volume volume) {
        List<Name> names = names(volume);
        for (Name each : names) {
            attempt(() -> change(volume, each));
        }
        for (Name each : names.reversed()) {
            attempt(
                    () -> {
                        if (each.type == Attributes.DIRECTORY) {
                            volume.removeDirectory(each.directory, each.name);
                        } else {
                            volume.unlink(each.directory, each.name);
                        }
                    });
        }
        attempt(() -> volume.fsync(Volume.ROOT_INODE, false));
    }

    private void change(Volume volume, Name each) throws IOException {
        if (each.type == Attributes.REGULAR) {
            attempt(() -> volume.write(each.inode, 5000, ByteBuffer.wrap(new byte[9000])));
            attempt(() -> volume.allocate(each.inode, AllocateMode.PUNCH_HOLE, 4096, 8192));
            attempt(() -> volume.allocate(each.inode, AllocateMode.ALLOCATE_KEEP_SIZE, 0, 50_000));
            attempt(() -> volume.setAttributes(each.inode, AttributeChange.ofSize(100)));
            attempt(() -> volume.link(each.inode, Volume.ROOT_INODE, name("l" + each.inode)));
        }
        attempt(
                () ->
                        volume.setXattr(
                                each.inode,
                                name("user.large"),
                                new byte[4000],
                                XattrMode.CREATE_OR_REPLACE));
        attempt(() -> volume.removeXattr(each.inode, name("user.small")));
        if (each.type == Attributes.DIRECTORY) {
            attempt(() -> volume.create(each.inode, name("new"), NewInode.regular(0600, 0, 0)));
            attempt(
                    () ->
                            volume.rename(
                                    each.directory,
                                    each.name,
                                    each.inode,
                                    name("below"),
                                    RenameMode.REPLACE));
        }
        byte[] moved = name("m" + nameCount++);
        volume.rename(each.directory, each.name, Volume.ROOT_INODE, moved, RenameMode.REPLACE);
        volume.rename(Volume.ROOT_INODE, moved, each.directory, each.name, RenameMode.NO_REPLACE);
    }

    /// All names, a directory before what is in it.
    private List<Name> names(Volume volume) {
        List<Name> names = new ArrayList<>();
        Set<Long> seen = new HashSet<>(Set.of(Volume.ROOT_INODE));
        Deque<Long> todo = new ArrayDeque<>(seen);
        while (!todo.isEmpty()) {
            long directory = todo.pop();
            attempt(
                    () ->
                            volume.readDirectory(
                                    directory,
                                    2,
                                    (name, inode, type, cookie) -> {
                                        names.add(new Name(directory, name, inode, type));
                                        if (type == Attributes.DIRECTORY && seen.add(inode)) {
                                            todo.push(inode);
                                        }
                                        return names.size() < MAX_NAMES;
                                    }));
        }
        return names;
    }

    private static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }
}
