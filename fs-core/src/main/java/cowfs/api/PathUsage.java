package cowfs.api;

/// The space that the content of the files at and below a path takes. All sizes are in bytes.
/// Metadata is left out: its nodes hold items of many files and belong to no path.
///
/// @param files all that are no directories; one with several names below the path once
/// @param directories the one that the path leads to included
/// @param referencedBytes blocks of content, a block that several files share once
/// @param exclusiveBytes those of them that nothing outside of the path reaches, neither another
///   file, nor another name of a file, nor another subvolume or snapshot: what removing the path
///   would free
/// @param sharedBytes `referencedBytes` less `exclusiveBytes`
/// @param inlineBytes content of small files, which lies in nodes
/// @param writtenBytes blocks of content as programs read them; what files share counts for each
/// @param storedBytes what these blocks count for on disk: less where they are compressed
public record PathUsage(
        FilePlace place,
        long files,
        long directories,
        long referencedBytes,
        long exclusiveBytes,
        long sharedBytes,
        long inlineBytes,
        long writtenBytes,
        long storedBytes) {}
