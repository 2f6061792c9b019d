package backtest

import (
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// inkColour is what is drawn with, paleColour what is behind it.
func inkColour() color.Color  { return color.RGBA{R: 0x12, G: 0x5b, B: 0x50, A: 0xff} }
func paleColour() color.Color { return color.RGBA{R: 0xb0, G: 0xb8, B: 0xb4, A: 0xff} }

// Plot writes leaderboard.svg and a reliability diagram of each model, all competitions together, into the folder,
// which it makes, and returns the files' paths.
func (r *Report) Plot(dir string) ([]string, error) {
	if len(r.Pooled) == 0 {
		return nil, errors.New("nothing was scored, so there is nothing to plot")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	board, err := r.leaderboard()
	if err != nil {
		return nil, err
	}
	names := rankedNames(r.Pooled)
	path := filepath.Join(dir, "leaderboard.svg")
	if err := board.Save(7*vg.Inch, vg.Length(1+0.3*float64(len(names)))*vg.Inch, path); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	paths := []string{path}
	for _, name := range names {
		diagram, err := r.reliability(name)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, "reliability-"+strings.ReplaceAll(name, ":", "-")+".svg")
		if err := diagram.Save(4.5*vg.Inch, 4.5*vg.Inch, path); err != nil {
			return nil, fmt.Errorf("write %s: %w", path, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// board is the RPS of each model with its interval, a row a model, as the plotter reads it.
type board []Score

func (b board) Len() int                { return len(b) }
func (b board) XY(i int) (x, y float64) { return b[i].RPS, float64(i) }
func (b board) XError(i int) (low, hi float64) {
	return b[i].RPS - b[i].RPS95.Low, b[i].RPS95.High - b[i].RPS
}

// leaderboard draws the models in the table's order, from the top.
func (r *Report) leaderboard() (*plot.Plot, error) {
	names := rankedNames(r.Pooled)
	p := plot.New()
	p.Title.Padding = vg.Points(12)
	p.Title.Text = fmt.Sprintf("RPS at %s with 95 %% intervals: less is better", r.Checkpoint)
	var rows board
	labels := make([]string, len(names))
	for i := range names {
		name := names[len(names)-1-i]
		rows = append(rows, r.Pooled[name])
		labels[i] = fmt.Sprintf("%s  %.4f", name, r.Pooled[name].RPS)
	}
	bars, err := plotter.NewXErrorBars(rows)
	if err != nil {
		return nil, err
	}
	points, err := plotter.NewScatter(rows)
	if err != nil {
		return nil, err
	}
	bars.Color, points.Color, points.Shape = inkColour(), inkColour(), draw.CircleGlyph{}
	p.Add(plotter.NewGrid(), bars, points)
	p.NominalY(labels...)
	return p, nil
}

// reliability draws how often came to pass what was forecast with each probability, beside the diagonal.
func (r *Report) reliability(name string) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Padding = vg.Points(12)
	p.Title.Text = fmt.Sprintf("%s: %d matches, ECE %.4f", name, r.Pooled[name].N, r.Pooled[name].ECE)
	p.X.Label.Text, p.Y.Label.Text = "forecast", "came to pass"
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	diagonal, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}})
	if err != nil {
		return nil, err
	}
	diagonal.Color = paleColour()
	var bins plotter.XYs
	for _, b := range calibration(r.scored[name]).Bins {
		if b.Count > 0 {
			n := float64(b.Count)
			bins = append(bins, plotter.XY{X: b.Forecast / n, Y: float64(b.Happened) / n})
		}
	}
	line, points, err := plotter.NewLinePoints(bins)
	if err != nil {
		return nil, err
	}
	line.Color, points.Color, points.Shape = inkColour(), inkColour(), draw.CircleGlyph{}
	p.Add(plotter.NewGrid(), diagonal, line, points)
	return p, nil
}
