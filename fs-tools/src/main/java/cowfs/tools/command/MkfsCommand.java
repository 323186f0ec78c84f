package cowfs.tools.command;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.error.RequestException;
import cowfs.error.SizeText;
import cowfs.tools.control.Endpoint;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs mkfs`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "mkfs", description = "Make an image with one empty subvolume, 'main'.")
final class MkfsCommand implements Callable<Integer> {
    private static final long DEFAULT_SIZE_BYTES = 10L << 30;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description =
                    "The most that the image can grow to. Default: the size of the file or device that is there,"
                            + " or 10G.")
    @Nullable Bytes size;

    @Option(
            names = "--node-size",
            paramLabel = "SIZE",
            description = "The size of a metadata node: 4K, 8K, 16K, 32K or 64K. Default: 8K.")
    @Nullable Bytes nodeSize;

    @Option(
            names = "--metadata-copies",
            paramLabel = "N",
            description = "1, or 2 to survive damage to metadata. Default: 2.")
    int metadataCopies = FormatOptions.DEFAULT_METADATA_COPIES;

    @Option(names = "--label", paramLabel = "L", description = "A name for people.")
    String label = "";

    @Option(
            names = "--force",
            description = "Overwrite a file that is there; what it holds is lost.")
    boolean force;

    @Parameters(paramLabel = "IMAGE", description = "The image file or block device.")
    Path image;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        long given = size == null ? FormatOptions.MIN_SIZE_BYTES : size.value();
        String wrong = options(given).problem();
        if (wrong != null) {
            throw new ParameterException(output.command.commandLine(), wrong);
        }
        boolean exists = ImageFile.requireMakeable(image);
        if (exists) {
            PoolLocator.requireUnmounted(image.toRealPath());
            requireReplaceable();
        }
        FormatOptions options = options(sizeBytes(exists));
        if (options.sizeBytes() < FormatOptions.MIN_SIZE_BYTES) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "an image of "
                            + SizeText.written(options.sizeBytes())
                            + " is too small; give --size "
                            + SizeText.written(FormatOptions.MIN_SIZE_BYTES)
                            + " or more");
        }
        if (exists) {
            format(image.toRealPath(), options);
        } else {
            formatNew(options);
        }
        forgetWhatWasThere();
        print(options);
        return 0;
    }

    private void format(Path real, FormatOptions options) throws IOException {
        PoolLocator.openWaiting(
                real,
                () -> {
                    Images.format(image, options, force);
                    return real;
                });
    }

    /// Ctrl-C leaves an image or nothing.
    private void formatNew(FormatOptions options) throws IOException {
        Thread ending = new Thread(this::removeUnfinished, "remove-unfinished");
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            format(image, options);
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(ending);
            } catch (IllegalStateException shuttingDown) {
                output.note("interrupted");
            }
        }
    }

    private void removeUnfinished() {
        try {
            Images.open(image, OpenOptions.READ_ONLY).close();
        } catch (ImageException unfinished) {
            removeQuietly();
        } catch (IOException unreadable) {
            output.note(image + " may be unfinished: " + unreadable.getMessage());
        }
    }

    private void removeQuietly() {
        try {
            Files.deleteIfExists(image);
        } catch (IOException e) {
            output.note(image + " is unfinished: " + e.getMessage());
        }
    }

    private void forgetWhatWasThere() {
        try {
            Endpoint.of(image).forgetLogs();
        } catch (IOException e) {
            // the first mount will tell of a daemon that served what was there before
        }
    }

    private FormatOptions options(long sizeBytes) {
        return new FormatOptions(
                sizeBytes,
                nodeSize == null
                        ? FormatOptions.DEFAULT_NODE_SIZE_BYTES
                        : Math.toIntExact(Math.min(nodeSize.value(), Integer.MAX_VALUE)),
                metadataCopies,
                label);
    }

    private void requireReplaceable() throws IOException {
        if (!force && Files.isRegularFile(image) && Files.size(image) > 0) {
            throw new ImageException(
                    ErrorKind.EXISTS,
                    image + " exists; give --force to lose what it holds, or another name");
        }
    }

    private long sizeBytes(boolean exists) throws IOException {
        if (size != null) {
            return size.value();
        }
        long present = exists ? ImageFile.sizeBytes(image) : 0;
        return present > 0 ? present : DEFAULT_SIZE_BYTES;
    }

    private void print(FormatOptions options) throws IOException {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("image", image.toRealPath().toString());
        json.put("size", options.sizeBytes());
        json.put("node_size", options.nodeSizeBytes());
        json.put("metadata_copies", options.metadataCopies());
        json.put("label", options.label());
        output.print(
                json,
                out ->
                        out.println(
                                "made "
                                        + image
                                        + ", "
                                        + Sizes.format(options.sizeBytes())
                                        + ", nodes of "
                                        + Sizes.format(options.nodeSizeBytes())
                                        + ", metadata "
                                        + (options.metadataCopies() == 1 ? "once" : "twice")));
    }
}
