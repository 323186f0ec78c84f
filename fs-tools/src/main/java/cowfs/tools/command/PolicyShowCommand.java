package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.Property;
import cowfs.api.SubvolumeInfo;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs policy show`.
@Command(name = "show", description = "Show the policies of all subvolumes.")
final class PolicyShowCommand extends PoolCommand {
    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        Table table = new Table(Table.words("SUBVOLUME"), Table.words("POLICY"));
        for (SubvolumeInfo each : session.pool().list()) {
            String policy =
                    each.ref().isSnapshot()
                            ? null
                            : session.pool().properties(each.ref()).get(Property.POLICY);
            if (policy != null) {
                Map<String, @Nullable Object> item = PoolJson.members();
                item.put("ref", each.ref().toString());
                item.put("policy", policy);
                items.add(item);
                table.add(each.ref().toString(), policy);
            }
        }
        output.print(PoolJson.items(items), table::print);
    }
}
