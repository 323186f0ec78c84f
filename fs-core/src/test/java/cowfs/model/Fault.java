package cowfs.model;

import cowfs.api.FileChanges;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.DirectoryVisitor;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.SeekTarget;
import cowfs.model.WrappedPool.Call;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a faulty filesystem may do wrong, one thing each. The random runs have to find all of them.
enum Fault {
    LOSES_A_BYTE("write") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            ByteBuffer source = call.argument(2, ByteBuffer.class);
            ByteBuffer wrong = ByteBuffer.allocate(source.remaining()).put(source).flip();
            if (wrong.remaining() > 4096) {
                wrong.put(4096, (byte) (wrong.get(4096) ^ 1));
            }
            call.arguments()[2] = wrong;
            return call.proceed();
        }
    },
    REFUSES_FOR_SPACE_AFTER_WRITING("write") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            call.proceed();
            throw new RequestException(ErrorKind.NO_SPACE, "the image is full");
        }
    },
    FORGETS_THE_MODIFICATION_TIME("write") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            Attributes before = call.volume().getAttributes(call.inode());
            call.proceed();
            AttributeChange back = AttributeChange.ofTimes(null, before.modified());
            call.volume().setAttributes(call.inode(), back);
            return null;
        }
    },
    FORGETS_THE_CHANGE_TIME("getAttributes") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            Attributes a = call.volume().getAttributes(call.inode());
            return new Attributes(
                    a.inode(),
                    a.mode(),
                    a.linkCount(),
                    a.uid(),
                    a.gid(),
                    a.sizeBytes(),
                    a.blockCount(),
                    a.device(),
                    a.accessed(),
                    a.modified(),
                    a.born(),
                    a.born());
        }
    },
    LEAKS_BLOCKS("getAttributes") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            Attributes a = call.volume().getAttributes(call.inode());
            return new Attributes(
                    a.inode(),
                    a.mode(),
                    a.linkCount(),
                    a.uid(),
                    a.gid(),
                    a.sizeBytes(),
                    a.blockCount() + 8,
                    a.device(),
                    a.accessed(),
                    a.modified(),
                    a.changed(),
                    a.born());
        }
    },
    PUNCHES_NOTHING("allocate") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            boolean punches = call.argument(1, AllocateMode.class) == AllocateMode.PUNCH_HOLE;
            return punches ? null : call.proceed();
        }
    },
    COPIES_HALF_OF_IT("copyRange") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            long length = call.argument(5, Long.class);
            call.arguments()[5] = length / 2;
            long count = (Long) Objects.requireNonNull(call.proceed());
            return 2 * count;
        }
    },
    KEEPS_PRIVILEGES("write allocate copyRange") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            int last = call.arguments().length - 1;
            call.arguments()[last] = SetIdBits.KEEP;
            return call.proceed();
        }
    },
    FINDS_NO_HOLES("seek") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            long size = call.volume().getAttributes(call.inode()).sizeBytes();
            long offset = call.argument(1, Long.class);
            boolean hole = call.argument(2, SeekTarget.class) == SeekTarget.HOLE;
            return offset >= size ? call.proceed() : hole ? (Long) size : (Long) offset;
        }
    },
    UNLINKS_NOTHING("unlink") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            call.volume().lookup(call.inode(), call.argument(1, byte[].class));
            return null;
        }
    },
    COPIES_INSTEAD_OF_LINKING("link") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            Attributes source = call.volume().getAttributes(call.inode());
            if (!source.isRegular()) {
                return call.proceed();
            }
            NewInode start = new NewInode(source.mode(), source.uid(), source.gid(), 0);
            long directory = call.argument(1, Long.class);
            return call.volume().create(directory, call.argument(2, byte[].class), start);
        }
    },
    EXCHANGES_BY_REPLACING("rename") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            if (call.argument(4, RenameMode.class) == RenameMode.EXCHANGE) {
                call.arguments()[4] = RenameMode.REPLACE;
            }
            return call.proceed();
        }
    },
    FAILS_WITH_ANOTHER_KIND("removeDirectory") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            try {
                return call.proceed();
            } catch (CowException e) {
                throw new RequestException(ErrorKind.EXISTS, "not empty", e);
            }
        }
    },
    CUTS_OFF_LONG_ATTRIBUTES("setXattr") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            byte[] value = call.argument(2, byte[].class);
            if (value.length <= Volume.MAX_XATTR_BYTES) {
                call.arguments()[2] = Arrays.copyOf(value, Math.min(4000, value.length));
            }
            return call.proceed();
        }
    },
    LISTS_AN_ENTRY_LESS("readDirectory") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            DirectoryVisitor visitor = call.argument(2, DirectoryVisitor.class);
            int[] count = {0};
            call.arguments()[2] =
                    (DirectoryVisitor)
                            (name, inode, type, cookie) ->
                                    ++count[0] == 12 || visitor.entry(name, inode, type, cookie);
            return call.proceed();
        }
    },
    SNAPSHOTS_FOLLOW_THEIR_SOURCE("volume") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            Ref ref = call.argument(0, Ref.class);
            call.arguments()[0] = new Ref(ref.subvolume(), null);
            return call.proceed();
        }

        @Override
        boolean concerns(Call call) {
            return super.concerns(call) && call.argument(0, Ref.class).isSnapshot();
        }
    },
    HOLDS_NOTHING("hold release") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            call.volume().getAttributes(call.inode());
            return null;
        }

        @Override
        boolean concerns(Call call) {
            return super.concerns(call) && call.target() instanceof Volume;
        }
    },
    FORGETS_WHO_HOLDS_A_SNAPSHOT("hold") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            call.proceed();
            ((Pool) call.target())
                    .release(call.argument(0, Ref.class), call.argument(1, String.class));
            return null;
        }

        @Override
        boolean concerns(Call call) {
            return super.concerns(call) && call.target() instanceof Pool;
        }
    },
    PURGES_WHAT_IS_LIVE_TOO("purge") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            Object purged = call.proceed();
            forgetAFile((ModelPool) call.target());
            return purged;
        }
    },
    PINS_SHOW_THE_PRESENT("pin") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            return new PoolAsState((Pool) call.target(), () -> {});
        }
    },
    DELETES_MORE_THAN_ASKED("delete") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            call.proceed();
            forgetAFile((ModelPool) call.target());
            return null;
        }
    },
    MISSES_A_CHANGE("diff") {
        @Override
        @Nullable Object answer(Call call) throws IOException {
            FileChanges changes = (FileChanges) Objects.requireNonNull(call.proceed());
            changes.next();
            return changes;
        }
    },
    FORGETS_A_FILE_AT_REOPENING("none") {
        @Override
        @Nullable Object answer(Call call) {
            throw new AssertionError("no call concerns this");
        }
    };

    private final String methods;

    /// @param methods names, with blanks between
    Fault(String methods) {
        this.methods = methods;
    }

    boolean concerns(Call call) {
        return Arrays.stream(methods.split(" ")).anyMatch(call::is);
    }

    /// What the faulty filesystem does.
    abstract @Nullable Object answer(Call call) throws IOException;

    /// Removes some file from the root of `main`.
    static void forgetAFile(ModelPool pool) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        byte[][] found = {null};
        main.readDirectory(
                Volume.ROOT_INODE,
                0,
                (name, inode, type, cookie) -> {
                    found[0] = type == Attributes.DIRECTORY ? found[0] : name;
                    return true;
                });
        if (found[0] != null) {
            main.unlink(Volume.ROOT_INODE, found[0]);
        }
    }
}
