package scenario

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	maxTraceBytes = 16 << 20
	maxTraceRows  = 1_000_000
)

// trace reads a recorded rate, one row per step, held until the next.
func (d *decoder) trace(dst *Demand) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		file, column, scale, step := "", 1, 1.0, time.Minute
		seen := d.object(n, fields{
			"file": d.text(&file, 255), "column": d.count(&column, 1, 1000),
			"scale": d.number(&scale, 0, maxNumber), "step": d.duration(&step, time.Second, 24*time.Hour),
		}, "file")
		node := seen["file"]
		if node == nil || file == "" {
			return
		}
		if !filepath.IsLocal(file) {
			d.fail(node, "%s is not beside the scenario: traces are read from its folder only", clip(file))
			return
		}
		if d.open == nil {
			d.fail(node, "%s cannot be read here: only a scenario file has traces beside it", clip(file))
			return
		}
		data, err := d.open(file)
		switch {
		case err != nil:
			d.fail(node, "trace %s cannot be read: %s", clip(file), printable(err.Error()))
			return
		case len(data) > maxTraceBytes:
			d.fail(node, "trace %s is larger than %d bytes", clip(file), maxTraceBytes)
			return
		}
		*dst = Demand{Held: true}
		for i, v := range d.column(node, file, data, column) {
			dst.Points = append(dst.Points, Point{At: time.Duration(i) * step, Rate: v * scale})
		}
	}
}

// column returns the numbers of one column. A first row without a number is a heading.
func (d *decoder) column(n *yaml.Node, file string, data []byte, column int) []float64 {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	var values []float64
	for row := 1; ; row++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			d.fail(n, "trace %s: %s", clip(file), printable(err.Error()))
			return nil
		}
		line, _ := r.FieldPos(0)
		if len(record) < column {
			d.fail(n, "trace %s, line %d: there is no column %d", clip(file), line, column)
			return nil
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(record[column-1]), 64)
		if err != nil && row == 1 {
			continue
		}
		if err != nil || math.IsNaN(v) || v < 0 || v > maxNumber || len(values) == maxTraceRows {
			d.fail(n, "trace %s, line %d: expected a rate from 0 to %s in at most %d rows, got %s",
				clip(file), line, plain(maxNumber), maxTraceRows, clip(record[column-1]))
			return nil
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		d.fail(n, "trace %s has no numbers in column %d", clip(file), column)
	}
	return values
}
