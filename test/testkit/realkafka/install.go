package realkafka

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// version is the release that tests run against.
const version = "4.3.0"

// pom lets Maven resolve what Kafka needs to run. The last dependency, of the version of
// log4j that Kafka brings along, makes its log be written.
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.opencord.xos</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>` + version + `</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.25.4</version>
    </dependency>
  </dependencies>
</project>
`

// install returns the Java program and the directory of Kafka's archives, which it has
// Maven fetch to bin/kafka the first time.
var install = sync.OnceValues(func() (installation, error) {
	java, javaErr := findJava()
	root, rootErr := findRoot()
	if err := errors.Join(javaErr, rootErr); err != nil {
		return installation{}, err
	}
	dir := filepath.Join(root, "bin", "kafka")
	libs := filepath.Join(dir, "libs-"+version)
	if _, err := os.Stat(libs); err == nil {
		return installation{java, libs}, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return installation{}, fmt.Errorf("create the directory of Kafka's archives: %w", err)
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return installation{}, err
	}
	defer unlock()
	if _, err := os.Stat(libs); err != nil { // whoever held the lock may have fetched them
		if err := fetch(dir, libs); err != nil {
			return installation{}, err
		}
	}
	return installation{java, libs}, nil
})

// installation is what Kafka is run by.
type installation struct{ java, libs string }

// args are the arguments of Java by which it runs a class of Kafka's.
func (i installation) args(class string, args ...string) []string {
	// A heap and compilers for a broker that lives for minutes.
	all := []string{"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(i.libs, "*")}
	return append(append(all, class), args...)
}

func findJava() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		return filepath.Join(home, "bin", "java"), nil
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return "", errors.New("a real Kafka needs Java: install a JDK of version 17 or newer (Debian and Ubuntu: apt-get install default-jdk-headless)")
	}
	return java, nil
}

// findRoot walks up from the working directory, which is that of a test's package, to the
// module's root.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above %s", start)
		}
	}
}

// fetch puts the archives in place all at once.
func fetch(dir, libs string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("to fetch Kafka the first time Maven is needed: install it (Debian and Ubuntu: apt-get install maven)")
	}
	work, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return fmt.Errorf("create the directory of Kafka's archives: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), []byte(pom), 0o644); err != nil {
		return fmt.Errorf("write the pom: %w", err)
	}
	cmd := exec.CommandContext(context.Background(), mvn, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs", "-DincludeScope=runtime")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("have Maven fetch Kafka %s: %w\n%s", version, err, strings.TrimSpace(string(out)))
	}
	if err := os.Rename(filepath.Join(work, "libs"), libs); err != nil {
		return fmt.Errorf("put Kafka's archives in place: %w", err)
	}
	return nil
}

// lock keeps other processes out until unlock.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the directory of Kafka's archives: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the directory of Kafka's archives: %w", err), f.Close())
	}
	return func() { _ = f.Close() }, nil // which unlocks
}
