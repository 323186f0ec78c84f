package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs undelete`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "undelete",
        description = {
            "Bring back a file, or a directory with all below, from the newest snapshot that has it.",
            "Its content is shared with the snapshot, so it takes no space and no time."
        })
final class UndeleteCommand extends PoolCommand {
    @Parameters(
            index = "1",
            paramLabel = "SUBVOL:/path",
            description = "What is missing in a live subvolume.")
    String file;

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(FileReference.parse(file).ref());
    }

    @Override
    void run(PoolSession session) throws IOException {
        FileReference named = FileReference.parse(file);
        Ref from = session.pool().undelete(named.ref(), named.path());
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("from", from.toString());
        output.print(json, out -> out.println("restored from " + from));
    }
}
