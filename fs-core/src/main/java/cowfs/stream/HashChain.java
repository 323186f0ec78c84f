package cowfs.stream;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The hash of a stream so far; see {@link EndRecord}. Not thread safe.
final class HashChain {
    static final int BYTES = 32;

    private final MessageDigest link = sha256();
    private byte[] chain = new byte[BYTES];

    /// The hash of one segment. May run beside others.
    static byte[] hash(byte[] bytes, int from, int lengthBytes) {
        MessageDigest digest = sha256();
        digest.update(bytes, from, lengthBytes);
        return digest.digest();
    }

    /// Adds a segment.
    ///
    /// @param hash what {@link #hash} gave for it
    void add(byte[] hash) {
        link.update(chain);
        chain = link.digest(hash);
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
