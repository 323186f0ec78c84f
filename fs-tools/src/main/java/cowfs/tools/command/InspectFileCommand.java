package cowfs.tools.command;

import cowfs.api.Images;
import cowfs.api.Inspector;
import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.file.Attributes;
import cowfs.tools.files.FilePlace;
import cowfs.tools.files.ImageFiles;
import cowfs.tools.files.Missing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs inspect file`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "file",
        description = {
            "Show the extents of a file: where they lie, when they were written, how often they are named."
        })
final class InspectFileCommand extends InspectorCommand {
    @Parameters(index = "1", paramLabel = "REF:/path", description = "The file.")
    String place;

    @Override
    void checkArguments() throws IOException {
        FilePlace.parse(place);
    }

    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        FilePlace file = FilePlace.parse(place);
        Missing missing = new Missing(output::note);
        try (Pool pool = Images.openDamaged(image, missing);
                PinnedState state = pool.pin()) {
            ImageFiles files = new ImageFiles(state.volume(file.ref()), missing);
            Attributes found = files.find(file, false);
            return inspector.file(files.volume().treeId(), found.inode());
        }
    }
}
