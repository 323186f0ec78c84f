package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.SubvolumeInfo;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import cowfs.tools.text.Times;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/// `cowfs list`, which also completes names in a shell: it must start fast, and so declares in code
/// what the other commands say in annotations.
final class ListCommand extends PoolCommand {
    private boolean namesOnly;

    /// The command with its options and parameters.
    static CommandSpec specification() {
        ListCommand command = new ListCommand();
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command);
        spec.usageMessage()
                .description("List subvolumes, each followed by its snapshots, oldest first.");
        command.declareCommon(spec);
        spec.addOption(
                OptionSpec.builder("--names")
                        .type(boolean.class)
                        .initialValue(false)
                        .description("Print only the names, one a line.")
                        .setter(
                                new ISetter() {
                                    @Override
                                    public <T> T set(T value) {
                                        command.namesOnly = (Boolean) value;
                                        return value;
                                    }
                                })
                        .build());
        return spec;
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<SubvolumeInfo> list = session.pool().list();
        output.print(
                PoolJson.items(list.stream().map(PoolJson::of).toList()),
                out -> {
                    if (namesOnly) {
                        list.forEach(info -> out.println(info.ref()));
                    } else {
                        print(list, out);
                    }
                });
    }

    private static void print(List<SubvolumeInfo> list, PrintWriter out) {
        Table table =
                new Table(
                        Table.words("NAME"),
                        Table.words("CREATED"),
                        Table.numbers("REFERENCED"),
                        Table.words("ORIGIN"));
        for (SubvolumeInfo info : list) {
            table.add(
                    info.ref().toString(),
                    Times.local(info.created()),
                    Sizes.format(info.referencedBytes()),
                    info.origin() == null ? "-" : info.origin().toString());
        }
        table.print(out);
    }
}
