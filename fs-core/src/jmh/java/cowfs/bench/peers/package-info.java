/// Measures mounted filesystems side by side: cowfs, and those that it will be compared with.
///
/// Everything here works on mounted directories and knows nothing of how cowfs is made. All peers
/// are mounted at once and take turns at each load, so that what else the machine does hits all of
/// them alike; only figures of one run may be compared.
@org.jspecify.annotations.NullMarked
package cowfs.bench.peers;
