package cowfs.bench.peers;

import java.io.IOException;
import java.util.List;

/// Work that is done on each peer in turn, and measured.
interface Load {
    /// Does the work once. What it made in the peer's directory is gone afterwards.
    List<Figure> run(Peer peer) throws IOException;
}
