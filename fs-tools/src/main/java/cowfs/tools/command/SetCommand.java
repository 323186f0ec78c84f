package cowfs.tools.command;

import cowfs.api.FilePlace;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.policy.SnapshotPolicy;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs set`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "set",
        description = {
            "Set properties of a subvolume or snapshot; NAME= takes one away.",
            "quota=SIZE bounds what a subvolume references, data and metadata (the REFERENCED of"
                    + " 'cowfs du'), quota-inodes=N how many files and directories it has:"
                    + " programs that want more get EDQUOT. readonly=on refuses all changes,"
                    + " readonly=off allows them again. There are also 'comment', and 'policy' (see"
                    + " 'cowfs help policy').",
            "compress=lz4 or compress=zstd:LEVEL (1 to 19; zstd alone is 3) compresses what is"
                    + " written from now on, where that saves an eighth at least; compress=off does"
                    + " not. A file or directory may have its own: REF:/path. What is made in a"
                    + " directory does as that.",
            "Your own have a colon in their name, such as backup:keep. A snapshot and a clone start"
                    + " with the properties of what they are of."
        })
final class SetCommand extends PoolCommand {
    @Parameters(
            index = "1",
            paramLabel = "REF[:/path]",
            description = "The subvolume or snapshot; for compress also a file or directory.")
    String name;

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "NAME=VALUE",
            description = "The properties.")
    List<String> assignments;

    @Override
    List<Ref> existingRefs() throws IOException {
        FilePlace file = file();
        return List.of(file == null ? Ref.parse(name) : file.ref());
    }

    /// The file that is named, or null when it is a subvolume or snapshot.
    private @Nullable FilePlace file() throws IOException {
        return name.indexOf(':') < 0 ? null : FileReference.parse(name).place();
    }

    @Override
    void checkArguments() throws IOException {
        if (file() != null) {
            for (Map.Entry<String, @Nullable String> each : changes().entrySet()) {
                Property.requireOfFile(each.getKey(), each.getValue());
            }
            return;
        }
        Ref ref = Ref.parse(name);
        for (Map.Entry<String, @Nullable String> each : changes().entrySet()) {
            if (each.getValue() != null) {
                Property.requireEffect(ref, each.getKey());
            }
        }
    }

    private Map<String, @Nullable String> changes() throws IOException {
        Map<String, @Nullable String> changes = new LinkedHashMap<>();
        for (String each : assignments) {
            int at = each.indexOf('=');
            if (at < 0) {
                throw new ParameterException(
                        output.command.commandLine(),
                        "'" + each + "' has no '=': write NAME=VALUE, or NAME= to take it away");
            }
            String property = each.substring(0, at);
            Property.requireSettable(property);
            String value = value(property, each.substring(at + 1));
            if (!value.isEmpty()) {
                Property.requireValue(property, value);
            }
            changes.put(property, value.isEmpty() ? null : value);
        }
        return changes;
    }

    /// A value as the pool keeps it.
    private String value(String property, String text) throws IOException {
        if (text.isEmpty()) {
            return text;
        }
        if (property.equals(Property.POLICY)) {
            SnapshotPolicy.parse(text);
        }
        if (!property.equals(Property.QUOTA)) {
            return text;
        }
        try {
            return Long.toString(Sizes.parseBytes(text));
        } catch (IllegalArgumentException none) {
            throw new ParameterException(
                    output.command.commandLine(), String.valueOf(none.getMessage()), none);
        }
    }

    @Override
    void run(PoolSession session) throws IOException {
        FilePlace file = file();
        Map<String, @Nullable Object> json = PoolJson.members();
        SortedMap<String, String> properties;
        if (file != null) {
            for (Map.Entry<String, @Nullable String> each : changes().entrySet()) {
                session.pool().setProperty(file, each.getKey(), each.getValue());
            }
            json.putAll(DiffJson.of(file));
            properties = session.pool().properties(file);
        } else {
            Ref ref = Ref.parse(name);
            for (Map.Entry<String, @Nullable String> each : changes().entrySet()) {
                session.pool().setProperty(ref, each.getKey(), each.getValue());
            }
            json.put("ref", ref.toString());
            properties = session.pool().properties(ref);
        }
        json.put("properties", PoolJson.ofProperties(properties));
        output.printQuietly(json);
    }
}
