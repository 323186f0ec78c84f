package cowfs.file;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/// Names, which are any bytes, as text that a terminal shows and a command line takes: printable
/// UTF-8 stands for itself, a backslash is `\\`, every other byte is `\xHH`.
public final class NameText {
    private static final HexFormat HEX = HexFormat.of();

    private NameText() {}

    /// A name as text.
    public static String of(byte[] name) {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < name.length) {
            int length = characterLength(name, at);
            String character =
                    length == 0 ? "" : new String(name, at, length, StandardCharsets.UTF_8);
            if (length == 0 || !isPrintable(character.codePointAt(0))) {
                int escaped = Math.max(1, length);
                for (int i = 0; i < escaped; i++) {
                    text.append("\\x").append(HEX.toHexDigits(name[at + i]));
                }
                at += escaped;
            } else {
                text.append(character.equals("\\") ? "\\\\" : character);
                at += length;
            }
        }
        return text.toString();
    }

    /// Whether a name is UTF-8, so that its text without escapes means it.
    public static boolean isUtf8(byte[] name) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /// The bytes that a text means.
    ///
    /// @throws RequestException `INVALID` for a backslash that begins no escape
    public static byte[] parse(String text) throws RequestException {
        if (text.indexOf('\uFFFD') >= 0) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + text
                            + "' holds bytes that are no text here: write each as \\xHH, as 'cowfs ls' prints them");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); ) {
            int end = text.indexOf('\\', i);
            if (end != i) {
                bytes.writeBytes(
                        text.substring(i, end < 0 ? text.length() : end)
                                .getBytes(StandardCharsets.UTF_8));
                i = end < 0 ? text.length() : end;
            } else if (text.startsWith("\\\\", i)) {
                bytes.write('\\');
                i += 2;
            } else if (text.substring(i)
                    .toLowerCase(Locale.ROOT)
                    .matches("(?s)\\\\x[0-9a-f]{2}.*")) {
                bytes.write(HexFormat.fromHexDigits(text, i + 2, i + 4));
                i += 4;
            } else {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "'"
                                + text
                                + "' has a lone backslash: write \\\\ for a backslash, \\xHH for a byte");
            }
        }
        return bytes.toByteArray();
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    /// The bytes of the UTF-8 character at a place; 0 where there is none.
    private static int characterLength(byte[] name, int at) {
        for (int length = 1; length <= 4 && at + length <= name.length; length++) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name, at, length));
                return length;
            } catch (CharacterCodingException e) {
                // longer, or none
            }
        }
        return 0;
    }
}
