/// The contract of a mount: what programs see of it, whichever transport and whichever pool serves
/// it. Each suite is an interface of tests over a {@link cowfs.fuse.mounted.MountedDirectory}.
package cowfs.fuse.mounted;
