package cowfs.tools.command;

import cowfs.api.CopyReport;
import cowfs.api.Ref;
import cowfs.error.CountText;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.DiffJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `cowfs cp`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "cp",
        description = {
            "Copy a file, or a directory with all below, within a pool: content is shared, so it costs"
                    + " no space and little time.",
            "Owners, modes, times, flags, extended attributes and hard links among what is copied"
                    + " stay. The copy is there whole or not at all."
        })
final class CpCommand extends PoolCommand {
    @Option(names = "--reflink", description = "Share the content: what it does in any case.")
    boolean reflink;

    @Parameters(
            index = "1",
            paramLabel = "REF:/path",
            description = "What to copy, from a snapshot or a subvolume.")
    String source;

    @Parameters(
            index = "2",
            paramLabel = "SUBVOL:/path",
            description =
                    "Where to, in a live subvolume; a directory that is there gets the copy into it.")
    String target;

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(FileReference.parse(source).ref(), FileReference.parse(target).ref());
    }

    @Override
    void run(PoolSession session) throws IOException {
        FileReference from = FileReference.parse(source);
        FileReference to = FileReference.parse(target);
        CopyReport done = session.pool().copy(from.ref(), from.path(), to.ref(), to.path());
        Map<String, @Nullable Object> json = DiffJson.of(done);
        output.print(
                json,
                out ->
                        out.println(
                                "copied "
                                        + CountText.of(
                                                done.names(), "file", "files and directories")
                                        + " to "
                                        + done.ref()
                                        + ":"
                                        + done.path().toPrintable()));
    }
}
