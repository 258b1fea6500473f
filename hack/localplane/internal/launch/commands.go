package launch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/ports"
	"xos.opencord.org/kubernetes-service/hack/localplane/internal/process"
)

// The components' names, which are those of the subcommands, of the files in an
// assets directory and of the logs.
const (
	etcd              = "etcd"
	apiServer         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	kwok              = "kwok"
)

// The addresses inside the cluster. No packet ever goes there: they are what
// Services, pods and nodes show. The ranges are kubeadm's, large enough for
// thousands of Services.
const (
	serviceRange   = "10.96.0.0/12"
	firstServiceIP = "10.96.0.1"
	podRange       = "10.244.0.0/16"
	podRangeStart  = "10.244.0.1/16"
)

// etcdArgs leaves out what protects data from a crash of the machine: a plane
// lives no longer than that.
func (p *Plane) etcdArgs() []string {
	client, peer := https(p.addresses.Etcd), https(p.addresses.EtcdPeer)
	return []string{
		"--name=localplane",
		"--data-dir=" + filepath.Join(p.dir.data(), etcd),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=localplane=" + peer,
		"--cert-file=" + p.ids.etcdServer.Cert,
		"--key-file=" + p.ids.etcdServer.Key,
		"--trusted-ca-file=" + p.ids.etcdAuthority.Cert,
		"--client-cert-auth=true",
		"--peer-cert-file=" + p.ids.etcdServer.Cert,
		"--peer-key-file=" + p.ids.etcdServer.Key,
		"--peer-trusted-ca-file=" + p.ids.etcdAuthority.Cert,
		"--peer-client-cert-auth=true",
		"--unsafe-no-fsync=true",
		// Milliseconds. The only member elects itself, after two heartbeats.
		"--heartbeat-interval=20",
		"--election-timeout=200",
		"--logger=zap",
		"--log-level=warn",
	}
}

func (p *Plane) apiServerArgs() []string {
	args := []string{
		"--bind-address=" + ports.Loopback,
		"--advertise-address=" + ports.Loopback,
		"--secure-port=" + strconv.Itoa(p.addresses.APIServer),
		"--cert-dir=" + p.dir.pki(),
		"--tls-cert-file=" + p.ids.apiServer.Cert,
		"--tls-private-key-file=" + p.ids.apiServer.Key,
		"--client-ca-file=" + p.ids.authority.Cert,
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--etcd-servers=" + https(p.addresses.Etcd),
		"--etcd-cafile=" + p.ids.etcdAuthority.Cert,
		"--etcd-certfile=" + p.ids.etcdClient.Cert,
		"--etcd-keyfile=" + p.ids.etcdClient.Key,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + p.ids.tokenKey.Public,
		"--service-account-signing-key-file=" + p.ids.tokenKey.Private,
		"--service-cluster-ip-range=" + serviceRange,
		"--requestheader-client-ca-file=" + p.ids.proxyAuthority.Cert,
		"--requestheader-allowed-names=" + proxyClient,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + p.ids.proxyClient.Cert,
		"--proxy-client-key-file=" + p.ids.proxyClient.Key,
		// The Service "kubernetes" can't lead to a loopback address: validation
		// refuses such endpoints, and nothing in a plane could connect to them.
		"--endpoint-reconciler-type=none",
	}
	if p.options.AuditLog != "" {
		args = append(args,
			"--audit-policy-file="+p.auditPolicyPath(),
			"--audit-log-path="+p.options.AuditLog,
			// One file, however long, is what a test counts lines in.
			"--audit-log-maxsize=10240",
		)
	}
	for _, flag := range p.options.APIServerFlags {
		args = append(args, "--"+strings.TrimLeft(flag, "-"))
	}
	return args
}

func (p *Plane) controllerManagerArgs() []string {
	return append(p.controlArgs(p.ids.controllerManager, p.addresses.ControllerManager),
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+p.ids.tokenKey.Private,
		"--root-ca-file="+p.ids.authority.Cert,
		"--cluster-signing-cert-file="+p.ids.authority.Cert,
		"--cluster-signing-key-file="+p.ids.authority.Key,
		"--cluster-cidr="+podRange,
		// Kwok's nodes can't be lost, only late with a heartbeat on a busy
		// machine. A node that is taken for lost makes its pods unready, and
		// kwok never makes them ready again.
		"--node-monitor-grace-period=24h",
	)
}

func (p *Plane) schedulerArgs() []string {
	return p.controlArgs(p.ids.scheduler, p.addresses.Scheduler)
}

// controlArgs are what controller manager and scheduler have in common. There
// is one of each, so none waits to be elected.
func (p *Plane) controlArgs(c component, port int) []string {
	return []string{
		"--kubeconfig=" + c.kubeconfig,
		"--authentication-kubeconfig=" + c.kubeconfig,
		"--authorization-kubeconfig=" + c.kubeconfig,
		"--bind-address=" + ports.Loopback,
		"--secure-port=" + strconv.Itoa(port),
		"--cert-dir=" + p.dir.pki(),
		"--tls-cert-file=" + c.pair.Cert,
		"--tls-private-key-file=" + c.pair.Key,
		"--leader-elect=false",
	}
}

// kwokArgs open no port: without a node port kwok serves no kubelet API.
func (p *Plane) kwokArgs() []string {
	return []string{
		"--kubeconfig=" + p.ids.kwok.kubeconfig,
		"--config=" + p.kwokConfigPath(),
		"--manage-all-nodes=true",
		"--cidr=" + podRangeStart,
		"--node-port=0",
	}
}

// spec returns how to start the named component: as a program of the assets
// directory where it is there, else as a subcommand of this very program.
func (p *Plane) spec(name string, args []string) process.Spec {
	spec := process.Spec{
		Name:      name,
		Path:      p.options.Self,
		Args:      append([]string{name}, args...),
		Dir:       p.dir.path,
		Log:       p.dir.log(name),
		RecordDir: p.dir.run(),
		Env:       p.environment(),
	}
	switch asset := filepath.Join(p.options.Assets, name); {
	case name == kwok:
		spec.Path, spec.Args = p.options.Kwok, args
	case p.options.Assets != "" && isFile(asset):
		spec.Path, spec.Args = asset, args
	}
	return spec
}

// environment keeps what is meant for other programs away from the components:
// a proxy has no say in loopback traffic, and kwok reads settings below $HOME.
func (p *Plane) environment() []string {
	env := []string{"HOME=" + p.dir.data()}
	for _, name := range []string{"PATH", "TMPDIR", "GOMAXPROCS", "GOMEMLIMIT", "GOGC"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
