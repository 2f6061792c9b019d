package roles

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/embedded"
	"github.com/touchline/touchline/infra/machine"
)

func UpCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "up", Short: "Run everything in one process, with embedded parts", Args: cobra.NoArgs,
		Long: `Run every role in one process group on one machine, without Docker: collectors, stages, projections,
API and page. Parts for which no address is given are embedded: a Kafka broker, a schema registry,
Postgres and Redis, with their data in one folder. Stopped and started again, it goes on where it
was.

The embedded parts are for trying, developing and testing. They do not replicate; for production
give real ones.`,
		Example: `  touchline up
  touchline up --source football-data --path results/ --speed max
  touchline up --source statsbomb --path events/3753986.json.gz --speed 120
  touchline up --kafka-brokers kafka:9092 --schema-registry-url http://registry:8081`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			return runUp(cmd.Context(), cmd.OutOrStdout(), cfg)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Postgres, config.Redis, config.Embedded,
		config.Process, config.Models, config.Collect, config.Serve)
	return cmd
}

// runUp starts the embedded parts that are needed, then the app, and stops them in the opposite order.
func runUp(ctx context.Context, out io.Writer, cfg config.Config) error {
	started := time.Now()
	if cfg.Instance == "" {
		cfg.Instance = "up"
	}
	if len(cfg.KafkaBrokers) == 0 {
		cfg.Standby = false // the broker ends with this process: nobody is left to take over
	}
	everything := roles{collect: true, process: true, project: true, serve: true}
	a, err := makeApp(cfg, everything)
	if err != nil {
		return err
	}
	a.ownsLog = len(cfg.KafkaBrokers) == 0
	p := &parts{app: a}
	if err := p.startParts(ctx); err != nil {
		return errors.Join(stopped(ctx, err), p.stopParts(cfg.StopTimeout))
	}
	a.awaitFailure = p.awaitFailure
	go func() {
		select {
		case address := <-a.listening:
			p.printBanner(out, address, time.Since(started))
		case <-ctx.Done():
		}
	}()
	return errors.Join(a.runRoles(ctx), p.stopParts(cfg.StopTimeout))
}

// parts are the embedded parts of an app that has no real ones. They write their addresses into the app's settings.
type parts struct {
	app      *app
	kafka    *embedded.Kafka
	registry *embedded.Registry
	postgres *embedded.Postgres
	redis    *embedded.Redis
}

func (p *parts) dataFolder(name string) string { return filepath.Join(p.app.cfg.Data, name) }

// startParts starts what is missing, side by side: Postgres and the broker take longest.
func (p *parts) startParts(ctx context.Context) (err error) {
	cfg, log := &p.app.cfg, p.app.log
	if err := os.MkdirAll(cfg.Data, 0o755); err != nil {
		return fmt.Errorf("TOUCHLINE_DATA: %w", err)
	}
	if err := machine.NeedFreeBytes(cfg.Data, embedded.LeastFreeToStart); err != nil {
		return fmt.Errorf("TOUCHLINE_DATA: %w", err)
	}
	if cfg.CursorKey == "" {
		if cfg.CursorKey, err = cursorKey(p.dataFolder("cursor-key")); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	if len(cfg.KafkaBrokers) == 0 {
		group.Go(func() (err error) {
			p.kafka, err = embedded.StartKafka(ctx, embedded.KafkaConfig{Dir: p.dataFolder("kafka"),
				Listen: cfg.KafkaListen}, log)
			if err == nil {
				cfg.KafkaBrokers = p.kafka.Brokers()
			}
			return err
		})
	}
	if cfg.SchemaRegistryURL == "" {
		group.Go(func() (err error) {
			p.registry, err = embedded.StartRegistry(ctx,
				embedded.RegistryConfig{Dir: p.dataFolder("registry"), Listen: cfg.SchemaRegistryListen}, log)
			if err == nil {
				cfg.SchemaRegistryURL = p.registry.URL()
			}
			return err
		})
	}
	if cfg.Artefacts == "" {
		cfg.Artefacts = p.dataFolder("artefacts")
	}
	if cfg.PostgresURL == "" {
		group.Go(func() (err error) {
			p.postgres, err = embedded.StartPostgres(ctx,
				embedded.PostgresConfig{Dir: p.dataFolder("postgres"), Listen: cfg.PostgresListen}, log)
			if err == nil {
				cfg.PostgresURL = config.DSN(p.postgres.URL())
			}
			return err
		})
	}
	if len(cfg.RedisURLs) == 0 {
		group.Go(func() (err error) {
			p.redis, err = embedded.StartRedis(ctx, embedded.RedisConfig{Listen: cfg.RedisListen})
			if err == nil {
				cfg.RedisURLs = []config.DSN{config.DSN(p.redis.URL())}
			}
			return err
		})
	}
	return group.Wait()
}

// awaitFailure returns why one of the parts can't go on, or nil when ctx is done. A part that is missing makes the
// others repeat themselves for ever, so the process ends.
func (p *parts) awaitFailure(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	if p.kafka != nil {
		group.Go(func() error { return p.kafka.AwaitFailure(ctx) })
	}
	if p.postgres != nil {
		group.Go(func() error { return p.postgres.AwaitFailure(ctx) })
	}
	group.Go(func() error { <-ctx.Done(); return nil })
	return group.Wait()
}

// stopParts stops what was started, the log last.
func (p *parts) stopParts(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var errs []error
	if p.redis != nil {
		errs = append(errs, p.redis.Stop(ctx))
	}
	if p.postgres != nil {
		errs = append(errs, p.postgres.Stop(ctx))
	}
	if p.registry != nil {
		errs = append(errs, p.registry.Stop(ctx))
	}
	if p.kafka != nil {
		errs = append(errs, p.kafka.Stop(ctx))
	}
	return errors.Join(errs...)
}

// printBanner tells a person where everything is.
func (p *parts) printBanner(out io.Writer, address string, took time.Duration) {
	cfg := p.app.cfg
	embedded := []string{}
	add := func(is bool, name string) {
		if is {
			embedded = append(embedded, name)
		}
	}
	add(p.kafka != nil, "Kafka")
	add(p.registry != nil, "schema registry")
	add(p.postgres != nil, "Postgres")
	add(p.redis != nil, "Redis")
	fmt.Fprintf(out, `
  Touchline is up after %.1f s. Open http://%s

  page, API   http://%s
  Kafka       %s
  registry    %s
  Postgres    %s
  data        %s
`, took.Seconds(), address, address, strings.Join(cfg.KafkaBrokers, ","), cfg.SchemaRegistryURL, cfg.PostgresURL,
		cfg.Data)
	if len(embedded) > 0 {
		fmt.Fprintf(out, "\n  Embedded, for trying and developing, not for production: %s.\n",
			strings.Join(embedded, ", "))
	}
	fmt.Fprintln(out)
}

// cursorKey returns the key that cursors are signed with, made at the first start and kept.
func cursorKey(path string) (config.Secret, error) {
	kept, err := os.ReadFile(path)
	if err == nil {
		return config.Secret(strings.TrimSpace(string(kept))), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the cursor key: %w", err)
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	key := hex.EncodeToString(raw)
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the cursor key: %w", err)
	}
	return config.Secret(key), nil
}
