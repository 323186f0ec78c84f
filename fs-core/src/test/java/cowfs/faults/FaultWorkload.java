package cowfs.faults;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.symlink;
import static cowfs.model.VolumeFixture.write;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.BlockDevice;
import cowfs.file.AttributeChange;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A fixed sequence of operations of every kind, each of them atomic, on an image that is opened
/// and closed on the way.
final class FaultWorkload {
    /// The smallest cache, so that reads reach the device; no timer, so that runs are alike.
    static final OpenOptions OPTIONS = new OpenOptions(false, 1, Duration.ZERO);

    private FaultWorkload() {}

    /// What one step does to an open pool.
    @FunctionalInterface
    interface Action {
        void run(Pool pool) throws IOException;
    }

    /// @param makesDurable whether all that was done before, and the step itself, is durable on
    ///   return
    /// @param reopens whether the pool is closed and opened after the action
    record Step(String text, boolean makesDurable, boolean reopens, Action action) {}

    static Pool open(BlockDevice device) throws IOException {
        return Images.open(device, OPTIONS);
    }

    private static Volume main(Pool pool) throws IOException {
        return pool.volume(Ref.MAIN);
    }

    private static final class Steps {
        final List<Step> all = new ArrayList<>();

        void step(String text, Action action) {
            all.add(new Step(text, false, false, action));
        }

        void durable(String text, Action action) {
            all.add(new Step(text, true, false, action));
        }

        void fsync(String path) {
            durable(
                    "fsync " + path,
                    pool -> {
                        Volume volume = main(pool);
                        volume.fsync(inodeOf(volume, path.split("/")), false);
                    });
        }

        void reopen() {
            all.add(new Step("reopen", true, true, pool -> {}));
        }

        /// Writes to a file of `main`, which is created by the step before.
        void write(String path, long offset, int lengthBytes, long seed) {
            step(
                    "write " + path + " " + offset + "+" + lengthBytes,
                    pool -> {
                        Volume volume = main(pool);
                        FaultWorkload.write(volume, path, offset, pattern(seed, lengthBytes));
                    });
        }

        void create(String path) {
            step("create " + path, pool -> file(main(pool), path));
        }
    }

    private static void write(Volume volume, String path, long offset, byte[] bytes)
            throws IOException {
        cowfs.model.VolumeFixture.write(volume, inodeOf(volume, path), offset, bytes);
    }

    /// The steps, in order.
    static List<Step> steps() {
        Steps steps = new Steps();
        files(steps);
        snapshots(steps);
        steps.reopen();
        manyFiles(steps);
        subvolumes(steps);
        steps.create("last");
        steps.reopen();
        return steps.all;
    }

    private static void files(Steps steps) {
        steps.create("small");
        steps.write("small", 0, 200, 1);
        steps.create("large");
        steps.write("large", 0, 300_000, 2);
        steps.fsync("large");
        steps.write("large", 10_000, 50_000, 3);
        steps.write("large", 300_000, 1000, 4);
        steps.step("mkdir d", pool -> directory(main(pool), ROOT, "d"));
        steps.step("create d/f", pool -> file(main(pool), inodeOf(main(pool), "d"), "f"));
        steps.fsync("d/f");
        steps.step(
                "link",
                pool -> main(pool).link(inodeOf(main(pool), "small"), ROOT, name("hard link")));
        steps.step("symlink", pool -> symlink(main(pool), "symlink", "x".repeat(3000)));
        steps.step(
                "setxattr small",
                pool ->
                        main(pool)
                                .setXattr(
                                        inodeOf(main(pool), "small"),
                                        name("user.a"),
                                        pattern(5, 100),
                                        XattrMode.CREATE));
        steps.step(
                "setxattr large",
                pool ->
                        main(pool)
                                .setXattr(
                                        inodeOf(main(pool), "large"),
                                        name("user.b"),
                                        pattern(6, 60_000),
                                        XattrMode.CREATE_OR_REPLACE));
        steps.step(
                "punch",
                pool ->
                        main(pool)
                                .allocate(
                                        inodeOf(main(pool), "large"),
                                        AllocateMode.PUNCH_HOLE,
                                        100_000,
                                        50_000));
        steps.step(
                "fallocate",
                pool ->
                        main(pool)
                                .allocate(
                                        inodeOf(main(pool), "large"),
                                        AllocateMode.ALLOCATE,
                                        300_000,
                                        200_000));
        steps.fsync("small");
        steps.step(
                "truncate",
                pool ->
                        main(pool)
                                .setAttributes(
                                        inodeOf(main(pool), "large"),
                                        AttributeChange.ofSize(123_456)));
        steps.step(
                "rename over",
                pool ->
                        main(pool)
                                .rename(
                                        ROOT,
                                        name("hard link"),
                                        inodeOf(main(pool), "d"),
                                        name("f"),
                                        RenameMode.REPLACE));
        steps.durable("sync", Pool::sync);
    }

    private static void snapshots(Steps steps) {
        steps.durable("snapshot a", pool -> pool.snapshot(Ref.parse("main@a")));
        steps.write("large", 4096, 8192, 7);
        steps.write("small", 100, 3000, 8);
        steps.fsync("large");
        steps.durable("clone", pool -> pool.cloneSubvolume(Ref.parse("main@a"), "copy"));
        steps.step(
                "write in the clone",
                pool -> write(pool.volume(Ref.parse("copy")), "large", 50_000, pattern(9, 20_000)));
        steps.step(
                "unlink in the clone",
                pool -> pool.volume(Ref.parse("copy")).unlink(ROOT, name("small")));
        steps.step("unlink large", pool -> main(pool).unlink(ROOT, name("large")));
        steps.durable("snapshot b", pool -> pool.snapshot(Ref.parse("main@b")));
        steps.durable("delete a", pool -> pool.delete(List.of(Ref.parse("main@a"))));
        steps.step("await reclaim", Pool::awaitReclaim);
    }

    private static void manyFiles(Steps steps) {
        for (int i = 0; i < 40; i++) {
            steps.create("n" + i);
            steps.write("n" + i, 0, 900, 100 + i);
        }
        steps.fsync("n7");
        for (int i = 0; i < 40; i += 3) {
            String old = "n" + i;
            steps.step("unlink " + old, pool -> main(pool).unlink(ROOT, name(old)));
        }
        steps.durable("sync", Pool::sync);
    }

    private static void subvolumes(Steps steps) {
        steps.durable("create subvolume", pool -> pool.createSubvolume("more"));
        steps.durable("rename subvolume", pool -> pool.renameSubvolume("more", "other"));
        steps.durable("delete copy", pool -> pool.delete(List.of(Ref.parse("copy"))));
        steps.step(
                "unlink d/f",
                pool -> {
                    Volume volume = main(pool);
                    volume.unlink(inodeOf(volume, "d"), name("f"));
                });
        steps.step("rmdir", pool -> main(pool).removeDirectory(ROOT, name("d")));
        steps.step("await reclaim", Pool::awaitReclaim);
        steps.durable("sync", Pool::sync);
    }
}
