package cowfs.stream;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The hash of a stream so far; see {@link EndRecord}. Not thread safe.
final class HashChain {
    static final int BYTES = 32;

    private final MessageDigest part = sha256();
    private final MessageDigest link = sha256();
    private byte[] chain = new byte[BYTES];

    /// Adds a segment.
    void add(byte[] bytes, int from, int lengthBytes) {
        part.update(bytes, from, lengthBytes);
        link.update(chain);
        chain = link.digest(part.digest());
    }

    /// The hash of all segments.
    byte[] value() {
        return chain.clone();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
