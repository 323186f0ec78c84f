package cowfs.tools.text;

import cowfs.error.CowException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Failures as one line for a person.
public final class ErrorText {
    private ErrorText() {}

    /// The line for a failure that was to be expected, or null for a defect of the program.
    public static @Nullable String lookup(Throwable failure) {
        return switch (failure) {
            case CowException e -> oneLine(e.getMessage());
            case NoSuchFileException e -> e.getFile() + " does not exist";
            case AccessDeniedException e -> e.getFile() + ": permission denied";
            case NotDirectoryException e -> e.getFile() + " is no directory";
            case FileSystemException e -> oneLine(e.getFile() + ": " + reason(e));
            case InvalidPathException e ->
                    oneLine(
                            "'"
                                    + e.getInput()
                                    + "' can't be a path here ("
                                    + e.getReason()
                                    + "); with other than ASCII letters set LC_ALL=C.UTF-8");
            case IOException e -> oneLine(e.getMessage());
            default -> null;
        };
    }

    /// What a failure is called when it has no line of its own.
    public static String describe(Throwable failure) {
        String line = lookup(failure);
        return line != null
                ? line
                : oneLine(
                        failure.getClass().getSimpleName()
                                + (failure.getMessage() == null
                                        ? ""
                                        : ": " + failure.getMessage()));
    }

    private static String reason(FileSystemException e) {
        String reason = e.getReason();
        if (reason == null) {
            return e.getClass().getSimpleName();
        }
        // the C library begins it like a sentence
        return reason.substring(0, 1).toLowerCase(Locale.ROOT) + reason.substring(1);
    }

    /// A message as one line.
    public static String oneLine(@Nullable String message) {
        return message == null
                ? "input or output failed"
                : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
