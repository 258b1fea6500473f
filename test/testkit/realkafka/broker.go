package realkafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/hack/child"
)

const (
	// startTimeout is for a machine that has much else to do, after a kill.
	startTimeout = 3 * time.Minute
	stopTimeout  = time.Minute
	// terminated is how a Java program exits that was asked to.
	terminated = 128 + 15
)

// Broker is a Kafka of one broker.
type Broker struct {
	// Authority signed the broker's certificate, and signs those of clients.
	Authority *Authority
	// CAFile is the file of the authority's certificate.
	CAFile string

	installation installation
	dir          string
	addresses    map[listener]string
	proxy        *proxy
	process      *child.Process
	log          *os.File
}

// Plaintext is the address without TLS and SASL.
func (b *Broker) Plaintext() string { return b.addresses[plaintext] }

// Proxied is an address without TLS and SASL at which LoseAnswers counts.
func (b *Broker) Proxied() string { return b.proxy.address() }

// LoseAnswers has the next so many answers lost to requests of an API, by its key in Kafka's
// protocol: the broker does what it is asked, and the connection ends.
func (b *Broker) LoseAnswers(key int16, n int) { b.proxy.loseAnswers(key, n) }

// TLS is the address with TLS.
func (b *Broker) TLS() string { return b.addresses[ssl] }

// MutualTLS is the address with TLS, where clients need a certificate of the authority.
func (b *Broker) MutualTLS() string { return b.addresses[mutualTLS] }

// SASL is the address where clients authenticate as User with Password.
func (b *Broker) SASL() string { return b.addresses[sasl] }

// SASLOverTLS is the address with both.
func (b *Broker) SASLOverTLS() string { return b.addresses[saslSSL] }

// Dir is the broker's directory: configuration, data, log.
func (b *Broker) Dir() string { return b.dir }

// create sets up a broker that does not run yet; further settings replace those of
// properties.
func create(ctx context.Context, further map[string]string) (*Broker, error) {
	i, err := install()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "xos-kafka-")
	if err != nil {
		return nil, fmt.Errorf("create the broker's directory: %w", err)
	}
	b := &Broker{installation: i, dir: dir, CAFile: filepath.Join(dir, "authority.pem")}
	if err := b.configure(ctx, further); err != nil {
		return b, err
	}
	if b.log, err = os.OpenFile(filepath.Join(dir, "kafka.log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o644); err != nil {
		return b, fmt.Errorf("create the broker's log: %w", err)
	}
	return b, b.format(ctx)
}

func (b *Broker) configure(ctx context.Context, further map[string]string) (err error) {
	if b.addresses, err = freeAddresses(ctx); err != nil {
		return err
	}
	if b.proxy, err = newProxy(context.WithoutCancel(ctx), b.addresses[proxied]); err != nil {
		return err
	}
	if b.Authority, err = NewAuthority(); err != nil {
		return fmt.Errorf("create the broker's authority: %w", err)
	}
	certificate, key, err := b.Authority.Sign("kafka", time.Now().Add(24*time.Hour))
	if err != nil {
		return fmt.Errorf("create the broker's certificate: %w", err)
	}
	server := filepath.Join(b.dir, "server.pem")
	for path, content := range map[string][]byte{
		b.CAFile:                           b.Authority.PEM(),
		server:                             bytes.Join([][]byte{key, certificate}, nil),
		b.config():                         []byte(properties(b.addresses, b.proxy.address(), b.data(), server, b.CAFile, further)),
		filepath.Join(b.dir, "log4j2.xml"): []byte(logging),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return fmt.Errorf("write the broker's configuration: %w", err)
		}
	}
	return nil
}

func (b *Broker) data() string { return filepath.Join(b.dir, "data") }

func (b *Broker) config() string { return filepath.Join(b.dir, "server.properties") }

// format creates the data directory, with the users of SCRAM in it.
func (b *Broker) format(ctx context.Context) error {
	args := []string{"format", "--cluster-id", clusterID, "--config", b.config()}
	for _, mechanism := range []string{sarama.SASLTypeSCRAMSHA256, sarama.SASLTypeSCRAMSHA512} {
		args = append(args, "--add-scram", fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, User, Password))
	}
	out, err := exec.CommandContext(ctx, b.installation.java, b.installation.args("kafka.tools.StorageTool", args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("format the broker's data directory: %w\n%s", err, out)
	}
	return nil
}

// start starts the process and returns when it answers.
func (b *Broker) start(ctx context.Context) (err error) {
	args := b.installation.args("kafka.Kafka", b.config())
	args = append([]string{"-Dlog4j2.configurationFile=" + filepath.Join(b.dir, "log4j2.xml")}, args...)
	if b.process, err = child.Start(b.installation.java, args, b.log); err != nil {
		return fmt.Errorf("start Kafka: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		last := b.ask()
		if last == nil {
			return nil
		}
		select {
		case <-b.process.Done:
			return fmt.Errorf("the Kafka process ended by itself: %w\n%s", b.process.Err, b.tail())
		case <-ctx.Done():
			return fmt.Errorf("start Kafka: %w: %w\n%s", ctx.Err(), last, b.tail())
		case <-ticker.C:
		}
	}
}

// ask returns why the broker does not serve yet.
func (b *Broker) ask() error {
	config := sarama.NewConfig()
	config.Metadata.Retry.Max = 0
	config.Net.DialTimeout, config.Net.ReadTimeout = time.Second, 5*time.Second
	admin, err := sarama.NewClusterAdmin([]string{b.Plaintext()}, config)
	if err != nil {
		return err
	}
	defer admin.Close()
	brokers, _, err := admin.DescribeCluster()
	if err == nil && len(brokers) == 0 {
		return errors.New("no broker is registered")
	}
	return err
}

// stop asks the process to end, and returns when it has.
func (b *Broker) stop() error {
	if b.process == nil {
		return nil
	}
	err := b.process.Stop(stopTimeout)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == terminated {
		return nil
	}
	return err
}

// discard ends the broker, whatever state it is in, and removes its directory unless
// that is to be kept.
func (b *Broker) discard(keep bool) error {
	var errs []error
	if b.process != nil {
		errs = append(errs, b.process.Kill())
	}
	if b.proxy != nil {
		errs = append(errs, b.proxy.close())
	}
	if b.log != nil {
		errs = append(errs, b.log.Close())
	}
	if !keep {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	return errors.Join(errs...)
}

// tail is the end of the log.
func (b *Broker) tail() string {
	content, err := os.ReadFile(b.log.Name())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
