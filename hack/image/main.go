// Image builds the container image of xos-controller-manager without a container engine:
//
//	go run -C hack/image . build     # archives, SBOMs and checksums in bin/image
//	go run -C hack/image . verify    # checks what is in them
//	go run -C hack/image . rootfs    # only the files of an image, for the Dockerfile
//
// The same commit and the same version of Go give the same bytes, in whatever directory. docs/image.md
// describes what is in the image.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// program is the name of the binary, of the image and of the archives.
const program = "xos-controller-manager"

// options are the flags of all commands.
type options struct {
	source    string
	output    string
	platforms platforms
	version   string
	revision  string
	rebuild   bool

	progress io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	o := options{progress: os.Stderr}
	flags := flag.NewFlagSet("image", flag.ExitOnError)
	flags.StringVar(&o.source, "source", "../..", "Directory of the source.")
	flags.StringVar(&o.output, "output", "../../bin/image", "Directory of the archives, or for rootfs of the files.")
	flags.Var(&o.platforms, "platform", "Platforms, as in linux/amd64,linux/arm64; rootfs takes one. Left out, both, or for rootfs this machine's.")
	flags.StringVar(&o.version, "version", "", "Version that the image is labelled with. Left out, that of git describe.")
	flags.StringVar(&o.revision, "revision", "", "Commit that the image is labelled with. Left out, git's HEAD.")
	flags.BoolVar(&o.rebuild, "rebuild", false, "With verify: build everything again from a copy of the source and with an empty build cache, and compare.")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), "usage: go run -C hack/image . build|verify|rootfs [flags]\n\nSOURCE_DATE_EPOCH, in seconds, is the time of all files; left out, it is that of the commit.\n\n")
		flags.PrintDefaults()
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		flags.Usage()
		return fmt.Errorf("name a command: build, verify or rootfs")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag: all that a command takes is a flag", flags.Arg(0))
	}
	var err error
	if o.source, err = filepath.Abs(o.source); err != nil {
		return err
	}
	if o.output, err = filepath.Abs(o.output); err != nil {
		return err
	}
	switch args[0] {
	case "build":
		return build(ctx, o)
	case "verify":
		return verify(ctx, o)
	case "rootfs":
		return writeRootfs(ctx, o)
	}
	return fmt.Errorf("there is no command %q: name build, verify or rootfs", args[0])
}

// platform is where an image runs. The operating system is always Linux.
type platform string

func (p platform) arch() string   { return strings.TrimPrefix(string(p), "linux/") }
func (p platform) suffix() string { return "linux-" + p.arch() }
func (p platform) native() bool   { return runtime.GOOS == "linux" && p.arch() == runtime.GOARCH }

// supported are the platforms that are built and tested, in the order of the index.
var supported = platforms{"linux/amd64", "linux/arm64"}

type platforms []platform

func (ps *platforms) String() string {
	names := make([]string, len(*ps))
	for i, p := range *ps {
		names[i] = string(p)
	}
	return strings.Join(names, ",")
}

// Set implements flag.Value. The order of the platforms is that of supported, whatever the flag's.
func (ps *platforms) Set(value string) error {
	asked := map[platform]bool{}
	for name := range strings.SplitSeq(value, ",") {
		asked[platform(name)] = true
	}
	*ps = nil
	for _, p := range supported {
		if asked[p] {
			*ps = append(*ps, p)
			delete(asked, p)
		}
	}
	for p := range asked {
		return fmt.Errorf("%q is not supported: take some of %s", string(p), supported.String())
	}
	return nil
}
