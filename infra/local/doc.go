// Package local runs the real engines on this machine, without containers: Apache Kafka, a schema registry, Postgres
// with a replica, Redis, alone or as a Cluster, and MLflow. It is for tests, measurements and faults; nothing of the
// program imports it.
//
//	kafka, err := local.StartKafka(ctx, local.KafkaConfig{Dir: dir, Nodes: 3})
//	if err != nil {
//		return err
//	}
//	defer kafka.Close()
//	client, err := kgo.NewClient(kgo.SeedBrokers(kafka.Brokers()...))
//	...
//	err = kafka.Kill(1)         // as a machine that loses its power
//	err = kafka.Start(ctx, 1)   // with the data and the ports that it had
//
// Vocabulary: an engine is one of those programs, a node is one process of it, the dir is where it keeps data and log.
// Each engine listens on the loopback address only, on free ports that it keeps over restarts. Each process is bound to
// the one that started it: when that dies, in whatever way, the kernel kills the engines, so nothing is left behind.
//
// What an engine is made of comes from Maven Central (Kafka, the registry; see pom.xml) and PyPI (MLflow; see
// clients/mlflow.txt) into a cache folder, and from the machine's packages (Postgres, Redis). It isn't a way to run
// Touchline in earnest: the settings favour a quick start and a quick notice of a death over throughput, and nothing is
// encrypted.
package local
