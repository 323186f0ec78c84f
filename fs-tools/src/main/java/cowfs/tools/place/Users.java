package cowfs.tools.place;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The names of users.
final class Users {
    private static final Path PASSWD = Path.of("/etc/passwd");

    private Users() {}

    /// What to call a user, such as `root` or `user anna`.
    static String named(int uid) {
        if (uid == 0) {
            return "root";
        }
        try {
            for (String line : Files.readAllLines(PASSWD, StandardCharsets.ISO_8859_1)) {
                List<String> fields = Arrays.asList(line.split(":", -1)); // name:x:uid:...
                if (fields.size() > 2 && fields.get(2).equals(Integer.toString(uid))) {
                    return "user " + fields.get(0);
                }
            }
        } catch (IOException e) {
            return "the user with number " + uid; // the list may be elsewhere
        }
        return "the user with number " + uid;
    }
}
