package cowfs.fuse.operation;

import java.io.IOException;

/// Receives the entries of a directory with what the kernel is told about them.
@FunctionalInterface
public interface NodeVisitor {
    /// @param cookie resumes after this entry
    /// @return false to stop; the entry then counts as not reported, and as not looked up
    boolean entry(byte[] name, Node node, long cookie) throws IOException;
}
