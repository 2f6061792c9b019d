// Package embedded runs the parts that Touchline stands on inside its own process group, for trying, developing and
// testing: a Kafka broker (franz-go's kfake), a schema registry (srfake), Postgres (a server found on the machine, else
// a downloaded one) and Redis (miniredis).
//
// A part lives from Start to Stop and keeps its data in one folder, so that the next Start goes on where the last
// process ended, killed or stopped. A folder belongs to one process at a time; a second one is refused with a
// *BusyError. When Start has returned, the part serves; its context bounds the start, not the life.
//
//	cfg := embedded.KafkaConfig{Dir: filepath.Join(data, "kafka"), Listen: "127.0.0.1:9092"}
//	broker, err := embedded.StartKafka(ctx, cfg, log)
//	if err != nil { ... }
//	defer broker.Stop(ctx)
//	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Brokers()...))
//
// What it does not do: replicate, encrypt, survive the loss of power as a cluster does. Redis is memory only, for it is
// a cache. Nothing here is meant to serve other machines.
package embedded
