package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
            "Show properties and holds of subvolumes and snapshots.",
            "A hold's value is the time since when it holds."
        })
final class GetCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "REF",
            description = "Which ones; all if none is named.")
    List<String> names = List.of();

    @Override
    List<Ref> existingRefs() throws IOException {
        return PoolJson.refs(names).stream().distinct().toList();
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<Ref> refs = existingRefs();
        if (refs.isEmpty()) {
            refs = session.pool().list().stream().map(SubvolumeInfo::ref).toList();
        }
        Map<Ref, SortedMap<String, String>> found = new LinkedHashMap<>();
        for (Ref each : refs) {
            found.put(each, session.pool().properties(each));
        }
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        Table table = new Table(Table.words("NAME"), Table.words("PROPERTY"), Table.words("VALUE"));
        found.forEach(
                (ref, properties) -> {
                    Map<String, @Nullable Object> item = PoolJson.members();
                    item.put("ref", ref.toString());
                    item.put("properties", PoolJson.ofProperties(properties));
                    items.add(item);
                    properties.forEach(
                            (name, value) -> table.add(ref.toString(), name, shown(name, value)));
                });
        output.print(PoolJson.items(items), table::print);
    }

    private static String shown(String name, String value) {
        return name.equals(Property.QUOTA) ? Sizes.format(Long.parseLong(value)) : value;
    }
}
