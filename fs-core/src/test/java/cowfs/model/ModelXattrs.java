package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import java.util.List;

/// What may be done to extended attributes. Whoever calls it holds the lock of the pool.
final class ModelXattrs {
    private final ModelTree tree;

    ModelXattrs(ModelTree tree) {
        this.tree = tree;
    }

    byte[] get(long inode, String name) throws RequestException {
        return require(tree.get(inode), name).clone();
    }

    List<byte[]> list(long inode) throws RequestException {
        return tree.get(inode).xattrs.keySet().stream().map(ModelTree::bytes).toList();
    }

    void set(long inode, String name, byte[] value, XattrMode mode, SetIdBits bits)
            throws RequestException {
        ModelInode owner = tree.get(inode);
        owner.requireChangeable();
        if (mode == XattrMode.CREATE && owner.xattrs.containsKey(name)) {
            throw new RequestException(ErrorKind.EXISTS, name);
        }
        if (mode == XattrMode.REPLACE) {
            require(owner, name);
        }
        if (ModelAccess.isList(name)) {
            ModelAccess.set(owner, name, value, bits);
        } else {
            owner.xattrs.put(name, value.clone());
        }
        owner.changed = tree.now();
    }

    void remove(long inode, String name) throws RequestException {
        ModelInode owner = tree.get(inode);
        owner.requireChangeable();
        require(owner, name);
        owner.xattrs.remove(name);
        owner.changed = tree.now();
    }

    private static byte[] require(ModelInode owner, String name) throws RequestException {
        byte[] value = owner.xattrs.get(name);
        if (value == null) {
            throw new RequestException(ErrorKind.NO_ATTRIBUTE, name);
        }
        return value;
    }

    static void requireValid(byte[] value) throws RequestException {
        if (value.length > Volume.MAX_XATTR_BYTES) {
            throw new RequestException(
                    ErrorKind.ATTRIBUTE_TOO_LARGE, "a value of " + value.length + " bytes");
        }
    }

    static String validName(byte[] name) throws RequestException {
        if (name.length > Volume.MAX_NAME_BYTES) {
            throw new RequestException(ErrorKind.NAME_TOO_LONG, name.length + " bytes");
        }
        if (name.length == 0) {
            throw new RequestException(ErrorKind.INVALID, "an attribute without a name");
        }
        return ModelTree.text(name);
    }
}
