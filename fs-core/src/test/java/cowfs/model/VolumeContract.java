package cowfs.model;

/// What every {@link cowfs.file.Volume} does: all tests of the operations on files, for a class
/// that says what they run on.
///
/// {@link VolumeFixture#volume} is a new and empty volume for each test. An implementation that
/// owns an image closes and checks it after each test.
public interface VolumeContract
        extends NameContract,
                DirectoryContract,
                RenameContract,
                ContentContract,
                TruncateContract,
                RangeContract,
                CopyContract,
                AttributeContract,
                FlagContract,
                AccessContract,
                XattrContract,
                HoldContract,
                LimitContract,
                ConcurrencyContract {}
