// Package measure is what the measurements share: processes, their memory and processor time, the
// manager as a process of its own, and the table of figures that each of them prints.
package measure

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"
)

// Row is one figure.
type Row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Floor is what the raw client needed, where there is something to compare.
	Floor *float64 `json:"floor,omitempty"`
	// Target is the largest value wanted, or the largest ratio to the floor.
	Target *float64 `json:"target,omitempty"`
	Met    *bool    `json:"met,omitempty"`
}

// Table is what a run found out.
type Table struct {
	Machine string `json:"machine"`
	Rows    []Row  `json:"rows"`
}

func (t *Table) add(r Row) {
	r.Value = math.Round(r.Value*1000) / 1000
	t.Rows = append(t.Rows, r)
}

// Plain adds a figure without a target.
func (t *Table) Plain(name string, value float64, unit string) {
	t.add(Row{Name: name, Value: value, Unit: unit})
}

// AtMost adds a figure with the largest value that is wanted.
func (t *Table) AtMost(name string, value float64, unit string, target float64) {
	met := value <= target
	t.add(Row{Name: name, Value: value, Unit: unit, Target: &target, Met: &met})
}

// Ratio compares a value with the floor's; a target of 0 is none.
func (t *Table) Ratio(name string, value, floor float64, unit string, target float64) {
	r := Row{Name: name, Value: value, Unit: unit, Floor: &floor}
	if target > 0 {
		met := value <= target*floor
		r.Target, r.Met = &target, &met
	}
	t.add(r)
}

// Finish prints the table and writes it to a file.
func (t *Table) Finish(file string) error {
	t.Machine = fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Println(t.Machine)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "figure\tvalue\tfloor\tratio\ttarget\tmet")
	for _, r := range t.Rows {
		_, _ = fmt.Fprintf(out, "%s\t%.3g %s\t%s\n", r.Name, r.Value, r.Unit, r.comparison())
	}
	if err := out.Flush(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // figures for everybody
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644) //nolint:gosec // figures for everybody
}

func (r Row) comparison() string {
	floor, ratio, target, met := "", "", "", ""
	if r.Floor != nil {
		floor, ratio = fmt.Sprintf("%.3g %s", *r.Floor, r.Unit), fmt.Sprintf("%.2f", r.Value / *r.Floor)
	}
	if r.Target != nil {
		target = fmt.Sprintf("<= %.3g", *r.Target)
		met = map[bool]string{true: "yes", false: "no"}[*r.Met]
	}
	return floor + "\t" + ratio + "\t" + target + "\t" + met
}
