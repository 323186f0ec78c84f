package cowfs.tools.command;

import cowfs.api.PinnedState;
import cowfs.error.CountText;
import cowfs.file.Attributes;
import cowfs.tools.files.Extract;
import cowfs.tools.files.ImageFiles;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs extract`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "extract",
        description = {
            "Copy a file or a whole tree out of an image, without a mount.",
            "Keeps content with its holes, permissions, times, extended attributes, access lists, hard links and"
                    + " symbolic links; owners and device nodes when root does it. DEST is there whole when the"
                    + " command is done; when it fails, or is interrupted, nothing is. What a damaged image has lost"
                    + " is told, the rest is copied, and the exit code is 1."
        })
final class ExtractCommand extends FileCommand {
    @Parameters(
            index = "2",
            paramLabel = "DEST",
            description =
                    "What the copy becomes; in a directory that exists it gets the name that it has in the image.")
    Path destination;

    @Override
    void run(PinnedState state, ImageFiles files) throws IOException {
        Path target = Extract.target(place(), destination);
        Attributes root = files.find(place(), place().directory());
        Extract extract = new Extract(files);
        extract.run(root, place().path(), target);
        extract.leftOut().lines().forEach(line -> missing().add("not made: " + line));
        Map<String, @Nullable Object> json = result(state);
        json.put("dest", target.toString());
        json.put("files", extract.fileCount());
        json.put("directories", extract.directoryCount());
        json.put("bytes", extract.byteCount());
        json.put("left_out", extract.leftOut().lines());
        json.put("missing", missing().lines());
        output.print(
                json,
                out ->
                        out.println(
                                "extracted "
                                        + CountText.of(extract.fileCount(), "file")
                                        + " and "
                                        + CountText.of(extract.directoryCount(), "directory")
                                        + ", "
                                        + Sizes.format(extract.byteCount())
                                        + ", to "
                                        + target));
    }
}
