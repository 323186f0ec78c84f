package cowfs.tools.command;

import cowfs.api.PoolOperations;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/// `cowfs resize`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "resize",
        description = {
            "Give an image another size, mounted or not.",
            "It can always grow. It shrinks only as far as its end is not in use: nothing is moved."
        })
final class ResizeCommand extends PoolCommand {
    @Parameters(
            index = "1",
            paramLabel = "SIZE",
            converter = NewSize.Converter.class,
            description = "The new size, such as 20G; +5G for so much more than it has.")
    NewSize size;

    /// The size to have, or what to add.
    record NewSize(boolean more, long bytes) {
        static final class Converter implements ITypeConverter<NewSize> {
            @Override
            public NewSize convert(String text) {
                boolean more = text.startsWith("+");
                try {
                    return new NewSize(more, Sizes.parseBytes(more ? text.substring(1) : text));
                } catch (IllegalArgumentException none) {
                    throw new TypeConversionException(none.getMessage());
                }
            }
        }

        long from(long current) {
            // what is too much for any image is so in the end
            return more ? current + Math.min(bytes, Long.MAX_VALUE - current) : bytes;
        }
    }

    @Override
    void run(PoolSession session) throws IOException {
        PoolOperations pool = session.pool();
        long before = pool.resize(size.from(pool.info().sizeBytes()));
        long after = pool.info().sizeBytes();
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("size_before", before);
        json.put("size", after);
        output.print(
                json,
                out ->
                        out.println(
                                this.pool
                                        + " has "
                                        + Sizes.format(after)
                                        + ", it had "
                                        + Sizes.format(before)));
    }
}
