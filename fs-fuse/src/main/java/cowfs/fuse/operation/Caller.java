package cowfs.fuse.operation;

/// Who asks: the owner of what a request creates.
public record Caller(int uid, int gid) {}
