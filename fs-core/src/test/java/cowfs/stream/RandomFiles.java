package cowfs.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.api.FilePlace;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.file.AttributeChange;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Random changes to the files of a live subvolume, many enough for trees of several levels. What a
/// change can't do is left out.
public final class RandomFiles {
    private static final int BLOCK_BYTES = 4096;
    private static final int REGULAR = 8;

    private final Pool pool;
    private final Ref live;
    private final Random random;
    private final List<Long> directories = new ArrayList<>(List.of(Volume.ROOT_INODE));
    private final List<Entry> entries = new ArrayList<>();
    private final List<Long> unnamed = new ArrayList<>();
    private int number;

    private record Entry(long directory, String name, long inode) {}

    public RandomFiles(Pool pool, Ref live, Random random) {
        this.pool = pool;
        this.live = live;
        this.random = random;
    }

    /// Makes changes.
    ///
    /// @param growing whether more comes than goes
    public void change(int count, boolean growing) throws IOException {
        Volume volume = pool.volume(live);
        for (int i = 0; i < count; i++) {
            try {
                one(volume, random.nextInt(growing ? 60 : 100));
            } catch (CowException refused) {
                // another one will do
            }
        }
    }

    private void one(Volume volume, int what) throws IOException {
        if (what < 15 || entries.size() < 5) {
            create(volume);
        } else if (what < 18) {
            Entry made = entry(directory());
            long inode =
                    volume.create(made.directory, bytes(made.name), NewInode.directory(0755, 1, 1))
                            .inode();
            directories.add(inode);
            entries.add(new Entry(made.directory, made.name, inode));
        } else if (what < 20) {
            Entry made = entry(directory());
            long inode =
                    volume.symlink(
                                    made.directory,
                                    bytes(made.name),
                                    bytes("x".repeat(1 + random.nextInt(3500))),
                                    NewInode.regular(0, 0, 0))
                            .inode();
            entries.add(new Entry(made.directory, made.name, inode));
        } else if (what < 32) {
            write(volume, any().inode, random.nextInt(40) * BLOCK_BYTES + random.nextInt(5000));
        } else if (what < 36) {
            link(volume, any().inode);
        } else if (what < 42) {
            setXattr(volume);
        } else if (what < 46) {
            rename(volume);
        } else if (what < 49) {
            volume.setAttributes(
                    any().inode, AttributeChange.ofSize(random.nextInt(40 * BLOCK_BYTES)));
        } else if (what < 52) {
            allocate(volume);
        } else if (what < 55) {
            volume.copyRange(
                    volume,
                    any().inode,
                    random.nextInt(10) * (long) BLOCK_BYTES,
                    any().inode,
                    random.nextInt(10) * (long) BLOCK_BYTES,
                    random.nextInt(1, 20) * (long) BLOCK_BYTES,
                    SetIdBits.KEEP);
        } else if (what < 57) {
            unnamed(volume);
        } else if (what < 58) {
            pool.dedup(List.of(new FilePlace(live, FilePath.of("/"))), BLOCK_BYTES);
        } else if (what < 60) {
            copy();
        } else {
            remove(volume);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private long directory() {
        // mostly one, which so becomes large
        return random.nextBoolean()
                ? Volume.ROOT_INODE
                : directories.get(random.nextInt(directories.size()));
    }

    private Entry entry(long directory) {
        return new Entry(directory, "n" + number++ + "-" + "y".repeat(random.nextInt(60)), 0);
    }

    private Entry any() {
        return entries.get(random.nextInt(entries.size()));
    }

    private void create(Volume volume) throws IOException {
        Entry made = entry(directory());
        long inode =
                volume.create(made.directory, bytes(made.name), NewInode.regular(0644, 2, 3))
                        .inode();
        entries.add(new Entry(made.directory, made.name, inode));
        if (random.nextInt(3) > 0) {
            write(volume, inode, 0);
        }
    }

    private void write(Volume volume, long inode, long offset) throws IOException {
        byte[] content = new byte[1 + random.nextInt(random.nextInt(8) == 0 ? 60_000 : 3000)];
        if (random.nextInt(4) == 0) {
            Arrays.fill(content, (byte) 7); // to be found by dedup
        } else {
            random.nextBytes(content);
        }
        volume.write(inode, offset, ByteBuffer.wrap(content));
    }

    private void link(Volume volume, long inode) throws IOException {
        Entry made = entry(directory());
        volume.link(inode, made.directory, bytes(made.name));
        entries.add(new Entry(made.directory, made.name, inode));
    }

    private void setXattr(Volume volume) throws IOException {
        byte[] name = bytes("user.x" + random.nextInt(4));
        if (random.nextInt(4) == 0) {
            volume.removeXattr(any().inode, name);
        } else {
            byte[] value = new byte[random.nextInt(random.nextInt(5) == 0 ? 9000 : 60)];
            random.nextBytes(value);
            volume.setXattr(any().inode, name, value, XattrMode.CREATE_OR_REPLACE);
        }
    }

    private void rename(Volume volume) throws IOException {
        Entry old = any();
        Entry made = random.nextBoolean() ? entry(directory()) : any();
        volume.rename(
                old.directory,
                bytes(old.name),
                made.directory,
                bytes(made.name),
                RenameMode.REPLACE);
        entries.removeIf(
                each ->
                        (each.directory == old.directory && each.name.equals(old.name))
                                || (each.directory == made.directory
                                        && each.name.equals(made.name)));
        entries.add(new Entry(made.directory, made.name, old.inode));
    }

    private void allocate(Volume volume) throws IOException {
        AllocateMode[] modes = AllocateMode.values();
        volume.allocate(
                any().inode,
                modes[random.nextInt(modes.length)],
                random.nextInt(30) * (long) BLOCK_BYTES,
                random.nextInt(1, 30) * (long) BLOCK_BYTES);
    }

    /// Makes a file without a name, or gives one of those that there are a name.
    private void unnamed(Volume volume) throws IOException {
        if (unnamed.isEmpty() || random.nextBoolean()) {
            long inode = volume.createUnlinked(directory(), NewInode.regular(0600, 1, 1)).inode();
            write(volume, inode, random.nextInt(20) * (long) BLOCK_BYTES);
            unnamed.add(inode);
        } else {
            link(volume, unnamed.remove(random.nextInt(unnamed.size())));
        }
    }

    private void copy() throws IOException {
        Entry of = any();
        if (of.directory == Volume.ROOT_INODE) {
            pool.copy(live, FilePath.of("/" + of.name), live, FilePath.of("/copy" + number++));
        }
    }

    private void remove(Volume volume) throws IOException {
        Entry gone = any();
        if (directories.contains(gone.inode)) {
            volume.removeDirectory(gone.directory, bytes(gone.name));
            directories.remove(gone.inode);
        } else {
            volume.unlink(gone.directory, bytes(gone.name));
        }
        entries.remove(gone);
    }

    /// Removes files in the order of their numbers, so that whole leaves go.
    void removeRun(int count) throws IOException {
        Volume volume = pool.volume(live);
        entries.sort((a, b) -> Long.compare(a.inode, b.inode));
        int from = random.nextInt(Math.max(1, entries.size() - count));
        for (Entry each :
                List.copyOf(entries.subList(from, Math.min(entries.size(), from + count)))) {
            try {
                volume.unlink(each.directory, bytes(each.name));
                entries.remove(each);
            } catch (CowException directory) {
                // stays
            }
        }
    }

    /// Forgets what it knows after the content was replaced.
    public void forget() throws IOException {
        directories.clear();
        directories.add(Volume.ROOT_INODE);
        entries.clear();
        unnamed.clear();
        Volume volume = pool.volume(live);
        volume.readDirectory(
                Volume.ROOT_INODE,
                0,
                (name, inode, type, cookie) -> {
                    if (type >>> 12 == REGULAR && name.length < 100) {
                        entries.add(new Entry(Volume.ROOT_INODE, new String(name, UTF_8), inode));
                    }
                    return true;
                });
    }
}
