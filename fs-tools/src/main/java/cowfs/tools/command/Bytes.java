package cowfs.tools.command;

import cowfs.tools.text.Sizes;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A size given as an argument.
record Bytes(long value) {
    static final class Converter implements ITypeConverter<Bytes> {
        @Override
        public Bytes convert(String text) {
            try {
                return new Bytes(Sizes.parseBytes(text));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
