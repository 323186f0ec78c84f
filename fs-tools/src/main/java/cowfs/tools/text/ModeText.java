package cowfs.tools.text;

import cowfs.file.Attributes;

/// Types and permissions of files as `ls` writes them.
public final class ModeText {
    private static final String LETTERS = "rwxrwxrwx";

    private ModeText() {}

    /// Such as `drwxr-xr-x`.
    public static String of(int mode) {
        StringBuilder text = new StringBuilder();
        text.append(typeLetter(mode & Attributes.TYPE_MASK));
        for (int bit = 0; bit < LETTERS.length(); bit++) {
            text.append((mode >> (8 - bit) & 1) != 0 ? LETTERS.charAt(bit) : '-');
        }
        special(text, 3, (mode & 04000) != 0, 's');
        special(text, 6, (mode & 02000) != 0, 's');
        special(text, 9, (mode & 01000) != 0, 't');
        return text.toString();
    }

    private static void special(StringBuilder text, int at, boolean set, char letter) {
        if (set) {
            boolean executable = text.charAt(at) == 'x';
            text.setCharAt(at, executable ? letter : Character.toUpperCase(letter));
        }
    }

    private static char typeLetter(int type) {
        return switch (type) {
            case Attributes.DIRECTORY -> 'd';
            case Attributes.SYMLINK -> 'l';
            case Attributes.FIFO -> 'p';
            case Attributes.SOCKET -> 's';
            case Attributes.BLOCK_DEVICE -> 'b';
            case Attributes.CHARACTER_DEVICE -> 'c';
            case Attributes.REGULAR -> '-';
            default -> '?';
        };
    }

    /// The word for a type in JSON.
    public static String type(int type) {
        return switch (type) {
            case Attributes.DIRECTORY -> "directory";
            case Attributes.SYMLINK -> "symlink";
            case Attributes.FIFO -> "fifo";
            case Attributes.SOCKET -> "socket";
            case Attributes.BLOCK_DEVICE -> "block_device";
            case Attributes.CHARACTER_DEVICE -> "character_device";
            case Attributes.REGULAR -> "file";
            default -> "unknown";
        };
    }

    /// The major number of a device, as in the kernel's `makedev`.
    public static long major(long device) {
        return ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
    }

    /// The minor number of a device.
    public static long minor(long device) {
        return (device & 0xff) | ((device >>> 12) & ~0xffL);
    }
}
