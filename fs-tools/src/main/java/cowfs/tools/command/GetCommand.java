package cowfs.tools.command;

import cowfs.api.FilePlace;
import cowfs.api.OpenOptions;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs get`.
@Command(
        name = "get",
        description = {
            "Show properties and holds of subvolumes and snapshots, and what files and directories"
                    + " say for themselves.",
            "A hold's value is the time since when it holds."
        })
final class GetCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "REF[:/path]",
            description = "Which ones; all subvolumes and snapshots if none is named.")
    List<String> names = List.of();

    @Override
    List<Ref> existingRefs() throws IOException {
        List<Ref> refs = new ArrayList<>();
        for (String each : names) {
            refs.add(isFile(each) ? FileReference.parse(each).ref() : Ref.parse(each));
        }
        return refs.stream().distinct().toList();
    }

    private static boolean isFile(String name) {
        return name.indexOf(':') >= 0;
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<String> wanted = names.stream().distinct().toList();
        if (wanted.isEmpty()) {
            wanted = session.pool().list().stream().map(each -> each.ref().toString()).toList();
        }
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        Table table = new Table(Table.words("NAME"), Table.words("PROPERTY"), Table.words("VALUE"));
        for (String each : wanted) {
            Map<String, @Nullable Object> item = PoolJson.members();
            SortedMap<String, String> properties;
            if (isFile(each)) {
                FilePlace file = FileReference.parse(each).place();
                item.putAll(DiffJson.of(file));
                properties = session.pool().properties(file);
            } else {
                Ref ref = Ref.parse(each);
                item.put("ref", ref.toString());
                properties = session.pool().properties(ref);
            }
            item.put("properties", PoolJson.ofProperties(properties));
            items.add(item);
            properties.forEach((name, value) -> table.add(each, name, shown(name, value)));
        }
        output.print(PoolJson.items(items), table::print);
    }

    private static String shown(String name, String value) {
        return name.equals(Property.QUOTA) ? Sizes.format(Long.parseLong(value)) : value;
    }
}
