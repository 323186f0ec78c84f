package cowfs;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The room table as a test: a room of fs-core uses only the rooms that its row names.
///
/// A room that has no code yet may stand in the table; a package that does not stand in it fails.
final class RoomsTest {
    private static final List<Room> ROOMS =
            List.of(
                    room("error"),
                    room("compress", "error"),
                    room("device", "error"),
                    room("format", "error"),
                    room("block", "device format error"),
                    room("btree", "block format error"),
                    room("alloc", "btree block format device error"),
                    room("txn", "btree alloc block format device compress error"),
                    room("file", "error"),
                    room("inode", "file txn btree alloc format compress error"),
                    room("dir", "file txn btree alloc format error"),
                    room("subvol", "file txn btree alloc format compress error"),
                    room(
                            "fs",
                            "inode dir subvol file txn btree alloc block format device compress error"),
                    room(
                            "check",
                            "fs inode dir subvol file txn btree alloc block format device compress error"),
                    room(
                            "stream",
                            "fs inode dir subvol file txn btree alloc block format device compress error"),
                    room(
                            "inspect",
                            "check fs inode dir subvol file txn btree alloc block format device compress error"),
                    room(
                            "api",
                            "fs check inspect stream subvol txn btree format device file compress error"));

    private static final String FORBIDDEN_NAME = ".*(Util|Utils|Common|Manager|Helper|Impl)";

    private static final JavaClasses ENGINE =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_ARCHIVES)
                    .importPackages("cowfs");

    static List<Room> rooms() {
        return ROOMS;
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomUsesOnlyWhatItsRowNames(Room room) {
        noClasses()
                .that(resideInAPackage(room.packages()))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("cowfs..")
                                .and(not(resideInAnyPackage(room.visiblePackages()))))
                .allowEmptyShould(true)
                .check(ENGINE);
    }

    @Test
    void everyPackageIsARoomOfTheTable() {
        assertTrue(
                ENGINE.contain("cowfs.format.package-info"), "the engine's classes were imported");
        Set<String> unknown =
                ENGINE.stream()
                        .map(JavaClass::getPackageName)
                        .collect(Collectors.toCollection(TreeSet::new));
        ROOMS.forEach(room -> unknown.remove("cowfs." + room.name()));
        assertEquals(Set.of(), unknown);
    }

    @Test
    void namesSayWhatAClassIsAndNotThatItHelps() {
        classes().should().haveNameNotMatching(FORBIDDEN_NAME).allowEmptyShould(true).check(ENGINE);
    }

    private static Room room(String name, String mayUse) {
        return new Room(name, List.of(mayUse.split(" ")));
    }

    private static Room room(String name) {
        return new Room(name, List.of());
    }

    record Room(String name, List<String> mayUse) {
        String packages() {
            return "cowfs." + name + "..";
        }

        String[] visiblePackages() {
            List<String> visible = new ArrayList<>(List.of(packages()));
            mayUse.forEach(other -> visible.add("cowfs." + other + ".."));
            return visible.toArray(String[]::new);
        }

        @Override
        public String toString() {
            return mayUse.isEmpty()
                    ? name + " uses no other room"
                    : name + " uses only " + String.join(", ", mayUse);
        }
    }
}
