package cowfs.api;

import cowfs.check.CheckResult;
import cowfs.check.Checker;
import cowfs.check.ImageRepair;
import cowfs.check.RepairResult;
import cowfs.device.BlockDevice;
import cowfs.device.DeviceBusyException;
import cowfs.device.DeviceReadOnlyException;
import cowfs.device.FileDevice;
import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import cowfs.subvol.Subvolumes;
import cowfs.txn.NewPool;
import cowfs.txn.PoolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/// The doors to images: make one, open one, check one.
public final class Images {
    private Images() {}

    /// Makes an image file with one empty subvolume, `main`. A file or block device that exists is
    /// refused unless it is empty or `overwrite` is set; it is overwritten in place, and keeps its
    /// owner, its mode and its names. A file that was made here is removed again when it fails.
    ///
    /// @throws ImageException `EXISTS`, `INVALID`, `BUSY`, `READ_ONLY`
    public static void format(Path image, FormatOptions options, boolean overwrite)
            throws IOException {
        requireValid(options);
        boolean exists = Files.exists(image, LinkOption.NOFOLLOW_LINKS);
        boolean regular = Files.isRegularFile(image);
        if (exists && Files.isDirectory(image)) {
            throw new ImageException(
                    ErrorKind.INVALID, image + " is a directory: name an image file");
        }
        if (exists && !overwrite && (!regular || Files.size(image) > 0)) {
            throw new ImageException(
                    ErrorKind.EXISTS,
                    image
                            + " exists and is not empty: choose another name, or overwrite it with --force");
        }
        try (BlockDevice device = openForFormat(image, options, exists, regular)) {
            format(device, options, Owner.of(image));
        } catch (IOException | RuntimeException failed) {
            if (!exists) {
                Files.deleteIfExists(image);
            }
            throw failed;
        }
    }

    private static BlockDevice openForFormat(
            Path image, FormatOptions options, boolean exists, boolean regular) throws IOException {
        try {
            if (!exists) {
                return FileDevice.create(image, options.sizeBytes());
            }
            if (regular) {
                return FileDevice.overwrite(image, options.sizeBytes(), NewPool::erase);
            }
            BlockDevice device = FileDevice.open(image, true);
            try {
                NewPool.erase(device);
                return device;
            } catch (IOException | RuntimeException e) {
                device.close();
                throw e;
            }
        } catch (DeviceBusyException busy) {
            throw inUse(image);
        } catch (DeviceReadOnlyException readOnly) {
            throw notWritable(image, readOnly);
        }
    }

    /// Makes an image on a device; its root directory belongs to root.
    public static void format(BlockDevice device, FormatOptions options) throws IOException {
        format(device, options, Owner.ROOT);
    }

    private static void format(BlockDevice device, FormatOptions options, Owner owner)
            throws IOException {
        SecureRandom random = new SecureRandom();
        UUID nameSeed = new UUID(random.nextLong(), random.nextLong());
        format(device, options, owner, UUID.randomUUID(), nameSeed);
    }

    /// Makes an image with an identity and a name seed that are given, for tests that repeat.
    static void format(
            BlockDevice device, FormatOptions options, Owner owner, UUID uuid, UUID nameSeed)
            throws IOException {
        requireValid(options);
        long blocks = Math.min(device.sizeBytes(), options.sizeBytes()) >>> Blocks.SHIFT;
        Superblock start =
                new Superblock(
                        Superblock.Features.NONE,
                        uuid,
                        options.label(),
                        blocks,
                        0,
                        options.nodeSizeBytes(),
                        options.metadataCopies(),
                        nameSeed,
                        0,
                        BlockPointer.NONE,
                        0,
                        TreeId.FIRST_SUBVOLUME,
                        0,
                        (long) SuperblockArea.AREAS * SuperblockArea.SLOTS,
                        true,
                        List.of());
        NewPool.format(
                device,
                start,
                context -> Subvolumes.create(context, Ref.MAIN.subvolume(), owner::initialise));
    }

    /// Opens an image. Opening for writing takes a lock on the file and is refused with `BUSY`
    /// while another process holds it.
    ///
    /// @throws ImageException `NOT_FOUND`, `NOT_AN_IMAGE`, `TOO_NEW`, `BUSY`, `READ_ONLY` for one
    ///   that can't be written and was to be, `INVALID` for one that was cut short
    public static Pool open(Path image, OpenOptions options) throws IOException {
        return open(openDevice(image, !options.readOnly()), image, options);
    }

    /// Opens an image for reading as much of it as can be read: nodes of which no copy is good are
    /// gone past. Nothing is written, and no lock is taken: that nobody writes to the image
    /// meanwhile is for the caller to see to.
    ///
    /// @param losses told of each such node when it is met
    /// @throws ImageException as {@link #open(Path, OpenOptions)}
    public static Pool openDamaged(Path image, LostNode.Listener losses) throws IOException {
        BlockDevice device = openDevice(image, false);
        try {
            return openDamaged(device, losses);
        } catch (IOException | RuntimeException failed) {
            device.close();
            if (failed instanceof ImageException known) {
                throw named(image, known);
            }
            throw failed;
        }
    }

