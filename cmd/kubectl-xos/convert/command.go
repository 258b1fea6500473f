// Package convert is the command that makes manifests of TOSCA recipes.
package convert

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/recipe"
)

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	namespace := ""
	cmd := &cobra.Command{
		Use:   "convert FILE...",
		Short: "Make manifests of the TOSCA recipes of the original XOS",
		Long: `Writes the manifests that TOSCA recipes of the original XOS stand for, in their order.
The file - is the standard input. A comment before each manifest says which template
it is from, and what is different or left out, and why. What a person has to see of
that is also written to the standard error.

A property or requirement that can't be expressed is an error, and then no manifest is
written. Each object with a namespace is put into that of the trust domain which the
recipe puts it into, unless -n chooses one for all.

It asks no cluster, and writes nothing to one.`,
		Example: `  kubectl xos convert pod.yaml service.yaml > manifests.yaml
  kubectl apply --server-side -f manifests.yaml

  # models apart from the pods: all into namespace team, which the trust domain has to admit
  kubectl xos convert -n team pod.yaml`,
		Args:          cobra.MinimumNArgs(1),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if problems := validation.IsDNS1123Label(namespace); cmd.Flags().Changed("namespace") && len(problems) > 0 {
				return fmt.Errorf("--namespace: %s", strings.Join(problems, "; "))
			}
			return run(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args, namespace)
		},
	}
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "", "Namespace of all objects that have one. Left out, that of the trust domain in the recipe.")
	cli.Complete(cmd, "namespace", cobra.NoFileCompletions)
	return cmd
}

func run(in io.Reader, out, errOut io.Writer, paths []string, namespace string) error {
	var files []recipe.File
	for _, path := range paths {
		content, err := read(in, path)
		if err != nil {
			return err
		}
		files = append(files, recipe.File{Name: recipe.ParseName(path), Text: recipe.Text(content)})
	}
	made, err := recipe.Convert(files, namespace)
	if err != nil {
		return err
	}
	if err := recipe.Write(out, made); err != nil {
		return err
	}
	if err := cli.WriteLines(errOut, recipe.Warnings(made)); err != nil {
		return err
	}
	if recipe.Objects(made) == 0 {
		_, err = fmt.Fprintln(errOut, "The recipes make no objects: all of theirs must exist, or were left out.")
	}
	return err
}

// read reads a file, or as much of it as shows that it is too large for a recipe.
func read(in io.Reader, path string) ([]byte, error) {
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err // it names the file
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	content, err := io.ReadAll(io.LimitReader(in, recipe.MaxBytes+int64(len("\ufeff"))+1))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s", recipe.ParseName(path)), err)
	}
	return content, nil
}
