package cowfs.api;

import cowfs.check.CheckResult;
import cowfs.check.Checker;
import cowfs.check.ImageRepair;
import cowfs.check.RepairResult;
import cowfs.device.BlockDevice;
import cowfs.device.DeviceBusyException;
import cowfs.device.FileDevice;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.UUID;

/// The doors to images: make one, open one, check one.
public final class Images {
    private Images() {}

    /// Makes an image file with one empty subvolume, `main`. A file that exists is refused unless
    /// it is empty, a block device, or `overwrite` is set; a file that was made here is removed
    /// again when it fails.
    ///
    /// @throws ImageException `EXISTS`, `INVALID`, `BUSY`
    public static void format(Path image, FormatOptions options, boolean overwrite)
            throws IOException {
        requireValid(options);
        boolean exists = Files.exists(image, LinkOption.NOFOLLOW_LINKS);
        boolean regular = Files.isRegularFile(image);
        if (exists && Files.isDirectory(image)) {
            throw new ImageException(
                    ErrorKind.INVALID, "'" + image + "' is a directory: name an image file");
        }
        if (exists && !overwrite && (!regular || Files.size(image) > 0)) {
            throw new ImageException(
                    ErrorKind.EXISTS,
                    "'"
                            + image
                            + "' exists and is not empty: choose another name, or overwrite it with --force");
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
                // take the lock before the size changes: somebody may have the old image mounted
                FileDevice.open(image, true).close();
                Files.write(image, new byte[0]);
                Files.delete(image);
                return FileDevice.create(image, options.sizeBytes());
            }
            return FileDevice.open(image, true);
        } catch (DeviceBusyException busy) {
            throw inUse(image);
        }
    }

    /// Makes an image on a device; its root directory belongs to root.
    public static void format(BlockDevice device, FormatOptions options) throws IOException {
        format(device, options, Owner.ROOT);
    }

    private static void format(BlockDevice device, FormatOptions options, Owner owner)
            throws IOException {
        requireValid(options);
        long blocks = Math.min(device.sizeBytes(), options.sizeBytes()) >>> Blocks.SHIFT;
        SecureRandom random = new SecureRandom();
        Superblock start =
                new Superblock(
                        Superblock.Features.NONE,
                        UUID.randomUUID(),
                        options.label(),
                        blocks,
                        options.nodeSizeBytes(),
                        options.metadataCopies(),
                        new UUID(random.nextLong(), random.nextLong()),
                        0,
                        BlockPointer.NONE,
                        0,
                        TreeId.FIRST_SUBVOLUME,
                        0,
                        (long) SuperblockArea.AREAS * SuperblockArea.SLOTS,
                        true,
                        List.of());
        PoolStore.format(
                device,
                start,
                context -> Subvolumes.create(context, Ref.MAIN.subvolume(), owner::initialise));
    }

    /// Opens an image. Opening for writing takes a lock on the file and is refused with `BUSY`
    /// while another process holds it.
    ///
    /// @throws ImageException `NOT_FOUND`, `NOT_AN_IMAGE`, `TOO_NEW`, `BUSY`, `INVALID` for one
    ///   that was cut short
    public static Pool open(Path image, OpenOptions options) throws IOException {
        return open(openDevice(image, !options.readOnly()), image, options);
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

    private static BlockDevice openDevice(Path image, boolean writable) throws IOException {
        if (Files.isDirectory(image)) {
            throw new ImageException(
                    ErrorKind.NOT_AN_IMAGE, "'" + image + "' is a directory: name an image file");
        }
        try {
            return FileDevice.open(image, writable);
        } catch (DeviceBusyException busy) {
            throw inUse(image);
        } catch (NoSuchFileException missing) {
            throw new ImageException(
                    ErrorKind.NOT_FOUND,
                    "no image at '"
                            + image
                            + "': make one with 'cowfs mkfs --size 10G "
                            + image
                            + "'");
        }
    }

    private static ImageException inUse(Path image) {
        return new ImageException(
                ErrorKind.BUSY,
                "'"
                        + image
                        + "' is in use by another process: unmount it, or give a directory inside its mount");
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

    private static ImageException named(Path image, ImageException known) {
        return new ImageException(known.kind(), "'" + image + "': " + known.getMessage());
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
        String problem = null;
        if (options.sizeBytes() < FormatOptions.MIN_SIZE_BYTES) {
            problem =
                    "the size of "
                            + options.sizeBytes()
                            + " bytes is too small: at least "
                            + FormatOptions.MIN_SIZE_BYTES
                            + " (32M) are needed";
        } else if (options.sizeBytes() >>> Blocks.SHIFT > SuperblockArea.MAX_DEVICE_BLOCKS) {
            problem = "the size of " + options.sizeBytes() + " bytes is too large: at most 64T";
        } else if (!NodePage.isValidNodeSize(options.nodeSizeBytes())) {
            problem =
                    "the node size of "
                            + options.nodeSizeBytes()
                            + " bytes is not one of 4K, 8K, 16K, 32K, 64K";
        } else if (options.metadataCopies() != 1 && options.metadataCopies() != 2) {
            problem = options.metadataCopies() + " metadata copies are not possible: choose 1 or 2";
        } else if (options.label().getBytes(StandardCharsets.UTF_8).length
                > Superblock.MAX_LABEL_BYTES) {
            problem = "the label is longer than " + Superblock.MAX_LABEL_BYTES + " bytes";
        }
        if (problem != null) {
            throw new ImageException(ErrorKind.INVALID, problem);
        }
    }
}
