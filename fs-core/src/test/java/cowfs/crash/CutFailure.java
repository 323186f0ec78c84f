package cowfs.crash;

import cowfs.device.PageImage;

/// A power cut after which not everything was right.
final class CutFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    private final transient PageImage medium;

    CutFailure(String cut, PageImage medium, Throwable cause) {
        super(cut + ": " + cause.getMessage(), cause);
        this.medium = medium;
    }

    /// What the cut left, before it was opened.
    PageImage medium() {
        return medium;
    }
}