    /// The same on a device, which is closed with the pool.
    public static Pool openDamaged(BlockDevice device, LostNode.Listener losses)
            throws IOException {
        return OpenPool.openDamaged(device, losses);
    }

    private static Pool open(BlockDevice device, Path image, OpenOptions options)
            throws IOException {
        try {
            return OpenPool.open(device, options, Owner.of(image));
        } catch (IOException | RuntimeException failed) {
            device.close();
            if (failed instanceof ImageException known) {
                throw named(image, known);
            }
            throw failed;
        }
    }

    /// Opens an image on a device, which is closed with the pool.
    public static Pool open(BlockDevice device, OpenOptions options) throws IOException {
        return OpenPool.open(device, options, Owner.ROOT);
    }

    static BlockDevice openDevice(Path image, boolean writable) throws IOException {
        if (Files.isDirectory(image)) {
            throw new ImageException(
                    ErrorKind.NOT_AN_IMAGE, image + " is a directory: name an image file");
        }
        try {
            return FileDevice.open(image, writable);
        } catch (DeviceBusyException busy) {
            throw inUse(image);
        } catch (DeviceReadOnlyException readOnly) {
            throw notWritable(image, readOnly);
        } catch (NoSuchFileException missing) {
            throw new ImageException(
                    ErrorKind.NOT_FOUND,
                    "no image at "
                            + image
                            + ": make one: "
                            + CommandHint.of("mkfs", "--size", "10G", image));
        }
    }

    private static ImageException inUse(Path image) {
        return new ImageException(
                ErrorKind.BUSY,
                image
                        + " is in use by another process: unmount it, or give a directory inside its mount");
    }

    private static ImageException notWritable(Path image, DeviceReadOnlyException readOnly) {
        return new ImageException(
                ErrorKind.READ_ONLY,
                image
                        + " can't be opened for writing: "
                        + String.valueOf(readOnly.getReason()).toLowerCase(Locale.ROOT));
    }

    /// Verifies everything in an image without changing it. Holds the image's lock meanwhile, so
    /// that nobody writes to it, unless the file is read-only for this user.
    ///
    /// @throws ImageException as {@link #open}
    public static CheckReport check(Path image, CheckListener listener) throws IOException {
        boolean lockable = Files.isWritable(image);
        try (BlockDevice device = openDevice(image, lockable)) {
            return check(device, listener);
        } catch (ImageException known) {
            throw known.kind() == ErrorKind.BUSY ? known : named(image, known);
        }
    }

    /// Verifies everything in an image on a device, which stays open.
    public static CheckReport check(BlockDevice device, CheckListener listener) throws IOException {
        return report(Checker.check(device, listener::progress));
    }

    private static CheckReport report(CheckResult result) {
        return new CheckReport(
                result.findings().stream()
                        .map(
                                each ->
                                        new Finding(
                                                each.code().id(),
                                                each.record(),
                                                each.where(),
                                                each.reason()))
                        .toList(),
                result.findingCount(),
                result.txg(),
                result.nodeCount(),
                result.dataBlockCount(),
                result.inodeCount(),
                result.subvolumeCount());
    }

    /// Repairs a damaged image: see {@link RepairReport}. A clean one is not written to. Holds the
    /// image's lock meanwhile. Whatever goes wrong, the image is as it was, or repaired.
    ///
    /// @throws ImageException as {@link #open}; `CORRUPT` when it can't be repaired
    public static RepairReport repair(Path image, CheckListener listener) throws IOException {
        try (BlockDevice device = openDevice(image, true)) {
            return repair(device, listener);
        } catch (ImageException known) {
            throw known.kind() == ErrorKind.BUSY ? known : named(image, known);
        }
    }

    /// Repairs an image on a device, which stays open.
    public static RepairReport repair(BlockDevice device, CheckListener listener)
            throws IOException {
        RepairResult result = ImageRepair.repair(device, listener::progress);
        return new RepairReport(
                result.changed(),
                report(result.before()),
                report(result.after()),
                result.actions(),
                result.lost().stream()
                        .map(
                                each ->
                                        new RepairReport.LostFile(
                                                result.names().get(each.tree()) + ":" + each.path(),
                                                each.what(),
                                                each.offset(),
                                                each.lengthBytes()))
                        .toList());
    }

    static ImageException named(Path image, ImageException known) {
        return new ImageException(known.kind(), image + ": " + known.getMessage());
    }

    /// Told how a check goes on, for a progress bar.
    @FunctionalInterface
    public interface CheckListener {
        /// @param doneBytes verified so far
        /// @param totalBytes estimate of all
        void progress(long doneBytes, long totalBytes);
    }

    static PoolOptions storeOptions(OpenOptions options) {
        return new PoolOptions(
                options.readOnly(),
                options.nodeCacheBytes(),
                options.commitInterval(),
                PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
    }

    private static void requireValid(FormatOptions options) throws ImageException {
        String problem = options.problem();
        if (problem != null) {
            throw new ImageException(ErrorKind.INVALID, problem);
        }
    }
}
