package cowfs.fuse.operation;

import cowfs.file.Attributes;

/// A file as the kernel is told about it.
///
/// @param id see {@link NodeId}; `attributes.inode()` is the number within its tree
/// @param entrySeconds how long the kernel may take the name for granted
/// @param attributeSeconds how long it may take the attributes for granted
public record Node(long id, Attributes attributes, double entrySeconds, double attributeSeconds) {}
