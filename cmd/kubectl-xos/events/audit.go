package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/audit"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// ErrDiffers is the error of an audit that has found something. What that is, is printed.
var ErrDiffers = fmt.Errorf("what Kafka was told and what the cluster shows disagree: %w", cli.ErrFound)

// auditor compares what Kafka was told with the cluster.
type auditor struct {
	consumer *kafka.Consumer
	reader   *cluster.Reader
	told     *audit.Told
}

func (o *options) runAudit(ctx context.Context, out io.Writer) error {
	a := &auditor{}
	var err error
	if a.reader, err = o.reader(); err != nil {
		return err
	}
	if a.consumer, err = o.consumer(ctx, o.topics.InventoryTopic, time.Time{}); err != nil {
		return err
	}
	defer a.consumer.Close()
	seen, found, err := a.look(ctx)
	if err != nil {
		return err
	}
	if len(found) > 0 || len(a.told.Snapshots(time.Now()).Wrong) > 0 {
		select {
		case <-time.After(o.grace):
		case <-ctx.Done():
			return ctx.Err()
		}
		earlier := found
		if seen, found, err = a.look(ctx); err != nil {
			return err
		}
		found = audit.Remaining(earlier, found)
	}
	return report(out, seen, found, a.told.Snapshots(time.Now()))
}

// look reads what Kafka was told since the last look, and compares.
func (a *auditor) look(ctx context.Context) (map[event.ID]audit.Seen, []audit.Finding, error) {
	objects, err := a.reader.Objects(ctx)
	if err != nil {
		return nil, nil, err
	}
	uid := objects.UID()
	if uid == "" {
		return nil, nil, errors.New("namespace kube-system, whose UID names the cluster in Kafka, is not there")
	}
	selection, err := objects.Selection()
	if err != nil {
		return nil, nil, err
	}
	if !selection.Enabled {
		return nil, nil, errors.New("nothing is published: spec.pull.enabled of KubernetesService kubernetes is false")
	}
	if a.told == nil {
		a.told = audit.NewTold(uid, a.consumer.Partitions())
	}
	err = a.consumer.ReadToEnd(ctx, func(m event.Received) error {
		a.told.Read(m)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	seen := objects.Entities(selection)
	return seen, audit.Compare(a.told, seen), nil
}

// report prints a line for each difference, or what was compared where there is none.
func report(out io.Writer, seen map[event.ID]audit.Seen, found []audit.Finding, snapshots audit.Snapshots) error {
	var lines []string
	for _, f := range found {
		lines = append(lines, f.String())
	}
	for _, wrong := range snapshots.Wrong {
		lines = append(lines, "snapshot: "+wrong)
	}
	if len(lines) == 0 {
		_, err := fmt.Fprintf(out, "%s are as Kafka was told; %s.\n", audit.Summary(seen), snapshots)
		return err
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, show.Escape(line)); err != nil {
			return err
		}
	}
	return ErrDiffers
}
