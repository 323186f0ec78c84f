import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/// Makes one jar of many, for a command that starts fast: `OneJar DIRECTORY JAR`.
///
/// - A JVM that looks for a class that is not there opens every jar of its class path.
/// - A class file of a version before 6 has no stack maps. The JDK verifies it the old, slow way and
///   leaves it out of an ahead-of-time cache. Such classes (picocli's) are given stack maps, and
///   nothing else of them changes.
/// - Of a multi-release jar, the classes for the newest JDK up to this one are taken.
///
/// The output depends on the input alone: entries are in order and bear no time.
final class OneJar {
    private static final int FIRST_VERSION_WITH_STACK_MAPS = Opcodes.V1_6;
    private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/(\\d+)/(.+)");
    /// What libraries bring along for other systems than this one.
    private static final Pattern FOREIGN =
            Pattern.compile(
                    "jnr/constants/platform/(?!linux/|fake/)[^/]+/.+"
                            + "|jni/(?!"
                            + System.getProperty("os.arch").replace("amd64", "x86_64")
                            + "-Linux/).+");

    private static final Pattern LEGAL =
            Pattern.compile("META-INF/([^/]*(?:LICENSE|NOTICE)[^/]*)", Pattern.CASE_INSENSITIVE);

    private final Map<String, byte[]> entries = new TreeMap<>();

    private OneJar() {}

    public static void main(String[] arguments) throws IOException {
        OneJar all = new OneJar();
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
            found.forEach(jars::add);
        }
        Collections.sort(jars);
        for (Path jar : jars) {
            all.add(jar);
        }
        all.writeTo(Path.of(arguments[1]));
    }

    private void add(Path path) throws IOException {
        Map<String, byte[]> own = new TreeMap<>();
        Map<String, Integer> versions = new TreeMap<>();
        try (JarFile jar = new JarFile(path.toFile())) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                String name = entry.getName();
                int version = 0;
                Matcher versioned = VERSIONED.matcher(name);
                if (versioned.matches()) {
                    version = Integer.parseInt(versioned.group(1));
                    name = versioned.group(2);
                }
                if (entry.isDirectory()
                        || name.endsWith("module-info.class")
                        || name.equals(JarFile.MANIFEST_NAME)
                        || name.startsWith("META-INF/maven/")
                        || name.startsWith("picocli/groovy/") // needs Groovy
                        || FOREIGN.matcher(name).matches()
                        || version > Runtime.version().feature()
                        || version < versions.getOrDefault(name, 0)) {
                    continue;
                }
                versions.put(name, version);
                own.put(name, jar.getInputStream(entry).readAllBytes());
            }
        }
        for (Map.Entry<String, byte[]> entry : own.entrySet()) {
            put(entry.getKey(), entry.getValue(), path.getFileName().toString());
        }
    }

    private void put(String name, byte[] content, String jar) throws IOException {
        Matcher legal = LEGAL.matcher(name);
        if (legal.matches()) {
            entries.put("META-INF/licenses/" + jar + "/" + legal.group(1), content);
        } else if (name.startsWith("META-INF/services/")) {
            byte[] others = entries.getOrDefault(name, new byte[0]);
            String both =
                    new String(others, StandardCharsets.UTF_8)
                            + new String(content, StandardCharsets.UTF_8).strip()
                            + "\n";
            entries.put(name, both.getBytes(StandardCharsets.UTF_8));
        } else {
            byte[] before = entries.put(name, name.endsWith(".class") ? modern(content) : content);
            if (before != null && !Arrays.equals(before, entries.get(name))) {
                throw new IOException("two jars have different files called " + name);
            }
        }
    }

    private static byte[] modern(byte[] content) {
        int version = (content[6] & 0xff) << 8 | content[7] & 0xff;
        if (version >= FIRST_VERSION_WITH_STACK_MAPS) {
            return content;
        }
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        ClassVisitor newer =
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public void visit(
                            int old,
                            int access,
                            String name,
                            String signature,
                            String superName,
                            String[] interfaces) {
                        super.visit(Opcodes.V17, access, name, signature, superName, interfaces);
                    }
                };
        new ClassReader(content).accept(newer, 0);
        return writer.toByteArray();
    }

    private void writeTo(Path path) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "cowfs.tools.Main");
        try (OutputStream file = Files.newOutputStream(path);
                JarOutputStream jar = new JarOutputStream(file)) {
            jar.setLevel(9);
            jar.putNextEntry(timeless(JarFile.MANIFEST_NAME));
            manifest.write(jar);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                jar.putNextEntry(timeless(entry.getKey()));
                jar.write(entry.getValue());
            }
        }
    }

    private static JarEntry timeless(String name) {
        JarEntry entry = new JarEntry(name);
        entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
        return entry;
    }
}
