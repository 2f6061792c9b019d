package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// clusterID is any identity in Kafka's form: 16 bytes in base64. All clusters may have the same, for each has its
// folder.
const clusterID = "dG91Y2hsaW5lLWxvY2FsIQ"

// Settings are a broker's settings that the line depends on, whatever runs the broker: docker-compose.kafka.yml must
// give them too, and infra/compose's test compares.
func Settings(nodes int) map[string]string {
	replicas, inSync := "1", "1"
	if nodes >= 3 {
		replicas, inSync = "3", "2"
	}
	return map[string]string{
		// a topic with the wrong partitions is worse than none
		"auto.create.topics.enable":                        "false",
		"num.partitions":                                   "12",
		"default.replication.factor":                       replicas,
		"min.insync.replicas":                              inSync,
		"offsets.topic.replication.factor":                 replicas,
		"transaction.state.log.replication.factor":         replicas,
		"transaction.state.log.min.isr":                    inSync,
		"share.coordinator.state.topic.replication.factor": replicas,
		"share.coordinator.state.topic.min.isr":            inSync,
		"unclean.leader.election.enable":                   "false",
		"message.max.bytes":                                "4194304",
		// A killed member is noticed after 6 s. With the new protocol (KIP-848) the broker says so, with the classic
		// one the member may.
		"group.consumer.session.timeout.ms":        "6000",
		"group.consumer.min.session.timeout.ms":    "6000",
		"group.consumer.heartbeat.interval.ms":     "1500",
		"group.consumer.min.heartbeat.interval.ms": "1500",
		"group.min.session.timeout.ms":             "6000",
		"group.initial.rebalance.delay.ms":         "0",
		// A transaction whose process died is looked for each second, not each ten: until it is aborted, readers of
		// committed records stand still.
		"transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
		"add.partitions.to.txn.retry.backoff.ms":                      "2",
		"add.partitions.to.txn.retry.backoff.max.ms":                  "10",
		// A stage's offsets must outlive a stage that stands still for a season.
		"offsets.retention.minutes": "2147483647",
	}
}

// quickSettings are settings that make a cluster on one machine start and fail over quickly.
func quickSettings() map[string]string {
	return map[string]string{
		"offsets.topic.num.partitions":                 "12",
		"transaction.state.log.num.partitions":         "12",
		"share.coordinator.state.topic.num.partitions": "3",
		"broker.session.timeout.ms":                    "6000",
		"broker.heartbeat.interval.ms":                 "1000",
		"controller.quorum.election.timeout.ms":        "2000",
		"controller.quorum.fetch.timeout.ms":           "4000",
		"replica.lag.time.max.ms":                      "6000",
		"num.network.threads":                          "2",
		"num.io.threads":                               "4",
		"num.recovery.threads.per.data.dir":            "1",
		"background.threads":                           "2",
		// a half of it a thread; 128 MiB don't fit into the heap
		"log.cleaner.dedupe.buffer.size": "16777216",
		"log.segment.delete.delay.ms":    "1000",
	}
}

// configure writes the node's server.properties.
func (n *kafkaNode) configure(k *Kafka) error {
	var voters []string
	for _, other := range k.nodes {
		voters = append(voters, fmt.Sprintf("%d@%s", other.id, address(other.control)))
	}
	listeners := "DIRECT://" + address(n.direct)
	advertised := listeners
	if len(k.cfg.Proxied) > 0 {
		listeners += ",BEHIND://" + address(n.behind)
		advertised += ",BEHIND://" + k.cfg.Proxied[n.id]
	}
	settings := map[string]string{
		"process.roles":                  "broker,controller",
		"node.id":                        fmt.Sprint(n.id),
		"controller.quorum.voters":       strings.Join(voters, ","),
		"controller.listener.names":      "CONTROLLER",
		"inter.broker.listener.name":     "DIRECT",
		"listeners":                      listeners + ",CONTROLLER://" + address(n.control),
		"advertised.listeners":           advertised,
		"listener.security.protocol.map": "DIRECT:PLAINTEXT,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"log.dirs":                       n.data,
	}
	var lines []string
	for _, part := range []map[string]string{settings, Settings(len(k.nodes)), quickSettings()} {
		for name, value := range part {
			lines = append(lines, name+"="+value)
		}
	}
	slices.Sort(lines)
	return errors.Join(os.MkdirAll(filepath.Dir(n.config), 0o755),
		os.WriteFile(n.config, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}

// logging sends what matters to the output, which is a file of the node's.
const logging = `status = error
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %m (%c)%n
logger.server.name = kafka.server
logger.server.level = info
`
