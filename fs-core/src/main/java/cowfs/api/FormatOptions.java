package cowfs.api;

import cowfs.error.SizeText;
import cowfs.format.Blocks;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// How to make an image.
///
/// @param sizeBytes size of the image file; at least {@link #MIN_SIZE_BYTES}
/// @param nodeSizeBytes 4096, 8192, 16384, 32768 or 65536
/// @param metadataCopies 1 or 2
/// @param label at most 64 bytes of UTF-8 without control characters
public record FormatOptions(long sizeBytes, int nodeSizeBytes, int metadataCopies, String label) {
    public static final long MIN_SIZE_BYTES = 32L << 20;
    public static final int DEFAULT_NODE_SIZE_BYTES = 8192;
    public static final int DEFAULT_METADATA_COPIES = 2;

    /// The defaults for an image of a given size.
    public static FormatOptions ofSize(long sizeBytes) {
        return new FormatOptions(sizeBytes, DEFAULT_NODE_SIZE_BYTES, DEFAULT_METADATA_COPIES, "");
    }

    /// What is wrong with these options, one line for a person; null when nothing is.
    public @Nullable String problem() {
        String problem = null;
        if (sizeBytes < MIN_SIZE_BYTES) {
            problem =
                    "the size of "
                            + SizeText.written(sizeBytes)
                            + " is too small: at least "
                            + SizeText.written(MIN_SIZE_BYTES)
                            + " are needed";
        } else if (sizeBytes >>> Blocks.SHIFT > SuperblockArea.MAX_DEVICE_BLOCKS) {
            problem = "the size of " + SizeText.written(sizeBytes) + " is too large: at most 64T";
        } else if (!NodePage.isValidNodeSize(nodeSizeBytes)) {
            problem =
                    "the node size of "
                            + SizeText.written(nodeSizeBytes)
                            + " is not one of 4K, 8K, 16K, 32K, 64K";
        } else if (metadataCopies != 1 && metadataCopies != 2) {
            problem = metadataCopies + " metadata copies are not possible: choose 1 or 2";
        } else if (label.getBytes(StandardCharsets.UTF_8).length > Superblock.MAX_LABEL_BYTES) {
            problem = "the label is longer than " + Superblock.MAX_LABEL_BYTES + " bytes";
        } else if (label.codePoints().anyMatch(Character::isISOControl)) {
            problem = "the label holds a control character";
        }
        return problem;
    }
}
