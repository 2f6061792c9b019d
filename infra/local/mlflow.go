package local

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/touchline/touchline/infra/machine"
)

//go:embed clients/serve_mlflow.py
var serveMLflow string

// MLflowConfig says where an MLflow server keeps its data.
type MLflowConfig struct {
	Dir string       // data and log
	Log *slog.Logger // default slog.Default()
}

// MLflow is a tracking server with its model registry, which hands out files itself.
type MLflow struct {
	process
	port   int
	python string
}

// StartMLflow returns when the server answers. The first time it is installed, which takes half a minute or more.
func StartMLflow(ctx context.Context, cfg MLflowConfig) (_ *MLflow, err error) {
	m := &MLflow{process: process{name: "MLflow"}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start MLflow: %w", err), m.closeProcess())
		}
	}()
	if cfg.Dir == "" {
		return nil, errors.New("no Dir: name a folder for data and log")
	}
	if m.python, err = pythonWith(ctx, mlflowPackages); err != nil {
		return nil, err
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	m.port, m.log = ports[0], filepath.Join(cfg.Dir, "mlflow.log")
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, err
	}
	m.command = func() *exec.Cmd {
		cmd := exec.Command(m.python, "-c", serveMLflow, "server", "--host", loopback, "--port", strconv.Itoa(m.port),
			"--workers", "1",
			"--backend-store-uri", "sqlite:///"+filepath.Join(cfg.Dir,
				"mlflow.db"), "--artifacts-destination", filepath.Join(cfg.Dir, "artifacts"))
		cmd.Dir, cmd.SysProcAttr = cfg.Dir, machine.TiedAttributes(syscall.SIGKILL)
		// Jobs are for its evaluations of language models: eight processes that nobody asks for.
		cmd.Env = append(os.Environ(), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false")
		return cmd
	}
	if err := m.Start(ctx); err != nil {
		return nil, err
	}
	cmp.Or(cfg.Log, slog.Default()).Info("MLflow serves", "url", m.URL())
	return m, nil
}

// URL returns the server's address.
func (m *MLflow) URL() string { return "http://" + address(m.port) }

// Python returns a Python that has MLflow's own client.
func (m *MLflow) Python() string { return m.python }

// Kill ends the server at once, and returns when it is gone.
func (m *MLflow) Kill() error { return m.killProcess() }

// Start starts a server that was killed, on the same port and with the same data, and returns when it answers.
func (m *MLflow) Start(ctx context.Context) error {
	if err := m.startProcess(); err != nil {
		return err
	}
	return m.awaitReady(ctx, m.answers)
}

// Close ends the server.
func (m *MLflow) Close() error { return m.closeProcess() }

func (m *MLflow) answers(ctx context.Context) error { return checkAnswer(ctx, m.URL()+"/health") }
