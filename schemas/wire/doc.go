// Package wire puts the facts of schemas/football on the wire: Avro bodies in the Confluent frame (a zero byte, the
// schema id as four bytes big-endian, the body), with a schema registry, so that any Kafka client can read the topics.
//
// A Schema binds one Avro schema to one Go struct; a Codec is a Schema whose struct the caller does not name. A Serde
// holds the ids that a registry gave to schemas, and decodes frames of older writers by resolving their schema against
// ours. Topics is the one table of topics with partitions, key, retention and writer; a Namespace gives the names that
// they have in Kafka.
//
//	serde := wire.NewSerde(registryClient)
//	names := wire.Namespace{Installation: "trial"}
//	if err := serde.Register(ctx, names.ValueSubject(wire.TopicPredictions), wire.Prediction); err != nil { ... }
//	frame, err := wire.Encode(serde, wire.Prediction, &football.Prediction{...})
//	prediction, err := wire.Decode(ctx, serde, wire.Prediction, frame) // a *football.Prediction
//
// Anyone may write a frame, and its schema. A body is checked against the layout of its writer's schema before the Avro
// library decodes it, and a foreign schema before the library parses it; what could cost its reader more than its bytes
// is an UndecodableError. Decision 0017 has the limits and the reasons.
//
// It knows no Kafka client: frames are bytes.
package wire
